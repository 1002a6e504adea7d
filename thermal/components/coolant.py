"""Coolants: property tables fitted to CoolProp once, stored in the model file, evaluated without CoolProp."""

import difflib
import re
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
from pydantic import model_validator

from thermal.errors import InputError
from thermal.inputs import array, member, number
from thermal.physics.media.properties import PropertyTable
from thermal.quantity import Part, choice, quantity

__all__ = ["Basis", "Coolant", "Properties"]

SAMPLES = 64  # Chebyshev points of the fit, four times the degree: least squares, not interpolation of noise
INCOMPRESSIBLE = "INCOMP::"
DEGREE = {"Water": 14}  # CoolProp's glycols are polynomials themselves: degree 6 is exact


class Basis(StrEnum):
    """What a concentration is a fraction of; 25 % by mass and by volume are different fluids."""

    PURE = "pure"
    MASS = "mass"
    VOLUME = "volume"


BASES = {"MPG": Basis.MASS, "MEG": Basis.MASS, "APG": Basis.VOLUME, "AEG": Basis.VOLUME}  # as CoolProp has them


class Properties(NamedTuple):
    """Properties at one temperature or an array of them."""

    density: Any  # kg/m³
    heat_capacity: Any  # J/kg K
    conductivity: Any  # W/m K
    viscosity: Any  # Pa s


