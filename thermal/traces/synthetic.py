"""Synthetic heat of racks from stated laws: a day of inference and a training run, drawn from a seed."""

from typing import Any, Protocol, runtime_checkable

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import affordable, array, number, whole
from thermal.names import describe
from thermal.units import day, hour, minute

__all__ = ["HasDesignHeat", "inference_day", "rated_heat", "training_run"]

SAMPLES = 64  # instants within a step whose mean is the row: an iteration may be shorter than a step


@runtime_checkable
class HasDesignHeat(Protocol):
    """A row of racks that knows the design heat of each, W: `thermal.Loop` does."""

    @property
    def design_heat(self) -> Any:
        """Design heat of each rack, W."""


def inference_day(
    racks: HasDesignHeat | int,
    rated_power: float | None = None,
    *,
    seed: int,
    step: float = 15.0,
    until: float = day,
    idle_share: float = 0.35,
    mean_level: float = 0.6,
    diurnal: float = 1.2,
    peak_at: float = 14 * hour,
    noise: float = 0.25,
    memory: float = 5 * minute,
) -> xr.Dataset:
    """A synthetic day of heat from racks that answer requests.

    The utilisation of a rack is a bounded function of a diurnal wave and two noises of requests,

    u = 1/(1 + exp(−z)),  z = z₀ + a·cos(2π(t − t_peak)/day) + n_all(t) + n_rack(t),

    and its heat is rated·(s + (1 − s)·u) with the idle share s. Each noise is an Ornstein-Uhlenbeck process of
    standard deviation `noise` and correlation time `memory`; n_all is common to all racks (the public's demand), n_rack
    is its own (the balancer's luck). No measured trace is behind it; `from_requests` and `frontier_day` are measured.

    Parameters
    ----------
    racks : object with ``design_heat``, or int
        The row whose racks give the rated heat of each, or a number of racks.
    rated_power : float, optional
        Rated power of a rack, W, where `racks` is a number.
    seed : int
        Same seed, same day.
    step, until : float
        Time step and duration, s.
    idle_share : float
        Heat at rest over rated heat, 0..1.
    mean_level : float
        Utilisation at the middle of the wave without noise, 0..1: z₀ = ln(m/(1 − m)).
    diurnal : float
        a, swing of z over the day.
    peak_at : float
        Time of the busiest moment, s after midnight.
    noise : float
        Standard deviation of each of the two noises of z.
    memory : float
        Correlation time of the noises, s.

    Returns
    -------
    xarray.Dataset
        ``heat(time, rack)`` in W; ``attrs["synthetic"]`` has the law.

    Examples
    --------
    >>> load = inference_day(8, 132e3, seed=7)
    >>> load.heat.dims, load.sizes["time"], bool(load.heat.max() < 132e3)
    (('time', 'rack'), 5760, True)
    """
    rated = rated_heat(racks, rated_power)
    step, until = _step_and_end(step, until)
    idle_share = number("idle_share", idle_share, "-", low=0.0, high=1.0)
    mean_level = number("mean_level", mean_level, "-", above=0.0, high=1.0 - 1e-9)
    diurnal, noise = number("diurnal", diurnal, "-"), number("noise", noise, "-", low=0.0)
    peak_at, memory = number("peak_at", peak_at, "s"), number("memory", memory, "s", above=0.0)
    time = _times(step, until)
    random = np.random.default_rng(whole("seed", seed, low=0))
    wave = np.log(mean_level / (1 - mean_level)) + diurnal * np.cos(2 * np.pi * (time - peak_at) / day)
    common = _ornstein_uhlenbeck(random, time.size, 1, step / memory)
    own = _ornstein_uhlenbeck(random, time.size, rated.size, step / memory)
    utilisation = 1 / (1 + np.exp(-(wave[:, None] + noise * (common + own))))
    law = (
        f"inference day: logistic of {diurnal:g} cos(2 pi (t - {peak_at:g} s)/day) around {mean_level:g} with common "
        f"and own Ornstein-Uhlenbeck noise {noise:g}, {memory:g} s; idle share {idle_share:g}; seed {seed}"
    )
    return _trace(time, rated * (idle_share + (1 - idle_share) * utilisation), law)


