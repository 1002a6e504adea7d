"""Throttling: above a temperature a chip lowers its clock, and with it power and tokens."""

from typing import Any

import numpy as np

from thermal.inputs import array
from thermal.quantity import Part, quantity

__all__ = ["Throttling"]


class Throttling(Part):
    r"""Clock against junction temperature: f(T) = 1 up to the limit, falling by g per kelvin above it, not below f_min.

    Tokens follow the clock, N = f·N₀ (work bound by the clock; work bound by memory loses less). Switching power
    follows f^n: n = 1 at constant voltage, 3 where voltage falls with frequency, P_switching = C·V²·f. Off unless asked
    for.

    Notes
    -----
    The form is the plainest that has a limit, a slope and a floor. Makers publish the limit alone; slope, floor and
    exponent are estimates in model files.

    Examples
    --------
    >>> law = Throttling(T_limit=87.0, slope=0.05, lowest_clock=0.4, exponent=2.0)
    >>> [round(float(law.clock(T)), 6) for T in (80.0, 87.0, 91.0, 120.0)]
    [1.0, 1.0, 0.8, 0.4]
    >>> round(float(law.switching(91.0)), 6)
    0.64
    """

    T_limit: float = quantity("degC", "junction temperature above which the clock falls", low=40, high=125)
    slope: float = quantity("1/K", "g: share of the clock lost per kelvin above the limit", above=0, high=1)
    lowest_clock: float = quantity("-", "f_min: lowest clock over nominal", above=0, high=1)
    exponent: float = quantity("-", "n: power of the clock that switching power follows", low=1, high=3)

    def clock(self, T_junction: Any) -> Any:
        """Clock over nominal at a junction temperature, °C (a number or an array)."""
        T = array("T_junction", T_junction, "degC", low=-50.0, high=400.0)
        return np.clip(1.0 - self.slope * (T - self.T_limit), self.lowest_clock, 1.0)

    def switching(self, T_junction: Any) -> Any:
        """Switching power over that at nominal clock."""
        return self.clock(T_junction) ** self.exponent
