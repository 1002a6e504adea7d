"""The energy ledger: joules by end use over a window, which must add up to the meter."""

import difflib
from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np
import xarray as xr

from thermal.accounting.caveats import shares
from thermal.accounting.gaps import Fill, on_one_clock, step_of
from thermal.errors import DataError, InputError, LedgerError
from thermal.inputs import array, number, part
from thermal.names import NAMES
from thermal.units import kWh

__all__ = ["COOLING", "END_USES", "known_end_uses", "ledger"]

END_USES = {
    "it": "servers, accelerators, storage and network, at the input of the equipment",
    "cdu_pumps": "pumps of the coolant distribution units",
    "rack_fans": "fans in racks and servers",
    "room_fans": "fans of room units: fan walls, air handlers, ventilation",
    "facility_pumps": "pumps of the facility water loop",
    "condenser_pumps": "pumps of the condenser or tower water loop",
    "chillers": "chiller compressors",
    "tower_fans": "cooling-tower fans",
    "dry_cooler_fans": "dry-cooler fans",
    "freeze_protection": "basin heaters",
    "heat_pump": "heat pumps that raise the reused heat",
    "electrical_losses": "transformer, UPS, distribution and rectifier losses",
    "storage_losses": "batteries: conversion and standby",
    "other": "lighting, security, offices",
}
COOLING = tuple(name for name in END_USES if name not in {"it", "electrical_losses", "storage_losses", "other"})

WATER_DENSITY = 1000.0  # kg/m3: what a water meter's litre is worth
CARRIED = {"water_make_up": "kg/s", "heat_reused": "W", "loss": "W"}
CLOSE = 0.02  # an end use this near to the difference is a suspect
ROUND_OFF = 1e-9  # of the largest power: a negative one beyond it is none


