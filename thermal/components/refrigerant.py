"""Refrigerants that boil in plates: saturated properties of CoolProp, tabulated once."""

from functools import cached_property
from typing import Any, Self

import numpy as np
from pydantic import model_validator

from thermal.errors import InputError
from thermal.physics.media.two_phase import COLUMNS, LINEAR, TwoPhaseTable
from thermal.quantity import Part, choice, quantity

__all__ = ["MIXTURES", "Refrigerant"]

POINTS = 40  # Chebyshev points of each series
TRUE_TO = 1e-7  # relative error of the table against its source, between the points
KINKED, KINKED_TO = 7, 1e-4  # the liquid's conductivity, which has kinks in its source: 2e-5 of water
LAST = 0.96  # share of the critical temperature up to which the series are true
MIXTURES: dict[str, dict[str, float]] = {"R515B": {"R1234ze(E)": 0.911, "R227EA": 0.089}}  # by mass; ASHRAE 34


class Refrigerant(Part):
    """A fluid in saturation, by name: a pure one of CoolProp that has transport properties there, or R515B.

    R515B is taken as its azeotrope R1234ze(E)/R227ea, 91.1/8.9 % by mass (ASHRAE 34): bubble and dew pressure agree to
    1e-5, transport properties are CoolProp's blend of the pure ones, surface tension (not given there) is the mean of
    the pure ones by mole, the critical pressure likewise. No measurement of the blend is behind those.

    Examples
    --------
    >>> fluid = Refrigerant(fluid="R134a", T_low=0, T_high=80)
    >>> round(fluid.pressure(30.0) / 1e5, 3)  # bar
    7.702
    >>> Refrigerant(fluid="R1233zd(E)", T_low=0, T_high=80)
    Traceback (most recent call last):
    ...
    thermal.errors.InputError: Refrigerant: fluid = 'R1233zd(E)': R1233zd(E) has no viscosity in CoolProp, ...
    """

    fluid: str = choice("fluid: a pure one of CoolProp, or R515B")
    T_low: float = quantity("degC", "lowest temperature of the table", low=-100, high=300)
    T_high: float = quantity("degC", "highest temperature of the table", low=-100, high=350)

    @model_validator(mode="after")
    def _known(self) -> Self:
        _state(self.fluid, self.T_low, self.T_high)
        return self

    def pressure(self, T: float) -> float:
        """Saturation pressure [Pa] at a temperature [°C]."""
        from thermal.physics.media.two_phase import saturation

        return float(saturation(self.table, self._inside(T)).pressure)

    def _inside(self, T: float) -> float:
        if not self.T_low <= T <= self.T_high:
            raise InputError(
                f"T = {T:g} degC is outside the table of {self.fluid}, {self.T_low:g}..{self.T_high:g} degC"
            )
        return T

    @cached_property
    def table(self) -> TwoPhaseTable:
        """Chebyshev series of all properties, true to 1e-7 of CoolProp, conductivities of liquids to 1e-4."""
        nodes = np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)
        centre, half = (self.T_low + self.T_high) / 2, (self.T_high - self.T_low) / 2
        source = _state(self.fluid, self.T_low, self.T_high)
        at = np.array([_columns(self.fluid, source, centre + half * t) for t in nodes]).T
        ends = np.array([_columns(self.fluid, source, T) for T in (self.T_low, self.T_high)])
        between = np.cos(np.pi * np.linspace(0.07, 0.93, 7))
        truth = np.array([_columns(self.fluid, source, centre + half * t) for t in between]).T
        keep = np.arange(COLUMNS) != LINEAR
        fit = np.polynomial.chebyshev.chebfit
        series = np.array([fit(nodes, np.log(r) if log else r, POINTS - 1) for r, log in zip(at, keep, strict=True)])
        made = np.polynomial.chebyshev.chebval(between, series.T)
        error = np.where(keep[:, None], made - np.log(np.where(keep[:, None], truth, 1.0)), 0.0)
        error[LINEAR] = (made[LINEAR] - truth[LINEAR]) / np.ptp(at[LINEAR])
        error = np.abs(error).max(axis=1) / np.where(np.arange(COLUMNS) == KINKED, KINKED_TO, TRUE_TO)
        if not error.max() < 1.0:
            raise InputError(
                f"fluid = {self.fluid!r}: a table over {self.T_low:g}..{self.T_high:g} degC misses its source "
                f"by {error.max():.1g} times what is allowed; give a narrower range, farther from the critical point"
            )
        (p_low, h_low), (p_high, h_high) = ends[0, [0, LINEAR]], ends[1, [0, LINEAR]]
        inverse = [_inverse(series[row], low, high, self.T_low, self.T_high)
                   for row, low, high in ((0, np.log(p_low), np.log(p_high)), (LINEAR, h_low, h_high))]  # fmt: skip
        p_critical, molar_mass = _constants(self.fluid, source)
        return TwoPhaseTable(
            self.T_low, self.T_high, np.ascontiguousarray(series), inverse[0], inverse[1], p_low, p_high, h_low, h_high,
            p_critical, molar_mass,
        )  # fmt: skip


