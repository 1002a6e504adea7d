"""Results of a sweep on disk: chunks of cases, each written beside, synced and renamed, so a kill damages none."""

import contextlib
import functools
import io
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import xarray as xr

from thermal.errors import DataError, InputError
from thermal.study.fingerprint import fingerprint
from thermal.study.lock import FILES, Lock
from thermal.study.table import DONE, Column, Outcome, shared

__all__ = ["NUMBER", "Store", "read_manifest"]

NUMBER, CASE, AXIS = "sweep_case_number", "sweep_case", "sweep_axis"  # names no result has


class Plan(Protocol):
    """What a store needs to know of the cases: an index along each axis, and what each axis is recognised by."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""

    def plan(self) -> dict[str, Any]:
        """Values of each axis as label and digest, or a mapping that describes an axis of drawn points."""


class Store:
    """A folder of chunks of one sweep, recognised by its axes, and by its function with all that it uses.

    It grows: a call that names the values it holds and some more, or asks for more points of the same draw, runs the
    rest. A case is known by the place of its values in the manifest, where new values are put behind the old ones.
    """

    def __init__(self, folder: str | Path, axes: Plan, f: Callable[..., Any]) -> None:
        if not isinstance(folder, str | Path) or not str(folder):
            raise InputError(f"save = {str(folder)[:60]!r} is no folder: name one as text; an axis needs another name")
        self.folder, self.axes = Path(folder), axes
        plan: dict[str, Any] = {"axes": axes.plan(), "function": fingerprint(f)}
        manifest = self.folder / "sweep.json"
        if self.folder.exists() and not self.folder.is_dir():
            raise InputError(f"save = {self.folder} is a file: name a folder, which a sweep fills with its chunks")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"save = {self.folder} cannot be made a folder ({error.strerror or error})") from None
        others = [file for file in self.folder.iterdir() if file.suffix != ".part" and file.name not in FILES]
        if others and not manifest.exists():  # parts are what a kill may have left
            raise InputError(f"save={self.folder} holds other files and no sweep: name an empty or a new folder")
        self.lock = Lock(self.folder)
        try:
            kept = _grown(manifest, plan) if manifest.exists() else plan
            if not manifest.exists() or kept["axes"] != read_manifest(manifest)["axes"]:
                _publish(manifest, lambda file: file.write_text(json.dumps(kept, indent=1), encoding="utf-8"))
        except BaseException:
            self.lock.release()
            raise
        self.there = [_places(plan["axes"][name], kept["axes"][name]) for name in plan["axes"]]
        self.pending: list[tuple[int, Outcome]] = []

    def close(self) -> None:
        """Write what is left and let others in."""
        try:
            self.flush()
        finally:
            self.lock.release()

    def load(self) -> Iterable[tuple[int, Outcome]]:
        """Cases that were done before; failed ones run again."""
        here = [None if t is None else {there: k for k, there in enumerate(t)} for t in self.there]
        for file in sorted(self.folder.glob("cases-*.nc")):
            try:
                with xr.open_dataset(file, engine="h5netcdf", decode_timedelta=False) as chunk:
                    chunk.load()
            except (OSError, ValueError, KeyError) as error:
                raise DataError(f"{file} cannot be read ({error}): delete this file and its cases run again") from error
            columns = {str(name): v.variable for name, v in chunk.data_vars.items() if name != NUMBER}
            coords = {str(k): Column(tuple(map(str, c.dims)), c.values, dict(c.attrs)) for k, c in chunk.coords.items()}
            for row, places in enumerate(chunk[NUMBER].values.tolist()):
                index = [p if at is None else at.get(p, -1) for p, at in zip(places, here, strict=True)]
                if any(not 0 <= k < n for k, n in zip(index, self.axes.shape, strict=True)):
                    continue  # a point beyond those asked for this time
                cells = {name: _cell(variable, row) for name, variable in columns.items()}
                case = int(np.ravel_multi_index(index, self.axes.shape))
                yield case, Outcome(DONE, "", cells, coords, dict(chunk.attrs))

    def add(self, case: int, outcome: Outcome) -> None:
        """Keep a finished case for the next chunk."""
        if outcome.status == DONE:
            self.pending.append((case, outcome))

    def flush(self) -> None:
        """Write the kept cases as one chunk.

        Raises
        ------
        DataError
            If they cannot be written; what was written before stays, and the same call runs the rest.
        """
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
        index = np.unravel_index(cases, self.axes.shape)
        places = [k if at is None else np.array(at)[k] for k, at in zip(index, self.there, strict=True)]
        numbers = np.stack(places, axis=1)
        chunk = xr.Dataset({**stacked, NUMBER: ((CASE, AXIS), numbers)}, coords, attrs)
        name = f"cases-{'-'.join(f'{k:06d}' for k in numbers[0])}-{len(cases)}.nc"
        self.pending = []  # a chunk that fails is not tried again on the way out
        _publish(self.folder / name, lambda file: file.write_bytes(_netcdf(chunk)))


def _cell(variable: xr.Variable, row: int) -> Column:
    values = np.asarray(variable.values[row])
    return Column(tuple(map(str, variable.dims[1:])), values, dict(variable.attrs))


def _netcdf(chunk: xr.Dataset) -> bytes:
    """The chunk as a file in memory: on a full disk the HDF5 library ends the process instead of raising an error."""
    buffer = io.BytesIO()
    dask: Any = sys.modules.get("dask")
    with dask.config.set(scheduler="synchronous") if dask else contextlib.nullcontext():
        chunk.to_netcdf(buffer, engine="h5netcdf")  # with a client about, xarray would ask its cluster for a lock
    return buffer.getvalue()


def _publish(target: Path, write: Callable[[Path], Any]) -> None:
    """Write to a file beside, sync it, and give it its name: it is there whole or not at all."""
    part = target.with_suffix(f".{os.getpid()}.part")
    try:
        write(part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise DataError(
            f"{target} cannot be written ({error.strerror or error}): what was written before stays; make room or "
            "name another folder with save=, and repeat the call, which runs only what is missing"
        ) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def read_manifest(manifest: Path) -> dict[str, Any]:
    """Axes and function of a store, from its ``sweep.json``.

    Raises
    ------
    DataError
        If it cannot be read, or was written by an earlier version.
    """
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
        for axis in found["axes"].values():
            if not isinstance(axis, dict) and any(not isinstance(pair, list) or len(pair) != 2 for pair in axis):
                raise ValueError("it was written by an earlier version")
        return {"axes": found["axes"], "function": found["function"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{manifest} cannot be read ({error}): name another folder with save=") from error


def _grown(manifest: Path, plan: dict[str, Any]) -> dict[str, Any]:
    """The manifest with the values that this call adds, or an error that says what differs."""
    found, what = read_manifest(manifest), None
    axes: dict[str, Any] = {}
    if list(found["axes"]) != list(plan["axes"]):
        what = "other axes"
    else:
        for name, asked in plan["axes"].items():
            held = found["axes"][name]
            axes[name] = held
            if isinstance(asked, dict) or isinstance(held, dict):
                what = what or (f"another draw of {name}" if asked != held else None)
                continue
            missing = [pair for pair in held if pair not in asked]
            if missing:
                changed = {label for label, _ in missing} & {label for label, _ in asked}
                what = "other axes: same labels, changed contents" if changed else "other axes"
            axes[name] = [*held, *(pair for pair in asked if pair not in held)]
    if what is None and found["function"] != plan["function"]:
        what = "another version of the function or of values that it uses"
    if what is not None:
        raise InputError(
            f"save={manifest.parent} holds a sweep of {what}: name another folder, or delete this one to start anew"
        )
    return {"axes": axes, "function": plan["function"]}


def _places(asked: Any, kept: Any) -> list[int] | None:
    """Where each value of an axis stands in the manifest; drawn points stand by their number."""
    return None if isinstance(asked, dict) else [kept.index(pair) for pair in asked]