def ledger(
    result: xr.Dataset,
    *,
    end_uses: Mapping[str, str | Sequence[str]] | None = None,
    meter: str | None = "site_power",
    tolerance: float = 1e-9,
    window: float | None = None,
    fill: Fill | None = None,
) -> xr.Dataset:
    """Energy by end use over the window of a result or of measured telemetry; raises if it does not add up.

    Each row in time is the mean power over the step that begins there. A gap is an error unless `fill` names the
    function that fills it. All dimensions other than ``time`` (climate, set point, case) are kept; a case of a sweep
    that failed is NaN in the ledger.

    Parameters
    ----------
    result : xarray.Dataset
        A result with ``power(end_use, time)`` in W, or telemetry with one power channel per column. ``water_make_up``
        (kg/s), ``heat_reused`` (W) and ``loss(stage, time)`` (W) are carried along where present.
    end_uses : mapping, optional
        For telemetry: which columns make up each end use, as ``{"it": ["row_1", "row_2"], "chillers": "ch_1"}``.
        The ``units`` attribute of a column (``kW``) is obeyed; without one the column is in W.
    meter : str or None
        Variable with the power at the site meter. None says that there is no meter: the sum stands in for it, and
        the ledger says so.
    tolerance : float
        Largest difference between meter and sum, relative to the meter. A model adds up to 1e-9; meters to about 1 %.
    window : float, optional
        Duration in s of a result without time.
    fill : callable, optional
        `thermal.accounting.interpolate`, `hold_last`, or your own function of a Dataset; its name is in the result.

    Returns
    -------
    xarray.Dataset
        ``energy(end_use)``, ``energy_site``, ``ledger_residual``, ``energy_site_rows`` (the meter, row by row, by which
        what varies in time is weighed), what was carried along, and what spoils a figure, which every metric repeats in
        its attributes: ``unmet_share`` (heat that no machine took), ``unconverged_share``, ``outside_share`` (a machine
        outside its curves) and ``above_set_point_share`` (of the time).

    Raises
    ------
    LedgerError
        If the end uses do not add up to the meter; the message has the difference and the likely suspects.
    DataError
        If there is a gap or a NaN; the message has channel and time.
    InputError
        If an end use, a column or a unit is unknown.

    Examples
    --------
    >>> power = xr.DataArray([[90.0, 110.0], [5.0, 5.0]], {"end_use": ["it", "chillers"], "time": [0.0, 60.0]})
    >>> book = ledger(xr.Dataset({"power": power, "site_power": power.sum("end_use")}))
    >>> book.energy.values, float(book.energy_site), book.attrs["window"]
    (array([12000.,   600.]), 12600.0, 120.0)
    """
    hint = "give a result or telemetry; a DataFrame becomes one by xr.Dataset.from_dataframe(table)"
    result = on_one_clock(part("result", result, xr.Dataset, hint))
    if result.sizes.get("time", 1) == 0:
        raise DataError("the series has no row along 'time': nothing is added up")
    tolerance = number("tolerance", tolerance, "-", low=0.0, high=1.0)
    if meter is not None and not isinstance(meter, str):
        raise InputError(f"meter is a {type(meter).__name__}: name the variable of the site meter, or say meter=None")
    source = "model" if end_uses is None else "telemetry"
    powers = _from_result(result, meter) if end_uses is None else _from_telemetry(result, end_uses, meter)
    powers.attrs = dict(result.attrs)
    attrs = {"energy_source": source, "meter": meter or "none: the end uses are summed", "gaps_filled": "none"}
    failed = _failed(result)
    if fill is not None:
        before, powers = powers, _filled(powers, fill)
        attrs["gaps_filled"] = f"{getattr(fill, '__name__', fill)}: {_count(before, powers)}"
    duration, span = _durations(powers, window)
    _refuse_gaps(powers, failed, result)
    book = _integrate(powers, duration)
    if meter is None:
        book["energy_site"] = book["energy"].sum("end_use", skipna=False)
    book = book.assign(shares(result, book["energy_site"].dims))
    book["ledger_residual"] = book["energy_site"] - book["energy"].sum("end_use", skipna=False)
    book.attrs = dict(result.attrs) | attrs | {"window": span, "tolerance": tolerance}
    _refuse_difference(book, tolerance, failed)
    for name in book.data_vars:
        of = {key: text for key, text in book[name].attrs.items() if key == "of"}  # what a share is a share of
        book[name].attrs = NAMES[str(name)].attrs | of
    return book


def _from_result(result: xr.Dataset, meter: str | None) -> xr.Dataset:
    if "power" not in result or "end_use" not in result["power"].dims:
        raise InputError("the ledger needs power(end_use, ...) in W; for telemetry say end_uses={'it': [columns], ...}")
    known_end_uses(map(str, result["end_use"].values))
    powers = xr.Dataset({"power": array("power", result["power"], "W", missing=True)})
    least = float(np.nanmin(powers["power"].values, initial=0.0))
    if least < -ROUND_OFF * float(np.nanmax(powers["power"].values, initial=0.0)):
        worst = _place(powers["power"] == least)
        raise DataError(f"power is {least:g} W at {worst}: a machine draws power and gives none; mend the model")
    if meter is not None:
        if meter not in result:
            raise LedgerError(
                f"there is no meter {meter!r} to add up to; name its variable with meter=, or say meter=None"
            )
        powers = powers.assign(site_power=array(meter, result[meter], "W", missing=True))
    return _carry(result, powers)


