"""How U and Z manifolds of a plate divide the flow among its channels."""

from typing import Any

import numpy as np

from thermal.components.coolant import Coolant, Properties
from thermal.components.plate.geometry import ColdPlate, Manifold
from thermal.errors import ConvergenceError, InputError
from thermal.physics.convection.channel import LAMINAR, TURBULENT, smooth_friction
from thermal.physics.convection.duct import laminar_friction

__all__ = ["COMBINING", "DIVIDING", "header_slopes", "manifold_split"]

DIVIDING = 1.0  # of ½ ρ Δ(V²) regained where flow leaves: Bernoulli along the header
COMBINING = 2.0  # lost where flow enters at right angles, without momentum along the header
EXPONENT = 1.1  # of a channel's loss against its flow, between the rounds in which the loss itself is found
STAGES = 40  # in which the headers' pressures grow where the first try at once would turn a channel back
STEPS, EVEN = 60, 1e-10  # of Newton's method, and relative change at which it has come to rest
LEAST = 1e-3  # share of its even flow below which a channel is at the point of turning back
NUDGE, NUDGE_T = 1e-6, 1e-3  # relative change of a flow, and of a temperature [K], from which a slope is taken


def manifold_split(
    plate: ColdPlate, coolant: Coolant, T: tuple[float, float], loss: np.ndarray, mass_flow: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return the mass flow of each stream, and the pressure drop from the inlet's to the outlet's end of the headers.

    Along a header, dp = − θ ½ ρ d(V²) − f ½ ρ V² dx / D, with θ = 1 where flow divides and 2 where it combines: the two
    ideal limits (energy and momentum conserved along the header) of the equation of Bajura and Jones, J. Fluids Eng. 98
    (1976) 654-665; θ of real branches depends on their shape. Headers are square ducts of
    ``manifold_area``; `loss` [Pa] of the streams is that at `mass_flow` [kg/s], across the plate from the inlet's side.
    All flows and the pressure drop are solved for together, by Newton's method. `T` are the temperatures of the
    dividing and of the combining header, each as a whole [°C].

    Raises
    ------
    InputError
        If the manifolds are so narrow that a channel's flow would turn back.
    ConvergenceError
        If the flows do not settle.
    """
    headers = _Headers(coolant, T, float(plate.manifold_area or 0.0), plate, float(mass_flow.sum()))
    found = _settled(headers, loss, mass_flow, 1) or _settled(headers, loss, mass_flow, STAGES)
    if not found:
        raise InputError(
            f"manifold {plate.manifold} of {headers.area:g} m2 is too narrow for {headers.total:.3g} kg/s: the flow of "
            "a channel would turn back; make manifold_area larger"
        )
    return found


def header_slopes(
    plate: ColdPlate, coolant: Coolant, T: tuple[float, float], mass_flow: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Derivatives of the headers' pressure at each channel: by all flows (n, n), by their sum at the inlet, by T[1]."""
    area, total = float(plate.manifold_area or 0.0), float(mass_flow.sum())

    def lift(warmer: float, total: float) -> np.ndarray:
        return _Headers(coolant, (T[0], T[1] + warmer), area, plate, total).lift(mass_flow)

    by_total = (lift(0.0, total * (1 + NUDGE)) - lift(0.0, total * (1 - NUDGE))) / (2.0 * NUDGE * total)
    by_T = (lift(NUDGE_T, total) - lift(-NUDGE_T, total)) / (2.0 * NUDGE_T)
    return _Headers(coolant, T, area, plate, total).slope(mass_flow), by_total, by_T


def _settled(
    headers: "_Headers", loss: np.ndarray, mass_flow: np.ndarray, stages: int
) -> tuple[np.ndarray, float] | None:
    """Flows and pressure drop, the headers' pressures grown in so many stages; nothing if a channel's flow vanishes."""
    n, flow, shared, change = loss.size, mass_flow.astype(float), float(loss.mean()), np.inf
    square = np.ones((n + 1, n + 1))
    square[:, n], square[n, n] = -1.0, 0.0
    for stage in range(1, stages + 1):
        for _ in range(STEPS):
            lift, slope = stage / stages * headers.lift(flow), stage / stages * headers.slope(flow)
            needed = loss * (flow / mass_flow) ** EXPONENT
            square[:n, :n] = np.diag(EXPONENT * needed / flow) - slope
            step = np.linalg.solve(square, np.append(shared + lift - needed, headers.total - flow.sum()))
            falls = step[:n] < 0
            part = min(1.0, 0.8 * float((flow[falls] / -step[:n][falls]).min(initial=np.inf)))
            flow, shared = flow + part * step[:n], shared + part * float(step[n])
            change = float(np.abs(step[:n] / flow).max())
            if (flow / mass_flow).min() < LEAST:
                return None
            if change < EVEN:
                break
        else:
            raise ConvergenceError(f"manifolds: flows still change by {change:.1e} after {STEPS} steps")
    return flow * (headers.total / flow.sum()), shared


class _Headers:
    """Two square ducts along the ends of the channels, and what pressure they leave to each channel."""

    def __init__(self, coolant: Coolant, T: tuple[float, float], area: float, plate: ColdPlate, total: float) -> None:
        self.fed, self.drained = (coolant.properties(t) for t in T)
        self.area, self.D, self.total = area, float(np.sqrt(area)), total
        self.breadth, self.same_side = plate.breadth, plate.manifold == Manifold.U

    def lift(self, flow: np.ndarray) -> np.ndarray:
        """Pressure between the headers at each branch, over that between their ports [Pa].

        The port is where the flow is largest. Friction lowers the pressure away from the inlet and towards the outlet.
        """
        (before, after), p = self._passing(flow), self.fed
        gained = self._kinetic(p, self.total, self.total) - self._kinetic(p, before, after)
        inlet = DIVIDING * gained - np.cumsum(self._friction(p, before, after, flow.size))
        p = self.drained
        if not self.same_side:
            before, after = self.total - before, self.total - after
        lost = self._friction(p, before, after, flow.size)
        lost = np.cumsum(lost) if self.same_side else np.cumsum(lost[::-1])[::-1]
        gained = self._kinetic(p, self.total, self.total) - self._kinetic(p, before, after)
        return np.asarray(inlet - COMBINING * gained - lost)

    def slope(self, flow: np.ndarray) -> np.ndarray:
        """Derivatives of the lift of each branch (rows) by the flow of each channel (columns) [Pa s/kg]."""
        n, (before, after) = flow.size, self._passing(flow)
        by_before, by_after = -np.tril(np.ones((n, n)), -1), -np.tril(np.ones((n, n)))
        kinetic, friction = self._slopes(self.fed, before, after, by_before, by_after)
        found = -DIVIDING * kinetic - np.cumsum(friction, axis=0)
        if not self.same_side:
            before, after, by_before, by_after = self.total - before, self.total - after, -by_before, -by_after
        kinetic, friction = self._slopes(self.drained, before, after, by_before, by_after)
        if not self.same_side:
            return np.asarray(found + COMBINING * kinetic - np.cumsum(friction[::-1], axis=0)[::-1])
        return np.asarray(found + COMBINING * kinetic - np.cumsum(friction, axis=0))

    def _passing(self, flow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Flow in the inlet's header before and after each branch [kg/s]."""
        after = self.total - np.cumsum(flow)
        return after + flow, after

    def _kinetic(self, p: Properties, before: Any, after: Any) -> np.ndarray:
        return np.asarray(0.25 * (before**2 + after**2) / (p.density * self.area**2))

    def _friction(self, p: Properties, before: np.ndarray, after: np.ndarray, branches: int) -> np.ndarray:
        Re = np.maximum(0.5 * (before + after) * self.D / (self.area * p.viscosity), 1.0)
        factor = np.array([_darcy(float(r)) for r in Re])
        return np.asarray(factor * self._kinetic(p, before, after) * self.breadth / branches / self.D)

    def _slopes(
        self, p: Properties, before: np.ndarray, after: np.ndarray, by_before: np.ndarray, by_after: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Derivatives of kinetic pressure and of friction by the channels' flows, from those of the passing flows."""
        n, small = before.size, NUDGE * self.total
        kinetic = 0.5 / (p.density * self.area**2) * (before[:, None] * by_before + after[:, None] * by_after)
        first, last = (
            self._friction(p, before + a, after + b, n) - self._friction(p, before - a, after - b, n)
            for a, b in ((small, 0.0), (0.0, small))
        )
        return kinetic, (first[:, None] * by_before + last[:, None] * by_after) / (2.0 * small)


def _darcy(Re: float) -> float:
    """Darcy friction factor of a square duct, laminar and turbulent blended as in the channels."""
    laminar = 4.0 * laminar_friction(1.0) / min(Re, LAMINAR)
    share = min(max((Re - LAMINAR) / (TURBULENT - LAMINAR), 0.0), 1.0)
    return (1.0 - share) * laminar + share * smooth_friction(max(Re, TURBULENT))
