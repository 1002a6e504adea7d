"""Dates with and without a time zone: inside the package they are plain, in UTC where they had a zone."""

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from thermal.errors import InputError

__all__ = ["dated", "has_zone", "timestamps"]


def timestamps(time: Any, name: str = "time") -> np.ndarray:
    """Times as dates without a zone (UTC where they had one, also with offsets that change), or as they are.

    Parameters
    ----------
    time : DatetimeIndex, DataArray, array or sequence
        Dates with or without zone, or seconds.
    name : str
        Whose times they are, for the error.

    Raises
    ------
    InputError
        If texts among them are no dates, or dates with and without zone are mixed.

    Examples
    --------
    >>> str(timestamps(pd.DatetimeIndex(["2026-07-01 12:00"], tz="Europe/Berlin"))[0])[:16]
    '2026-07-01T10:00'
    """
    if isinstance(time, xr.DataArray):
        time = time.to_index() if getattr(time.dtype, "tz", None) is not None else time.values
    if isinstance(time, pd.Series):
        time = pd.DatetimeIndex(time) if time.dtype.kind == "M" else time.to_numpy()
    if isinstance(time, pd.DatetimeIndex):
        plain = time.tz_convert("UTC").tz_localize(None) if time.tz is not None else time
        return np.asarray(plain.to_numpy())
    values = np.asarray(time)
    if values.dtype.kind not in "OUS":
        return values
    flat = values.ravel()
    try:
        zoned = [pd.Timestamp(v).tzinfo is not None for v in flat]
        if any(zoned) and not all(zoned):
            raise InputError(f"{name}: some dates have a time zone and some have none; give all of them one")
        return np.asarray(pd.to_datetime(flat, utc=True).tz_localize(None).to_numpy()).reshape(values.shape)
    except (ValueError, TypeError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        wrong = str(_not_a_date(flat))
        raise InputError(f"{name}: {wrong!r:.60} is no date; write 2026-07-01 12:00 (ISO 8601)") from None


def _not_a_date(values: np.ndarray) -> Any:
    for value in values:
        try:
            pd.Timestamp(value)
        except (ValueError, TypeError, OverflowError):
            return value
    return values[0]


def has_zone(time: Any) -> bool:
    """Whether dates have a time zone, or are marked as UTC by ``dated``.

    Examples
    --------
    >>> has_zone(pd.date_range("2026-07-01", periods=2, tz="UTC")), has_zone(pd.date_range("2026-07-01", periods=2))
    (True, False)
    """
    if getattr(time, "attrs", {}).get("time_zone") == "UTC" or getattr(time.dtype, "tz", None) is not None:
        return True
    if time.dtype.kind not in "OUS" or not time.size:
        return False
    try:
        return pd.Timestamp(np.asarray(time).flat[0]).tzinfo is not None
    except (ValueError, TypeError):
        return False


def dated(time: xr.DataArray) -> xr.DataArray:
    """Times as plain dates: those with a zone in UTC, and marked so; all others as they are.

    Examples
    --------
    >>> noon = pd.DatetimeIndex(["2026-07-01 12:00"], tz="Europe/Berlin")
    >>> time = dated(xr.DataArray([1.0], {"time": noon}, ("time",)).time)
    >>> str(time.values[0])[:16], time.attrs["time_zone"]
    ('2026-07-01T10:00', 'UTC')
    """
    if not has_zone(time):
        return time
    return xr.DataArray(timestamps(time), dims=time.dims, attrs={**time.attrs, "time_zone": "UTC"}, name=time.name)
