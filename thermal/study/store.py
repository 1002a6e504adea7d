"""Results of a sweep on disk: chunks of cases, each written beside, synced and renamed, so a kill damages none."""

import functools
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import DataError, InputError
from thermal.study.axes import Axes
from thermal.study.fingerprint import fingerprint
from thermal.study.table import DONE, Column, Outcome, shared

__all__ = ["Store"]

NUMBER, CASE = "sweep_case_number", "sweep_case"  # names no result has


class Store:
    """A folder of chunks of one sweep, recognised by its axes, and by its function with all that it uses."""

    def __init__(self, folder: str | Path, axes: Axes, f: Callable[..., Any]) -> None:
        if not isinstance(folder, str | Path) or not str(folder):
            raise InputError(f"save = {str(folder)[:60]!r} is no folder: name one as text; an axis needs another name")
        self.folder, self.axes = Path(folder), axes
        values = {name: fingerprint(tuple(axis)) for name, axis in axes.values.items()}
        plan = {"axes": axes.listed(), "values": values, "function": fingerprint(f)}
        manifest = self.folder / "sweep.json"
        if self.folder.exists() and not self.folder.is_dir():
            raise InputError(f"save = {self.folder} is a file: name a folder, which a sweep fills with its chunks")
        if manifest.exists():
            _same_plan(manifest, plan)
        else:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InputError(f"save = {self.folder} cannot be made a folder ({error.strerror or error})") from None
            if any(file.suffix != ".part" for file in self.folder.iterdir()):  # what a kill may have left
                raise InputError(f"save={self.folder} holds other files and no sweep: name an empty or a new folder")
            _publish(manifest, lambda file: file.write_text(json.dumps(plan, indent=1), encoding="utf-8"))
        self.pending: list[tuple[int, Outcome]] = []

    def load(self) -> Iterable[tuple[int, Outcome]]:
        """Cases that were done before; failed ones run again."""
        for file in sorted(self.folder.glob("cases-*.nc")):
            try:
                with xr.open_dataset(file, engine="h5netcdf", decode_timedelta=False) as chunk:
                    chunk.load()
            except (OSError, ValueError, KeyError) as error:
                raise DataError(f"{file} cannot be read ({error}): delete this file and its cases run again") from error
            columns = {str(name): v.variable for name, v in chunk.data_vars.items() if name != NUMBER}
            coords = {str(k): Column(tuple(map(str, c.dims)), c.values, dict(c.attrs)) for k, c in chunk.coords.items()}
            for row, case in enumerate(chunk[NUMBER].values):
                cells = {name: _cell(variable, row) for name, variable in columns.items()}
                yield int(case), Outcome(DONE, "", cells, coords, dict(chunk.attrs))

    def add(self, case: int, outcome: Outcome) -> None:
        """Keep a finished case for the next chunk."""
        if outcome.status == DONE:
            self.pending.append((case, outcome))

    def flush(self) -> None:
        """Write the kept cases as one chunk."""
        if not self.pending:
            return
        cases = [case for case, _ in self.pending]
        first = self.pending[0][1]
        stacked = {
            name: xr.Variable(
                ("case", *column.dims), np.stack([o.columns[name].values for _, o in self.pending]), column.attrs
            )
            for name, column in first.columns.items()
        }
        coords = {name: xr.Variable(column.dims, column.values, column.attrs) for name, column in first.coords.items()}
        attrs = functools.reduce(shared, (outcome.attrs for _, outcome in self.pending))
        chunk = xr.Dataset({**stacked, NUMBER: (CASE, np.array(cases))}, coords, attrs)
        name = f"cases-{min(cases):09d}-{len(cases)}.nc"
        _publish(self.folder / name, lambda file: chunk.to_netcdf(file, engine="h5netcdf"))
        self.pending = []


def _cell(variable: xr.Variable, row: int) -> Column:
    values = np.asarray(variable.values[row])
    return Column(tuple(map(str, variable.dims[1:])), values, dict(variable.attrs))


def _publish(target: Path, write: Callable[[Path], Any]) -> None:
    """Write to a file beside, sync it, and give it its name: it is there whole or not at all."""
    part = target.with_suffix(f".{os.getpid()}.part")
    try:
        write(part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        raise DataError(
            f"{target} cannot be written ({error.strerror or error}): what was written before stays; make room or "
            "name another folder with save=, and run again"
        ) from error


def _same_plan(manifest: Path, plan: dict[str, Any]) -> None:
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{manifest} cannot be read ({error}): name another folder with save=") from error
    kinds = {
        "axes": "other axes",
        "values": "other axes: same labels, changed contents",
        "function": "another version of the function or of values that it uses",
    }
    for key, what in kinds.items():
        if found.get(key) != plan[key]:
            raise InputError(
                f"save={manifest.parent} holds a sweep of {what}: name another folder, or delete this one to start anew"
            )
