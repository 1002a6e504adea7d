"""From two series to one row of the table: number of points, bias, root-mean-square error, and a verdict on a limit."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["KEYS", "Row", "row", "skipped"]

KEYS = ("case", "quantity", "n", "bias", "rmse", "limit", "verdict", "tuned")
STATISTICS = ("bias", "rmse", "max")


class Row(dict[str, Any]):
    """One row, which remembers its series for the figures."""

    model: np.ndarray
    reference: np.ndarray
    used: float | None  # share of the limit, of the statistic nearest to it


def row(
    case: str, quantity: str, model: Any, reference: Any, limit: Mapping[str, Any], tuned: Sequence[str] = ()
) -> Row:
    """Compare a model with a reference.

    Parameters
    ----------
    case, quantity : str
        Name of the folder, and of what is compared.
    model, reference : array_like
        Values in the same unit and order; a NaN on either side breaks the limit.
    limit : mapping
        Written down before the run: at least one of ``bias`` (of its magnitude), ``rmse`` and ``max`` (largest
        magnitude of the difference), and the ``unit`` of both series.
    tuned : sequence of str
        Everything that was fitted on this reference.

    Examples
    --------
    >>> row("demo", "T_out", [1.0, 2.0], [1.0, 2.2], {"rmse": 0.2, "max": 0.1, "unit": "K"})["verdict"]
    'fail'
    """
    unknown = set(limit) - {*STATISTICS, "unit"}
    judged = [s for s in STATISTICS if s in limit]
    if unknown or not judged or "unit" not in limit:
        raise ValueError(f"{case}/{quantity}: a limit has a unit and any of {STATISTICS}, not {sorted(limit)}")
    ours, theirs = np.atleast_1d(np.asarray(model, float)), np.atleast_1d(np.asarray(reference, float))
    if ours.shape != theirs.shape or not ours.size:
        raise ValueError(f"{case}/{quantity}: model of shape {ours.shape}, reference of shape {theirs.shape}")
    difference = (ours - theirs).ravel()
    found = {
        "bias": float(difference.mean()),
        "rmse": float(np.sqrt(np.mean(difference**2))),
        "max": float(np.abs(difference).max()),
    }
    passed = all(abs(found[s]) <= limit[s] for s in judged)  # false for NaN
    unit = "" if limit["unit"] == "-" else f" {limit['unit']}"
    text = ", ".join(f"{'|bias|' if s == 'bias' else s} <= {limit[s]:g}{unit}" for s in judged)
    values = (case, quantity, difference.size, found["bias"], found["rmse"], text, "pass" if passed else "fail")
    entry = Row(zip(KEYS, (*values, list(tuned)), strict=True))
    entry.model, entry.reference = ours.ravel(), theirs.ravel()
    entry.used = max((abs(found[s]) / limit[s] for s in judged if limit[s] > 0.0), default=None)
    return entry


def skipped(case: str, reason: str, tuned: Sequence[str] = ()) -> dict[str, Any]:
    """Row of a case that could not run here, with the reason."""
    return dict(zip(KEYS, (case, "", 0, None, None, "", f"skipped: {reason}", list(tuned)), strict=True))