class Coolant(Part):
    """A single-phase coolant: property polynomials on a stated temperature range.

    Examples
    --------
    >>> import thermal as th
    >>> water = th.load("coolants/water")
    >>> round(water.properties(25.0).density, 4)  # IAPWS-95, 101.325 kPa
    997.0476
    """

    fluid: str = choice("fluid name in CoolProp, without its fraction")
    basis: Basis = choice("what the fraction is a fraction of", default=Basis.PURE)
    fraction: float = quantity("-", "concentration of the additive, on the stated basis", low=0, high=0.7, default=0.0)
    pressure: float = quantity("Pa", "absolute pressure of the property table", above=0, default=101325.0)
    T_low: float = quantity("degC", "lowest temperature of the property table", low=-60, high=150)
    T_high: float = quantity("degC", "highest temperature of the property table", low=-60, high=200)
    T_freeze: float = quantity("degC", "freezing temperature", low=-200, high=20)
    density: tuple[float, ...] = quantity("kg/m3", "density: ascending polynomial in x", shown=False)
    heat_capacity: tuple[float, ...] = quantity(
        "J/kg/K", "specific heat capacity: ascending polynomial in x", shown=False
    )
    conductivity: tuple[float, ...] = quantity("W/m/K", "thermal conductivity: ascending polynomial in x", shown=False)
    log_viscosity: tuple[float, ...] = quantity(
        "-", "ln of dynamic viscosity in Pa s: ascending polynomial in x", shown=False
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len({len(c) for c in (self.density, self.heat_capacity, self.conductivity, self.log_viscosity)}) != 1:
            raise ValueError("the four property polynomials must have the same number of coefficients")
        if not self.T_low < self.T_high:
            raise ValueError(f"T_low = {self.T_low:g} degC must be below T_high = {self.T_high:g} degC")
        return self

    @classmethod
    def from_coolprop(
        cls,
        fluid: str,
        *,
        fraction: float = 0.0,
        basis: Basis | None = None,
        T_low: float,
        T_high: float,
        pressure: float = 101325.0,
        T_freeze: float | None = None,
    ) -> Self:
        """Fit the property table of any CoolProp liquid, for a concentration the library does not ship.

        Parameters
        ----------
        fluid : str
            ``"Water"``, or an incompressible mixture: ``"INCOMP::MPG"`` and ``"INCOMP::MEG"`` (Melinder, by mass),
            ``"INCOMP::APG"`` and ``"INCOMP::AEG"`` (ASHRAE, by volume), or a pure heat transfer fluid such as
            ``"INCOMP::HFE"``.
        fraction : float
            Concentration on the basis that CoolProp uses for `fluid`.
        basis : Basis
            That basis, kept with the coolant so that nobody has to guess; by default CoolProp's own for the glycols.
        T_low, T_high : float
            Range of the table [°C].
        pressure : float
            Absolute pressure [Pa].
        T_freeze : float, optional
            Freezing or pour point [°C], from the maker's sheet, of fluids that CoolProp has no freezing law for.

        Raises
        ------
        InputError
            If the fluid is unknown, is no liquid all over the range, or has no such fraction or basis.
        """
        from CoolProp.CoolProp import PropsSI

        fluid = _known(fluid)
        fraction = number("fraction", fraction, "-", low=0.0, high=1.0)
        T_low, T_high = number("T_low", T_low, "degC"), number("T_high", T_high, "degC")
        pressure = number("pressure", pressure, "Pa", above=0.0)
        if not T_low < T_high:
            raise InputError(f"T_low = {T_low:g} degC must be below T_high = {T_high:g} degC")
        basis = _basis(fluid, fraction, None if basis is None else member("basis", basis, Basis))
        name = f"{fluid}[{fraction}]" if fluid.removeprefix(INCOMPRESSIBLE) in _names("solution") else fluid
        x = np.cos(np.pi * (np.arange(SAMPLES) + 0.5) / SAMPLES)
        centre, half = (T_low + T_high) / 2, (T_high - T_low) / 2
        try:
            freeze = _freezing(fluid, name, pressure, T_freeze)
            _require_liquid(fluid, name, T_low, T_high, pressure, freeze)
            samples = np.array([PropsSI(q, "T", centre + half * x + 273.15, "P", pressure, name) for q in "DCLV"])
        except InputError:
            raise
        except ValueError as error:
            raise InputError(
                f"CoolProp cannot make {name!r} over {T_low:g}..{T_high:g} degC: {_reason(error)}; "
                "change temperatures, fraction or fluid"
            ) from None
        if not np.isfinite(samples).all():
            raise InputError(f"CoolProp has no properties of {name!r} all over {T_low:g}..{T_high:g} degC")
        samples[3] = np.log(samples[3])
        series = np.polynomial.chebyshev.chebfit(x, samples.T, DEGREE.get(fluid, 6))
        power = [np.polynomial.chebyshev.cheb2poly(series[:, j]) for j in range(4)]  # drops zeros of the highest degree
        columns = [tuple(np.pad(c, (0, len(series) - len(c))).tolist()) for c in power]
        keys = ("density", "heat_capacity", "conductivity", "log_viscosity")
        table: dict[str, Any] = dict(zip(keys, columns, strict=True))
        return cls(fluid=fluid, basis=basis, fraction=fraction, pressure=pressure, T_low=T_low, T_high=T_high,
                   T_freeze=freeze, **table)  # fmt: skip

    @cached_property
    def table(self) -> PropertyTable:
        """The polynomials as the kernels take them."""
        columns = (self.density, self.heat_capacity, self.conductivity, self.log_viscosity)
        return PropertyTable((self.T_low + self.T_high) / 2, (self.T_high - self.T_low) / 2, np.array(columns).T.copy())

    def properties(self, T: Any) -> Properties:
        """Properties at temperature `T` [°C], a number or an array.

        Raises
        ------
        InputError
            If a temperature lies outside the range of the table.
        """
        T = array("T", T, "degC")
        self.require(T, "temperature")
        x = (np.asarray(T, float) - self.table.centre) / self.table.half
        values = np.polynomial.polynomial.polyval(x, self.table.coefficients)
        density, heat_capacity, conductivity, log_viscosity = (float(v) if v.ndim == 0 else v for v in values)
        viscosity = np.exp(log_viscosity)
        return Properties(
            density, heat_capacity, conductivity, float(viscosity) if np.ndim(viscosity) == 0 else viscosity
        )

    def require(self, T: Any, what: str) -> None:
        """Raise unless all of `T` [°C] lies in the table's range; `what` names it in the message."""
        T = np.asarray(T, float)
        bad = ~((self.T_low <= T) & (self.T_high >= T))
        if bad.any():
            title = self.origin.model if self.origin else self.fluid
            worst = float(T[bad].flat[0]) if T.ndim else float(T)
            raise InputError(
                f"{what} = {worst:g} degC is outside the range of coolant {title}, "
                f"{self.T_low:g} to {self.T_high:g} degC (freezes at {self.T_freeze:.1f} degC); "
                "change the temperature or the coolant"
            )

    def _summary(self) -> dict[str, str]:
        p = self.properties(min(max(40.0, self.T_low), self.T_high))
        return {"at 40 degC": f"{p.density:.1f} kg/m3, {p.heat_capacity:.0f} J/kg/K, {p.conductivity:.3f} W/m/K, "
                              f"{p.viscosity * 1e3:.3f} mPa s"}  # fmt: skip


def _names(kind: str) -> list[str]:
    """Incompressible fluids of CoolProp: ``pure`` ones and ``solution``."""
    from CoolProp.CoolProp import get_global_param_string

    return str(get_global_param_string(f"incompressible_list_{kind}")).split(",")


def _known(fluid: Any) -> str:
    """Name of a fluid that CoolProp has."""
    from CoolProp.CoolProp import PropsSI, get_global_param_string

    if not isinstance(fluid, str):
        raise InputError(f"fluid = {fluid!r:.60} must be a name of CoolProp, such as 'Water' or 'INCOMP::MPG'")
    incompressible = [INCOMPRESSIBLE + name for kind in ("pure", "solution") for name in _names(kind)]
    if fluid in incompressible:
        return fluid
    if not fluid.startswith(INCOMPRESSIBLE):
        try:
            PropsSI("Tmin", fluid)
            return fluid
        except ValueError:
            pass
    known = [*incompressible, *str(get_global_param_string("FluidsList")).split(",")]
    near = [name for name in incompressible if name.removeprefix(INCOMPRESSIBLE).lower() == fluid.lower()]
    near = near or difflib.get_close_matches(fluid, known, 2)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "'Water' and 'INCOMP::MPG' are two that it has"
    raise InputError(f"CoolProp has no fluid {fluid!r:.60}; {hint}")


def _reason(error: Exception) -> str:
    """What CoolProp says, without its source files and the call that it repeats."""
    text = str(error).partition(" : PropsSI(")[0]
    return re.sub(r"\S*\.cpp \(\d+\): ", "", text).strip().rstrip(".")[:200]


def _freezing(fluid: str, name: str, pressure: float, stated: float | None) -> float:
    """Freezing temperature [°C]: the stated one, or that of CoolProp where it has a law."""
    from CoolProp.CoolProp import PropsSI

    if stated is not None:
        return number("T_freeze", stated, "degC", low=-200.0, high=20.0)
    if not fluid.startswith(INCOMPRESSIBLE):
        return float(PropsSI("Tmin", "T", 300.0, "P", pressure, name)) - 273.15
    try:
        freeze = float(PropsSI("T_freeze", "T", 300.0, "P", pressure, name))
    except ValueError as error:
        if "not between" in str(error):
            raise
        freeze = 0.0
    if freeze < 1.0:  # K: CoolProp's zero of a law that is not there
        raise InputError(
            f"CoolProp has no freezing temperature of {fluid}: state T_freeze=... [degC], the freezing or "
            "pour point of its data sheet"
        )
    return freeze - 273.15


def _basis(fluid: str, fraction: float, basis: Basis | None) -> Basis:
    """Basis of the fraction as CoolProp has it; a stated one must agree."""
    if fluid.removeprefix(INCOMPRESSIBLE) not in _names("solution") or not fluid.startswith(INCOMPRESSIBLE):
        if fraction != 0 or basis not in {None, Basis.PURE}:
            raise InputError(f"{fluid} is a pure fluid and takes neither fraction nor basis; mixtures are INCOMP::...")
        return Basis.PURE
    known = BASES.get(fluid.removeprefix(INCOMPRESSIBLE))
    if basis is None and known is None and fraction != 0:
        raise InputError(f"{fluid} with fraction = {fraction:g}: state basis='mass' or basis='volume'")
    if basis is not None and known is not None and basis != known:
        raise InputError(f"{fluid} has its fraction by {known} in CoolProp, not basis={str(basis)!r}")
    return basis or known or Basis.PURE


def _require_liquid(fluid: str, name: str, T_low: float, T_high: float, pressure: float, freeze: float) -> None:
    """Raise unless the fluid neither freezes nor boils between the temperatures [°C]."""
    from CoolProp.CoolProp import PropsSI

    mixture = fluid.startswith(INCOMPRESSIBLE)
    if T_low < freeze:
        raise InputError(f"T_low = {T_low:g} degC is below the freezing point of {name}, {freeze:.2f} degC")
    if mixture:
        return
    if pressure >= PropsSI("pcrit", fluid):
        boils = PropsSI("Tcrit", fluid) - 273.15
    else:
        boils = PropsSI("T", "P", pressure, "Q", 0, fluid) - 273.15
    if T_high >= boils:
        raise InputError(f"T_high = {T_high:g} degC: {fluid} is no liquid above {boils:.2f} degC at {pressure:g} Pa")
