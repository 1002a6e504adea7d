"""Studies: a function of named variables, run, sampled, compared, fitted and optimised, its names as dimensions."""

from thermal.study.calibrate import calibrate
from thermal.study.comparison import compare
from thermal.study.consolidate import consolidate
from thermal.study.find import find
from thermal.study.optimise import optimise
from thermal.study.run import sweep
from thermal.study.sample import sample
from thermal.study.uncertainty import uncertain

__all__ = ["calibrate", "compare", "consolidate", "find", "optimise", "sample", "sweep", "uncertain"]