def _inverse(series: np.ndarray, low: float, high: float, T_low: float, T_high: float) -> np.ndarray:
    """Series of the temperature in a property that rises with it, by bisection at the Chebyshev points."""
    nodes = np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)
    wanted = (low + high) / 2 + (high - low) / 2 * nodes
    left, right = -np.ones(POINTS), np.ones(POINTS)
    for _ in range(60):
        middle = (left + right) / 2
        below = np.polynomial.chebyshev.chebval(middle, series) < wanted
        left, right = np.where(below, middle, left), np.where(below, right, middle)
    T = (T_low + T_high) / 2 + (T_high - T_low) / 2 * (left + right) / 2
    return np.asarray(np.polynomial.chebyshev.chebfit(nodes, T, POINTS - 1))


def _state(fluid: str, T_low: float, T_high: float) -> Any:
    """The fluid of CoolProp, if it has all that boiling needs over the range."""
    from CoolProp.CoolProp import AbstractState

    if not T_low < T_high:
        raise InputError(f"T_low = {T_low:g} degC must be below T_high = {T_high:g} degC")
    parts = MIXTURES.get(fluid, {fluid: 1.0})
    try:
        source = AbstractState("HEOS", "&".join(parts))
        if len(parts) > 1:
            source.set_mass_fractions(list(parts.values()))
        pure = [AbstractState("HEOS", name) for name in parts]
    except ValueError:
        raise InputError(
            f"fluid = {fluid!r:.60} is no pure fluid of CoolProp and none of {sorted(MIXTURES)}; R134a, R1234ze(E), "
            "R245fa, Water and R515B boil"
        ) from None
    lowest, highest = max(p.Ttriple() for p in pure) - 273.15, min(p.T_critical() for p in pure) * LAST - 273.15
    if not (lowest <= T_low and T_high <= highest):
        raise InputError(
            f"T_low..T_high = {T_low:g}..{T_high:g} degC of {fluid} must be within {lowest:.1f}..{highest:.1f} degC: "
            f"from the triple point to {LAST:g} of the critical temperature"
        )
    for each in pure:
        each.update(_inputs(), 0.0, T_low + 273.15)
        for name in ("viscosity", "conductivity", "surface_tension"):
            try:
                getattr(each, name)()
            except ValueError:
                raise InputError(
                    f"fluid = {fluid!r}: {each.name()} has no {name.replace('_', ' ')} in CoolProp, so that no film, "
                    "friction or dry-out follows; R134a, R1234ze(E), R245fa, Water and R515B have all"
                ) from None
    return source


def _inputs() -> Any:
    from CoolProp import QT_INPUTS

    return QT_INPUTS


def _shares(fluid: str) -> tuple[list[str], list[float]]:
    """Components of a mixture, and their shares by mole."""
    from CoolProp.CoolProp import PropsSI

    parts = MIXTURES[fluid]
    moles = [share / PropsSI("M", name) for name, share in parts.items()]
    return list(parts), [each / sum(moles) for each in moles]


def _columns(fluid: str, source: Any, T: float) -> list[float]:
    """What `Saturation` has, after its temperature."""
    from CoolProp.CoolProp import PropsSI

    found = []
    for quality in (0.0, 1.0):
        source.update(_inputs(), quality, T + 273.15)
        found.append(
            (source.p(), source.rhomass(), source.hmass(), source.viscosity(), source.conductivity(), source.cpmass())
        )
    if fluid in MIXTURES:
        sigma = sum(y * PropsSI("I", "T", T + 273.15, "Q", 0, name) for name, y in zip(*_shares(fluid), strict=True))
    else:
        source.update(_inputs(), 0.0, T + 273.15)
        sigma = source.surface_tension()
    (p, rho_f, h_f, mu_f, k_f, cp_f), (_, rho_g, h_g, mu_g, k_g, cp_g) = found
    return [p, rho_f, rho_g, h_f, h_g - h_f, mu_f, mu_g, k_f, k_g, cp_f, cp_g, sigma]


def _constants(fluid: str, source: Any) -> tuple[float, float]:
    """Critical pressure [Pa], of a mixture the mean by mole, and molar mass [g/mol]."""
    from CoolProp.CoolProp import PropsSI

    if fluid in MIXTURES:
        critical = sum(y * PropsSI("PCRIT", name) for name, y in zip(*_shares(fluid), strict=True))
    else:
        critical = source.p_critical()
    return critical, source.molar_mass() * 1e3
