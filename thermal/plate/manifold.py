"""How U and Z manifolds of a plate divide the flow among its channels."""

import numpy as np

from thermal.components.coolant import Coolant, Properties
from thermal.components.plate.geometry import ColdPlate, Manifold
from thermal.errors import ConvergenceError, InputError
from thermal.physics.convection.channel import LAMINAR, smooth_friction
from thermal.physics.convection.duct import laminar_friction

__all__ = ["COMBINING", "DIVIDING", "manifold_split"]

DIVIDING = 1.0  # of ½ ρ Δ(V²) regained where flow leaves: Bernoulli along the header
COMBINING = 2.0  # lost where flow enters at right angles, without momentum along the header
EXPONENT = 1.1  # of a channel's loss against its flow, between the rounds in which the loss itself is found
ROUNDS, EVEN = 400, 1e-12


def manifold_split(
    plate: ColdPlate, coolant: Coolant, T: float, loss: np.ndarray, mass_flow: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return the mass flow of each stream, and the pressure drop from the inlet's to the outlet's end of the headers.

    Along a header, dp = − θ ½ ρ d(V²) − f ½ ρ V² dx / D, with θ = 1 where flow divides and 2 where it combines: the two
    ideal limits (energy and momentum conserved along the header) of the equation of Bajura and Jones, J. Fluids Eng. 98
    (1976) 654-665; θ of real branches depends on their shape. Headers are square ducts of
    ``manifold_area``; `loss` [Pa] of the streams is that at `mass_flow` [kg/s], across the plate from the inlet's side.

    Raises
    ------
    InputError
        If the manifolds are so narrow that a channel's flow would turn back.
    ConvergenceError
        If the flows do not settle.
    """
    p = coolant.properties(T)
    area = float(plate.manifold_area or 0.0)
    length = plate.breadth / loss.size
    total, flow = mass_flow.sum(), mass_flow.copy()
    for _ in range(ROUNDS):
        left = total - np.cumsum(flow)  # in the inlet header after each branch; what has passed in the outlet of a Z
        inlet = np.stack([left + flow, left])
        outlet = inlet if plate.manifold == Manifold.U else total - inlet
        lift = _regained(p, DIVIDING, inlet, area, length)
        lift -= _regained(p, COMBINING, outlet, area, length, far_end=plate.manifold == Manifold.Z, gained=False)
        low, high = -lift.min(), -lift.min() + 2.0 * loss.max() + np.ptp(lift)
        for _ in range(100):
            shared = 0.5 * (low + high)
            new = _flow_at(mass_flow, loss, shared + lift)
            low, high = (shared, high) if new.sum() < total else (low, shared)
        new = _flow_at(mass_flow, loss, shared + lift)
        if (shared + lift).min() < 1e-3 * loss.mean():
            raise InputError(
                f"manifold {plate.manifold} of {area:g} m2 is too narrow for {total:.3g} kg/s: the flow of a channel "
                "would turn back; make manifold_area larger"
            )
        new *= total / new.sum()
        change = float(np.abs(new / flow - 1.0).max())
        flow = 0.7 * flow + 0.3 * new
        if change < EVEN:
            return flow, float(shared)
    raise ConvergenceError(f"manifold {plate.manifold}: flows still change by {change:.1e} after {ROUNDS} rounds")


def _regained(
    p: Properties,
    theta: float,
    passing: np.ndarray,
    area: float,
    length: float,
    far_end: bool = False,
    gained: bool = True,
) -> np.ndarray:
    """Pressure at each branch over that at the header's port [Pa], from the flow `passing` before and after it [kg/s].

    The port is where the flow is largest: at the first branch, or at the last (`far_end`). Friction lowers the pressure
    downstream, away from an inlet (`gained`) and towards an outlet.
    """
    V = passing / (p.density * area)
    top, kinetic = 0.5 * p.density * V.max() ** 2, 0.5 * p.density * (V**2).mean(axis=0)
    D = np.sqrt(area)
    Re = np.maximum(p.density * V.mean(axis=0) * D / p.viscosity, 1.0)
    friction = np.array([_darcy(float(r)) for r in Re]) * kinetic * length / D
    from_port = np.cumsum(friction[::-1])[::-1] if far_end else np.cumsum(friction)
    return np.asarray(theta * (top - kinetic) + (-from_port if gained else from_port))


def _flow_at(mass_flow: np.ndarray, loss: np.ndarray, available: np.ndarray) -> np.ndarray:
    """Flow of each stream at an available pressure difference."""
    return np.asarray(mass_flow * (np.maximum(available, 0.0) / loss) ** (1.0 / EXPONENT))


def _darcy(Re: float) -> float:
    """Darcy friction factor of a square duct."""
    return 4.0 * laminar_friction(1.0) / Re if Re < LAMINAR else smooth_friction(max(Re, 3000.0))
