"""Studies: a function of named variables, run over all their combinations, with the names as dimensions."""

from thermal.study.run import sweep

__all__ = ["sweep"]
