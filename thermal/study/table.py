"""The table that a sweep fills: one array per variable, allocated when the first case says what it has."""

import os
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.errors import InputError, listed
from thermal.names import NAMES
from thermal.study.axes import Axes

__all__ = [
    "DONE", "FAILED", "NOT_CONVERGED", "SHARE_OF_MEMORY", "Column", "Outcome", "Table", "memory", "shared", "unpack",
]  # fmt: skip

DONE, NOT_CONVERGED, FAILED = "done", "not converged", "failed"
SHARE_OF_MEMORY = 0.8


def memory() -> float:
    """Memory of this machine [bytes]; infinite where it does not say."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else np.inf


class Column(NamedTuple):
    """One variable of one case."""

    dims: tuple[str, ...]
    values: np.ndarray
    attrs: dict[str, Any]


class Outcome(NamedTuple):
    """What one case gave: its variables, the coordinates of their inner dimensions, attributes, or what went wrong."""

    status: str
    error: str
    columns: dict[str, Column]
    coords: dict[str, Column]
    attrs: dict[str, Any]


def unpack(result: Any) -> Outcome:
    """Take a Dataset, DataArray, dict or number apart into columns, coordinates and attributes."""
    if isinstance(result, xr.DataArray):
        result = result.to_dataset(name=result.name or "result")
    if isinstance(result, xr.Dataset):
        columns = {str(k): _column(v.variable) for k, v in result.data_vars.items()}
        coords = {str(k): _column(v.variable) for k, v in result.coords.items()}
        return Outcome(DONE, "", columns, coords, dict(result.attrs))
    if isinstance(result, dict):
        inner = {k: v for k, v in result.items() if isinstance(v, xr.DataArray)}
        coords = {str(k): _column(c.variable) for v in inner.values() for k, c in v.coords.items()}
        columns = {str(k): _column(v.variable) if k in inner else _scalar(k, v) for k, v in result.items()}
        return Outcome(DONE, "", columns, coords, {})
    return Outcome(DONE, "", {"result": _scalar("result", result)}, {}, {})


def shared(first: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Attributes that two cases have in common."""
    return {key: value for key, value in first.items() if key in other and np.array_equal(other[key], value)}


def _column(variable: xr.Variable) -> Column:
    return Column(tuple(map(str, variable.dims)), variable.values, dict(variable.attrs))


def _scalar(name: Any, value: Any) -> Column:
    array = np.asarray(value)
    if array.ndim or array.dtype.kind not in "fiubUmM":
        kind = f"an array of shape {array.shape}" if array.ndim else type(value).__name__
        raise InputError(f"result {name!r} is {kind}: return a number, a Dataset, a DataArray or a dict of those")
    return Column((), array, {})


def _sizes(dims: tuple[str, ...], shape: tuple[int, ...]) -> str:
    return ", ".join(f"{n} {dim}" for dim, n in zip(dims, shape, strict=True)) or "one value"


