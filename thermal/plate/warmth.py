"""Warmth of a coolant whose heat capacity follows its temperature: rises of enthalpy and of temperature, both ways."""

from typing import NamedTuple, Self

import numpy as np

from thermal.components.coolant import Coolant

__all__ = ["Warmth"]

STEPS, SETTLED = 30, 1e-14  # of Newton's method, and relative change of a rise at which it has come to rest


class Warmth(NamedTuple):
    """Enthalpy over that at a temperature T₀, as the rise φ it would be if the heat capacity stayed c₀ = c(T₀).

    c₀ φ = ∫ c(T₀ + t) dt from 0 to τ, τ the rise of temperature. In φ a stream carries m c₀ φ whatever its
    temperature, so that marches and mixing are linear and their balance exact. Beyond the table of the coolant its heat
    capacity stays that at the edge: φ and τ remain one to one, and whoever asks ``Coolant.require`` raises.

    Examples
    --------
    >>> import thermal as th
    >>> water = Warmth.of(th.load("coolants/water"), 20.0)
    >>> h = [83.914, 251.18]  # kJ/kg of saturated water at 20 and 60 °C: IAPWS-95, NIST Webbook
    >>> bool(abs(water.c * water.of_rise(np.array([40.0]))[0] / 1e3 - (h[1] - h[0])) < 0.05)
    True
    """

    c: float  # heat capacity at T₀ [J/kg K]
    low: float  # rises between which the table holds [K]
    high: float
    slope: np.ndarray  # c by ascending powers of the rise
    mean: np.ndarray  # and its mean from T₀ on

    @classmethod
    def of(cls, coolant: Coolant, T: float) -> Self:
        """Warmth over the temperature `T` [°C]."""
        table = coolant.table
        shift = np.polynomial.Polynomial([(T - table.centre) / table.half, 1.0 / table.half])
        by_rise = np.polynomial.Polynomial(table.coefficients[:, 1])(shift)
        slope = np.asarray(by_rise.coef, dtype=float)
        mean = slope / np.arange(1.0, slope.size + 1.0)
        return cls(float(slope[0]), coolant.T_low - T, coolant.T_high - T, slope, mean)

    def capacity(self, rise: np.ndarray) -> np.ndarray:
        """Heat capacity at rises of temperature [J/kg K]."""
        return _polynomial(self.slope, np.clip(rise, self.low, self.high))

    def of_rise(self, rise: np.ndarray) -> np.ndarray:
        """Return φ of rises of temperature [K]."""
        return self._of_rise(np.asarray(rise, dtype=float))[0]

    def _of_rise(self, rise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """φ and heat capacity of rises."""
        inside = np.clip(rise, self.low, self.high)
        capacity = _polynomial(self.slope, inside)
        heat = _polynomial(self.mean, inside) * inside
        return (heat + capacity * (rise - inside)) / self.c, capacity

    def rise(self, phi: np.ndarray) -> np.ndarray:
        """Return rises of temperature of φ [K], by Newton's method; NaN stays NaN."""
        rise = np.array(phi, dtype=float)
        for _ in range(STEPS):
            reached, capacity = self._of_rise(rise)
            step = self.c * (phi - reached) / capacity
            rise += step
            if not (np.abs(step) > SETTLED * np.abs(rise)).any():
                break
        return rise


def _polynomial(ascending: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Horner's scheme; a third of the time of NumPy's on arrays as small as those of a plate."""
    value = np.full_like(x, ascending[-1])
    for a in ascending[-2::-1]:
        value *= x
        value += a
    return value
