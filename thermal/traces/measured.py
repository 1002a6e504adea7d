"""Measured traces, read and checked and never changed: a CSV with a mapping, the Frontier day, requests to a model."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from thermal import datasets
from thermal.errors import DataError, InputError
from thermal.inputs import number, part
from thermal.names import NAMES, describe
from thermal.timeline import elapsed_seconds, usual_step
from thermal.traces.clock import read_dates
from thermal.traces.synthetic import HasDesignHeat, rated_heat
from thermal.traces.text import HIGHEST, MISSING, Rows, read_rows
from thermal.units import minute, to_si

__all__ = ["from_requests", "frontier_day", "load_csv"]

Mapped = tuple[str | Sequence[str], str]

POSITIVE = {"heat", "it_power", "power", "flow"}


def load_csv(
    path: str | Path, mapping: Mapping[str, Mapped], *, time: str = "time", time_unit: str = "s", dim: str = "rack"
) -> xr.Dataset:
    r"""Read a trace from a CSV file: columns become variables in the units of the package, values stay what they are.

    Parameters
    ----------
    path : path
        The file; the first row names the columns.
    mapping : mapping
        Variable to (columns, unit): ``{"heat": (["rack 1", "rack 2"], "kW"), "T_wet_bulb": ("wet", "degF")}``.
        Several columns become one variable over `dim`. A name outside the nomenclature keeps its unit, as a channel
        of telemetry.
    time : str
        Column of the time.
    time_unit : str
        Its unit, ``s`` or ``hour``; ``date`` for dates such as ``2026-11-23 10:15:00``, in UTC where they name a zone,
        also one whose offset changes.
    dim : str
        Dimension made of several columns: ``rack`` or ``loop``.

    Raises
    ------
    DataError
        If a value is missing, a text or negative where it cannot be, or time has a gap; with column, row and time.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "row.csv")
    >>> _ = file.write_text("time,a,b\n0,100,90\n15,110,95\n")
    >>> load_csv(file, {"heat": (["a", "b"], "kW")}).heat.values
    array([[100000.,  90000.],
           [110000.,  95000.]])
    """
    path = Path(path)
    part("mapping", mapping, Mapping, "write {'heat': (['rack 1', 'rack 2'], 'kW')}")
    rows = read_rows(
        path, list(dict.fromkeys([time, *(column for each in mapping.values() for column in _columns(each))]))
    )
    clock = _clock(rows, time, time_unit)
    variables: dict[str, xr.DataArray] = {}
    for name, (columns, unit) in mapping.items():
        known = NAMES[name].units if name in NAMES else unit
        values = [_numbers(rows, clock, column, name in POSITIVE) for column in _listed(columns)]
        factor, offset = _linear(unit, known, f"{path.name}: {name}")
        block = np.stack(values, axis=1) * factor + offset
        dims, data = (("time",), block[:, 0]) if isinstance(columns, str) else (("time", dim), block)
        variables[name] = xr.DataArray(data, dims=dims, attrs={"units": known})
    trace = xr.Dataset(
        variables, {"time": ("time", clock, {"units": "s"} if clock.dtype.kind == "f" else {})}, {"source": path.name}
    )
    if dim in trace.dims:
        trace = trace.assign_coords({dim: np.arange(trace.sizes[dim])})
    for name in {str(name) for name in trace.variables} & set(NAMES):
        trace[name].attrs["long_name"] = NAMES[name].long_name
    return trace


def frontier_day() -> xr.Dataset:
    """Heat of the 25 CDU groups of ORNL Frontier on 2024-04-07 every 15 s, W, and the outdoor wet bulb, °C.

    Frontier-derived: the source (HewlettPackard/sustain-lc, MIT) does not say whether it is telemetry or a replay.

    Returns
    -------
    xarray.Dataset
        ``heat(time, loop)`` and ``T_wet_bulb(time)``.
    """
    name = "frontier/frontier_2024-04-07_25cdu_heat_15s.csv"
    columns = [f"power[{k}]" for k in range(1, 26)]
    trace = load_csv(
        datasets.path(name), {"heat": (columns, "W"), "T_wet_bulb": ("OA Wetbulb Temp", "degC")}, dim="loop"
    )
    return trace.assign_attrs(source=f"{name}: Frontier-derived, 2024-04-07; HewlettPackard/sustain-lc @3a90a08, MIT")


def from_requests(
    path: str | Path,
    racks: HasDesignHeat | int,
    rated_power: float | None = None,
    *,
    step: float = minute,
    idle_share: float = 0.35,
    context_weight: float = 0.1,
) -> xr.Dataset:
    """Turn a measured list of requests to a language model into a load profile.

    A request's work, w = generated + c·context tokens, counts in the step in which it arrives. Utilisation is the work
    of a step over the largest of all steps, and every rack's heat is rated·(s + (1 − s)·u). Times and tokens are
    measured; idle share s, context weight c and the scaling to the largest step are assumptions, kept in the
    attributes. Requests after the last whole step are left out and counted there.

    Parameters
    ----------
    path : path
        CSV with ``TIMESTAMP, ContextTokens, GeneratedTokens`` (Azure LLM inference traces, Patel et al. 2024).
    racks, rated_power
        As in `inference_day`.
    step : float
        Time step, s.
    idle_share : float
        Heat at rest over rated heat, 0..1.
    context_weight : float
        Work of a context token over that of a generated one.

    Returns
    -------
    xarray.Dataset
        ``heat(time, rack)``, ``tokens(time)`` generated, ``tokens_context(time)`` and ``requests(time)``.
    """
    path = Path(path)
    rated = rated_heat(racks, rated_power)
    step = number("step", step, "s", above=0.0)
    idle_share = number("idle_share", idle_share, "-", low=0.0, high=1.0)
    context_weight = number("context_weight", context_weight, "-", low=0.0)
    columns = ["TIMESTAMP", "ContextTokens", "GeneratedTokens"]
    table = read_rows(path, columns)
    clock, _ = read_dates(table, "TIMESTAMP", None, None)
    elapsed = elapsed_seconds(clock)
    rows = int(elapsed[-1] // step)
    if rows < 1 or (np.diff(elapsed) < 0).any():
        raise DataError(f"{path.name}: needs requests in order of time over at least one step of {step:g} s")
    place = (elapsed // step).astype(int)
    inside = place < rows
    context, generated = (_numbers(table, elapsed, column, True) for column in columns[1:])
    sums = {
        "tokens": np.bincount(place[inside], generated[inside], rows),
        "tokens_context": np.bincount(place[inside], context[inside], rows),
        "requests": np.bincount(place[inside], minlength=rows).astype(float),
    }
    work = sums["tokens"] + context_weight * sums["tokens_context"]
    if not work.max() > 0.0:
        raise DataError(
            f"{path.name}: none of its {int(inside.sum())} requests has work (tokens, and context tokens times "
            f"context_weight = {context_weight:g}): no busiest step to scale to; at rest the heat is idle_share times "
            "the rated power"
        )
    heat = rated * (idle_share + (1 - idle_share) * (work / work.max())[:, None])
    attrs = {
        "source": f"{path.name}, from {clock[0]}",
        "assumed": f"context_weight {context_weight:g}, idle_share {idle_share:g}, rated heat at the busiest step",
        "requests_left_out": int((~inside).sum()),
    }
    coords = {"time": ("time", np.arange(rows) * step, {"units": "s"}), "rack": np.arange(rated.size)}
    profile = {name: ("time", values) for name, values in sums.items()}
    return describe(xr.Dataset({"heat": (("time", "rack"), heat), **profile}, coords, attrs))


def _listed(columns: str | Sequence[str]) -> list[str]:
    return [columns] if isinstance(columns, str) else list(columns)


def _columns(mapped: Any) -> list[str]:
    """Columns of one entry of a mapping."""
    if (
        not isinstance(mapped, Sequence)
        or isinstance(mapped, str)
        or len(mapped) != 2
        or not isinstance(mapped[1], str)
    ):
        raise InputError(f"mapping has {mapped!r} where (columns, unit) is needed, as ('wet', 'degF')")
    return _listed(mapped[0])


def _linear(unit: str, target: str, where: str) -> tuple[float, float]:
    """Factor and offset that take a number in `unit` to `target`."""
    zero, one = to_si([0.0, 1.0], unit, target, where)
    return one - zero, zero


def _numbers(rows: Rows, clock: np.ndarray, column: str, positive: bool) -> np.ndarray:
    """A column as floats, or an error that names the first value that is not one."""
    raw = [str(cell).strip() for cell in rows.cells[column]]
    values = pd.to_numeric(pd.Series(raw, dtype=object), errors="coerce").to_numpy(dtype=float)
    bad = ~(abs(values) < HIGHEST)
    if bad.any():
        row = int(np.argmax(bad))
        what = "is empty" if raw[row].lower() in MISSING else f"is {raw[row]!r}, not a number"
        raise DataError(_at(rows, clock, column, row, f"{what} ({int(bad.sum())} such rows)", "mend or cut the trace"))
    if positive and (values < 0).any():
        row = int(np.argmax(values < 0))
        raise DataError(
            _at(rows, clock, column, row, f"is {values[row]:g}: it cannot be negative", "check the sensor's sign")
        )
    return values


def _at(rows: Rows, clock: np.ndarray, column: str, row: int, what: str, advice: str) -> str:
    return f"{rows.file}: column {column!r} in line {rows.lines[row]} (time {clock[row]}) {what}; {advice}"


def _clock(rows: Rows, column: str, unit: str) -> np.ndarray:
    """Times as the file has them, in s or as dates in UTC; evenly spaced, or an error that names the gap."""
    if unit == "date":
        times, _ = read_dates(rows, column, None, None)
    else:
        counted = _numbers(rows, np.arange(len(rows.lines)), column, False)
        times = counted * _linear(unit, "s", f"{rows.file}: {column}")[0]
    elapsed = elapsed_seconds(times)
    step, broken = usual_step(elapsed)
    if broken.size:
        row = int(broken[0])
        what = f"comes {elapsed[row] - elapsed[row - 1]:g} s after the row before where the step is {step:g} s"
        advice = "fill the gap by a function you name (read_telemetry, fill), or cut the trace"
        raise DataError(_at(rows, times, column, row, what, advice))
    return times