def training_run(
    racks: HasDesignHeat | int,
    rated_power: float | None = None,
    *,
    seed: int,
    step: float = 1.0,
    until: float = hour,
    start_at: float = 5 * minute,
    idle_share: float = 0.25,
    iteration: float = 8.0,
    exchange_share: float = 0.2,
    exchange_level: float = 0.55,
    checkpoint_every: float = 20 * minute,
    checkpoint_length: float = 40.0,
    checkpoint_level: float = 0.4,
    spread: float = 0.02,
) -> xr.Dataset:
    """Synthetic heat of racks that train one model together: steps, exchanges and checkpoints in lockstep.

    From `start_at` on, each iteration computes at rated power and then, for `exchange_share` of its time, exchanges
    gradients at `exchange_level`; every `checkpoint_every` the machine writes for `checkpoint_length` at
    `checkpoint_level`. Racks lie below that by a fixed share drawn from a half-normal law of width `spread`. A row
    holds the mean over its step, so a coarse step loses no energy. No measured trace is behind it.

    Parameters
    ----------
    racks, rated_power, seed, step, until
        As in `inference_day`.
    start_at : float
        Time at which training starts, s; before that racks idle.
    idle_share, exchange_level, checkpoint_level : float
        Heat over rated heat at rest, while exchanging, while writing, 0..1.
    iteration, exchange_share : float
        Duration of an iteration, s, and the share of it that exchanges.
    checkpoint_every, checkpoint_length : float
        Period and duration of checkpoints, s.
    spread : float
        Width of the half-normal law of the racks' shortfall.

    Examples
    --------
    >>> run = training_run(4, 132e3, seed=1, spread=0)
    >>> levels = run.heat.isel(rack=0) / 132e3  # idle, computing, writing
    >>> [round(float(levels.sel(time=t)), 3) for t in (0, 304, 1480)]
    [0.25, 1.0, 0.4]
    """
    rated = rated_heat(racks, rated_power)
    step, until = _step_and_end(step, until)
    idle_share = number("idle_share", idle_share, "-", low=0.0, high=1.0)
    exchange_share = number("exchange_share", exchange_share, "-", low=0.0, high=1.0)
    exchange_level = number("exchange_level", exchange_level, "-", low=0.0, high=1.0)
    checkpoint_level = number("checkpoint_level", checkpoint_level, "-", low=0.0, high=1.0)
    start_at, iteration = number("start_at", start_at, "s"), number("iteration", iteration, "s", above=0.0)
    checkpoint_every = number("checkpoint_every", checkpoint_every, "s", above=0.0)
    checkpoint_length = number("checkpoint_length", checkpoint_length, "s", above=0.0)
    spread, seed = number("spread", spread, "-", low=0.0, high=1.0), whole("seed", seed, low=0)
    if not checkpoint_length < checkpoint_every:
        raise InputError(
            f"checkpoint_length = {checkpoint_length:g} s must be below checkpoint_every = {checkpoint_every:g} s"
        )
    time = _times(step, until)
    instant = time[:, None] + (np.arange(SAMPLES) + 0.5) / SAMPLES * step - start_at
    exchanging = instant % iteration >= iteration * (1 - exchange_share)
    writing = instant % checkpoint_every >= checkpoint_every - checkpoint_length
    level = np.where(writing, checkpoint_level, np.where(exchanging, exchange_level, 1.0))
    level = np.where(instant < 0, idle_share, level).mean(axis=1)
    factor = 1 - np.abs(np.random.default_rng(seed).normal(0.0, spread, rated.size))
    law = (
        f"training run: iterations of {iteration:g} s, {exchange_share:g} of them at {exchange_level:g} of rated; "
        f"checkpoints of {checkpoint_length:g} s every {checkpoint_every:g} s at {checkpoint_level:g}; seed {seed}"
    )
    return _trace(time, level[:, None] * rated * factor, law)


def rated_heat(racks: HasDesignHeat | int, rated_power: float | None) -> np.ndarray:
    """Rated heat of each rack, W, from a row or from a number of equal racks."""
    if isinstance(racks, HasDesignHeat):
        if rated_power is not None:
            raise InputError("the racks carry their design heat: leave rated_power out")
        rated = np.atleast_1d(np.asarray(array("racks.design_heat", racks.design_heat, "W", above=0.0)))
    elif rated_power is None:
        raise InputError(f"racks = {str(racks)[:60]!r} has no design_heat: give rated_power too, W per rack")
    else:
        count = whole("racks", racks, low=1, hint="or give a row of racks, which knows its design heat")
        rated = np.full(count, number("rated_power", rated_power, "W", above=0.0))
    return rated


def _ornstein_uhlenbeck(random: np.random.Generator, rows: int, columns: int, ratio: float) -> np.ndarray:
    """Exact samples of the process with unit variance, `ratio` of a correlation time apart, from equilibrium on."""
    keep = np.exp(-ratio)
    kick = random.standard_normal((rows, columns)) * np.sqrt(1 - keep**2)
    path = np.empty((rows, columns))
    state = random.standard_normal(columns)
    for k in range(rows):
        path[k] = state
        state = keep * state + kick[k]
    return path


def _step_and_end(step: Any, until: Any) -> tuple[float, float]:
    step, until = number("step", step, "s", above=0.0), number("until", until, "s", above=0.0)
    if step > until:
        raise InputError(f"step = {step:g} s is longer than until = {until:g} s: no row fits")
    affordable("the trace", until / step, f"a longer step than {step:g} s, or a shorter until", 1e8)
    return step, until


def _times(step: float, until: float) -> np.ndarray:
    return np.arange(int(np.floor(until / step * (1 + 1e-12)))) * step


def _trace(time: np.ndarray, heat: np.ndarray, law: str) -> xr.Dataset:
    trace = xr.Dataset(
        {"heat": (("time", "rack"), heat)},
        {"time": ("time", time, {"units": "s"}), "rack": np.arange(heat.shape[1])},
        {"synthetic": law},
    )
    return describe(trace)
