"""What the grid sees of a site: ramps, peaks, swings by frequency, time outside limits, power that can be shed.

All work on a series of power over time, W, whose rows are means over the row that begins at their time.
"""

from typing import Any

import numpy as np
import xarray as xr

from thermal.accounting.gaps import step_of
from thermal.errors import InputError
from thermal.inputs import array, number
from thermal.names import describe
from thermal.timeline import elapsed_seconds, intervals, seconds

__all__ = ["flexibility", "grid_metrics", "over_time", "ramps", "swings"]

BAND = (0.1, 20.0)  # Hz, of load specifications for large computing loads (arXiv 2508.14318)


def over_time(name: str, power: Any, hint: str = "") -> xr.DataArray:
    """Power as a labelled series over time in W, with at least two rows and nothing missing.

    Raises
    ------
    InputError
        If it has no times, one row only, a gap, or times that do not rise.
    """
    series = array(name, power, "W", hint=hint)
    if not isinstance(series, xr.DataArray) or "time" not in series.dims or "time" not in series.coords:
        raise InputError(f"{name} has no times: give a DataArray over time, as result.site_power{hint and '; ' + hint}")
    if series.sizes["time"] < 2:
        raise InputError(f"{name} has {series.sizes['time']} rows: a series in time needs two or more")
    intervals(series, held=True)
    return series.drop_attrs(deep=False)


def ramps(power: xr.DataArray) -> xr.DataArray:
    """Ramp from each row to the next, W/s, at the time of the later row: r_k = (P_k − P_{k−1}) / (t_k − t_{k−1}).

    A mean over a row hides what happens inside it: ramps of rows of 2 s are no ramps of milliseconds.

    Parameters
    ----------
    power : DataArray
        Power over ``time``, W, or with its unit.

    Examples
    --------
    >>> power = xr.DataArray([0.0, 300.0, 100.0], {"time": [0.0, 10.0, 30.0]}, ("time",))
    >>> ramps(power).values
    array([ 30., -10.])
    """
    series = over_time("power", power)
    steps = xr.DataArray(np.diff(seconds(series["time"])), {"time": series["time"][1:]}, ("time",))
    found = (series.diff("time") / steps).rename("ramp")
    return describe(found.to_dataset())["ramp"]


def swings(power: xr.DataArray) -> xr.Dataset:
    """Swings of power by frequency: discrete Fourier transform of the series less its mean.

    With X_k = Σ_n (P_n − P̄) exp(−2πi·kn/N): amplitude A_k = 2|X_k|/N (|X_k|/N at the Nyquist frequency) and mean square
    S_k = A_k²/2 (A_k² there). By Parseval's theorem Σ S_k is the variance of the series.

    Parameters
    ----------
    power : DataArray
        Power over evenly spaced ``time``, W.

    Returns
    -------
    xarray.Dataset
        ``swing_amplitude(frequency)`` and ``swing_square(frequency)``, from 1/(N·step) to 1/(2·step). What swings
        faster than that was folded into slower swings when it was sampled, and cannot be told from them.

    Raises
    ------
    DataError
        If rows are not evenly spaced.

    Examples
    --------
    >>> t = np.arange(0.0, 100.0, 0.5)
    >>> wave = xr.DataArray(5e3 + 300.0 * np.sin(2 * np.pi * 0.2 * t), {"time": t}, ("time",))
    >>> found = swings(wave)
    >>> highest = int(found.swing_amplitude.argmax("frequency"))
    >>> round(float(found.swing_amplitude[highest]), 6), float(found.frequency[highest])
    (300.0, 0.2)
    """
    series = over_time("power", power)
    step, rows = step_of(series.to_dataset(name="power")), series.sizes["time"]
    level = series - series.mean("time")
    transform = np.fft.rfft(level.values, axis=level.get_axis_num("time"))
    dims = ["frequency" if d == "time" else d for d in level.dims]
    coords = {d: c for d, c in series.coords.items() if "time" not in c.dims}
    magnitude = xr.DataArray(np.abs(transform), {**coords, "frequency": np.fft.rfftfreq(rows, step)}, dims) / rows
    magnitude = magnitude.isel(frequency=slice(1, None))
    twin = xr.ones_like(magnitude["frequency"])
    if rows % 2 == 0:
        twin[-1] = 0.0  # the Nyquist frequency has no mirror image
    result = xr.Dataset({"swing_amplitude": magnitude * (1.0 + twin), "swing_square": magnitude**2 * (1.0 + twin)})
    return describe(result)


