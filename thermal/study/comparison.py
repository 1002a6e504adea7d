"""Model against measurement: errors as the field states them, by window and regime, judged by limits set beforehand."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.study.matching import Pair, pair, unit_of
from thermal.study.regimes import groups

__all__ = ["GUIDELINE_14", "compare", "worst"]

HIGHEST = ("bias", "rmse", "max_abs", "nmbe", "cv_rmse")  # limits from above, of the magnitude
LOWEST = ("r2", "coverage", "inside")  # limits from below
STATISTICS = (*HIGHEST, *LOWEST)
RELATIVE = ("nmbe", "cv_rmse")
COVERAGE_FACTOR = 2.0  # of a standard uncertainty, about 95 %
GUIDELINE_14: dict[str, dict[str, float]] = {
    "hourly": {"nmbe": 0.10, "cv_rmse": 0.30},
    "monthly": {"nmbe": 0.05, "cv_rmse": 0.15},
}
"""Limits of ASHRAE Guideline 14 for a calibrated model, by the step of the data."""


def compare(
    model: xr.Dataset | Mapping[str, Any],
    measured: xr.Dataset | Mapping[str, Any],
    limits: Mapping[str, Mapping[str, float] | str] | None = None,
    *,
    tuned: Sequence[str] = (),
    by: Any = None,
    parameters: int = 1,
    uncertainty: Mapping[str, Any] | None = None,
    model_uncertainty: Mapping[str, Any] | None = None,
    join: Literal["exact", "inner"] = "exact",
) -> xr.Dataset:
    """Compare quantities by name where both have a value.

    With E = model − measured over n points, and p parameters fitted: bias = mean E, rmse = √mean E², max_abs = max |E|;
    as in ASHRAE Guideline 14 nmbe = ΣE/((n − p)·mean measured), cv_rmse = √(ΣE²/(n − p))/mean measured, here as
    fractions and positive where the model is high; r2 = 1 − ΣE²/Σ(measured − mean)²; coverage = n over the points of
    the measurement, its gaps counted.

    With standard uncertainties, in the manner of ASME V&V 20: validation uncertainty u = √(u_measured² + u_model²), in
    the mean of squares; ``inside`` is the share of points with |E| ≤ 2u; the error of the model as such lies between
    bias − 2u and bias + 2u, uncertainties taken as common to all points.

    Parameters
    ----------
    model, measured : Dataset or mapping of arrays
        Quantities by name. DataArrays are matched by their coordinates, bare arrays by position. Where both times say
        in their attributes at which side of an interval they lie (``stamp = "start"`` or ``"end"``, see
        `thermal.traces.at_starts`), those of the model are moved to the side of the measurement.
    limits : mapping, optional
        For each quantity at least one of ``bias``, ``rmse``, ``max_abs``, ``nmbe``, ``cv_rmse`` (highest magnitudes),
        ``r2``, ``coverage``, ``inside`` (lowest values), as in ``{"T_return": {"rmse": 0.8}}``, or a name of
        ``GUIDELINE_14``: ``{"site_power": "hourly"}``. Only quantities with a limit are compared; without any limits
        all that both have, and there is no verdict.
    tuned : sequence of str
        What was fitted on this measurement; kept beside the verdict.
    by : optional
        Windows or regimes, which become the dimension ``group``: ``"hour"``, ``"day"`` or ``"month"`` of the time, the
        name of a variable of the measurement or (name, edges) of one, or an array of labels.
    parameters : int
        p; 1 is usual for a calibrated model.
    uncertainty, model_uncertainty : mapping, optional
        Standard uncertainty (one sigma) of measurement, and of the model by its inputs and numerics, by quantity.
    join : {"exact", "inner"}
        Whether coordinates must be equal, or what both have in common is compared.

    Returns
    -------
    xarray.Dataset
        The statistics, ``limit_*`` and ``verdict`` over ``quantity`` (and ``group``). A value that is NaN in the
        measurement is left out and missing from ``n``; NaN in the model is NaN in its statistics and fails the verdict.
        What is relative to a mean is NaN for temperatures in °C, whose zero means nothing.

    Raises
    ------
    InputError
        If names, coordinates or units differ, or a relative limit is asked for a temperature in °C.

    Examples
    --------
    >>> limits = {"T_return": {"rmse": 0.8, "bias": 0.1}}
    >>> table = compare({"T_return": [30.0, 31.0]}, {"T_return": [30.5, 30.5]}, limits)
    >>> float(table.rmse[0]), float(table.bias[0]), bool(table.verdict[0])
    (0.5, 0.0, True)
    """
    if isinstance(parameters, bool) or not isinstance(parameters, int) or parameters < 0:
        raise InputError(f"parameters = {parameters!r} must be a count from 0 upwards")
    if join not in {"exact", "inner"}:
        raise InputError(f"join = {join!r} must be 'exact' or 'inner'")
    asked = _limits(limits) if limits is not None else {str(n): {} for n in _common(model, measured)}
    tables = {
        name: _one(name, model, measured, limit, by, parameters, uncertainty, model_uncertainty, join)
        for name, limit in asked.items()
    }
    result = xr.Dataset(attrs={"tuned": ", ".join(tuned) or "nothing", "parameters": parameters})
    if tables:
        index = xr.DataArray(list(tables), dims="quantity", name="quantity")
        result = xr.concat(list(tables.values()), index, join="outer", combine_attrs="drop").assign_attrs(result.attrs)
    if limits is None and "verdict" in result:
        result = result.drop_vars(["verdict", *(f"limit_{s}" for s in STATISTICS)])
    return result if by is not None or not tables else result.isel(group=0, drop=True)


def worst(
    model: xr.Dataset | Mapping[str, Any], measured: xr.Dataset | Mapping[str, Any], name: str, count: int = 10
) -> xr.Dataset:
    """Points at which a quantity differs most: where they are, what both sides say, the largest difference first.

    Examples
    --------
    >>> found = worst({"T": [30.0, 31.0, 35.0]}, {"T": [30.0, 32.0, 32.0]}, "T", count=2)
    >>> found.place.values, found.difference.values
    (array([2, 1]), array([ 3., -1.]))
    """
    _has(name, model, measured)
    both = pair(name, model[name], measured[name])
    size = np.abs(both.model - both.measured)
    order = np.argsort(-np.where(np.isnan(size), np.inf, size), kind="stable")[:count]
    place = both.place[order]
    columns = {
        "place": place,
        "model": both.model[order],
        "measured": both.measured[order],
        "difference": (both.model - both.measured)[order],
    }
    table = xr.Dataset({key: ("rank", values) for key, values in columns.items()}, attrs={"quantity": name})
    if both.labelled is not None:
        where = np.unravel_index(place, both.labelled.shape)
        for dim, index in zip(map(str, both.labelled.dims), where, strict=True):
            if dim in both.labelled.coords:
                table[dim] = ("rank", both.labelled[dim].values[index])
    return table


def _limits(limits: Mapping[str, Mapping[str, float] | str]) -> dict[str, dict[str, float]]:
    found = {}
    for name, limit in limits.items():
        if isinstance(limit, str):
            if limit not in GUIDELINE_14:
                raise InputError(f"limits of {name!r} = {limit!r}: Guideline 14 has {', '.join(GUIDELINE_14)}")
            limit = GUIDELINE_14[limit]
        if not limit or set(limit) - set(STATISTICS) or not all(_from_zero(value) for value in limit.values()):
            raise InputError(
                f"limits of {name!r} = {dict(limit)} need at least one of {', '.join(STATISTICS)}, from 0 upwards"
            )
        found[name] = dict(limit)
    return found


def _from_zero(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and bool(value >= 0)


def _common(model: Any, measured: Any) -> list[Any]:
    names = [name for name in (measured.data_vars if isinstance(measured, xr.Dataset) else measured) if name in model]
    if not names:
        raise InputError(f"model ({_listed(model)}) and measurement ({_listed(measured)}) have no quantity in common")
    return names


def _listed(source: Any) -> str:
    return ", ".join(map(str, source)) or "nothing"


def _has(name: str, model: Any, measured: Any) -> None:
    for side, source in (("model", model), ("measurement", measured)):
        if name not in source:
            raise InputError(f"the {side} has no {name!r}; it has {', '.join(map(str, source))}")


def _one(
    name: str, model: Any, measured: Any, limit: dict[str, float], by: Any, parameters: int, theirs: Any, ours: Any,
    join: str,
) -> xr.Dataset:  # fmt: skip
    """Table of one quantity, a row for each group."""
    _has(name, model, measured)
    celsius = unit_of(name, measured[name], model[name]) == "degC"
    refused = [s for s in RELATIVE if s in limit and celsius]
    if refused:
        raise InputError(
            f"{name} is in °C, whose zero means nothing: {' and '.join(refused)} would depend on it; set a limit of "
            "rmse and bias in K, or compare a temperature difference"
        )
    both = pair(name, model[name], measured[name], join)
    if "inside" in limit and not (theirs and name in theirs) and not (ours and name in ours):
        raise InputError(f"a limit of inside for {name!r} needs its uncertainty: uncertainty={{{name!r}: ...}}")
    u = np.hypot(_uncertainty(name, theirs, measured[name], both), _uncertainty(name, ours, measured[name], both))
    known = bool((theirs and name in theirs) or (ours and name in ours))
    everywhere = groups(by, measured, both)
    labels = everywhere[both.place]
    present = list(dict.fromkeys(labels.tolist()))
    rows = []
    for label in present:
        chosen = labels == label
        E = both.model[chosen] - both.measured[chosen]
        found = _statistics(E, both.measured[chosen], parameters, celsius)
        found["coverage"] = found["n"] / int(np.sum(everywhere == label))
        found |= _validation(E, u[chosen], known)
        within = [abs(found[s]) <= v if s in HIGHEST else found[s] >= v for s, v in limit.items()]  # False for NaN
        bounds = {f"limit_{s}": limit.get(s, np.nan) for s in STATISTICS}
        rows.append({**found, **bounds, "verdict": bool(all(within))})
    table = {key: ("group", [row[key] for row in rows]) for key in rows[0]}
    return xr.Dataset(table, {"group": present})


def _statistics(E: np.ndarray, measured: np.ndarray, parameters: int, celsius: bool) -> dict[str, float]:
    n, mean = measured.size, float(measured.mean())
    spread, squares = float(np.sum((measured - mean) ** 2)), float(np.sum(E**2))
    relative = not celsius and n > parameters and mean != 0.0
    return {
        "n": n,
        "bias": float(np.mean(E)),
        "rmse": float(np.sqrt(np.mean(E**2))),
        "max_abs": float(np.max(np.abs(E))),
        "nmbe": float(E.sum()) / ((n - parameters) * mean) if relative else np.nan,
        "cv_rmse": np.sqrt(squares / (n - parameters)) / abs(mean) if relative else np.nan,
        "r2": 1.0 - squares / spread if spread > 0 else np.nan,
    }


def _validation(E: np.ndarray, u: np.ndarray, known: bool) -> dict[str, float]:
    if not known:
        blank = ("validation_uncertainty", "inside", "model_error_low", "model_error_high")
        return dict.fromkeys(blank, np.nan)
    mean = float(np.sqrt(np.mean(u**2)))
    bias = float(np.mean(E))
    return {
        "validation_uncertainty": mean,
        "inside": float(np.mean(np.abs(E) <= COVERAGE_FACTOR * u)) if not np.isnan(E).any() else np.nan,
        "model_error_low": bias - COVERAGE_FACTOR * mean,
        "model_error_high": bias + COVERAGE_FACTOR * mean,
    }


def _uncertainty(name: str, given: Mapping[str, Any] | None, measured: Any, both: Pair) -> np.ndarray:
    value = np.asarray(given[name] if given and name in given else 0.0, dtype=float)
    if not (value >= 0).all():
        raise InputError(f"the uncertainty of {name!r} must be from 0 upwards, in the unit of the quantity")
    if value.ndim and value.shape != np.shape(measured):
        raise InputError(f"the uncertainty of {name!r} has shape {value.shape}, the measurement {np.shape(measured)}")
    return np.broadcast_to(value, np.shape(measured)).ravel()[both.place]