def _from_telemetry(table: xr.Dataset, end_uses: Mapping[str, str | Sequence[str]], meter: str | None) -> xr.Dataset:
    part("end_uses", end_uses, Mapping, "write end_uses={'it': ['row_1', 'row_2'], 'chillers': 'ch_1'}")
    known_end_uses(end_uses)
    groups = {use: [columns] if isinstance(columns, str) else list(columns) for use, columns in end_uses.items()}
    if not all(groups.values()) or not groups:
        raise InputError("end_uses needs at least one column for each end use, as end_uses={'it': ['row_1']}")
    columns = [name for names in groups.values() for name in names]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise InputError(f"end_uses has column {twice[0]!r} twice: its energy would be counted twice")
    sums = [
        sum((_watts(table, name) for name in names), start=xr.zeros_like(_watts(table, names[0])))
        for names in groups.values()
    ]
    powers = xr.Dataset({"power": xr.concat(sums, xr.IndexVariable("end_use", list(groups)))})
    if meter is not None:
        powers["site_power"] = _watts(table, meter)
    return _carry(table, powers)


def _carry(source: xr.Dataset, powers: xr.Dataset) -> xr.Dataset:
    carried = {name: array(name, source[name], unit, missing=True) for name, unit in CARRIED.items() if name in source}
    for name, column in carried.items():
        if bool((column < 0.0).any()):
            raise DataError(f"{name} is negative at {_place(column < 0.0)}: water and heat are counted from 0 on")
    return powers.assign(carried)


