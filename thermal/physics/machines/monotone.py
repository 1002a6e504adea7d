"""Cubics through points that rise or fall wherever the points do, as curves of machines are read between points."""

from typing import Any

import numpy as np

__all__ = ["hermite", "hermite_slope", "monotone_slopes"]


def monotone_slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Slopes at the points of a cubic that is monotone wherever the points are.

    Source: Fritsch and Butland, SIAM J. Sci. Stat. Comput. 5, 300-304 (1984), weighted harmonic mean; at the ends the
    three-point formula, kept within three secants. Between two points a straight line.

    >>> monotone_slopes(np.array([0.0, 1.0, 3.0]), np.array([0.0, 1.0, 5.0]))  # by hand: 2/3, 9/(5 + 2), 8/3
    array([0.66666667, 1.28571429, 2.66666667])
    """
    h, d = np.diff(x), np.diff(y) / np.diff(x)
    if len(d) == 1:
        return np.full(2, d[0])
    slope = np.empty(len(x))
    left, right = 2.0 * h[1:] + h[:-1], h[1:] + 2.0 * h[:-1]
    same = d[:-1] * d[1:] > 0.0
    a, b = np.where(same, d[:-1], 1.0), np.where(same, d[1:], 1.0)
    slope[1:-1] = np.where(same, (left + right) / (left / a + right / b), 0.0)
    for end, (h0, h1, d0, d1) in ((0, (h[0], h[1], d[0], d[1])), (-1, (h[-1], h[-2], d[-1], d[-2]))):
        s = ((2.0 * h0 + h1) * d0 - h0 * d1) / (h0 + h1)
        if s * d0 <= 0.0:
            s = 0.0
        elif d0 * d1 <= 0.0 and abs(s) > 3.0 * abs(d0):
            s = 3.0 * d0
        slope[end] = s
    return slope


def hermite(x: np.ndarray, y: np.ndarray, slope: np.ndarray, at: Any) -> np.ndarray:
    """Cubic Hermite pieces through points with slopes, at places within them."""
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    h = x[i + 1] - x[i]
    t = (at - x[i]) / h
    s0, s1, rise = slope[i] * h, slope[i + 1] * h, y[i + 1] - y[i]
    return np.asarray(y[i] + t * (s0 + t * (3.0 * rise - 2.0 * s0 - s1 + t * (s0 + s1 - 2.0 * rise))))


def hermite_slope(x: np.ndarray, y: np.ndarray, slope: np.ndarray, at: Any) -> np.ndarray:
    """Slopes of the pieces of ``hermite``."""
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    h = x[i + 1] - x[i]
    t = (at - x[i]) / h
    s0, s1, rise = slope[i] * h, slope[i + 1] * h, y[i + 1] - y[i]
    return np.asarray((s0 + t * (6.0 * rise - 4.0 * s0 - 2.0 * s1 + 3.0 * t * (s0 + s1 - 2.0 * rise))) / h)
