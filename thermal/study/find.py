"""Where a result reaches a value: the limit of a design, found between two points that lie on both sides of it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import number
from thermal.names import NAMES
from thermal.study.evaluate import numbers_of
from thermal.study.table import unpack

__all__ = ["find"]

INNER = 9  # points between the ends that are tried where the ends lie on one side
JUMP = 1e-3  # of the span of the results: a root that is not nearer is a jump


def find(f: Callable[..., Any], of: str, *, equals: float = 0.0, tolerance: float = 1e-8, **given: Any) -> xr.Dataset:
    """Find the value of one variable at which a result equals a number.

    The root is bracketed and closed in by Brent's method. Where both ends lie on one side, eight intervals between them
    are searched, and the crossing nearest to the low end is taken.

    Parameters
    ----------
    f : callable
        Takes the variables by name and returns numbers by name, as for `sweep`.
    of : str
        Which result.
    equals : float
        What it should be, in its unit.
    tolerance : float
        Of the variable, as a share of its range.
    **given
        One variable as (low, high); others as fixed values.

    Returns
    -------
    xarray.Dataset
        Every number that the function gives there, with the variables as coordinates; ``residual`` (result minus what
        it should be), ``calls``, and ``converged``: false where the result jumps over the number instead.

    Raises
    ------
    InputError
        If there is not one range, the function fails on it, or the result does not reach the number; the message says
        what it reaches.

    Examples
    --------
    >>> found = find(lambda flow, heat: {"margin": 40.0 - heat / flow}, "margin", flow=(1.0, 10.0), heat=200.0)
    >>> round(float(found.flow), 6)
    5.0
    """
    from scipy.optimize import brentq

    ranges = {k: v for k, v in given.items() if isinstance(v, tuple)}
    if len(ranges) != 1:
        raise InputError(f"one variable needs a range (low, high), not {len(ranges)}: {', '.join(ranges) or 'none'}")
    (name, pair), = ranges.items()  # fmt: skip
    numbers = [v for v in pair if isinstance(v, int | float | np.number) and not isinstance(v, bool)]
    if len(pair) != 2 or len(numbers) != 2 or not np.isfinite(pair).all() or not pair[0] < pair[1]:
        raise InputError(f"{name} = {pair!r} must be (low, high) with low < high")
    equals = number("equals", equals, NAMES[of].units or "-" if of in NAMES else "-")
    tolerance = number("tolerance", tolerance, "-", above=0.0, high=0.5)
    seen: dict[float, dict[str, float]] = {}

    def rest(x: float) -> float:
        if x not in seen:
            seen[x] = _called(f, {**given, name: x}, of, f"{name} = {x:.6g}")
        return seen[x][of] - equals

    low, high = float(pair[0]), float(pair[1])
    a, b = _bracket(rest, low, high, f"{of} = {equals:g}", name, lambda x: rest(x) + equals)
    root = a if rest(a) == 0 else float(brentq(rest, a, b, xtol=tolerance * (high - low), rtol=8.9e-16))
    root = min(seen, key=lambda x: (abs(seen[x][of] - equals), abs(x - root)))
    values = [row[of] for row in seen.values()]
    span = max(values) - min(values)
    columns = {f"{k}_result" if k in given else k: v for k, v in seen[root].items()}
    columns |= {"residual": rest(root), "converged": abs(rest(root)) <= JUMP * span}
    coords = {k: root if k == name else v for k, v in given.items() if isinstance(v, int | float | str) or k == name}
    return xr.Dataset({k: ((), v) for k, v in columns.items()}, coords, {"calls": len(seen)})


def _called(f: Callable[..., Any], arguments: dict[str, Any], of: str, said: str) -> dict[str, float]:
    try:
        numbers = numbers_of(unpack(f(**arguments)))
    except Exception as error:
        error.add_note(f"at {said}")
        raise
    if not numbers:
        raise InputError(f"the function did not converge at {said}: choose a range on which it does")
    if of not in numbers:
        raise InputError(f"the function gives no single number {of!r}; it gives {', '.join(numbers)}")
    if not np.isfinite(numbers[of]):
        raise InputError(f"{of} is {numbers[of]} at {said}: choose a range on which it is finite")
    return numbers


def _bracket(
    rest: Callable[[float], float], low: float, high: float, wanted: str, name: str, value: Callable[[float], float]
) -> tuple[float, float]:
    """Neighbours on both sides of the number."""
    if rest(low) * rest(high) <= 0:
        return low, high
    xs = np.linspace(low, high, INNER)
    for a, b in zip(xs[:-1].tolist(), xs[1:].tolist(), strict=True):
        if rest(a) * rest(b) <= 0:
            return a, b
    values = [value(float(x)) for x in xs]
    nearest = float(xs[int(np.argmin([abs(rest(float(x))) for x in xs]))])
    raise InputError(
        f"{wanted} is not reached for {name} from {low:g} to {high:g}: there it goes from {min(values):.6g} to "
        f"{max(values):.6g}, nearest at {name} = {nearest:.6g}; widen the range or ask for another value with equals="
    )
