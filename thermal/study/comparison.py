"""Model against measurement: bias, root-mean-square error, and a verdict against limits that were set beforehand."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import DataError, InputError

__all__ = ["compare"]

STATISTICS = ("bias", "rmse", "max_abs")


def compare(
    model: xr.Dataset | Mapping[str, Any],
    measured: xr.Dataset | Mapping[str, Any],
    limits: Mapping[str, Mapping[str, float]],
    *,
    tuned: Sequence[str] = (),
) -> xr.Dataset:
    """Compare quantities by name where both have a value.

    bias = mean(model − measured), rmse = √mean((model − measured)²), max_abs = max |model − measured|.

    Parameters
    ----------
    model, measured : Dataset or mapping of arrays
        Quantities by name. DataArrays are matched by their coordinates, which must be equal; bare arrays by position.
    limits : mapping
        For each quantity, at least one of ``bias`` (of its absolute value), ``rmse``, ``max_abs``, in the quantity's
        unit: ``{"T_return": {"rmse": 0.8}}``. Only quantities with a limit are compared.
    tuned : sequence of str
        What was fitted on this measurement; kept beside the verdict.

    Returns
    -------
    xarray.Dataset
        ``n``, ``bias``, ``rmse``, ``max_abs``, ``limit_*`` and ``verdict`` over ``quantity``. A value that is NaN in
        the measurement is left out and missing from ``n``; NaN in the model fails the verdict.

    Examples
    --------
    >>> limits = {"T_return": {"rmse": 0.8, "bias": 0.1}}
    >>> table = compare({"T_return": [30.0, 31.0]}, {"T_return": [30.5, 30.5]}, limits)
    >>> float(table.rmse[0]), float(table.bias[0]), bool(table.verdict[0])
    (0.5, 0.0, True)
    """
    rows = [_row(name, model, measured, limit) for name, limit in limits.items()]
    table = {key: ("quantity", [row[key] for row in rows]) for key in (rows[0] if rows else {})}
    return xr.Dataset(table, {"quantity": list(limits)}, {"tuned": ", ".join(tuned) or "nothing"})


def _row(name: str, model: Any, measured: Any, limit: Mapping[str, float]) -> dict[str, Any]:
    if not limit or set(limit) - set(STATISTICS) or not all(value >= 0 for value in limit.values()):
        raise InputError(
            f"limits of {name!r} = {dict(limit)} need at least one of {', '.join(STATISTICS)}, from 0 upwards"
        )
    for side, source in (("model", model), ("measurement", measured)):
        if name not in source:
            raise InputError(f"the {side} has no {name!r}; it has {', '.join(map(str, source))}")
    difference = _difference(name, model[name], measured[name])
    found = {
        "bias": float(np.mean(difference)),
        "rmse": float(np.sqrt(np.mean(difference**2))),
        "max_abs": float(np.max(np.abs(difference))),
    }
    within = all(abs(found[statistic]) <= value for statistic, value in limit.items())  # False for NaN
    bounds = {f"limit_{statistic}": limit.get(statistic, np.nan) for statistic in STATISTICS}
    return {"n": difference.size, **found, **bounds, "verdict": within}


def _difference(name: str, model: Any, measured: Any) -> np.ndarray:
    if isinstance(model, xr.DataArray) and isinstance(measured, xr.DataArray):
        try:
            model, measured = xr.align(model, measured, join="exact")
        except ValueError as error:
            raise InputError(
                f"{name}: model and measurement have other coordinates ({error}); select or interpolate one"
            ) from None
        units = model.attrs.get("units"), measured.attrs.get("units")
        if None not in units and units[0] != units[1]:
            raise InputError(f"{name}: the model is in {units[0]}, the measurement in {units[1]}")
        model = model.transpose(*measured.dims)
    ours, theirs = np.asarray(model, dtype=float), np.asarray(measured, dtype=float)
    if ours.shape != theirs.shape:
        raise InputError(f"{name}: the model has shape {ours.shape}, the measurement {theirs.shape}")
    known = np.isfinite(theirs)
    if not known.any():
        raise DataError(f"{name}: the measurement has no value")
    return ours[known] - theirs[known]
