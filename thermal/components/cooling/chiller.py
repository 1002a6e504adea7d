"""Chillers as one buys them: a row of a curve table, and its operating points."""

import csv
import difflib
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

import numpy as np
import xarray as xr
from pydantic import model_validator

from thermal import datasets
from thermal.errors import InputError
from thermal.names import describe
from thermal.physics.kernel import zero_record
from thermal.physics.machines.chiller import CHILLER, LEAST_LIFT, Condensing, chiller_state
from thermal.quantity import Part, choice, quantity

__all__ = ["Chiller", "Condenser", "CurveTemperature"]

TABLE = "plant/chillers.csv"


class CurveTemperature(StrEnum):
    """Which condenser temperature the curves are written in."""

    ENTERING = "entering"
    LEAVING = "leaving"


class Condenser(StrEnum):
    """What cools the condenser."""

    WATER = "water"
    AIR = "air"


class Chiller(Part):
    """An electric chiller by curve fits (EIR or reformulated EIR); outside its box the curves stay at their edge.

    The curves are checked over their whole box: a capacity or full-load power that is not positive, or a full-load
    power below Carnot's, is refused. Where only the part-load curve asks for less than Carnot's power (40 of the 316
    records of the table, 29 of them with negative power), the power is held there, the point is flagged as outside, and
    the printed tree says in which share of the box.

    Examples
    --------
    >>> import thermal as th
    >>> chiller = th.load("chillers/carrier_19xr_1407kw")
    >>> point = chiller.operate(heat=800e3, T_supply=9.0, T_condenser=20.0)
    >>> 7.0 < 800e3 / float(point.chiller_power) < 9.0
    True
    """

    capacity: float = quantity("W", "cooling capacity at the reference point", above=0)
    COP: float = quantity("-", "coefficient of performance at the reference point", above=0, high=30)
    condenser: Condenser = choice("what cools the condenser", default=Condenser.WATER)
    curve_temperature: CurveTemperature = choice(
        "condenser temperature in the curves", default=CurveTemperature.ENTERING
    )
    capacity_curve: tuple[float, ...] = quantity("-", "capacity over reference: biquadratic in leaving and condenser T")
    EIR_curve: tuple[float, ...] = quantity("-", "power per capacity over reference: biquadratic in the same")
    part_load_curve: tuple[float, ...] = quantity(
        "-", "power over full-load power: quadratic in part load, or ten terms in condenser temperature and part load"
    )
    part_load_min: float = quantity("-", "part load below which the machine cycles", low=0, high=1)
    part_load_max: float = quantity("-", "highest part load", above=0, high=2)
    part_load_unload: float = quantity("-", "part load kept up by hot gas", low=0, high=1)
    motor_to_refrigerant: float = quantity(
        "-", "share of the power that reaches the condenser", low=0, high=1, default=1.0
    )
    T_supply_low: float = quantity("degC", "lowest leaving chilled water of the curves")
    T_supply_high: float = quantity("degC", "highest leaving chilled water of the curves")
    T_condenser_low: float = quantity("degC", "lowest condenser temperature of the curves")
    T_condenser_high: float = quantity("degC", "highest condenser temperature of the curves")
    lift_low: float = quantity(
        "K", "least lift: condenser temperature of the curves over leaving water", low=-200, high=50, default=-200.0
    )
    condenser_flow: float = quantity("m3/s", "condenser water at the reference point", low=0, default=0.0)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(self.capacity_curve) != 6 or len(self.EIR_curve) != 6:
            raise ValueError("capacity_curve and EIR_curve need six coefficients each")
        if len(self.part_load_curve) not in (3, 10):
            raise ValueError("part_load_curve needs three coefficients (in part load) or ten")
        if self.T_supply_low >= self.T_supply_high or self.T_condenser_low >= self.T_condenser_high:
            raise ValueError("the box of the curves is empty: a low limit is not below its high limit")
        if self.part_load_min > self.part_load_max or self.part_load_unload > self.part_load_max:
            raise ValueError(
                f"part_load_min = {self.part_load_min:g} or part_load_unload = {self.part_load_unload:g} is above "
                f"part_load_max = {self.part_load_max:g}"
            )
        for name in ("capacity_curve", "EIR_curve"):
            low, T_l, T_c = self._lowest(getattr(self, name))
            if not low > 0.0:
                raise ValueError(
                    f"{name} is {low:.4g}, not positive, at {T_l:.4g} degC leaving and {T_c:.4g} degC condenser "
                    "temperature, inside its box: narrow the box or correct the coefficients"
                )
        full = self._below_carnot(np.array([min(1.0, self.part_load_max)]))
        if full.any():
            raise ValueError(
                f"full load needs less than Carnot's power in {full.mean():.1%} of the box, which no chiller can do: "
                "check COP, EIR_curve and part_load_curve"
            )
        return self

    def _lowest(self, c: tuple[float, ...]) -> tuple[float, float, float]:
        """Lowest value of a biquadratic over the box, and where, among all points at which it may lie.

        These are corners, the vertices of the parabolas along the edges and the stationary point; a least lift cuts the
        box along a straight line, with ends and a vertex of its own.
        """
        (x0, x1), (y0, y1) = (self.T_supply_low, self.T_supply_high), (self.T_condenser_low, self.T_condenser_high)
        lift = self.lift_low
        points = [(x, y) for x in (x0, x1) for y in (y0, y1)]
        points += [(x0, x0 + lift), (x1, x1 + lift), (y0 - lift, y0), (y1 - lift, y1)]
        if c[4] != 0.0:
            points += [(x, -(c[3] + c[5] * x) / (2.0 * c[4])) for x in (x0, x1)]
        if c[2] != 0.0:
            points += [(-(c[1] + c[5] * y) / (2.0 * c[2]), y) for y in (y0, y1)]
        along = c[2] + c[4] + c[5]  # of x² where y = x + lift
        if along != 0.0:
            x = -(c[1] + c[3] + (2.0 * c[4] + c[5]) * lift) / (2.0 * along)
            points.append((x, x + lift))
        bend = 4.0 * c[2] * c[4] - c[5] ** 2
        if bend > 0.0:  # else a saddle, which has no lowest point inside
            points.append(((c[5] * c[3] - 2.0 * c[4] * c[1]) / bend, (c[5] * c[1] - 2.0 * c[2] * c[3]) / bend))
        inside = [(x, y) for x, y in points if x0 <= x <= x1 and max(y0, min(x + lift, y1)) - 1e-9 <= y <= y1]
        return min(
            (c[0] + c[1] * x + c[2] * x * x + c[3] * y + c[4] * y * y + c[5] * x * y, x, y) for x, y in inside
        )  # fmt: skip

    def _below_carnot(self, part_load: np.ndarray) -> np.ndarray:
        """Where the curves ask for less than Carnot's power, on a grid of the box at some part loads."""
        T_l = np.linspace(self.T_supply_low, self.T_supply_high, 13)[:, None, None]
        T_c = np.linspace(self.T_condenser_low, self.T_condenser_high, 13)[None, :, None]
        T_c = np.minimum(np.maximum(T_c, T_l + self.lift_low), self.T_condenser_high)
        x, e = part_load[None, None, :], self.EIR_curve
        EIR = e[0] + e[1] * T_l + e[2] * T_l**2 + e[3] * T_c + e[4] * T_c**2 + e[5] * T_l * T_c
        p = self.part_load_curve
        if len(p) == 3:
            share = p[0] + p[1] * x + p[2] * x**2
        else:
            share = p[0] + p[1] * T_c + p[2] * T_c**2 + p[3] * x + p[4] * x**2 + p[5] * T_c * x + p[6] * T_c**3
            share = share + p[7] * x**3 + p[8] * T_c**2 * x + p[9] * T_c * x**2
        least = x * np.maximum(T_c - T_l, LEAST_LIFT) / (T_l + 273.15)
        return np.asarray(EIR * share / self.COP < least)

    @property
    def share_held(self) -> float:
        """Share of the box (leaving water, condenser temperature, part load) in which the power is held at Carnot's.

        Examples
        --------
        >>> import thermal as th
        >>> th.load("chillers/carrier_19xr_1407kw").share_held
        0.0
        """
        least = max(self.part_load_min, self.part_load_unload)
        return float(self._below_carnot(np.linspace(least, self.part_load_max, 13)).mean())

    def _summary(self) -> dict[str, str]:
        share = self.share_held
        return {"power held at Carnot's": f"in {share:.1%} of the box"} if share else {}

    @classmethod
    def from_table(cls, name: str) -> Self:
        """Build the chiller of one row of the curve table in the dataset registry (316 records).

        Parameters
        ----------
        name : str
            The record's name, such as ``"ElectricEIRChiller Carrier 19XR 1407kW/6.04COP/VSD"``.

        Raises
        ------
        InputError
            If no row has that name.
        """
        with datasets.path(TABLE).open(encoding="utf-8", newline="") as stream:
            rows = {row["name"]: row for row in csv.DictReader(stream)}
        if name not in rows:
            close = " or ".join(difflib.get_close_matches(name, list(rows), n=2, cutoff=0.3))
            raise InputError(f"no chiller {name!r} among the {len(rows)} of {TABLE}; did you mean {close}?")
        return cls(**_fields(rows[name]))

    @cached_property
    def curves(self) -> Any:
        """The chiller as the kernels take it."""
        p = self.part_load_curve
        c = zero_record(CHILLER)
        leaving = self.curve_temperature == CurveTemperature.LEAVING
        c.condensing = int(Condensing.LEAVING if leaving else Condensing.ENTERING)
        c.capacity, c.COP, c.motor_to_refrigerant = self.capacity, self.COP, self.motor_to_refrigerant
        c.capacity_curve, c.EIR_curve = self.capacity_curve, self.EIR_curve
        c.part_load_curve = p if len(p) == 10 else (p[0], 0.0, 0.0, p[1], p[2], 0.0, 0.0, 0.0, 0.0, 0.0)
        c.part_load_min, c.part_load_max, c.part_load_unload = (
            self.part_load_min,
            self.part_load_max,
            self.part_load_unload,
        )
        c.T_leaving_low, c.T_leaving_high = self.T_supply_low, self.T_supply_high
        c.T_condenser_low, c.T_condenser_high = self.T_condenser_low, self.T_condenser_high
        c.lift_low = self.lift_low
        return c

    def operate(self, heat: Any, T_supply: Any, T_condenser: Any, condenser_rate: Any = 1e6) -> xr.Dataset:
        """Operating points of one chiller.

        Parameters
        ----------
        heat : float or array
            Heat to take from the chilled water [W]; beyond the capacity the rest is reported as unmet.
        T_supply : float or array
            Leaving chilled water [°C].
        T_condenser : float or array
            Water, or outdoor air, entering the condenser [°C].
        condenser_rate : float or array
            Heat capacity rate of the condenser water [W/K], which reformulated curves need.

        Returns
        -------
        xarray.Dataset
            ``chiller_power``, ``heat``, ``heat_rejected``, ``heat_unmet``, ``capacity`` and ``outside_chiller``.

        Raises
        ------
        InputError
            If an input is not finite numbers, heat is negative, or the flow is not positive.
        """
        given = {"heat": heat, "T_supply": T_supply, "T_condenser": T_condenser, "condenser_rate": condenser_rate}
        for name, value in given.items():
            numbers = np.asarray(value)
            if numbers.dtype.kind not in "iuf" or not np.isfinite(numbers).all():
                raise InputError(f"chiller: {name} = {value!r} must be finite numbers")
            if name == "heat" and (numbers < 0).any():
                raise InputError(f"chiller: heat = {numbers.min():g} W must not be negative")
            if name == "condenser_rate" and not (numbers > 0).all():
                raise InputError(f"chiller: condenser_rate = {numbers.min():g} W/K must be positive")
        arrays = np.broadcast_arrays(*(np.asarray(x, float) for x in given.values()))
        rows = zip(*(a.ravel().tolist() for a in arrays), strict=True)
        states = [chiller_state(q, T_l, T_c, rate, self.curves) for q, T_l, T_c, rate in rows]
        columns = [np.array(c).reshape(arrays[0].shape) for c in zip(*states, strict=True)]
        dims = [f"case_{k}" if k else "case" for k in range(arrays[0].ndim)]
        names = ("heat", "chiller_power", "heat_rejected", "capacity", "outside_chiller")
        result = xr.Dataset({n: (dims, c) for n, c in zip(names, columns, strict=True)})
        result["heat_unmet"] = (dims, arrays[0] - columns[0])
        return describe(result)


