"""A plant in time, behind whatever it cools: it offers water, takes heat a step at a time, stages its machines.

What passes is heat: all that the CDUs gave off in a plant step enters the plant in that step, so that the pair
conserves energy exactly whatever the two rates are.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
import xarray as xr

from thermal.components.hydronics.exchanger import rho_cp
from thermal.errors import ConvergenceError, InputError
from thermal.inputs import no_others, number
from thermal.network.case import Study, Timetable
from thermal.network.columns import Columns
from thermal.network.events import Event, require_within
from thermal.network.water import Taken, Water, water_of
from thermal.outdoors.in_time import outdoors
from thermal.physics.kernel import zero_record
from thermal.physics.plant.hour import Mode
from thermal.physics.plant.march import INERTIA, PLANT_NOW, Extra, Moment, step_plant
from thermal.physics.plant.staging import MACHINE, Phase
from thermal.physics.plant.year import Column, run_hours
from thermal.physics.rejection.rejection import Air
from thermal.plant.plant import Plant
from thermal.plant.result import plant_series

__all__ = ["Beside", "PlantWater", "inertia_of"]

OUTDOORS = ("T_dry_bulb", "T_wet_bulb", "humidity_ratio", "pressure")
SHARE_OF_TURNOVER = 0.25  # longest plant step over the time water spends in the shorter pipe
MACHINES = ("pump", "condenser_pump", "chiller")
ENDS = [  # rows of which the end of a saved interval is kept; of the others the mean
    Column.T_SUPPLY, Column.T_RETURN, Column.T_CONDENSER, Column.T_CONDENSER_RETURN, Column.AIR_RATIO, Column.MODE,
    Column.CHILLERS_ON, Column.STATE, Extra.STARTING, Extra.BYPASS,
]  # fmt: skip


class Beside(Protocol):
    """What else is on the facility water, beside the CDUs."""

    @property
    def water_rate(self) -> float:
        """Heat capacity rate of the water that it takes at design [W/K]."""

    def lay_out(self, steps: int) -> None:
        """Prepare for so many plant steps."""

    def at(self, step: int, it_power: float, air: float, drives: float) -> tuple[float, float]:
        """Heat into the water [W] and water drawn [W/K] in a plant step.

        From the power of the racks, what of it warms the air, and the losses of the drives of the CDU pumps [W].
        """


class Nothing:
    """Nothing is."""

    water_rate = 0.0

    def lay_out(self, steps: int) -> None:
        """Nothing."""

    def at(self, step: int, it_power: float, air: float, drives: float) -> tuple[float, float]:
        """Nothing."""
        return 0.0, 0.0


class PlantWater:
    """Water of a plant, with its volumes, start-up and staging in time.

    What it cools draws the plant's design flow with all valves open, less what stands beside. The plant's own flow
    follows its pump's law; the difference goes through a bypass.
    """

    def __init__(self, plant: Plant, beside: Beside | None = None) -> None:
        own = plant.dynamics
        assert own is not None  # the verb fills it in
        self.plant, self.coolant = plant, plant.coolant
        self.beside = Nothing() if beside is None else beside
        self.longest = min(own.step, SHARE_OF_TURNOVER * min(own.supply_time, own.return_time))
        water = plant.coolant
        self.rho_cp = rho_cp(water, min(max(25.0, water.T_low), water.T_high))  # that what it cools counts with
        self.flow = self._offered()
        self.stride = 1
        self.T_set = np.array([plant.T_supply])  # may be given anew
        self.inertia = inertia_of(plant)
        self.now = np.zeros(1, PLANT_NOW).view(np.recarray)
        self.machines = np.zeros(_have(plant)["chiller"], MACHINE).view(np.recarray)
        self.machines.time = 1e9  # standing for long

    def _offered(self) -> float:
        """Design flow of the plant [m³/s]; what others take at design is not on offer."""
        plant = self.plant
        rate = plant.model.facility.pump.mass_flow * plant.coolant.properties(plant.T_supply).heat_capacity
        if not rate > self.beside.water_rate:
            raise InputError("what stands beside the CDUs takes all the facility water: give the plant a larger pump")
        return float((rate - self.beside.water_rate) / self.rho_cp)

    @property
    def T(self) -> float:
        """Temperature at the CDUs now [°C]."""
        return float(self.now.T_supply[0])

    def owns(self, event: Any) -> bool:
        """Whether an event is about one of its machines."""
        return isinstance(event, Event) and _machine(event, self.plant) is not None

    def lay_out(self, study: Study, plan: Timetable, time: xr.DataArray | None, events: Sequence[Event]) -> None:
        """Take weather and the events of its machines; its steps are as many intervals as they may last.

        Raises
        ------
        InputError, DataError
            If the weather cannot be used, or an event makes no sense.
        """
        interval, every = plan.interval, plan.every
        fits = [n for n in range(1, every + 1) if every % n == 0 and n * interval <= self.longest * (1 + 1e-9)]
        self.stride = max(fits, default=1)
        self.step, steps = self.stride * interval, plan.intervals // self.stride
        self.air = outdoors(study.weather, OUTDOORS, time, steps, self.step)
        self.weather = str(getattr(study.weather, "attrs", {}).get("source", "not stated"))
        self.beside.lay_out(steps)
        self.running = {name: np.full(steps, n) for name, n in _have(self.plant).items()}
        self._schedule(events)
        rows = len(Column) + len(Extra)
        self.rows = np.zeros((plan.intervals // every, rows))
        self._column = np.zeros(rows)
        self._kept = np.zeros((1, every // self.stride, rows))  # of the steps of the row that is being marched

    def _schedule(self, events: Sequence[Event]) -> None:
        """Take events; each takes effect with the plant step that begins at or after it.

        Raises
        ------
        InputError
            If more machines stop than the plant has, or one starts that has not stopped.
        """
        have = _have(self.plant)
        for event in sorted(events, key=lambda event: event.at):
            name = _machine(event, self.plant)
            assert name is not None  # others are not its own
            running = self.running[name]
            require_within(event, len(running) * self.step)
            if event.loop is not None:
                raise InputError(f"event at {event.at:g} s: the {name} of the plant belongs to no loop; leave loop out")
            first = math.ceil(event.at / self.step - 1e-9)
            after = int(running[min(first, len(running) - 1)]) + event.change
            if not 0 <= after <= have[name]:
                what = "stop, but none runs" if event.change < 0 else "restart, but all run"
                raise InputError(
                    f"event at {event.at:g} s: a {name} of the plant should {what}; check the events before it"
                )
            running[first:] = after

    def rest(self, settled: Callable[[float], Taken]) -> None:
        """Put plant and what it cools at rest under the first heat and weather: the hour of ``th.annual``.

        Raises
        ------
        ConvergenceError
            If one of them has no rest there.
        """
        plant, now = self.plant, self.now[0]
        load, _ = self._settled(settled, float(self.T_set[0]))  # room units included
        hour = np.empty((len(Column), 1))
        T, T_wet_bulb, w, pressure = (self.air[name][:1] for name in OUTDOORS)
        run_hours(plant.model, np.array([load]), self.T_set, T, T_wet_bulb, w, pressure, np.array([True]), hour)
        row = hour[:, 0]
        if not np.isfinite(row).all():
            raise ConvergenceError(f"no steady state to start from: the plant has no solution at a load of {load:g} W")
        if row[Column.UNMET] > 0.0:
            raise ConvergenceError(
                f"no steady state to start from: of {row[Column.HEAT] / 1e3:.4g} kW the plant leaves "
                f"{row[Column.UNMET] / 1e3:.4g} kW with {row[Column.CHILLERS_ON]:.0f} chillers of "
                f"{len(self.machines)} running; give more or larger chillers, or begin with less heat"
            )
        now.load, now.T_machine, now.T_condenser = load, row[Column.T_SUPPLY], row[Column.T_CONDENSER]
        flow = row[Column.HEAT] / (row[Column.T_RETURN] - row[Column.T_SUPPLY]) if load > 0.0 else 0.0  # W/K
        rise = load / flow if flow > 0.0 else 0.0
        now.T_supply = self._mixed(settled, float(now.T_machine), rise, flow)
        now.T_return = now.T_machine + rise
        now.free, now.free_for = row[Column.MODE] in (Mode.FREE, Mode.PARTIAL), 1e9
        self.machines.phase[: int(row[Column.CHILLERS_ON])] = Phase.ON

    def _settled(self, settled: Callable[[float], Taken], T: float) -> tuple[float, float]:
        """Heat [W] and draw [W/K] of all that is on its water, at rest on water at `T`."""
        taken = settled(T)
        heat, water = self.beside.at(0, taken.it_power, taken.air, taken.drives)
        return taken.heat + heat, taken.draw + water

    def _mixed(self, settled: Callable[[float], Taken], T_machine: float, rise: float, flow: float) -> float:
        """Temperature at the CDUs [°C]: the plant's, or warmer where they draw more than its flow and some goes round.

        By bisection between the plant's supply and return: T = T_machine + rise (1 − flow/draw(T)).
        """
        low, high = T_machine, T_machine + rise
        _, draw = self._settled(settled, low)
        if not (flow > 0.0 and draw > flow * (1.0 + 1e-12)):
            return low
        for _ in range(60):
            T = 0.5 * (low + high)
            _, draw = self._settled(settled, T)
            if T_machine + rise * max(1.0 - flow / draw, 0.0) > T:
                low = T
            else:
                high = T
        return T

    def pumped(self, begin: int) -> bool:
        """Whether the facility pump may run in the step that begins with this interval."""
        return bool(self.running["pump"][begin // self.stride])

    def take(self, begin: int, taken: Taken) -> None:
        """Take what a step brought.

        Raises
        ------
        ConvergenceError
            If the plant has no solution; the message says when.
        """
        p, column = begin // self.stride, self._column
        heat, drawn = self.beside.at(p, taken.it_power, taken.air, taken.drives)
        pumping, condensing, chillers = (self.running[name][p] for name in MACHINES)
        moment = Moment(
            taken.heat + heat, taken.draw + drawn, float(self.T_set[0]), bool(pumping), bool(condensing), int(chillers)
        )
        air = Air(*(float(self.air[name][p]) for name in OUTDOORS))
        step_plant(self.plant.model, self.inertia, self.now[0], self.machines, moment, air, self.step, column)
        if not np.isfinite(column).all():
            raise ConvergenceError(
                f"transient: the plant has no solution at {(p + 1) * self.step:g} s from the start; look at the "
                "weather there and for an impossible flow or volume of the plant"
            )
        steps = self._kept.shape[1]
        self._kept[0, p % steps] = column
        if (p + 1) % steps == 0:
            row = self.rows[p // steps]
            row[:] = self._kept[0].mean(axis=0)
            row[ENDS] = column[ENDS]

    def memory(self) -> Iterable[np.ndarray]:
        """Water, machines and clocks of the plant, its set point and the weather, which may be given anew."""
        return self.now, self.machines, self._kept, self.T_set, *self.air.values()

    def tables(self) -> Iterable[np.ndarray]:
        """What was saved of the plant."""
        return (self.rows,)

    def give(self, name: str, value: Any, begin: int) -> None:
        """Take a set point ``T_supply`` [°C], or the ``weather``, which holds from the next plant step on."""
        no_others("th.Plant", [name], ("T_supply", "weather"))
        water, first = self.plant.coolant, -(-begin // self.stride)
        if name == "T_supply":
            self.T_set[0] = number("T_supply", value, "degC", low=water.T_low, high=water.T_high)
            return
        for each, values in outdoors(value, OUTDOORS, None, 1, self.step).items():
            self.air[each][first:] = values

    def inputs(self) -> dict[str, Any]:
        """The set point of the water [°C], and the weather."""
        air = {name: float(self.air[name][0]) for name in OUTDOORS}
        return {"T_supply": float(self.T_set[0]), "weather": air}

    def columns(self, first: int, rows: int) -> Columns | None:
        """No way but the whole result."""
        return None

    def complete(self, cooled: xr.Dataset) -> xr.Dataset:
        """Series, water and end uses of the plant beside what it cools."""
        rows = cooled.sizes["time"]
        per = self._kept.shape[1]
        air = {name: self.air[name][per - 1 :: per][:rows] for name in ("T_wet_bulb", "T_dry_bulb")}
        result = plant_series(self.plant, cooled, self.rows[:rows].T, air, self.rho_cp)
        return result.assign_attrs(plant_step=self.step, weather=self.weather)


def _have(plant: Plant) -> dict[str, int]:
    """Machines of the plant that events may stop; chillers that follow included."""
    have = {name: 0 if getattr(plant, name) is None else 1 for name in MACHINES}
    return have | {"chiller": int(plant.model.facility.chillers)}


def inertia_of(plant: Plant) -> Any:
    """The record of the kernels: heat capacities at the plant's design flows, and the delays."""
    m, own = plant.model, plant.dynamics
    assert own is not None  # the verb fills it in
    facility = m.facility.pump.mass_flow * plant.coolant.properties(plant.T_supply).heat_capacity
    n = zero_record(INERTIA)
    n.supply, n.back = own.supply_time * facility, own.return_time * facility
    n.machine = own.machine_time * facility
    if plant.condenser_pump is not None:
        water = plant.condenser_water.properties(plant.T_condenser_high)
        n.condenser = own.condenser_time * m.condenser_pump.mass_flow * water.heat_capacity
    for name in ("flow_time", "start_delay", "hold_up", "hold_down", "on_least", "off_least", "mode_least"):
        setattr(n, name, getattr(own, name))
    return n


def _machine(event: Event, plant: Plant) -> str | None:
    """Which machine of the plant an event is about, if any.

    Raises
    ------
    InputError
        If the facility pump and the condenser pump are equal and it is neither of them, but a copy.
    """
    for name in MACHINES:
        if event.pump is getattr(plant, name):
            return name
    equal = [name for name in MACHINES if event.pump == getattr(plant, name)]
    if len(equal) > 1:
        raise InputError(
            f"event at {event.at:g} s: {' and '.join(equal)} of the plant are equal; pass plant.{equal[0]}"
        )
    return equal[0] if equal else None


@water_of.register
def _(facility: Plant) -> Water:
    return PlantWater(facility)
