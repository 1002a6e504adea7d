"""A store of a sweep as one file: its chunks written one after the other into netCDF or Zarr, never all in memory."""

import ast
import itertools
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import xarray as xr

from thermal.errors import DataError, InputError
from thermal.names import NAMES
from thermal.study.sample import draw
from thermal.study.store import NUMBER, read_manifest

__all__ = ["consolidate"]

PIECE = 1 << 20  # bytes of a piece on disk, about
SUFFIXES = (".nc", ".zarr")


class Target(Protocol):
    """What is written into."""

    def create(
        self, name: str, dims: tuple[str, ...], like: xr.Variable, shape: tuple[int, ...], *, whole: bool = False
    ) -> None:
        """Make room for a variable, filled with what stands for a missing case unless the `whole` is known."""

    def write(self, name: str, region: tuple[Any, ...], values: np.ndarray) -> None:
        """Put values in their place."""

    def close(self, attrs: dict[str, Any]) -> None:
        """Write the attributes and let go."""


def consolidate(folder: str | Path, to: str | Path) -> Path:
    """Write the cases of a store (``save=`` of a sweep or a sample) to one file, chunk by chunk.

    No more than a chunk is in memory: a million cases are as good as a thousand. ``xarray.open_dataset`` (netCDF) or
    ``xarray.open_zarr`` reads the file lazily.

    Parameters
    ----------
    folder : path
        The store; a sweep may still be writing to it.
    to : path
        A file that ends in ``.nc``, or a folder that ends in ``.zarr`` (extra ``zarr``); what is there is replaced at
        the end.

    Returns
    -------
    Path
        What was written: the axes as dimensions, a case that is not in the store NaN with ``converged`` False.
        Variables that differ in size from chunk to chunk are left out and named in the attributes.

    Raises
    ------
    InputError
        If the folder holds no sweep, or the name has another ending.
    DataError
        If a chunk cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from thermal.study import sweep
    >>> folder = tempfile.mkdtemp()
    >>> runs = sweep(lambda a, b: {"y": a + 10 * b}, a=[1.0, 2.0], b=[3.0, 4.0], save=folder, progress=False)
    >>> xr.open_dataset(consolidate(folder, folder + ".nc"), engine="h5netcdf").y.values
    array([[31., 41.],
           [32., 42.]])
    """
    folder, path = Path(folder), Path(to)
    if path.suffix not in SUFFIXES:
        raise InputError(f"to = {path} must end in .nc (netCDF) or .zarr (Zarr)")
    manifest = folder / "sweep.json"
    if not manifest.is_file():
        raise InputError(f"folder = {folder} holds no sweep: name the folder that was given as save=")
    axes: dict[str, Any] = read_manifest(manifest)["axes"]
    files = sorted(folder.glob("cases-*.nc"))
    if not files:
        raise InputError(f"folder = {folder} holds no case yet: nothing was done, or all cases failed")
    kept, left, last = _survey(files, tuple(axes))
    sizes = {name: last[k] + 1 if isinstance(axis, dict) else len(axis) for k, (name, axis) in enumerate(axes.items())}
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    target = _Netcdf(part) if path.suffix == ".nc" else _zarr(part)
    try:
        attrs = _fill(target, files, axes, sizes, kept)
        target.close(attrs | ({"left_out": ", ".join(sorted(left))} if left else {}))
        if path.is_dir():
            shutil.rmtree(path)
        part.replace(path)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        part.unlink(missing_ok=True)
        raise
    return path


def _survey(files: list[Path], axes: tuple[str, ...]) -> tuple[dict[str, xr.Variable], set[str], list[int]]:
    """What all chunks have alike, what they do not, and the last place along each axis."""
    kept: dict[str, xr.Variable] = {}
    left: set[str] = set()
    last = [0] * len(axes)
    for k, chunk in enumerate(_chunks(files)):
        last = [max(a, b) for a, b in zip(last, chunk[NUMBER].values.max(axis=0).tolist(), strict=True)]
        here = {
            str(n): v for n, v in chunk.variables.items() if n != NUMBER and (n in chunk.data_vars or n not in axes)
        }
        kept = here if not k else kept
        for name in set(kept) | set(here):
            a, b = kept.get(name), here.get(name)
            if a is None or b is None or a.dims != b.dims or _inner(a) != _inner(b):
                left.add(name)
    return {name: v.copy(deep=True) for name, v in kept.items() if name not in left}, left, last


