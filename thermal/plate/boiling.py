"""Equal parallel channels in which a refrigerant boils: every result beside the band that the laws' spread makes."""

from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.components.refrigerant import Refrigerant
from thermal.errors import InputError
from thermal.inputs import array, member, number, part, whole
from thermal.names import describe
from thermal.physics.convection.boiling_march import COLUMNS_OUT, march, phase, walls
from thermal.physics.convection.channel import ChannelShape, Entry
from thermal.physics.convection.critical_flux import Critical, critical_flux
from thermal.physics.convection.flow_boiling import Film
from thermal.physics.convection.two_phase_drop import Drop
from thermal.physics.media.two_phase import TwoPhaseTable, pressure_temperature, saturation
from thermal.quantity import provenance

__all__ = ["flow_boiling"]

RANGES = {  # of each law: hydraulic diameter [m] and mass flux [kg/m² s], as its source states them
    Film.KIM_MUDAWAR: (0.19e-3, 6.5e-3, 19.0, 1608.0),
    Film.LIU_WINTERTON: (2.95e-3, 32e-3, 12.4, 8179.3),
    Film.BERTSCH: (0.16e-3, 2.92e-3, 20.0, 3000.0),
    Film.COOPER: (0.0, np.inf, 0.0, np.inf),
    Film.SUN_MISHIMA: (0.21e-3, 6.05e-3, 44.0, 1500.0),
    Film.LI_WU: (0.16e-3, 3.1e-3, 20.0, 3570.0),
}
NUDGE = 0.01  # of the flow, to either side, for the slope of the pressure drop


class Channel(NamedTuple):
    """One of the channels, and what is common to all runs of it."""

    table: TwoPhaseTable
    shape: ChannelShape
    D: float  # hydraulic diameter [m]
    share: float  # heated over wetted perimeter
    flux: np.ndarray  # on the heated walls [W/m²]
    step: float  # m
    p_in: float  # Pa
    h_in: float  # J/kg


class March(NamedTuple):
    """A channel at one mass flux by one law of friction."""

    G: float
    found: np.ndarray
    p_out: float
    h_out: float
    friction: float
    chokes: bool


