"""What data can tell about parameters: which cannot be told apart, and how far each may go before the fit suffers."""

from collections.abc import Callable, Sequence

import numpy as np

__all__ = ["confounded", "interval_of", "undetermined"]

ALIKE = 0.03  # ratio of singular values of columns of length one; 0.03 is a correlation of 0.998
PART = 0.3  # share of the weakest direction from which a parameter belongs to it


def confounded(J: np.ndarray, names: Sequence[str]) -> tuple[str, ...]:
    """Parameters that data move in one direction only: nothing if all can be told apart.

    The columns of the (whitened) Jacobian are brought to length one; where the smallest singular value is below 0.03 of
    the largest, its direction names the parameters.

    Examples
    --------
    >>> x = np.linspace(0.0, 1.0, 9)
    >>> confounded(np.stack([x, 2.0 * x, 1 - x], axis=1), ("a", "b", "c"))
    ('a', 'b')
    """
    length = np.linalg.norm(J, axis=0)
    if not np.isfinite(length).all() or len(names) < 2 or not (length > 0).all():
        return ()
    _, s, V = np.linalg.svd(J / length, full_matrices=False)
    if s.size < len(names) or s[-1] < ALIKE * s[0]:
        return tuple(n for n, v in zip(names, np.abs(V[-1]), strict=True) if v > PART)
    return ()


def undetermined(J: np.ndarray, names: Sequence[str]) -> tuple[str, ...]:
    """Parameters of which the data say nothing: the model does not move with them."""
    length = np.linalg.norm(J, axis=0)
    most = length.max(initial=0.0)
    return tuple(n for n, x in zip(names, length, strict=True) if not x > 1e-9 * most)


def interval_of(
    rise: Callable[[float], float], best: float, width: float, low: float, high: float, level: float
) -> tuple[float, float]:
    """Where a profile rises to `level` on both sides of its minimum, or the bound where it does not rise so far.

    Parameters
    ----------
    rise : callable
        −2 times the profile's log-likelihood above its minimum.
    best, width : float
        The minimum, and a first guess of the half width.
    low, high : float
        Bounds.
    level : float
        Quantile of χ² or F.
    """
    from scipy.optimize import brentq

    ends = []
    for sign, bound in ((-1.0, low), (1.0, high)):
        inner, step = best, max(width, 1e-12 * max(abs(best), 1.0))
        for _ in range(40):
            outer = min(max(best + sign * step, low), high)
            if rise(outer) > level:
                ends.append(
                    float(brentq(lambda t: rise(t) - level, inner, outer, rtol=1e-4, xtol=1e-12 * step + 1e-300))
                )
                break
            if outer == bound:
                ends.append(bound)
                break
            inner, step = outer, 2.0 * step
        else:
            ends.append(bound)
    return ends[0], ends[1]