def _inner(variable: xr.Variable) -> tuple[int, ...]:
    """Sizes of the dimensions that each case has."""
    return tuple(n for d, n in variable.sizes.items() if d != "case")


def _chunks(files: list[Path]) -> Iterator[xr.Dataset]:
    for file in files:
        try:
            with xr.open_dataset(file, engine="h5netcdf", decode_timedelta=False) as chunk:
                yield chunk.load()
        except (OSError, ValueError, KeyError) as error:
            raise DataError(f"{file} cannot be read ({error}): delete this file and its cases run again") from error


def _fill(
    target: Target, files: list[Path], axes: dict[str, Any], sizes: dict[str, int], kept: dict[str, xr.Variable]
) -> dict[str, Any]:
    """Write axes, coordinates and all cases; return what all chunks say of themselves."""
    shape = tuple(sizes.values())
    known = _labels(axes, sizes)
    for name, labels in known.items():
        dims = (name,) if name in sizes else ("case",)
        _put(target, name, dims, xr.Variable(dims, labels, NAMES[name].attrs if name in NAMES else {}))
    many = {name: v for name, v in kept.items() if v.dims[:1] == ("case",)}
    called = {name: f"{name}_result" if name in {*axes, *known} else name for name in many}
    for name in set(kept) - set(many):
        _put(target, name, tuple(map(str, kept[name].dims)), kept[name])
    for name, v in many.items():
        target.create(called[name], (*sizes, *map(str, v.dims[1:])), v, (*shape, *v.shape[1:]))
    if "converged" not in many:
        flag = xr.Variable(("case",), np.zeros(1, bool), NAMES["converged"].attrs)
        target.create("converged", tuple(sizes), flag, shape)
    attrs: dict[str, Any] = {}
    for k, chunk in enumerate(_chunks(files)):
        here = dict(chunk.attrs)
        attrs = here if not k else {key: v for key, v in attrs.items() if key in here and np.array_equal(here[key], v)}
        for rows, region in _runs(chunk[NUMBER].values):
            for name in many:
                target.write(called[name], region, chunk[name].values[rows])
            if "converged" not in many:
                target.write("converged", region, np.ones(rows.stop - rows.start, bool))
    drawn = [name for name in known if name not in sizes]
    plain = {key: value for key, value in attrs.items() if isinstance(value, str | int | float)}
    return plain | ({"coordinates": " ".join(drawn)} if drawn else {})


def _runs(numbers: np.ndarray) -> Iterator[tuple[slice, tuple[Any, ...]]]:
    """Rows of a chunk that stand side by side along the last axis, and where."""
    steps = np.diff(numbers, axis=0)
    ends = np.flatnonzero((steps[:, :-1] != 0).any(axis=1) | (steps[:, -1] != 1)) + 1
    for begin, end in itertools.pairwise([0, *ends.tolist(), len(numbers)]):
        *outer, first = numbers[begin].tolist()
        yield slice(begin, end), (*outer, slice(first, first + end - begin))


def _labels(axes: dict[str, Any], sizes: dict[str, int]) -> dict[str, np.ndarray]:
    """Labels of each axis; the values of drawn points where their ranges say them."""
    found: dict[str, np.ndarray] = {}
    for name, axis in axes.items():
        if not isinstance(axis, dict):
            found[name] = np.array([ast.literal_eval(label) for label, _ in axis])
            continue
        found[name] = np.arange(sizes[name])
        bounds = [said.split(" to ") for said in axis["ranges"].values()]
        if all(len(pair) == 2 for pair in bounds):
            unit = draw(len(bounds), int(axis.get("n", sizes[name])), axis["method"], axis["seed"])[: sizes[name]]
            for k, (variable, (low, high)) in enumerate(zip(axis["ranges"], bounds, strict=True)):
                found[variable] = float(low) + (float(high) - float(low)) * unit[:, k]
    return found


