"""Batteries: power, energy, bounds of the state of charge, and losses that grow with the rate."""

from math import sqrt
from typing import Any, Self

import numpy as np
from pydantic import model_validator

from thermal.errors import InputError
from thermal.inputs import array, number
from thermal.quantity import Part, quantity
from thermal.units import hour

__all__ = ["Battery"]

MOST_LOST = 0.3  # share of the power at the terminals, at rated power: beyond it the law is no battery's


class Battery(Part):
    r"""A battery with its converter, seen from its terminals on the alternating-current side.

    At C-rate C = P/E (power over energy capacity, 1/h) one way loses the share ℓ(C) = ℓ₀ + r·C of the power: charging
    stores P·(1 − ℓ), discharging takes P/(1 − ℓ) out of the store. A round trip at one rate gives (1 − ℓ)². Standby
    power (cooling, control) is drawn at the terminals all the time. Valid from rest to rated power.

    Notes
    -----
    The term in C is that of an internal resistance, whose loss over power is proportional to the current; ℓ₀ is that of
    the converter. Ageing, and what temperature does, are left out.

    Examples
    --------
    >>> battery = Battery(power=1e6, energy=3.6e9, loss=0.03, rate_loss=0.02 * hour)
    >>> round(float(battery.efficiency(1e6)), 12), round(float(battery.round_trip(1e6)), 12)
    (0.95, 0.9025)
    """

    power: float = quantity("W", "rated power at the terminals, in and out", above=0)
    energy: float = quantity("J", "energy held when full", above=0)
    loss: float = quantity("-", "ℓ₀: share lost one way at low power", low=0, high=0.3, default=0.0)
    rate_loss: float = quantity("s", "r: further share lost one way, over the C-rate in 1/s", low=0, default=0.0)
    standby_power: float = quantity("W", "power drawn at the terminals all the time", low=0, default=0.0)
    lowest: float = quantity("-", "lowest state of charge in use", low=0, high=1, default=0.0)
    highest: float = quantity("-", "highest state of charge in use", low=0, high=1, default=1.0)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.lowest < self.highest:
            raise InputError(f"Battery.lowest = {self.lowest:g} must be below highest = {self.highest:g}")
        lost = self._share(self.power)
        if lost > MOST_LOST:
            raise InputError(
                f"Battery.rate_loss = {self.rate_loss:g} s and loss = {self.loss:g} lose {lost:.0%} at rated power, "
                f"{self.power * hour / self.energy:.3g} C: at most {MOST_LOST:.0%}; lower power or take more energy"
            )
        return self

    def efficiency(self, power: Any) -> Any:
        """One-way efficiency 1 − ℓ₀ − r·C at a power at the terminals, W (a number or an array)."""
        given = np.asarray(array("power", power, "W", low=0.0, high=self.power * (1.0 + 1e-9)))
        return 1.0 - self._share(given)

    def round_trip(self, power: Any) -> Any:
        """Energy out over energy in, at one power in and out, without standby."""
        return self.efficiency(power) ** 2

    @property
    def usable(self) -> float:
        """Energy between the bounds of the state of charge, J."""
        return self.energy * (self.highest - self.lowest)

    def charge_within(self, room: float, step: float) -> float:
        """Highest charging power, W, that fills no more than `room` [J] in `step` [s]: P·(1 − ℓ(P)) = room/step."""
        wanted = number("room", room, "J", low=0.0) / number("step", step, "s", above=0.0)
        straight, bend = 1.0 - self.loss, self.rate_loss / self.energy
        inside = straight**2 - 4.0 * bend * wanted
        return self.power if inside <= 0.0 else min(2.0 * wanted / (straight + sqrt(inside)), self.power)

    def discharge_within(self, left: float, step: float) -> float:
        """Highest discharging power, W, that takes no more than `left` [J] in `step` [s]: P/(1 − ℓ(P)) = left/step."""
        taken = number("left", left, "J", low=0.0) / number("step", step, "s", above=0.0)
        bend = self.rate_loss / self.energy
        return min((1.0 - self.loss) * taken / (1.0 + bend * taken), self.power)

    def _share(self, power: Any) -> Any:
        return self.loss + self.rate_loss / self.energy * power

    def _summary(self) -> dict[str, str]:
        rates = [self.power * x for x in (0.25, 0.5, 1.0)]
        return {
            "time at rated power": f"{self.usable / self.power / hour:.3g} h",
            "round trip at 25, 50, 100 % power": ", ".join(f"{float(self.round_trip(p)):.3f}" for p in rates),
        }
