"""What racks are let give once a case passes its limit: less while it is throttled, nothing after a trip."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np

from thermal.components.chip.throttling import Throttling
from thermal.errors import InputError
from thermal.network.case import OnLimit

__all__ = ["LONGEST", "Protection", "protected", "protection_of"]

LONGEST = 5.0  # s, of a saved row in which throttling may rest: cases follow their heat within some ten seconds


class Protection(Protocol):
    """How a limit is answered."""

    def share(self, over: np.ndarray) -> np.ndarray:
        """Share of its heat that each unit is let give, from how far its hottest case is over its limit [K]."""


class Trip:
    """A rack whose case passes its limit is switched off, and stays so."""

    def __init__(self, units: int) -> None:
        self._runs = np.ones(units)

    def share(self, over: np.ndarray) -> np.ndarray:
        """All or nothing."""
        self._runs[over > 0.0] = 0.0
        return self._runs.copy()


class Throttle:
    """A rack gives what the clock of its hottest package leaves: the law's slope, floor and exponent from its limit."""

    def __init__(self, law: Throttling) -> None:
        self._law = law

    def share(self, over: np.ndarray) -> np.ndarray:
        """By the law, whose own limit is that of each package."""
        return np.asarray(self._law.switching(np.clip(over, -100.0, 100.0) + self._law.T_limit))


def protection_of(on_limit: OnLimit, law: Throttling | None, units: int, save: float) -> Protection:
    """The protection asked for.

    Raises
    ------
    InputError
        If rows are too long for a clock that is set once in each.
    """
    if on_limit == OnLimit.TRIP:
        return Trip(units)
    if save > LONGEST:
        raise InputError(
            f"on_limit = 'throttle' with save = {save:g} s: the clock is set once in each saved row, which may last "
            f"{LONGEST:g} s at most; give save=1.0"
        )
    assert law is not None  # the verb fills it in
    return Throttle(law)


def protected(
    guard: Protection,
    heat: np.ndarray,
    every: int,
    rows: Iterable[int],
    march: Callable[[int], Any],
    over: Callable[[int], np.ndarray],
    columns: Sequence[int],
) -> np.ndarray:
    """March row by row, each with the heat that the row before it lets through; return these shares (row, column).

    Parameters
    ----------
    guard : Protection
        How a limit is answered.
    heat : ndarray, shape (intervals, columns)
        Heat asked for [W], changed in place.
    every : int
        Intervals in a row.
    rows : iterable of int
        Rows to march, in order; whoever shows progress hands it in.
    march : callable
        Marches one row.
    over : callable
        How far each case is over its limit at the end of a row [K].
    columns : sequence of int
        Column of the heat that each case belongs to.
    """
    count, shares = heat.shape[1], []
    now, hottest, of = np.ones(count), np.empty(count), np.asarray(columns)
    for row in rows:
        shares.append(now)
        if (now < 1.0).any():
            heat[row * every : (row + 1) * every] *= now
        march(row)
        hottest[:] = -np.inf
        np.maximum.at(hottest, of, over(row))
        now = guard.share(hottest)
    return np.array(shares)
