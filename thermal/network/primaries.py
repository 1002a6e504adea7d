"""Facility sides of a network's CDUs as the water meets them: what is sent, what is drawn, what comes back."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from thermal.network.expansion import BASE
from thermal.network.marching import NetworkStepper

__all__ = ["Primaries"]


class Primaries:
    """All facility sides of a network, by place."""

    def __init__(self, stepper: NetworkStepper) -> None:
        sides = [side for side in stepper.whole.sides if side.primary and not side.air]
        h, self._heat, self._flows = stepper.hydraulics, stepper.heat, stepper.hydraulics.flows
        row = dict(zip(h.names, h.row.tolist(), strict=True))
        self.names = tuple(side.name for side in sides)
        self.rows = np.array([row[side.primary] for side in sides], np.int64)
        self.places = np.array([stepper.places.held[side.name] for side in sides], np.int64)  # where it comes from
        self.inside = np.array([self._heat.place[f"{side.name}:primary"] for side in sides], np.int64)
        self.held = self.places - len(self._heat.web.capacity)  # among the held places
        self.headers = np.array([stepper.places.header[side.name][0] for side in sides], np.int64)
        parts = [stepper.whole.network.branch(side.primary).part for side in sides]
        self.heat_capacity = np.array([p.coolant.properties(p.T).heat_capacity for p in parts])

    def send(self, T: float, pumped: bool) -> None:
        """Send water at `T` [°C], at no pressure where it is not pumped."""
        self._heat.T[self.places] = T
        if not pumped:
            self._flows.p[self.headers] = BASE

    @contextmanager
    def sent(self, T: float, pumped: bool) -> Iterator[None]:
        """Send water for a while; then the pressure that events have left is back."""
        before = self._flows.p[self.headers]
        self.send(T, pumped)
        yield
        after = self._flows.p[self.headers]
        self._flows.p[self.headers] = np.where(pumped | (after != BASE), after, before)

    def draw(self) -> float:
        """Water drawn as heat capacity rate [W/K]."""
        return float(self.heat_capacity @ np.abs(self._flows.m[self.rows]))

    def heat(self) -> float:
        """Heat that it leaves with [W]."""
        rise = self._heat.T[self.inside] - self._heat.T[self.places]
        return float((self.heat_capacity * np.abs(self._flows.m[self.rows])) @ rise)
