"""A site under one's fingers: seven choices, the numbers that the API gives for them, and the study as a script."""

from thermal.explore.answer import CLIMATES, FAULTS, REJECTIONS, UNITS, WORKLOADS, Choice, answer, script

__all__ = ["CLIMATES", "FAULTS", "REJECTIONS", "UNITS", "WORKLOADS", "Choice", "answer", "script"]
