"""A cold plate in time: fixed steps, or steps that follow an estimate of their error; jumps of heat are hit exactly."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from tqdm import tqdm

from thermal import inputs
from thermal.components.chip.package import Package
from thermal.components.chip.stack import Stack
from thermal.components.coolant import Coolant
from thermal.components.plate.geometry import ColdPlate, Pattern
from thermal.errors import ConvergenceError, InputError
from thermal.physics.conjugate.assembly import Channels, from_stored, to_stored
from thermal.physics.conjugate.implicit import GAMMA, Method, Moment, Stepper, advance, prepare, renewed
from thermal.physics.conjugate.krylov import Outcome
from thermal.physics.conjugate.solve import Rises
from thermal.plate.conditions import Conditions
from thermal.plate.flow import even_split, flow_state, streams
from thermal.plate.grid import USUAL_CELLS, Cells, PlateGrid
from thermal.plate.power import Heat, checked_heat, spread_heat
from thermal.plate.result import Step, hottest, transient_result
from thermal.plate.solve import Operation, coolant_content, operate

__all__ = ["transient_plate"]

STAGES = (GAMMA[Method.SDIRK2], 1.0 - 1e-12)  # times of a step's stages; the last just before a jump at its end
SHARE = 0.25  # of the accuracy wanted that a pair of steps may err
QUARTERS = 4  # of the first step after a jump
FIRST = 64  # pairs of steps to a stretch without jumps, to begin with
SMALLEST = 1e-9  # shortest step over the duration
STILL = 1e-3  # change of the coolant's temperature below which films and flows stay as they are [K]
SPLIT, ROUNDS = 1e-4, 3  # change of a flow's logarithm at which the split of a step has settled, and rounds for it


def transient_plate(
    plate: ColdPlate,
    package: Stack | Package,
    coolant: Coolant,
    heat: Any,
    flow: float,
    T_in: float,
    until: float,
    step: float | None = None,
    cells: Cells = USUAL_CELLS,
    tolerance: float = 1e-8,
    start: Any = None,
    accuracy: float = 0.1,
) -> xr.Dataset:
    """Temperatures of a cold plate in time.

    The coolant's properties follow its temperature in each slice, in each step that of its middle as the step before
    foretells it.

    Parameters
    ----------
    plate, package, coolant, flow, T_in, cells, tolerance
        As in ``steady_plate``.
    heat : callable, DataArray or anything ``steady_plate`` takes
        Power as a function of time [s], or a DataArray whose ``time`` [s] holds steps (dimensions time; time and block;
        or time, y and x), or constant [W]. A value of a DataArray holds from its time to the next, whatever the steps.
    until : float
        Duration [s].
    step : float, optional
        Length of a step [s], the last one shorter where steps do not fill the duration. Without it steps are found,
        halved and doubled after their error: that of a pair of steps is a third of its difference from one step of
        twice the length (second order).
    start : optional
        Heat of the steady state to start from; from the inlet temperature throughout if not given.
    accuracy : float
        Error in time aimed at where the step is found [K].

    Returns
    -------
    xarray.Dataset
        Junction, case, block and outlet temperatures at the end of each step, the last fields, and the residual of each
        step.

    Raises
    ------
    InputError, ConvergenceError
        As ``steady_plate``; also if `step`, `until` or `accuracy` is not above zero, or the heat is not understood.

    Examples
    --------
    >>> import thermal as th
    >>> plate = th.ColdPlate(length=0.04, breadth=0.04, channel_width=2e-4, fin_width=2e-4, channel_depth=2e-3,
    ...                      base=1e-3, metal=th.load("materials/copper"), homogenised=True)
    >>> package, coolant = th.load("packages/h100"), th.load("coolants/pg25")
    >>> coarse = Cells(slices=2, base=1, fin=2, cover=1, bundle=30)
    >>> day = transient_plate(plate, package, coolant, heat=700.0, flow=1e-3 / 60, T_in=40.0, until=0.3, step=0.1,
    ...                       cells=coarse)
    >>> bool((day.T_case.diff("time") > 0).all())
    True
    """
    given, jumps, until, step, accuracy = _in_time(heat, until, step, accuracy)
    begin = None if start is None else checked_heat("start", start)
    point = Conditions.of(plate, package, coolant, 0.0, flow, T_in, cells, tolerance)
    march = _March(point, given, point.grid())
    if begin is not None:
        march.begin(operate(point, power=spread_heat(march.grid, begin)))
    with tqdm(total=round(until, 9), desc="cold plate", unit="s", delay=2.0, leave=False, disable=None) as bar:
        march.bar = bar
        if step is None:
            march.adapt([0.0, *jumps, until], accuracy * SHARE)
        else:
            march.keep(step, until, jumps)
    result = transient_result(point, march.end(), march.steps)
    follows = "those of the coolant's temperature in each slice, in each step"
    return result.assign_attrs(solves=march.solves, films=follows, flow_split=follows)


class _March:
    """State in time, the steps taken, and what steps of each length need."""

    def __init__(self, point: Conditions, given: Callable[[float], Heat], grid: PlateGrid) -> None:
        self.point, self.package, self.grid = point, point.package, grid
        self.given, self.tolerance = given, point.tolerance
        self.content = coolant_content(point, grid, point.T_in)
        self.shift = np.zeros(self.content.shape)
        self.known: dict[float, Stepper] = {}
        self.power = self.before = np.zeros(grid.body.material.shape)  # that the state is at rest under
        self.length = 0.0  # of the last step, to which the guesses of the next belong
        self.mass_flow = even_split(point, grid)
        self.felt = np.full(self.content.shape, np.inf)  # rises of the coolant that films and flows belong to
        self.channels = self.follow(np.zeros(self.content.shape))
        still, resting = np.zeros(to_stored(self.before).size), np.zeros(self.content.size)
        self.now = Moment(still, resting, still, still, resting, 0.0, 0.0, 0, True)
        self.steps: list[Step] = []
        self.solves = 0
        self.bar: Any = None

    def begin(self, at: Operation) -> None:
        """Start from a steady state."""
        carried = at.rises.stream - at.rises.shift
        self.now = self.now._replace(T=to_stored(at.rises.body), F=carried.ravel())
        self.before, self.state, self.channels = at.power, at.state, at.channels
        self.mass_flow, self.felt, self.shift = at.state.mass_flow, carried, at.rises.shift
        self.content = coolant_content(self.point, self.grid, self.point.T_in + at.rises.stream)

    def follow(self, carried: np.ndarray) -> Channels:
        """Films, flow split and coolant held at a warmth of the coolant (ny, streams)."""
        if float(np.abs(carried - self.felt).max()) < STILL:
            return self.channels
        rise = self.point.warmth.rise(carried)
        T = self.point.T_in + rise
        self.point.coolant.require(T, "coolant in the plate: temperature")
        for _ in range(ROUNDS):
            self.state = flow_state(self.point, self.grid, T, self.mass_flow)
            moved = float(np.abs(np.log(self.state.mass_flow / self.mass_flow)).max())
            self.mass_flow = self.state.mass_flow
            if moved < SPLIT:
                break
        self.content, self.shift = coolant_content(self.point, self.grid, T), rise - carried
        self.felt, self.channels = carried, streams(self.point, self.grid, self.state)
        return self.channels

    def end(self) -> Operation:
        """The plate at the end, as a result takes it."""
        ny, stepper = self.grid.body.dy.size, next(iter(self.known.values()))
        F = self.now.F.reshape(ny, -1)
        channels = self.follow(F)
        rise = self.point.warmth.rise(F)
        outcome = Outcome(self.now.iterations, self.tolerance, True)
        body, known = self.body(), (stepper.problem, stepper.levels)
        rises = Rises(body, rise, rise - F, np.zeros(1), self.now.residual, outcome, *known)
        return Operation(self.grid, self.state, channels, self.power, rises)

    def body(self) -> np.ndarray:
        """Rises of the body now (ny, nz, nx)."""
        return from_stored(self.now.T, self.grid.body.dx.size, self.grid.body.dz.size)

    def keep(self, step: float, until: float, jumps: list[float]) -> None:
        """Take steps of one length, the last one cut at `until`, others where a jump falls inside.

        The first after a jump is taken in four: in one, what settles faster than a step is overshot by up to a fifth
        (the rule's factor −0.2, whose even powers are small and positive).
        """
        jumped = bool(np.abs(spread_heat(self.grid, self.given(0.0)) - self.before).max() > 0.0)
        count = math.ceil(until / step * (1 - 1e-9))
        for i in range(count):
            t = i * step
            end = until if i == count - 1 and until < (i + 1 - 1e-9) * step else (i + 1) * step
            inside = [jump for jump in jumps if t + 1e-9 * step < jump < end - 1e-9 * step]
            outlet = residual = 0.0
            for a, b in itertools.pairwise([t, *inside, end]):
                length = step if b - a > (1 - 1e-9) * step else b - a
                pieces = QUARTERS if jumped else 1
                for k in range(pieces):
                    each = length / pieces
                    self.now, q, leaving = self.take(self.now, a + k * each, each, self.length)
                    self.length = each
                    outlet += leaving * each / (end - t)
                    residual += self.now.residual * each / (end - t)
                jumped = any(abs(jump - b) <= 1e-9 * step for jump in jumps)
            self.note(end, q, outlet, residual)

    def adapt(self, edges: list[float], allowed: float) -> None:
        """Take pairs of steps between jumps, halved where they err by more than `allowed`, doubled where they may."""
        first = None  # half the pair that was right after the last jump
        for a, b in itertools.pairwise(edges):
            gap, level = b - a, 0
            while gap / 2 ** (level + 1) > (first or gap / (2 * FIRST)) * (1 + 1e-9):
                level += 1
            at, whole, fresh = 0, None, True  # the place is a + at gap / 2^level, the pair as long as that step
            while at < 2**level:
                t, h = a + gap * at / 2**level, gap / 2 ** (level + 1)
                if h < SMALLEST * edges[-1]:
                    raise ConvergenceError(f"cold plate at {t:g} s: steps of {h:.1e} s still err by more than wanted")
                if whole is None:
                    whole, *_ = self.take(self.now, t, 2 * h, self.length)
                half, q_half, out_half = self.take(self.now, t, h, self.length)
                both, q, out = self.take(half, t + h, h, h)
                error = max(float(np.abs(x - y).max()) for x, y in ((both.T, whole.T), (both.F, whole.F))) / 3.0
                if not error <= allowed:
                    at, level, whole = 2 * at, level + 1, half
                    continue
                last = a + gap * (at + 1) / 2**level
                for moment, end, power, outlet in ((half, t + h, q_half, out_half), (both, last, q, out)):
                    self.now = moment
                    self.note(end, power, outlet, moment.residual)
                self.length, whole, at = h, None, at + 1
                first, fresh = (h if fresh else first), False
                if 8.0 * error < 0.5 * allowed and at % 2 == 0 and level > 0:
                    at, level = at // 2, level - 1

    def take(self, now: Moment, t: float, length: float, before: float) -> tuple[Moment, np.ndarray, float]:
        """Take one step from `t` on; return the moment, the power at its end, and the mean rise of what leaves."""
        ratio = length / before if before else 0.0
        channels = self.follow((now.F + 0.5 * ratio * now.drift).reshape(self.content.shape))
        key, body = float(f"{length:.12g}"), self.grid.body
        if key not in self.known:
            self.known[key] = prepare(body, channels, self.content, length, Method.SDIRK2)
            self.known[key] = self.known[key]._replace(shift=self.shift.ravel())
        elif self.known[key].channels is not channels:
            self.known[key] = renewed(self.known[key], body, channels, self.content, self.shift)
        now = now._replace(change=now.change * ratio, bend=now.bend * ratio**2)
        power = [spread_heat(self.grid, self.given(t + c * length)) for c in STAGES]
        after = advance(self.known[key], now, np.stack([to_stored(q) for q in power]), 0.0, self.tolerance)
        self.solves += len(STAGES)
        if not after.converged:
            raise ConvergenceError(
                f"cold plate at {t + length:g} s: the step did not reach a residual of {self.tolerance:g}; "
                "use a shorter one"
            )
        passes, halves = self.grid.stream_pass, 2 if self.point.plate.pattern == Pattern.SPLIT else 1
        leaving = after.outlet / (halves * float(channels.rate[passes == passes.max()].sum()))
        return after, power[-1], float(self.point.warmth.rise(np.array(leaving)))

    def note(self, end: float, power: np.ndarray, outlet: float, residual: float) -> None:
        """Keep what the result needs of the state now."""
        self.power = power
        hot = hottest(self.package, self.grid, self.body(), power)
        self.bar.update(round(end - self.bar.n, 9))
        self.steps.append(Step(end, hot, outlet, float(power.sum()), residual))


def _in_time(
    heat: Any, until: Any, step: Any, accuracy: Any
) -> tuple[Callable[[float], Heat], list[float], float, float | None, float]:
    """Check what a march takes besides conditions: power of time and its jumps, duration, step and accuracy."""
    until = inputs.number("until", until, "s", above=0)
    accuracy = inputs.number("accuracy", accuracy, "K", above=0)
    if step is not None:
        step = inputs.number("step", step, "s", above=0)
        if step > until * (1 + 1e-9):
            raise InputError(f"step = {step:g} s must be no longer than until = {until:g} s")
        inputs.affordable("the march of the plate", until / step, "a longer step, or a shorter until", 1e6)
    given, jumps = _heat_of_time(inputs.labelled(heat), until)
    return given, jumps, until, step, accuracy


def _heat_of_time(heat: Any, until: float) -> tuple[Callable[[float], Heat], list[float]]:
    """Return the power as a function of time, and the times within `until` at which it jumps.

    Raises
    ------
    InputError
        If a DataArray has other dimensions, no ascending times in seconds, or a value that is not a number from 0 W on.
    """
    if callable(heat):
        return lambda t: checked_heat(f"heat at {t:g} s", heat(t)), []
    if not (isinstance(heat, xr.DataArray) and "time" in heat.dims):
        constant = checked_heat("heat", heat)
        return lambda _: constant, []
    order = ("time", *(d for d in ("block", "y", "x") if d in heat.dims))
    if set(heat.dims) != set(order) or order[1:] not in {(), ("block",), ("y", "x")}:
        raise InputError(f"heat has dimensions {heat.dims}; known are time, (time, block) and (time, y, x)")
    if "time" not in heat.coords or ("block" in heat.dims and "block" not in heat.coords):
        raise InputError("heat needs coordinates: the times of its values [s], and the names of its blocks")
    heat = heat.transpose(*order)
    times = heat.time.values
    if np.issubdtype(times.dtype, np.timedelta64):
        times = times / np.timedelta64(1, "s")
    elif np.issubdtype(times.dtype, np.number):
        times = inputs.array("time of heat", heat.time, "s").values
    if not np.issubdtype(times.dtype, np.number) or not (np.diff(times) > 0).all():
        raise InputError(f"heat: times of type {times.dtype} must be seconds, ascending")
    values = inputs.array("heat", heat, "W", low=0).values
    names = [str(name) for name in heat.block.values] if "block" in heat.dims else []

    def at(t: float) -> Any:
        now = values[max(0, int(np.searchsorted(times, t, side="right")) - 1)]
        return dict(zip(names, now.tolist(), strict=True)) if names else now if now.ndim else float(now)

    return at, [float(t) for t in times[1:] if 0.0 < t < until * (1 - 1e-12)]