def _put(target: Target, name: str, dims: tuple[str, ...], variable: xr.Variable) -> None:
    """A variable that is known as a whole."""
    target.create(name, dims, variable, variable.shape, whole=True)
    target.write(name, (...,), variable.values)


def _blank(like: xr.Variable, whole: bool) -> tuple[Any, Any]:
    """Type on disk, and what stands for a missing case; integers become floats where some may be missing."""
    kind = like.dtype.kind
    if whole and kind in "iu":
        return like.dtype, 0
    if kind in "OU":
        return object, ""
    return (bool, False) if kind == "b" else (like.dtype if kind == "f" else np.dtype(float), np.nan)


def _pieces(shape: tuple[int, ...], size: int) -> tuple[int, ...]:
    """A piece of about a megabyte, whole along the last dimensions."""
    left, pieces = max(PIECE // size, 1), []
    for n in reversed(shape):
        pieces.append(max(min(n, left), 1))
        left = max(left // max(n, 1), 1)
    return tuple(reversed(pieces))


class _Netcdf:
    """A netCDF-4 file."""

    def __init__(self, path: Path) -> None:
        import h5netcdf

        self.file = h5netcdf.File(path, "w")

    def create(
        self, name: str, dims: tuple[str, ...], like: xr.Variable, shape: tuple[int, ...], *, whole: bool = False
    ) -> None:
        import h5py

        for dim, n in zip(dims, shape, strict=True):
            if dim not in self.file.dimensions:
                self.file.dimensions[dim] = n
        kind, blank = _blank(like, whole)
        given: dict[str, Any] = {"dtype": h5py.string_dtype() if kind is object else kind}
        if shape:
            given |= {"chunks": _pieces(shape, 8)} | ({"fillvalue": blank} if np.dtype(kind).kind == "f" else {})
        made = self.file.create_variable(name, dims, **(given | ({"dtype": "i1"} if kind is bool else {})))
        if kind is bool:
            made.attrs["dtype"] = "bool"  # as xarray writes it
        for key, value in like.attrs.items():
            made.attrs[key] = value

    def write(self, name: str, region: tuple[Any, ...], values: np.ndarray) -> None:
        self.file[name][region] = values.astype("i1") if values.dtype.kind == "b" else values

    def close(self, attrs: dict[str, Any]) -> None:
        for key, value in attrs.items():
            self.file.attrs[key] = value
        self.file.close()


def _zarr(path: Path) -> Target:
    try:
        import zarr  # noqa: F401
    except ModuleNotFoundError:
        raise InputError(
            'to = a .zarr needs the package zarr: pip install "thermal-toolkit[zarr]", or name a .nc'
        ) from None
    return _Zarr(path)


class _Zarr:
    """A Zarr group, of format 3, with the names of its dimensions."""

    def __init__(self, path: Path) -> None:
        import zarr

        self.group = zarr.open_group(str(path), mode="w", zarr_format=3)

    def create(
        self, name: str, dims: tuple[str, ...], like: xr.Variable, shape: tuple[int, ...], *, whole: bool = False
    ) -> None:
        kind, blank = _blank(like, whole)
        made = self.group.create_array(
            name, shape=shape, chunks=_pieces(shape, 8) or "auto", dtype=str if kind is object else kind,
            fill_value=blank, dimension_names=list(dims),
        )  # fmt: skip
        made.attrs.update({key: value for key, value in like.attrs.items() if isinstance(value, str | int | float)})

    def write(self, name: str, region: tuple[Any, ...], values: np.ndarray) -> None:
        self.group[name][region] = values

    def close(self, attrs: dict[str, Any]) -> None:
        self.group.attrs.update(json.loads(json.dumps(attrs)))
