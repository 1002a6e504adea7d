"""Single-phase immersion: sinks and boards in a tank of dielectric liquid, cooled by what rises and what is pumped."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from thermal.components.coolant import Basis, Coolant
from thermal.components.plate.sink import Sink
from thermal.errors import InputError
from thermal.inputs import array, number, part
from thermal.names import describe
from thermal.physics.convection.channel import ChannelShape, Entry, channel_march
from thermal.physics.convection.critical_flux import GRAVITY
from thermal.physics.convection.immersed import (
    between_fins,
    churchill_chu,
    fin_efficiency,
    flat_plate,
    together,
)
from thermal.quantity import provenance

__all__ = ["immersion"]

LAMINAR = 5e5  # Reynolds number of a board up to which its law holds
SLICES = 20  # along a gap, over which the film of the stream is averaged


def immersion(
    sinks: Sink | Sequence[Sink],
    coolant: Coolant,
    *,
    heat: Any,
    flow: float,
    T_in: float,
    area: float,
) -> xr.Dataset:
    """Steady temperatures of sinks and boards that stand above one another in a tank, the liquid rising past them.

    Each gives off its heat by natural convection and by the stream of the pump together, Nu³ = Nu_F³ + Nu_N³: between
    fins the developing flow in rectangular ducts (three heated walls) and the law of Bar-Cohen and Rohsenow, on bare
    boards the laminar boundary layer and that of Churchill and Chu. Properties are those halfway between surface and
    liquid; what stands lower warms the liquid of what stands higher, mixed. The stream passes through fins at the
    tank's mean speed: a shroud leads it there. Heat through boards to their backs and within a base is left out.

    Parameters
    ----------
    sinks : Sink or sequence of Sink
        From the lowest up.
    coolant : Coolant
        A dielectric, such as ``Coolant.from_coolprop("INCOMP::PNF", T_low=10, T_high=120, T_freeze=-40)``, a white
        mineral oil; water and its mixtures conduct electricity and are refused.
    heat : float or array
        Of each sink [W].
    flow : float
        Volume flow through the tank at inlet temperature [m³/s].
    T_in : float
        Temperature of the liquid that enters at the bottom [°C].
    area : float
        Open cross-section of the tank, for the mean speed of the stream [m²].

    Returns
    -------
    xarray.Dataset
        Of each ``sink``: ``T_base``, ``T_bath`` (the liquid it stands in), ``film``, ``film_natural``,
        ``fin_efficiency``, ``R_sink`` (base over the liquid around it); ``T_out``, ``velocity``, ``outside_film``,
        ``energy_residual``.

    Raises
    ------
    InputError
        If the liquid is no dielectric, a number is outside its range, or a surface is warmer than the liquid's table.

    Examples
    --------
    >>> import thermal as th
    >>> oil = Coolant.from_coolprop("INCOMP::PNF", T_low=10.0, T_high=150.0, T_freeze=-40.0)
    >>> sink = Sink(length=0.08, breadth=0.08, gap=3e-3, fin_height=0.025, metal=th.load("materials/copper"))
    >>> run = immersion([sink, sink], oil, heat=[150.0, 150.0], flow=2e-4, T_in=35.0, area=0.02)
    >>> bool(run.T_base[1] > run.T_base[0] > run.T_bath[0]), round(float(run.T_bath[0]))
    (True, 35)
    """
    coolant = part("coolant", coolant, Coolant, "such as Coolant.from_coolprop('INCOMP::PNF', ...)")
    if coolant.basis != Basis.PURE or coolant.fluid.removeprefix("INCOMP::") == "Water":
        raise InputError(f"{coolant.fluid} conducts electricity; boards stand in a dielectric, such as INCOMP::PNF")
    many = tuple(part("sinks", s, Sink, "Sink(...)") for s in (sinks if isinstance(sinks, Sequence) else (sinks,)))
    watts = np.atleast_1d(np.asarray(array("heat", heat, "W", low=0), float)).ravel()
    if not many or watts.size not in {1, len(many)}:
        raise InputError(f"heat is given for {watts.size} sinks, there are {len(many)}")
    watts = np.broadcast_to(watts, len(many))
    flow = number("flow", flow, "m3/s", above=0, high=10)
    T_in, area = number("T_in", T_in, "degC"), number("area", area, "m2", above=0)
    coolant.require(T_in, "T_in")
    p = coolant.properties(T_in)
    rate = flow * p.density * p.heat_capacity
    before = np.concatenate([[0.0], np.cumsum(watts)])
    T_bath, velocity = T_in + before / rate, flow / area
    coolant.require(T_bath[-1], "liquid that leaves the tank: temperature")
    rows = [_at_rest(s, coolant, q, T, velocity) for s, q, T in zip(many, watts, T_bath[:-1], strict=True)]
    T_base, film, natural, efficiency, lost, beyond = (np.array(column) for column in zip(*rows, strict=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        R = np.where(watts > 0, (T_base - T_bath[:-1]) / watts, np.nan)
    data = {
        "T_base": ("sink", T_base), "T_bath": ("sink", T_bath[:-1]), "film": ("sink", film),
        "film_natural": ("sink", natural), "fin_efficiency": ("sink", efficiency), "R_sink": ("sink", R),
        "heat": ("sink", watts), "T_in": T_in, "T_out": T_bath[-1], "flow": flow, "velocity": velocity,
        "outside_film": float(beyond.mean()), "energy_residual": float((watts - lost).sum()),
    }  # fmt: skip
    result = describe(xr.Dataset(data, {"sink": np.arange(len(many))}))
    result.attrs = provenance(many, coolant) | {
        "left_out": "spreading in the base, backs of boards, the liquid that passes beside a sink, the tank's own loss"
    }
    return result


def _at_rest(s: Sink, coolant: Coolant, watts: float, T_bath: float, velocity: float) -> tuple[float, ...]:
    """Base temperature at which a sink gives off its heat, and what ``_given_off`` says there."""
    from scipy.optimize import brentq  # a fifth of a second to import

    high = coolant.T_high - T_bath
    if _given_off(s, coolant, high, T_bath, velocity)[3] < watts:
        raise InputError(
            f"{watts:g} W from a sink of {s.fin_area + s.base_area:.3g} m2: its base would be warmer than "
            f"{coolant.T_high:g} degC, the end of the liquid's table; give it more surface or more flow"
        )
    rise = 0.0
    if watts > 0:
        rise = brentq(
            lambda x: _given_off(s, coolant, x, T_bath, velocity)[3] - watts, 0.0, high, xtol=1e-11, rtol=1e-14
        )
    film, natural, efficiency, lost, beyond = _given_off(s, coolant, rise, T_bath, velocity)
    return T_bath + rise, film, natural, efficiency, lost, beyond


def _given_off(s: Sink, coolant: Coolant, rise: float, T_bath: float, velocity: float) -> tuple[float, ...]:
    """Film, its natural part, fin efficiency, heat and whether a law is outside its range, at a rise of the base."""
    T = T_bath + 0.5 * rise
    p = coolant.properties(T)
    step = min(0.5, T - coolant.T_low, coolant.T_high - T)
    ahead, behind = (coolant.properties(T + side * step).density for side in (1.0, -1.0))
    expansion = max((behind - ahead) / (2.0 * step * p.density), 0.0) if step > 0 else 0.0
    Pr = p.viscosity * p.heat_capacity / p.conductivity
    per_volume = GRAVITY * expansion * max(rise, 1e-9) * p.density**2 * Pr / p.viscosity**2  # Ra over length³
    if s.fins:
        natural = between_fins(per_volume * s.gap**3, s.gap / s.length) * p.conductivity / s.gap
        shape, film = ChannelShape(s.gap, s.fin_height, 3, Entry.SIMULTANEOUS), np.zeros(SLICES)
        mass_flow = p.density * velocity * s.gap * s.fin_height
        slices = np.full(SLICES, s.length / SLICES)
        channel_march(shape, coolant.table, mass_flow, np.full(SLICES, T), slices, 0.0, film, np.zeros(SLICES))
        forced, beyond = float(film.mean()), 0.0
    else:
        Re = p.density * velocity * s.length / p.viscosity
        natural = churchill_chu(per_volume * s.length**3, Pr) * p.conductivity / s.length
        forced, beyond = flat_plate(Re, Pr) * p.conductivity / s.length, float(Re > LAMINAR)
    film_ = together(forced, natural)
    efficiency = fin_efficiency(film_, s.metal.conductivity, s.fin_width, s.fin_height) if s.fins else 1.0
    return film_, natural, efficiency, film_ * (s.base_area + efficiency * s.fin_area) * rise, beyond
