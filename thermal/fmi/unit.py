"""A study that a master advances step by step: inputs in, a step of the stepper, outputs out, and its state to keep."""

import io
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.fmi.signals import Signal
from thermal.network.loop import Loop
from thermal.network.stepper import Snapshot, Stepper
from thermal.physics.media.moist_air import humidity_ratio_of_wet_bulb
from thermal.quantity import Part
from thermal.verbs import stepper

__all__ = ["Setup", "State", "Unit", "from_bytes", "open_stepper", "to_bytes", "weather_of"]

ROWS = 256  # steps before time begins anew inside, so that what a unit remembers does not grow
AIR = ("T_dry_bulb", "T_wet_bulb", "humidity_ratio", "pressure")


class Setup(NamedTuple):
    """What a unit is made of."""

    loops: tuple[Loop, ...]
    facility: Part
    inputs: tuple[Signal, ...]
    outputs: tuple[Signal, ...]
    start: tuple[float, ...]  # of the inputs, in the units of this package
    air: dict[str, float]  # outdoors where no input says otherwise; empty where the facility does not ask
    step: float  # of the master [s]
    longest: float  # step of the solver [s]


class State(NamedTuple):
    """A unit at a moment, to come back to."""

    time: float | None
    inputs: list[float]
    values: list[float]
    rest: list[float] | None  # inputs under which it came to rest, None before it has
    kept: Snapshot | None


class Unit:
    """Loops and facility behind numbered inputs and outputs.

    It comes to rest under the inputs that hold when its first step begins, or when an output is first asked for.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.inputs = [s.outside(value) for s, value in zip(setup.inputs, setup.start, strict=True)]
        self.time: float | None = None  # of the master, where the last step ended
        self._values: list[float] = []
        self._stepper: Stepper | None = None
        self._rest: list[float] | None = None
        self._given: list[float] = []  # inputs as the stepper has them
        self._scale = np.array([s.scale for s in setup.outputs])
        self._offset = np.array([s.offset for s in setup.outputs])
        self._at: list[int] = []  # of each output among all numbers of a row, in the order of `_read`
        self._read = sorted({s.variable for s in setup.outputs if s.variable})

    @property
    def values(self) -> list[float]:
        """Outputs after the last step; before the first one, those of the rest."""
        if self._stepper is None:
            self._open()
        return self._values

    def step(self, time: float, length: float) -> None:
        """March over one step of the master, the inputs held.

        Raises
        ------
        InputError
            If the step has another length than the unit was made for, or does not begin where the last one ended.
        ThermalError
            If an input is impossible, or the study has no solution.
        """
        step = self.setup.step
        if abs(length - step) > 1e-6 * step:
            raise InputError(
                f"a step of {length:g} s: this unit was made for steps of {step:g} s; export it for others"
            )
        if self.time is not None and abs(time - self.time) > 1e-6 * step:
            raise InputError(
                f"a step from {time:g} s on, after one that ended at {self.time:g} s: restore a state first"
            )
        case = self._open() if self._stepper is None else self._stepper
        if case.now + 0.5 * step > case.end - step:
            case.restore(case.save()._replace(now=0))
            self._given = []
        if self._given != self.inputs:
            case.give(**self._named(self.inputs))
            self._given = list(self.inputs)
        self._march(case)
        self.time = time + length

    def save(self) -> State:
        """Everything that will be needed to come back to this moment."""
        kept = None if self._stepper is None else self._stepper.save()
        return State(self.time, list(self.inputs), list(self._values), self._rest, kept)

    def restore(self, state: State) -> None:
        """Come back to a moment that was saved, by this unit or by one of the same setup."""
        if state.rest is None or state.kept is None:
            self._stepper = None
        else:
            if self._stepper is None or self._rest != state.rest:
                self._stepper = open_stepper(self.setup, self._named(state.rest))
            self._stepper.restore(state.kept)
        self.time, self._rest, self._given = state.time, state.rest, []
        self.inputs, self._values = list(state.inputs), list(state.values)

    def _open(self) -> Stepper:
        """Come to rest; the values of the rest are those of a step from it."""
        self._rest = list(self.inputs)
        case = self._stepper = open_stepper(self.setup, self._named(self._rest))
        kept = case.save()
        self._march(case)
        case.restore(kept)
        return case

    def _march(self, case: Stepper) -> None:
        every = case.case.every
        case.march(round(case.now / self.setup.step) * every + every)
        row = case.row()
        read = [np.asarray(row[name], float) for name in self._read]
        if not self._at:
            self._at = self._places([array.shape for array in read])
        numbers = np.concatenate([[0.0], *(array.ravel() for array in read)])
        self._values = (self._scale * numbers[self._at] + self._offset).tolist()

    def _places(self, shapes: list[tuple[int, ...]]) -> list[int]:
        """Where each output lies in a row whose arrays stand one after the other, behind a zero for constants."""
        begins = np.cumsum([1, *(int(np.prod(shape)) for shape in shapes)]).tolist()
        place = dict(zip(self._read, zip(begins, shapes, strict=False), strict=True))
        found = []
        for signal in self.setup.outputs:
            begin, shape = place.get(signal.variable, (0, ()))
            found.append(begin + (int(np.ravel_multi_index(signal.place, shape)) if signal.place else 0))
        return found

    def _named(self, inputs: list[float]) -> dict[str, Any]:
        """Inputs as a stepper takes them."""
        heat: list[float] = []
        air: dict[str, float] = {}
        found: dict[str, Any] = {}
        for signal, outside in zip(self.setup.inputs, inputs, strict=True):
            value = signal.inside(outside)
            if signal.variable in {"heat", "heat_loop"}:
                heat.append(value)
            elif signal.variable in AIR:
                air[signal.variable] = value
            else:
                found[signal.variable] = value
        loops = len(self.setup.loops)
        if heat and len(heat) == loops and self.setup.inputs[0].variable == "heat_loop":
            found["heat"] = xr.DataArray(heat, dims="loop")
        elif heat:
            found["heat"] = xr.DataArray(np.reshape(heat, (loops, -1)), dims=("loop", "rack"))
        if air:
            found["weather"] = weather_of(self.setup.air | air)
        return found


def open_stepper(setup: Setup, given: dict[str, Any]) -> Stepper:
    """Loops and facility at rest under what is given, the design heat and the setup's weather elsewhere."""
    own = {name: value for name, value in given.items() if name not in {"heat", "weather"}}
    run = stepper(
        list(setup.loops),
        heat=given.get("heat", _design_heat(setup.loops)),
        facility=_with(setup.facility, own),
        weather=given.get("weather", weather_of(setup.air)),
        until=ROWS * setup.step,
        step=setup.longest,
        save=setup.step,
    )
    assert isinstance(run, Stepper)  # loops, no network
    return run