def flow_boiling(
    refrigerant: Refrigerant,
    *,
    width: float,
    depth: float,
    length: float,
    heat: Any,
    mass_flow: float,
    T_in: float,
    pressure: float,
    channels: int = 1,
    heated_walls: int = 3,
    film: Film = Film.KIM_MUDAWAR,
    drop: Drop = Drop.KIM_MUDAWAR,
    critical: Critical = Critical.KATTO_OHNO,
    cells: int = 100,
) -> xr.Dataset:
    """Operating point of equal rectangular channels that carry equal shares of heat and flow, boiling or not.

    Each wall temperature, film, pressure drop and critical flux is that of the law chosen, with the lowest and the
    highest of all laws beside it. Walls past the dry-out incipience are flagged and have no film: NaN. Kinetic energy,
    gravity, losses of inlet and outlet, conduction along the walls and uneven flow between channels are left out; the
    flux is even over the heated walls, that is, the fins are isothermal.

    Parameters
    ----------
    refrigerant : Refrigerant
        The fluid; its table must reach from `T_in` to the boiling temperature, and below that at the outlet.
    width, depth, length : float
        Of one channel [m].
    heat : float or array
        Into all channels together [W]; an array is the heat of as many equal stretches, in the order of flow.
    mass_flow : float
        Through all channels together [kg/s].
    T_in : float
        Liquid at the inlet [°C], at most its boiling temperature.
    pressure : float
        Absolute pressure at the inlet [Pa].
    channels : int
        How many.
    heated_walls : int
        3 (the fourth, of the width, takes none) or 4.
    film, drop, critical : Film, Drop, Critical
        The laws of which the results without ``_low`` and ``_high`` come.
    cells : int
        Cells along the flow, at least; a multiple of the stretches of `heat` is taken.

    Returns
    -------
    xarray.Dataset
        Along ``y``: ``quality``, ``void``, ``pressure_channel``, ``T_coolant``, ``T_saturation``, ``film``, ``T_wall``
        (each with ``_low`` and ``_high``), ``margin_dryout``, ``dries_out``; and the numbers of the whole, among them
        ``pressure_drop``, ``margin_critical`` (both with the band, NaN where no law applies), ``ledinegg``, ``chokes``.

    Raises
    ------
    InputError
        If an argument is outside its range, or the inlet boils, or lies outside the refrigerant's table.

    Examples
    --------
    >>> from thermal.components.refrigerant import Refrigerant
    >>> fluid = Refrigerant(fluid="R134a", T_low=0, T_high=80)
    >>> run = flow_boiling(fluid, width=5e-4, depth=5e-4, length=0.03, channels=30, heat=200.0, mass_flow=4.5e-3,
    ...                    T_in=25.0, pressure=7.7e5)
    >>> bool(run.T_wall_low.max() < run.T_wall_high.max()), bool(run.dries_out.any())
    (True, False)
    """
    refrigerant = part("refrigerant", refrigerant, Refrigerant, "Refrigerant(fluid='R134a', T_low=0, T_high=80) is one")
    channels = whole("channels", channels, low=1)
    width, depth = number("width", width, "m", above=0), number("depth", depth, "m", above=0)
    length = number("length", length, "m", above=0)
    flow = number("mass_flow", mass_flow, "kg/s", above=0) / channels
    film, drop, critical = (
        member("film", film, Film),
        member("drop", drop, Drop),
        member("critical", critical, Critical),
    )
    walls_heated = whole("heated_walls", heated_walls, low=3, high=4)
    heats = np.atleast_1d(np.asarray(array("heat", heat, "W", low=0))).ravel()
    per = -(-whole("cells", cells, low=2) // heats.size)
    heated = 2 * depth + width * (walls_heated - 2)
    wetted, step = 2 * (width + depth), length / (per * heats.size)
    flux = np.repeat(heats / per, per) / (channels * heated * step)
    T_in, pressure = number("T_in", T_in, "degC"), number("pressure", pressure, "Pa", above=0)
    table = refrigerant.table
    h_in = _inlet(refrigerant, T_in, pressure)
    shape = ChannelShape(width, depth, walls_heated, Entry.SIMULTANEOUS)
    at = Channel(table, shape, 4 * width * depth / wetted, heated / wetted, flux, step, pressure, h_in)
    G = flow / (width * depth)
    runs = {law: _march(at, law, G) for law in Drop}
    chosen = runs[drop]
    laws = {law: _walls(at, law, chosen) for law in Film}
    result = _along(at, chosen, laws[film], laws) | _whole(at, runs, drop, critical, channels * flow, heats.sum())
    least, most, thin, dense = RANGES[film]
    result["outside_film"] = 0.0 if least <= at.D <= most and thin <= G <= dense else 1.0
    y = (np.arange(flux.size) + 0.5) * step
    data = describe(xr.Dataset({k: ("y", v) if np.ndim(v) else v for k, v in result.items()}, {"y": y}))
    data.attrs = provenance(refrigerant) | {"film": film.name, "drop": drop.name, "critical": critical.name}
    return data


def _over(limit: float, flux: float) -> float:
    """Margin to a critical flux; endless without heat."""
    return limit / flux if flux > 0 else np.inf


def _inlet(refrigerant: Refrigerant, T_in: float, pressure: float) -> float:
    """Enthalpy of the liquid that enters [J/kg]."""
    table = refrigerant.table
    if not table.p_low < pressure <= table.p_high:
        raise InputError(
            f"pressure = {pressure:g} Pa is outside the table of {refrigerant.fluid}, {table.p_low:.4g}.."
            f"{table.p_high:.4g} Pa for T_low..T_high = {table.T_low:g}..{table.T_high:g} degC"
        )
    boiling = float(pressure_temperature(table, pressure))
    if not table.T_low <= T_in <= boiling:
        raise InputError(
            f"T_in = {T_in:g} degC must be from {table.T_low:g} degC, the lowest of the table, to {boiling:.4g} degC, "
            f"at which {refrigerant.fluid} boils at the inlet: it must enter as liquid"
        )
    return float(saturation(table, T_in).h_f)


def _march(at: Channel, law: Drop, G: float) -> March:
    found = np.empty((at.flux.size, COLUMNS_OUT))
    return March(G, found, *march(at.table, int(law), G, at.D, at.share, at.flux, at.step, at.p_in, at.h_in, found))


def _walls(at: Channel, law: Film, run: March) -> tuple[np.ndarray, np.ndarray]:
    films, T = np.empty(at.flux.size), np.empty(at.flux.size)
    walls(at.table, int(law), at.shape, run.G, at.D, at.share, at.flux, at.step, run.found, films, T)
    return films, T


def _along(at: Channel, run: March, own: tuple[np.ndarray, np.ndarray], laws: dict[Film, Any]) -> dict[str, Any]:
    """Results along the flow."""
    quality, fluid, boiling, void, dry, p = run.found.T
    films, T_walls = (np.array([law[k] for law in laws.values()]) for k in (0, 1))
    return {
        "quality": quality, "void": void, "pressure_channel": p, "T_coolant": fluid, "T_saturation": boiling,
        "film": own[0], "film_low": films.min(axis=0), "film_high": films.max(axis=0),
        "T_wall": own[1], "T_wall_low": T_walls.min(axis=0), "T_wall_high": T_walls.max(axis=0),
        "margin_dryout": dry - quality, "dries_out": (quality > 0) & (quality > dry), "flux": at.flux,
    }  # fmt: skip


def _whole(at: Channel, runs: dict[Drop, March], drop: Drop, law: Critical, flow: float, heat: float) -> dict[str, Any]:
    """Results of the channel as a whole."""
    run = runs[drop]
    inlet = saturation(at.table, pressure_temperature(at.table, at.p_in))
    x_in = (at.h_in - inlet.h_f) / inlet.h_fg
    length = at.step * at.flux.size
    limits = {c: critical_flux(int(c), inlet, run.G, at.D / at.share, length, x_in) for c in Critical}
    known = [q for q in limits.values() if np.isfinite(q)] or [np.nan]
    highest = at.flux.max()
    losses = np.array([at.p_in - r.p_out for r in runs.values()])
    x_out, out = phase(at.table, run.p_out, run.h_out)
    carried = out.h_f + max(x_out, 0.0) * out.h_fg - at.h_in
    near = [at.p_in - _march(at, drop, run.G * (1 + side * NUDGE)).p_out for side in (-1, 1)]
    slope = (near[1] - near[0]) / (2 * NUDGE * flow)
    return {
        "heat": heat, "mass_flux": run.G, "T_out": out.T, "quality_out": x_out,
        "pressure_drop": at.p_in - run.p_out, "pressure_drop_low": np.fmin.reduce(losses),
        "pressure_drop_high": losses.max(),
        "pressure_drop_friction": run.friction, "pressure_drop_momentum": at.p_in - run.p_out - run.friction,
        "critical_flux": limits[law], "critical_flux_low": min(known), "critical_flux_high": max(known),
        "margin_critical": _over(limits[law], highest), "margin_critical_low": _over(min(known), highest),
        "margin_critical_high": _over(max(known), highest),
        "drop_slope": slope, "ledinegg": bool(slope < 0), "chokes": run.chokes,
        "energy_residual": heat - flow * carried,
    }  # fmt: skip
