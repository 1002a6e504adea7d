"""What is wrong with telemetry, in a table: what, where, how many; found by stated rules, and left as it is."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import number, part, whole
from thermal.timeline import elapsed_seconds

__all__ = ["FAULTS", "faulty", "report"]

JITTER = 1e-3  # of the usual step: a step that differs by more is uneven
GAP = 1.5  # usual steps: a longer one is a gap
WINDOW = 9  # rows whose median a spike leaves
SPIKE = 12.0  # usual steps from row to row
FACTORS = {1e3: "k", 60.0: "per minute or per second", 6e4: "L/min or m3/s", 6894.757: "psi or Pa", 1e5: "bar or Pa"}
SAME_FACTOR = 0.02  # two levels whose ratio comes this near to a factor between units
PLAUSIBLE = {  # what the quantities of a cooling system can be, by their unit, with the units they are mistaken for
    "degC": (-60.0, 150.0, "is it in K or degF?"),
    "1": (0.0, 1.0 + 1e-9, "is it in per cent?"),
    "Pa": (-1e6, 5e6, "is it in another unit?"),
    "m3/s": (-20.0, 20.0, "is it in L/min or m3/h?"),
    "W": (0.0, 5e9, "check the sensor's sign, and whether W is its unit"),
    "kg/s": (-2e4, 2e4, "is it in another unit?"),
}
RATIOS = ("relative_humidity", "pump_speed", "valve_opening")  # of the names of unit 1, those that are shares


def report(data: xr.Dataset, *, stuck: int = 10, spike: float = SPIKE) -> pd.DataFrame:
    """Table of what is wrong with telemetry, worst kinds of all channels; the data are not changed.

    Time: rows out of order, duplicates, gaps, uneven steps. Channels: missing values, stuck sensors (at least `stuck`
    equal values in a row of a channel that otherwise changes), constant ones, spikes (a single row that leaves the
    median of the nine around it, and both neighbours, by more than `spike` usual steps), values outside the range of
    the sensor or of the quantity, and levels that jump by a factor between units.

    Parameters
    ----------
    data : xarray.Dataset
        Telemetry as `read_telemetry` gives it, or any Dataset along ``time``.
    stuck : int
        Equal values in a row that make a sensor stuck.
    spike : float
        Usual steps from row to row that make a spike.

    Returns
    -------
    pandas.DataFrame
        A row for each finding: ``what``, ``channel``, ``count`` (rows), ``line`` and ``time`` of the first, its
        ``value``, and ``advice``. Empty if nothing was found.

    Examples
    --------
    >>> minute = np.array([0.0, 60.0, 120.0, 240.0])
    >>> table = report(xr.Dataset({"heat": ("time", [1e3, 2e3, -5.0, 1e3], {"units": "W"})}, {"time": minute}))
    >>> table[["what", "count", "value"]].values.tolist()
    [['gap', 1, 120.0], ['outside range', 1, -5.0]]
    """
    part("data", data, xr.Dataset, "read_telemetry gives one")
    if "time" not in data.coords or data["time"].dims != ("time",) or data.sizes["time"] < 2:
        raise InputError("report needs a Dataset with at least two rows along 'time'")
    stuck, spike = whole("stuck", stuck, low=2), number("spike", spike, "-", above=1.0)
    found = [*_clock(data)]
    for name, column in series(data):
        if column.dtype.kind == "f":
            for what, (rule, advice) in FAULTS.items():
                bad = rule(column, stuck, spike)
                if bad.any():
                    found.append(_finding(data, what, name, bad, column.values, advice(column)))
    columns = ["what", "channel", "count", "line", "time", "value", "advice"]
    return pd.DataFrame(found, columns=columns)


def series(data: xr.Dataset) -> Iterator[tuple[str, xr.DataArray]]:
    """Each series along time alone, with its name: ``heat[rack 3]`` where there are several."""
    for key, variable in data.data_vars.items():
        if "time" not in variable.dims:
            continue
        others = [dim for dim in variable.dims if dim != "time"]
        if not others:
            yield str(key), variable
            continue
        stacked = variable.stack(series_=others, create_index=False)
        for k in range(stacked.sizes["series_"]):
            index = np.unravel_index(k, [data.sizes[dim] for dim in others])
            labels = [
                f"{dim} {data[dim].values[i] if dim in data.coords else i}"
                for dim, i in zip(others, index, strict=True)
            ]
            yield f"{key}[{', '.join(labels)}]", stacked.isel(series_=k).assign_attrs(variable.attrs).rename(key)


def faulty(column: xr.DataArray, what: str, stuck: int = 10, spike: float = SPIKE) -> np.ndarray:
    """Rows of one series that have a fault, as one bool each."""
    return FAULTS[what][0](column, stuck, spike)


def _finding(data: xr.Dataset, what: str, name: str, bad: np.ndarray, values: Any, advice: str) -> tuple[Any, ...]:
    row = int(np.argmax(bad))
    line = int(data["line"].values[row]) if "line" in data.coords else row + 1
    return what, name, int(bad.sum()), line, data["time"].values[row], float(values[row]), advice


def _clock(data: xr.Dataset) -> Iterator[tuple[Any, ...]]:
    """What is wrong with the times; the value is the seconds since the row before."""
    elapsed = elapsed_seconds(data["time"].values)
    steps = np.concatenate([[np.nan], np.diff(elapsed)])
    forward = np.sort(elapsed)
    rising = np.diff(forward)
    usual = float(np.median(rising[rising > 0])) if (rising > 0).any() else np.nan
    first = np.unique(elapsed, return_index=True)[1]
    twice = np.ones(elapsed.size, bool)
    twice[first] = False
    for what, bad, advice in (
        ("out of order", steps < 0, "put the rows in order with in_order"),
        ("duplicate", twice, "choose which stays with drop_duplicates(keep=...)"),
        ("gap", steps > GAP * usual, "fill it with fill(longest, how), or take a window without it"),
        (
            "uneven step",
            (abs(steps - usual) > JITTER * usual) & (steps > 0) & (steps <= GAP * usual),
            "resample(to, how)",
        ),
    ):
        if bad.any():
            yield _finding(data, what, "time", bad, steps, advice)


def _missing(column: xr.DataArray, stuck: int, spike: float) -> np.ndarray:
    return ~np.isfinite(column.values)


def _runs(column: xr.DataArray, stuck: int, spike: float) -> np.ndarray:
    """Rows of runs of equal values, in a channel that otherwise changes from row to row; zero is rest, not a fault."""
    values = column.values
    known = values[np.isfinite(values)]
    if np.unique(known).size < 3:  # a switch, or constant throughout
        return np.zeros(values.size, bool)
    changes = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    lengths = np.diff(np.append(changes, values.size))
    held = (lengths >= stuck) & np.isfinite(values[changes]) & (values[changes] != 0.0)
    return np.repeat(held, lengths)


def _constant(column: xr.DataArray, stuck: int, spike: float) -> np.ndarray:
    known = column.values[np.isfinite(column.values)]
    return np.full(column.size, known.size >= stuck and np.unique(known).size == 1 and known[0] != 0.0)


def _spikes(column: xr.DataArray, stuck: int, spike: float) -> np.ndarray:
    """Single rows that leave the median around them and both their neighbours; a step is none, nor is a switch."""
    values = pd.Series(column.values)
    known = values.dropna()
    if known.size < WINDOW or known.nunique() < 3:
        return np.zeros(values.size, bool)
    steps = values.diff().abs()
    usual = float(steps[steps > 0].median())
    local = steps.rolling(4 * WINDOW + 1, center=True, min_periods=1).median().fillna(0.0)
    off = (values - values.rolling(WINDOW, center=True, min_periods=WINDOW // 2 + 1).median()).abs()
    apart = np.minimum(steps.fillna(np.inf), steps.shift(-1).fillna(np.inf))
    return np.asarray((off > spike * np.maximum(local, usual)) & (apart > 0.5 * off))


def _range(column: xr.DataArray) -> tuple[float, float, str]:
    attrs = column.attrs
    unit = str(attrs.get("units", ""))
    low, high, advice = PLAUSIBLE.get(unit, (-np.inf, np.inf, ""))
    if unit == "1" and str(column.name) not in RATIOS:
        low, high, advice = -np.inf, np.inf, ""
    low, high = float(attrs.get("valid_min", low)), float(attrs.get("valid_max", high))
    return low, high, advice or "check the sensor, its unit, and the range that the mapping gives it"


def _outside(column: xr.DataArray, stuck: int, spike: float) -> np.ndarray:
    low, high, _ = _range(column)
    return np.asarray((column.values < low) | (column.values > high))


def _jump(column: xr.DataArray, stuck: int, spike: float) -> np.ndarray:
    """Rows after which the level is a factor between units higher or lower, to the end or back to where it was."""
    values = np.abs(column.values)
    bad = np.zeros(values.size, bool)
    sound = np.flatnonzero(np.isfinite(values) & (values > 0))
    if sound.size < 2 * stuck:
        return bad
    level = np.log(values[sound])
    middle = float(np.median(level))
    for factor in FACTORS:
        for sign in (1.0, -1.0):
            near = abs(level - middle - sign * np.log(factor)) < 0.35
            if near.sum() < stuck:
                continue
            inner = np.median(level[near]) - np.median(level[~near])
            if abs(inner - sign * np.log(factor)) < max(SAME_FACTOR, 2.0 * float(np.std(level[~near]))):
                bad[sound[near]] = True
    return bad


def _factor(column: xr.DataArray) -> str:
    return f"the unit changes within the channel: give it one (units now {column.attrs.get('units', 'not stated')})"


def _says(text: str) -> Callable[[xr.DataArray], str]:
    return lambda column: text


Rule = Callable[[xr.DataArray, int, float], np.ndarray]
FAULTS: dict[str, tuple[Rule, Callable[[xr.DataArray], str]]] = {
    "missing": (_missing, _says("fill it with fill(longest, how), or leave it")),
    "stuck": (_runs, _says("make it missing with blank(what='stuck'), or trust it")),
    "constant": (_constant, _says("leave the channel out if it should change")),
    "spike": (_spikes, _says("make it missing with blank(what='spike'), or trust it")),
    "outside range": (_outside, lambda column: _range(column)[2]),
    "change of unit": (_jump, _factor),
}