def _with(facility: Any, values: dict[str, float]) -> Any:
    """The facility with these values, of its own or of the plant inside it."""
    if not values:
        return facility
    if set(values) <= set(type(facility).model_fields):
        return facility.replace(**values)
    return facility.replace(plant=_with(facility.plant, values))


def _design_heat(loops: tuple[Loop, ...]) -> xr.DataArray:
    return xr.DataArray([float(loop.design_heat.sum()) for loop in loops], dims="loop")


def weather_of(air: dict[str, float]) -> Any:
    """Weather of now: a wet bulb alone, or all that a plant asks for, humidity after the wet bulb if it is not given.

    Examples
    --------
    >>> weather_of({"T_wet_bulb": 12.0})
    12.0
    >>> float(weather_of({"T_dry_bulb": 20.0, "T_wet_bulb": 20.0, "pressure": 101325.0}).humidity_ratio.round(4))
    0.0147
    """
    if not air:
        return None
    if set(air) == {"T_wet_bulb"}:
        return air["T_wet_bulb"]
    ratio = air.get("humidity_ratio")
    if ratio is None:
        ratio = humidity_ratio_of_wet_bulb(air["T_dry_bulb"], air["T_wet_bulb"], air["pressure"])
    return xr.Dataset(air | {"humidity_ratio": ratio})


def to_bytes(state: State) -> bytes:
    """A state as a file of plain arrays."""
    arrays: dict[str, np.ndarray] = {"inputs": np.array(state.inputs), "values": np.array(state.values)}
    if state.time is not None:
        arrays["time"] = np.array(state.time)
    if state.rest is not None and state.kept is not None:
        kept = state.kept
        arrays |= {"rest": np.array(state.rest), "clock": np.array([kept.now, kept.event])}
        arrays |= {f"memory{k}": np.asarray(array) for k, array in enumerate(kept.memory)}
        arrays |= {f"row{k}": np.asarray(array) for k, array in enumerate(kept.row)}
        if kept.heat is not None:
            arrays["heat"] = kept.heat
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def from_bytes(data: bytes) -> State:
    """The state of such bytes; nothing in them is run."""
    with np.load(io.BytesIO(bytes(data)), allow_pickle=False) as found:
        arrays = {name: found[name] for name in found.files}
    time = float(arrays["time"]) if "time" in arrays else None
    inputs, values = arrays["inputs"].tolist(), arrays["values"].tolist()
    if "rest" not in arrays:
        return State(time, inputs, values, None, None)
    now, event = (int(k) for k in arrays["clock"])
    memory, row = (
        [arrays[f"{what}{k}"] for k in range(sum(name.removeprefix(what).isdigit() for name in arrays))]
        for what in ("memory", "row")
    )
    return State(time, inputs, values, arrays["rest"].tolist(), Snapshot(now, event, memory, arrays.get("heat"), row))
