"""Numba kernels on numbers, arrays and NamedTuples: the laws and the solvers, without names, units or objects."""