def _watts(table: xr.Dataset, name: str) -> xr.DataArray:
    if name not in table:
        near = difflib.get_close_matches(name, [str(column) for column in table.data_vars], n=1)
        raise InputError(f"telemetry has no column {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    column: xr.DataArray = array(f"column {name!r}", table[name], "W", missing=True)
    if bool((column < 0).any()):
        worst = _place(column < 0)
        raise DataError(f"column {name!r} is negative at {worst}: electrical power drawn is positive; check its sign")
    return column


def _filled(powers: xr.Dataset, fill: Fill) -> xr.Dataset:
    hint = "give the function itself: fill=thermal.accounting.interpolate, hold_last, or your own"
    if not callable(fill):
        raise InputError(f"fill = {fill!r} is no function of a Dataset; {hint}")
    return part(f"what {getattr(fill, '__name__', 'fill')} returned", fill(powers), xr.Dataset, hint)


def known_end_uses(names: Iterable[str]) -> None:
    """Refuse names that are no end use, with the nearest one that is."""
    for name in names:
        if not isinstance(name, str):
            raise InputError(f"end use {name!r} is no text; known: {', '.join(END_USES)}")
        if name not in END_USES:
            near = difflib.get_close_matches(name, END_USES, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(END_USES)}"
            raise InputError(f"end use {name!r} is unknown; {hint}")


def _failed(result: xr.Dataset) -> xr.DataArray:
    """Cases of a sweep that have no result: their NaN is known and stays."""
    if "status" in result:
        return result.status != "done"
    return xr.DataArray(False)


def _durations(powers: xr.Dataset, window: float | None) -> tuple[float, float]:
    """Duration of a row and of the window, s."""
    if "time" not in powers.dims:
        if window is None:
            raise InputError("a result without time has no duration: give window= in s, for example 8760 * hour")
        window = number("window", window, "s", above=0.0, hint="write 8760 * hour")
        return window, window
    if window is not None:
        raise InputError("window= is for results without time; select the window with result.sel(time=...)")
    step = step_of(powers)
    return step, step * powers.sizes["time"]


def _refuse_gaps(powers: xr.Dataset, failed: xr.DataArray, result: xr.Dataset) -> None:
    for name, values in powers.data_vars.items():
        bad = values.isnull() & ~failed
        if bool(bad.any()):
            raise DataError(f"{name} is NaN at {_place(bad)} ({int(bad.sum())} values): {_remedy(bad, result)}")


def _remedy(bad: xr.DataArray, result: xr.Dataset) -> str:
    """What to do about a NaN: a gap in telemetry can be filled, a plant that is too small cannot."""
    if "heat_unmet" in result and bool((unmet := result["heat_unmet"].where(bad, 0.0) > 0.0).any()):
        worst = float(result["heat_unmet"].where(unmet).max())
        return (
            f"no running machine took up to {worst / 1e6:.4g} MW of heat there (heat_unmet), so the plant has no "
            "operating point; lower the load or take larger machines: no fill mends it"
        )
    if "converged" in result:
        return "the solver found no operating point there; look at converged and energy_residual: no fill mends it"
    return "a gap stays a gap; fill it by name with fill=interpolate or fill=hold_last, or take a window without it"


def _place(mask: xr.DataArray) -> str:
    """Where a mask is first true, in words: ``climate=chicago, time=3600.0``."""
    index = np.unravel_index(int(np.argmax(mask.values)), mask.shape)
    return _label(mask, dict(zip(mask.dims, map(int, index), strict=True)))


def _label(array: xr.DataArray, index: Mapping[Hashable, int]) -> str:
    named = [f"{dim}={array[dim].values[k] if dim in array.coords else k}" for dim, k in index.items()]
    return ", ".join(named) or "the only case"


def _integrate(powers: xr.Dataset, duration: float) -> xr.Dataset:
    total = powers.sum("time", skipna=False) if "time" in powers.dims else powers
    book = xr.Dataset({"energy": total.power * duration})
    if "site_power" in total:
        book["energy_site"] = total.site_power * duration
    if "time" in powers.dims:
        rows = powers["site_power"] if "site_power" in powers else powers["power"].sum("end_use", skipna=False)
        book["energy_site_rows"] = rows * duration
    if "water_make_up" in total:
        book["water"] = total.water_make_up * (duration / WATER_DENSITY)
    if "heat_reused" in total:
        book["energy_reused"] = total.heat_reused * duration
    if "loss" in total:
        book["energy_loss"] = total.loss * duration
    return book


def _count(before: xr.Dataset, after: xr.Dataset) -> str:
    rows = after.sizes.get("time", 1) - before.sizes.get("time", 1)
    values = sum(int(before[name].isnull().sum()) for name in before.data_vars)
    return f"{rows} rows added, {values} values replaced"


def _refuse_difference(book: xr.Dataset, tolerance: float, failed: xr.DataArray) -> None:
    residual = book.ledger_residual
    within = (abs(residual) <= tolerance * abs(book.energy_site)) | failed
    if bool(within.all()):
        return
    worst = abs(residual / book.energy_site).where(~within, -1.0)
    index = worst.fillna(np.inf).argmax(...) if worst.ndim else {}
    at = {dim: int(k) for dim, k in index.items()} if isinstance(index, dict) else {}
    one = book.isel(at)
    gap, site = float(one.ledger_residual), float(one.energy_site)
    share = gap / site if site else np.copysign(np.inf, gap)
    raise LedgerError(
        f"the end uses add up to {(site - gap) / kWh:.6g} kWh where the meter says {site / kWh:.6g} kWh: "
        f"{gap / kWh:+.6g} kWh ({share:+.3g} of the meter, limit {tolerance:.3g}) at "
        f"{_label(worst, at)}. Suspects: {'; '.join(_suspects(one, gap))}"
    )


def _suspects(one: xr.Dataset, gap: float) -> list[str]:
    """What usually makes a difference of this size and sign."""
    energies = {str(use): float(one.energy.sel(end_use=use)) for use in one.end_use.values}
    total = sum(energies.values())
    ratio = float(one.energy_site) / total if total else np.inf
    found = [f"a unit: the meter is {r:g} times the sum" for r in (1e3, 1e-3) if abs(ratio / r - 1) < CLOSE]
    if gap < 0:
        found += [f"{use} counted twice" for use, e in energies.items() if e and abs(-gap / e - 1) < CLOSE]
        found += [f"an end use behind another meter ({max(energies, key=lambda use: energies[use])} is the largest)"]
    else:
        missing = [use for use in END_USES if not energies.get(use)]
        found += [f"an end use without a channel ({', '.join(missing)})"] if missing else []
        found += ["a channel that reads low"]
    return found
