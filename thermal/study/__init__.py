"""Studies: a function of named variables, run, sampled, compared, fitted and optimised, its names as dimensions."""

from thermal.study.calibrate import calibrate
from thermal.study.comparison import compare, worst
from thermal.study.find import find
from thermal.study.matching import at_ends, at_starts
from thermal.study.optimise import nondominated, optimise
from thermal.study.run import sweep
from thermal.study.sample import sample
from thermal.study.sensitivity import sensitivity
from thermal.study.uncertainty import better, propagate, quantiles, uncertain

__all__ = [
    "at_ends", "at_starts", "better", "calibrate", "compare", "find", "nondominated", "optimise", "propagate",
    "quantiles", "sample", "sensitivity", "sweep", "uncertain", "worst",
]  # fmt: skip
