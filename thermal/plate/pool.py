"""A surface that boils in a pool: wall temperature and critical flux beside the band that the laws' spread makes."""

import math
from typing import Any

import numpy as np
import xarray as xr

from thermal.components.refrigerant import Refrigerant
from thermal.errors import InputError
from thermal.inputs import array, member, number, part
from thermal.names import describe
from thermal.physics.convection.critical_flux import GRAVITY, zuber
from thermal.physics.convection.pool_boiling import (
    Pool,
    ivey_morris,
    kandlikar,
    kutateladze_subcooled,
    lienhard_dhir,
    pool_film,
    still_liquid,
)
from thermal.physics.media.two_phase import Saturation, pressure_temperature, saturation
from thermal.quantity import provenance

__all__ = ["pool_boiling"]

REFERENCE = {"Water": 5600.0, "R134a": 4500.0}  # W/m² K at p_R 0.1 and 20 kW/m²: Gorenflo, VDI Heat Atlas (1993), Ha
SURFACES = (0.0027, 0.0154)  # of Rohsenow's constant in Incropera and DeWitt (2007), table 10.1
RANGES = {Pool.COOPER: (1e-3, 0.9), Pool.ROHSENOW: (0.0, 1.0), Pool.STEPHAN_ABDELSALAM: (1e-4, 0.97),
          Pool.GORENFLO: (1e-4, 0.95)}  # p / p_critical  # fmt: skip
SMALLEST = 1e-9  # W/m² that counts as heat


def pool_boiling(
    refrigerant: Refrigerant,
    *,
    area: float,
    heat: Any,
    pressure: float,
    T_bath: float | None = None,
    depth: float = 0.0,
    tilt: float = 0.0,
    roughness: float = 1e-6,
    contact_angle: float = 45.0,
    surface: float = 0.013,
    film_factor: float = 1.0,
    critical_factor: float = 1.0,
    film: Pool = Pool.COOPER,
) -> xr.Dataset:
    """Boiling curve of a surface in a pool of liquid, up to its critical flux.

    The wall is as warm as the mechanism that keeps it cooler leaves it: boiling, T_s + q/h, or natural convection of
    the bath, so that little heat tends to none without a jump. Beyond the critical flux the wall is missing and
    ``burns_out`` says so. The liquid above the surface raises the pressure there, ρ g `depth`, and with it the boiling
    temperature: below atmospheric pressure it is much of the superheat. No laws were made for water below some 10 kPa,
    where bubbles are rare and large; ``outside_film`` is 1 outside the stated range of the chosen law.

    Parameters
    ----------
    refrigerant : Refrigerant
        The fluid; its table must hold the boiling temperature at the surface.
    area : float
        Of the plain surface, or the footprint of a structured one [m²].
    heat : float or array
        Through the surface [W]; an array makes a curve along ``case``.
    pressure : float
        Absolute pressure above the liquid [Pa].
    T_bath : float, optional
        Of the liquid [°C], by default the boiling temperature above it.
    depth : float
        Of the surface below the liquid's level [m].
    tilt : float
        0 faces up, 90 stands upright [degree].
    roughness : float
        Mean roughness Ra [m], of Cooper and of Gorenflo.
    contact_angle : float
        Receding, 20 to 110 [degree], of Kandlikar's critical flux.
    surface : float
        Rohsenow's constant, of pairs of liquid and surface: 0.0027 to 0.0154 in published tables.
    film_factor, critical_factor : float
        What a structured surface (sintered, finned, etched) was measured to multiply film and critical flux by.
    film : Pool
        The law of which results without ``_low`` and ``_high`` come.

    Returns
    -------
    xarray.Dataset
        ``T_wall``, ``film``, ``critical_flux``, ``margin_critical``, each with ``_low`` and ``_high`` of all laws, and
        ``T_saturation``, ``subcooling``, ``flux``, ``vapour``, ``boils``, ``burns_out``, ``outside_film``.

    Raises
    ------
    InputError
        If an argument is outside its range, the bath is warmer than boiling or the state lies outside the table.

    Examples
    --------
    >>> from thermal.components.refrigerant import Refrigerant
    >>> water = Refrigerant(fluid="Water", T_low=5, T_high=150)
    >>> run = pool_boiling(water, area=1e-3, heat=[0.0, 100.0, 3000.0], pressure=101325.0)
    >>> [round(float(T)) for T in run.T_wall[:2]], bool(run.burns_out[2])
    ([100, 110], True)
    """
    refrigerant = part(
        "refrigerant", refrigerant, Refrigerant, "Refrigerant(fluid='Water', T_low=5, T_high=150) is one"
    )
    film = member("film", film, Pool)
    area, pressure = number("area", area, "m2", above=0), number("pressure", pressure, "Pa", above=0)
    depth, roughness = number("depth", depth, "m", low=0), number("roughness", roughness, "m", low=1e-8, high=1e-4)
    angle = math.radians(number("contact_angle", contact_angle, "degree", low=20, high=110))
    lean = math.radians(number("tilt", tilt, "degree", low=0, high=90))
    surface = number("surface", surface, "1", low=SURFACES[0], high=SURFACES[1])
    better = number("film_factor", film_factor, "1", above=0)
    more = number("critical_factor", critical_factor, "1", above=0)
    given = array("heat", heat, "W", low=0)
    flux = np.atleast_1d(np.asarray(given, dtype=float)).ravel() / area

    level = _saturated(refrigerant, pressure)
    s = _saturated(refrigerant, pressure + level.rho_f * GRAVITY * depth)
    bath = level.T if T_bath is None else number("T_bath", T_bath, "degC")
    table = refrigerant.table
    if not table.T_low <= bath <= level.T + 1e-9:
        raise InputError(
            f"T_bath = {bath:g} degC must be from {table.T_low:g} degC, the lowest of the table, to {level.T:.4g} "
            f"degC, at which {refrigerant.fluid} boils at {pressure:.4g} Pa"
        )
    fluid = (table.p_critical, table.molar_mass, roughness * 1e6, surface,
             REFERENCE.get(refrigerant.fluid, math.nan), refrigerant.fluid == "Water")  # fmt: skip
    rise = np.array([still_liquid(s, _expansion(refrigerant, s.T), q) for q in flux])
    films, walls = {}, {}
    for law in Pool:
        films[law] = better * np.array([pool_film(int(law), s, max(q, SMALLEST), *fluid) for q in flux])
        walls[law] = np.fmin(s.T + flux / films[law], bath + rise)
    limits = _critical(s, angle, lean, s.T - bath) * more
    dry = flux > limits[0]
    p_R = s.pressure / table.p_critical
    low, high = RANGES[film]
    result: dict[str, Any] = _banded("T_wall", walls, film, dry) | _banded("film", films, film, dry)
    result |= {
        "heat": flux * area, "flux": flux, "T_saturation": s.T, "subcooling": s.T - bath,
        "boils": (s.T + flux / films[film] < bath + rise) & (flux > 0), "burns_out": dry,
        "critical_flux": limits[0], "critical_flux_low": limits.min(), "critical_flux_high": limits.max(),
        "outside_film": 0.0 if low < p_R < high and np.isfinite(films[film]).all() else 1.0,
        "vapour": flux * area / (s.h_fg + s.cp_f * (s.T - bath)),
    }  # fmt: skip
    with np.errstate(divide="ignore"):
        margins = [x / flux for x in (limits[0], limits.min(), limits.max())]
    result |= dict(zip(("margin_critical", "margin_critical_low", "margin_critical_high"), margins, strict=True))
    result["energy_residual"] = flux * area - result["vapour"] * (s.h_fg + s.cp_f * (s.T - bath))
    data = describe(xr.Dataset({k: ("case", v) if np.ndim(v) else v for k, v in result.items()}))
    data.attrs = provenance(refrigerant) | {
        "film": film.name, "critical": "LIENHARD_DHIR" if lean == 0.0 else "KANDLIKAR",
        "left_out": "size of the surface and of the tank, wire heaters, onset overshoot of well-wetting liquids",
    }  # fmt: skip
    return data if np.ndim(given) else data.isel(case=0)