def grid_metrics(
    power: xr.DataArray,
    *,
    reference: float | None = None,
    limit: float | None = None,
    ramp_limit: float | None = None,
    band: tuple[float, float] = BAND,
) -> xr.Dataset:
    """Figures of a load that the grid asks for: peak, ramp, dynamic range, swings in a band, time outside limits.

    Parameters
    ----------
    power : DataArray
        Power over ``time``, W.
    reference : float, optional
        Power that relative ramps are of, W: the rating of the connection; the highest power if not given.
    limit : float, optional
        Power of the connection, W: the time and the energy above it are counted.
    ramp_limit : float, optional
        Steepest change that is allowed, W/s, up and down: the time between rows that are steeper is counted.
    band : (float, float)
        Frequencies from and to, Hz, whose swings are added up.

    Returns
    -------
    xarray.Dataset
        ``power_mean`` (weighted by the length of rows), ``power_peak``, ``peak_to_average``, ``dynamic_range``
        (P_max − P_min)/P_max, ``ramp_up``, ``ramp_down``, ``ramp_relative`` in %/min, where rows are even
        ``swing_in_band`` = √Σ S_k over the band with ``band_covered``, the share of the band, in decades, below the
        Nyquist frequency of the rows; with limits ``time_outside``, ``energy_outside``, ``ramp_time_outside``.

    Examples
    --------
    >>> power = xr.DataArray([2e6, 4e6, 3e6, 3e6], {"time": [0.0, 10.0, 20.0, 30.0]}, ("time",))
    >>> found = grid_metrics(power, limit=3.5e6, ramp_limit=150e3)
    >>> float(found.peak_to_average), float(found.ramp_up), float(found.ramp_relative)
    (1.3333333333333333, 200000.0, 300.0)
    >>> float(found.time_outside), float(found.energy_outside), float(found.ramp_time_outside)
    (10.0, 5000000.0, 10.0)
    """
    series = over_time("power", power)
    low, high = _band(band)
    length = xr.DataArray(intervals(series, held=True), {"time": series["time"]}, ("time",))
    slope = ramps(series)
    peak, mean = series.max("time"), (series * length).sum("time") / length.sum()
    if bool((mean <= 0.0).any()):
        raise InputError("power has a mean of 0 or less: peak to average has no meaning; give power drawn, positive")
    base = peak if reference is None else number("reference", reference, "W", above=0.0)
    found: dict[str, xr.DataArray] = {
        "power_mean": mean,
        "power_peak": peak,
        "peak_to_average": peak / mean,
        "dynamic_range": (peak - series.min("time")) / peak,
        "ramp_up": slope.max("time").clip(min=0.0),
        "ramp_down": (-slope.min("time")).clip(min=0.0),
        "ramp_relative": abs(slope).max("time") / base * 100.0 * 60.0,
    }
    if np.ptp(length.values) <= 1e-6 * length.values[0]:
        spectrum = swings(series)
        inside = (spectrum["frequency"] >= low) & (spectrum["frequency"] <= high)
        found["swing_in_band"] = spectrum["swing_square"].where(inside, 0.0).sum("frequency") ** 0.5
        top = min(high, 0.5 / float(length[0]))
        found["band_covered"] = xr.DataArray(max(np.log(top / low), 0.0) / np.log(high / low))
    if limit is not None:
        above = (series - number("limit", limit, "W", above=0.0)).clip(min=0.0)
        found["time_outside"] = ((above > 0.0) * length).sum("time")
        found["energy_outside"] = (above * length).sum("time")
    if ramp_limit is not None:
        steep = abs(slope) > number("ramp_limit", ramp_limit, "W/s", above=0.0) * (1.0 + 1e-9)
        between = np.diff(seconds(series["time"]))
        found["ramp_time_outside"] = (steep * xr.DataArray(between, {"time": slope["time"]}, ("time",))).sum("time")
    result = xr.Dataset({name: value.drop_attrs() for name, value in found.items()})
    return describe(result.assign_attrs(band=f"{low:g} to {high:g} Hz", row=float(length[0])))


def flexibility(power: xr.DataArray, least: float | xr.DataArray, duration: float) -> xr.Dataset:
    """Power that can be shed for a whole duration, from each row on: min over the rows of P − P_least, not below 0.

    Parameters
    ----------
    power : DataArray
        Power over evenly spaced ``time``, W.
    least : float or DataArray
        Power that has to go on, W.
    duration : float
        How long it is shed, s; counted in whole rows, upwards.

    Returns
    -------
    xarray.Dataset
        ``flexible_power(time)`` for each start whose duration lies within the series, and ``flexible_energy`` = that
        power times the duration.

    Examples
    --------
    >>> power = xr.DataArray([5e6, 4e6, 6e6, 6e6], {"time": [0.0, 900.0, 1800.0, 2700.0]}, ("time",))
    >>> (flexibility(power, 3e6, 1800.0).flexible_power / 1e6).values
    array([1., 1., 3.])
    """
    series = over_time("power", power)
    step = step_of(series.to_dataset(name="power"))
    duration = number("duration", duration, "s", above=0.0)
    rows = int(np.ceil(duration / step - 1e-9))
    if rows > series.sizes["time"]:
        span = elapsed_seconds(series["time"].values)[-1] + step
        raise InputError(f"duration = {duration:g} s is longer than the series of {span:g} s: nothing covers it")
    spare = (series - array("least", least, "W", low=0.0)).clip(min=0.0)
    held = spare.rolling(time=rows).min().isel(time=slice(rows - 1, None))
    held = held.assign_coords(time=series["time"][: held.sizes["time"]])
    return describe(xr.Dataset({"flexible_power": held, "flexible_energy": held.drop_attrs() * duration}))


def _band(band: Any) -> tuple[float, float]:
    ends = np.asarray(array("band", band, "Hz", above=0.0, hint="give (0.1, 20.0)"))
    if ends.shape != (2,) or not ends[0] < ends[1]:
        raise InputError(f"band = {tuple(ends.ravel().tolist())} Hz must be two frequencies, the lower one first")
    return float(ends[0]), float(ends[1])
