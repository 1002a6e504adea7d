"""Tables in and out: power maps from CSV; resistance and pressure drop against flow for other programs."""

import re
from pathlib import Path

import numpy as np
import xarray as xr

from thermal.errors import DataError, InputError

__all__ = ["file_path", "read_power_map", "write_energyplus", "write_modelica"]


def file_path(name: str, path: str | Path) -> Path:
    """Return the path that a text names.

    Raises
    ------
    InputError
        If it is no text.

    Examples
    --------
    >>> file_path("path", "map.csv").suffix
    '.csv'
    """
    if not isinstance(path, str | Path):
        raise InputError(f"{name} = {path!r} must be the name of a file")
    return Path(path)


def read_power_map(path: str | Path) -> np.ndarray:
    """Read a map of power from a CSV file of watts: rows along the flow from the inlet, columns across.

    Parameters
    ----------
    path : str or Path
        The file, comma-separated numbers without a header.

    Returns
    -------
    ndarray
        Watts per pixel, as ``steady_plate`` takes for `heat`.

    Raises
    ------
    DataError
        If the file cannot be read, or an entry is missing or no number from 0 W on.
    InputError
        If `path` is no name of a file.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "map.csv"
    >>> np.savetxt(path, [[1.0, 2.0], [3.0, 4.0]], delimiter=",")
    >>> float(read_power_map(path).sum())
    10.0
    """
    path = file_path("path", path)
    try:
        watts = np.loadtxt(path, delimiter=",", ndmin=2, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: not a table of numbers ({error})") from None
    bad = np.argwhere(~((watts >= 0) & np.isfinite(watts)))
    if not watts.size:
        raise DataError(f"{path}: has no number")
    if bad.size:
        i, j = bad[0]
        raise DataError(f"{path}: {watts[i, j]} W in row {i + 1}, column {j + 1}; a number from 0 W on is needed")
    return watts


LARGEST = 0.1  # flow of a cold plate [m³/s], far above any: larger numbers are of another unit
RECORD = "Buildings.Fluid.DataCenterEquipment.Racks.LiquidCooledSinglePhase.Data.BaseClasses.Generic_R_m_flow"


def write_modelica(runs: xr.Dataset, path: str | Path) -> Path:
    """Write R(flow) and Δp(flow) for Modelica: a record of Modelica Buildings, or the text tables of ``CombiTable1D``.

    Parameters
    ----------
    runs : xarray.Dataset
        Results with dimension or variable ``flow`` [m³/s], ``R_case`` and ``pressure_drop``. In a sweep over other
        numbers named ``flow`` (such as L/min) the solver's own flow counts, which the sweep calls ``flow_result``.
    path : str or Path
        File to write. A name that ends in ``.mo`` gets the record that the liquid-cooled racks of Modelica Buildings
        take (case-to-inlet resistance against volume flow; they know one nominal pressure drop, which is in its
        comment); any other the tables.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If `runs` lacks a quantity, has other dimensions than flow, values that are no numbers, or flows that do not
        ascend or are not m³/s; if a record's file name is not a Modelica name.

    Examples
    --------
    >>> import tempfile
    >>> data = {"R_case": ("flow", [0.03, 0.02]), "pressure_drop": ("flow", [1e3, 4e3])}
    >>> runs = xr.Dataset(data, {"flow": [1e-5, 2e-5]})
    >>> "V_flow={1e-05, 2e-05}" in write_modelica(runs, tempfile.mkdtemp() + "/Skived.mo").read_text()
    True
    >>> print(write_modelica(runs, tempfile.mkdtemp() + "/plate.txt").read_text())
    #1
    # flow [m3/s], case-to-inlet resistance [K/W], pressure drop [Pa]
    double resistance(2,2)
    1e-05 0.03
    2e-05 0.02
    double pressure_drop(2,2)
    1e-05 1000
    2e-05 4000
    <BLANKLINE>
    """
    flow, R, drop = _curves(runs)
    if Path(path).suffix == ".mo":
        return _write(path, _record(Path(path).stem, flow, R, drop))
    lines = ["#1", "# flow [m3/s], case-to-inlet resistance [K/W], pressure drop [Pa]"]
    for name, values in (("resistance", R), ("pressure_drop", drop)):
        lines += [f"double {name}({flow.size},2)", *(f"{x:.9g} {y:.9g}" for x, y in zip(flow, values, strict=True))]
    return _write(path, lines)


def _record(name: str, flow: np.ndarray, R: np.ndarray, drop: np.ndarray) -> list[str]:
    """Lines of a Modelica record; `n` is the order of the polynomial that program fits through R · flow."""
    if not re.fullmatch(r"[A-Za-z_]\w*", name):
        raise InputError(f"{name!r} is not a Modelica name: a record's file name is letters, digits and underscores")

    def listed(values: np.ndarray) -> str:
        return "{" + ", ".join(f"{v:.6g}" for v in values) + "}"

    return [
        "within ;",
        f'record {name} "Cold plate: {drop[-1]:.5g} Pa at {flow[-1]:.5g} m3/s"',
        f"  extends {RECORD}(",
        f"    V_flow={listed(flow)},",
        f"    R={listed(R)},",
        f"    n={max(1, min(3, flow.size - 1))});",
        f"end {name};",
    ]


def write_energyplus(runs: xr.Dataset, path: str | Path, name: str = "Cold plate") -> Path:
    """Write R(flow) and Δp(flow) as ``Table:Lookup`` objects of an EnergyPlus input file.

    Parameters
    ----------
    runs : xarray.Dataset
        Results with ``flow``, ``R_case`` and ``pressure_drop``.
    path : str or Path
        File to write.
    name : str
        Prefix of the names of the objects.

    Returns
    -------
    Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> data = {"R_case": ("flow", [0.03, 0.02]), "pressure_drop": ("flow", [1e3, 4e3])}
    >>> runs = xr.Dataset(data, {"flow": [1e-5, 2e-5]})
    >>> text = write_energyplus(runs, tempfile.mkdtemp() + "/plate.idf").read_text()
    >>> text.count("Table:Lookup,"), text.count("Table:IndependentVariable,")
    (2, 1)
    """
    flow, R, drop = _curves(runs)
    bounds = f"{flow[0]:.9g}, {flow[-1]:.9g}"
    lines = [f"Table:IndependentVariable, {name} flow, Linear, Constant, {bounds}, , Dimensionless, , , ,"]
    lines += [_list(flow), f"Table:IndependentVariableList, {name} flows, {name} flow;", ""]
    for quantity, values in (("resistance", R), ("pressure drop", drop)):
        low, high = f"{values.min():.9g}", f"{values.max():.9g}"
        lines += [
            f"Table:Lookup, {name} {quantity}, {name} flows, None, , {low}, {high}, Dimensionless, , , ,",
            _list(values),
            "",
        ]
    return _write(path, lines)


def _curves(runs: xr.Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if not isinstance(runs, xr.Dataset):
        raise InputError(f"runs is of type {type(runs).__name__}; a sweep over flow gives a Dataset")
    missing = {"flow", "R_case", "pressure_drop"} - set(map(str, runs.variables))
    if missing:
        raise InputError(f"the result has no {', '.join(sorted(missing))}")
    names = ("flow_result" if "flow_result" in runs else "flow", "R_case", "pressure_drop")
    flow, R, drop = (np.atleast_1d(runs[name].values).astype(float) for name in names)
    if flow.ndim != 1 or flow.shape != R.shape or flow.shape != drop.shape:
        raise InputError(f"curves against flow alone are needed; R_case has dimensions {runs.R_case.dims}")
    if not (np.diff(flow) > 0).all():
        raise InputError("flows must ascend")
    if not all(np.isfinite(values).all() for values in (flow, R, drop)):
        raise InputError("flow, R_case and pressure_drop must be numbers throughout; drop the cases that failed")
    if flow[-1] > LARGEST:
        raise InputError(
            f"flow = {flow[-1]:g} m3/s is none of a cold plate; is it in L/min? "
            "runs.assign_coords(flow=runs.flow * lpm)"
        )
    return flow, R, drop


def _list(values: np.ndarray) -> str:
    return "  " + ",\n  ".join(f"{v:.9g}" for v in values) + ";"


def _write(path: str | Path, lines: list[str]) -> Path:
    path = Path(path)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