def _saturated(refrigerant: Refrigerant, pressure: float) -> Saturation:
    """The saturated state at a pressure within the table."""
    table = refrigerant.table
    if not table.p_low <= pressure <= table.p_high:
        raise InputError(
            f"pressure = {pressure:.5g} Pa (the depth included) is outside the table of {refrigerant.fluid}, "
            f"{table.p_low:.4g}..{table.p_high:.4g} Pa for T_low..T_high = {table.T_low:g}..{table.T_high:g} degC"
        )
    return saturation(table, float(pressure_temperature(table, pressure)))


def _expansion(refrigerant: Refrigerant, T: float) -> float:
    """Thermal expansion of the liquid along the saturation line [1/K]."""
    table = refrigerant.table
    warm, cold = min(T + 0.5, table.T_high), max(T - 0.5, table.T_low)
    change = saturation(table, cold).rho_f - saturation(table, warm).rho_f
    return max(float(change / ((warm - cold) * saturation(table, T).rho_f)), 1e-6)  # water below 4 °C stands still


def _critical(s: Saturation, angle: float, lean: float, subcooling: float) -> np.ndarray:
    """Critical fluxes, the chosen first: Lienhard and Dhir facing up, Kandlikar tilted; Zuber's 0.12 to 0.18 as band.

    What tilting takes off is Kandlikar's ratio for the others too.
    """
    wet = kandlikar(s, angle, lean)
    tilted = wet / kandlikar(s, angle, 0.0)
    plain = [tilted * q for q in (lienhard_dhir(s), zuber(s) * 0.12 / 0.18, zuber(s))]
    by = [kutateladze_subcooled(s, subcooling), ivey_morris(s, subcooling)]
    return np.array([q * k for q in ([plain[0], wet] if lean == 0.0 else [wet, plain[0]]) + plain[1:] for k in by])


def _banded(name: str, laws: dict[Pool, np.ndarray], chosen: Pool, dry: np.ndarray) -> dict[str, np.ndarray]:
    """A result with the lowest and highest of all laws, missing past the critical flux."""
    every = np.array(list(laws.values()))
    found = {name: laws[chosen], f"{name}_low": np.fmin.reduce(every), f"{name}_high": np.fmax.reduce(every)}
    return {k: np.where(dry, np.nan, v) for k, v in found.items()}