def _fields(row: dict[str, str]) -> dict[str, Any]:
    """Translate a record of the curve table; blanks are coefficients that its model does not have."""
    number = {k: float(v) for k, v in row.items() if _is_number(v)}
    part_load = tuple(number.get(f"eirfplr_c{i}", 0.0) for i in range(1, 11))
    reformulated = row["model"] == "ReformulatedEIR"
    return {
        "capacity": number["cap_ref_W"],
        "COP": number["cop_ref"],
        "condenser": Condenser.AIR if row["condenser_type"] == "AirCooled" else Condenser.WATER,
        "curve_temperature": CurveTemperature(row["t_cond_ref_is"]),
        "capacity_curve": tuple(number[f"capft_c{i}"] for i in range(1, 7)),
        "EIR_curve": tuple(number[f"eirft_c{i}"] for i in range(1, 7)),
        "part_load_curve": part_load if reformulated else part_load[:3],
        "part_load_min": number["plr_min"],
        "part_load_max": number["plr_max"],
        "part_load_unload": number["plr_min_unload"],
        "motor_to_refrigerant": number["eta_motor"],
        "T_supply_low": number["t_chw_min_C"],
        "T_supply_high": number["t_chw_max_C"],
        "T_condenser_low": number["t_cond_min_C"],
        "T_condenser_high": number["t_cond_max_C"],
        "condenser_flow": number.get("vol_cond_ref_m3_s", 0.0),
    }


def _is_number(text: str) -> bool:
    try:
        return np.isfinite(float(text))
    except ValueError:
        return False