class Table:
    """Results of all cases, filled in any order."""

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        self.status = np.full(axes.size, FAILED, dtype=f"<U{len(NOT_CONVERGED)}")
        self.error = np.full(axes.size, "", dtype=object)
        self.empty = np.ones(axes.size, dtype=bool)
        self.filled = np.zeros(axes.size, dtype=bool)
        self.arrays: dict[str, np.ndarray] = {}
        self.columns: dict[str, Column] = {}
        self.coords: dict[str, Column] = {}
        self.attrs: dict[str, Any] = {}
        self.ragged: set[str] = set()  # dimensions that differ from case to case
        self.left_out: set[str] = set()  # variables that have one of them

    def fill(self, case: int, outcome: Outcome) -> None:
        """Put one case in its place.

        Variables on a dimension whose coordinates or size differ from case to case (the fields of plates of different
        channels, say) are left out, and named in the attribute ``left_out`` of the result.

        Raises
        ------
        InputError
            If the case has other variables than the first one, or none of its variables fits.
        """
        self.status[case], self.error[case], self.filled[case] = outcome.status, outcome.error, True
        if not outcome.columns:
            return
        self.empty[case] = False
        if not self.arrays:
            self._allocate(outcome)
        self.attrs = shared(self.attrs, outcome.attrs)
        if outcome.columns.keys() != self.columns.keys() | self.left_out:
            odd = sorted(outcome.columns.keys() ^ (self.columns.keys() | self.left_out))
            raise InputError(
                f"case {self.axes.say(case)} and the first case differ in the variables they have: {listed(odd)}"
            )
        self._leave_out(case, outcome)
        for name in self.columns:
            column, target = outcome.columns[name], self.arrays[name]
            if column.dims != self.columns[name].dims:
                raise InputError(
                    f"case {self.axes.say(case)}: {name} has {_sizes(column.dims, column.values.shape)}, "
                    f"in the first case {_sizes(self.columns[name].dims, target.shape[1:])}"
                )
            if target.dtype.kind in "iu" and column.values.dtype.kind == "f":  # 1, then 1.5
                target = self.arrays[name] = target.astype(float)
            target[case] = column.values

    def result(self, attrs: dict[str, Any]) -> xr.Dataset:
        """The Dataset, with the axes as dimensions; what has no result is NaN (False where it is a flag)."""
        axes, shape = self.axes.names, self.axes.shape
        coords = {name: (name, self.axes.labels[name]) for name in axes}
        taken = self.axes.reserved
        inner = {name: (c.dims, c.values, c.attrs) for name, c in self.coords.items() if name not in taken}
        variables = {}
        for name, array in self.arrays.items():
            if self.empty.any() and array.dtype.kind in "iu":
                array = array.astype(float)
            if array.dtype.kind in "fmM":
                array[self.empty] = np.nan if array.dtype.kind == "f" else np.array("NaT", array.dtype)
            label = f"{name}_result" if name in {*taken, "status", "error"} else name
            column = self.columns[name]
            variables[label] = ((*axes, *column.dims), array.reshape(*shape, *array.shape[1:]), column.attrs)
        variables["status"] = (axes, self.status.reshape(shape), NAMES["status"].attrs)
        error = self.error.astype(str).reshape(shape)
        variables["error"] = (axes, error, NAMES["error"].attrs)
        if "converged" not in variables:
            flag = (self.status == DONE).reshape(shape)
            variables["converged"] = (axes, flag, NAMES["converged"].attrs)
        if self.left_out:
            attrs |= {
                "left_out": f"{', '.join(sorted(self.left_out))}: {', '.join(sorted(self.ragged))} differ by case"
            }
        return self.axes.describe(xr.Dataset(variables, coords | inner, self.attrs | attrs))

    def _allocate(self, outcome: Outcome) -> None:
        clash = set(self.axes.reserved) & {dim for column in outcome.columns.values() for dim in column.dims}
        if clash:
            raise InputError(f"{sorted(clash)} is an axis of the sweep and a dimension of the result: rename the axis")
        bytes_needed = self.axes.size * sum(column.values.nbytes for column in outcome.columns.values())
        installed = memory()
        if bytes_needed > SHARE_OF_MEMORY * installed:
            raise InputError(
                f"the results of {self.axes.size} cases need {bytes_needed / 1e9:.3g} GB, this machine has "
                f"{installed / 1e9:.3g} GB: return less from each case (means, maxima, a coarser time)"
            )
        self.columns, self.coords, self.attrs = outcome.columns, outcome.coords, outcome.attrs
        for name, column in outcome.columns.items():
            dtype = object if column.values.dtype.kind == "U" else column.values.dtype
            blank = "" if dtype is object else 0  # cases without a result become NaN at the end
            self.arrays[name] = np.full((self.axes.size, *column.values.shape), blank, dtype=dtype)

    def _leave_out(self, case: int, outcome: Outcome) -> None:
        """Drop what lies on a dimension that this case has otherwise than the first."""
        differing: dict[str, str] = {}
        for name, column in outcome.coords.items():
            first = self.coords.get(name)
            if name in self.axes.reserved or (first is None and set(column.dims) & self.ragged):
                continue
            if first is None or not (column.values is first.values or np.array_equal(column.values, first.values)):
                differing |= dict.fromkeys(column.dims or (name,), f"coordinate {name} differs from the first case")
        for name, here in self.columns.items():
            column = outcome.columns[name]
            if column.dims == here.dims and column.values.shape != here.values.shape:
                sizes = zip(here.dims, column.values.shape, here.values.shape, strict=True)
                found = f"{name} has {_sizes(column.dims, column.values.shape)}, in the first case "
                found += _sizes(here.dims, here.values.shape)
                differing |= {dim: found for dim, n, m in sizes if n != m}
        if not differing:
            return
        self.ragged |= set(differing)
        gone = {name for name, column in self.columns.items() if set(column.dims) & self.ragged}
        if gone == set(self.columns):
            dim, what = next(iter(differing.items()))
            raise InputError(
                f"case {self.axes.say(case)}: {what}; bring the results to one {dim} in the function, or return "
                f"{dim} as a variable"
            )
        self.left_out |= gone
        self.arrays = {name: array for name, array in self.arrays.items() if name not in gone}
        self.columns = {name: column for name, column in self.columns.items() if name not in gone}
        kept = {dim for column in self.columns.values() for dim in column.dims}
        self.coords = {name: column for name, column in self.coords.items() if set(column.dims) <= kept}
