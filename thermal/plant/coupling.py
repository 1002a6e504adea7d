"""The port of a plant: the loops march against held supply water, then the plant a longer step with what they gave.

What passes between them is heat: all that the CDUs gave off in a plant step enters the plant in that step, so that the
pair conserves energy exactly whatever the two rates are.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
import xarray as xr

from thermal.components.hydronics.exchanger import rho_cp
from thermal.errors import ConvergenceError, InputError
from thermal.inputs import no_others, number
from thermal.network.case import Case, Study, cut_finer, prepare, require_rest
from thermal.network.events import Event, require_within
from thermal.network.port import Port, behind
from thermal.network.result import Columns
from thermal.network.supply import header_of
from thermal.outdoors.in_time import outdoors
from thermal.physics.kernel import zero_record
from thermal.physics.network.march import Offer, Record, march, settle
from thermal.physics.plant.hour import Mode
from thermal.physics.plant.march import INERTIA, PLANT_NOW, Extra, Moment, step_plant
from thermal.physics.plant.staging import MACHINE, Phase
from thermal.physics.plant.year import Column, run_hours
from thermal.physics.rejection.rejection import Air
from thermal.plant.plant import Plant
from thermal.plant.result import plant_series

__all__ = ["Beside", "PlantPort", "inertia_of", "plant_case"]

OUTDOORS = ("T_dry_bulb", "T_wet_bulb", "humidity_ratio", "pressure")
SHARE_OF_TURNOVER = 0.25  # longest plant step over the time water spends in the shorter pipe
MACHINES = ("pump", "condenser_pump", "chiller")
ENDS = [  # rows of which the end of a saved interval is kept; of the others the mean
    Column.T_SUPPLY, Column.T_RETURN, Column.T_CONDENSER, Column.T_CONDENSER_RETURN, Column.AIR_RATIO, Column.MODE,
    Column.CHILLERS_ON, Column.STATE, Extra.STARTING, Extra.BYPASS,
]  # fmt: skip


class Beside(Protocol):
    """What else is on the facility water, beside the CDUs of the case."""

    @property
    def water_rate(self) -> float:
        """Heat capacity rate of the water that it takes at design [W/K]."""

    def at(self, step: int, it_power: float, air: float, drives: float) -> tuple[float, float]:
        """Heat into the water [W] and water drawn [W/K] in a plant step.

        From the power of the racks, what of it warms the air, and the losses of the drives of the CDU pumps [W].
        """


class Nothing:
    """Nothing is."""

    water_rate = 0.0

    def at(self, step: int, it_power: float, air: float, drives: float) -> tuple[float, float]:
        """Nothing."""
        return 0.0, 0.0


class PlantPort:
    """A plant behind the loops of a case, with water volumes, start-up and staging in time.

    The facility water is offered to the CDUs at a constant differential pressure, at which the loops draw its design
    flow together with their valves open, each an equal share. The plant's own flow follows its pump's law; the
    difference goes through a bypass.
    """

    def __init__(
        self,
        case: Case,
        stride: int,
        plant: Plant,
        air: dict[str, np.ndarray],
        weather: Any,
        beside: Beside | None = None,
    ) -> None:
        self.case, self.stride, self.plant, self.air = case, stride, plant, air
        self.beside = Nothing() if beside is None else beside
        self.offered = _offered(plant, self.beside.water_rate)
        net = case.net
        self._to_air = 1.0 - net.racks.plate_heat - net.racks.other_heat
        self._drive_loss = 1.0 - net.loops.drive_efficiency
        self.step = stride * case.boundary.interval
        self.T_set = np.array([plant.T_supply])  # may be given anew
        self.weather = str(getattr(weather, "attrs", {}).get("source", "not stated"))
        header = np.broadcast_to(header_of(case, self.offered), (case.intervals, len(case.loops)))
        self.offer = Offer(np.full(case.intervals, plant.T_supply), header.copy(), np.zeros(len(case.loops)))
        self.running = {name: np.full(case.intervals // stride, n) for name, n in _have(plant).items()}
        self.inertia = inertia_of(plant)
        self.now = np.zeros(1, PLANT_NOW).view(np.recarray)
        self.machines = np.zeros(_have(plant)["chiller"], MACHINE).view(np.recarray)
        self.machines.time = 1e9  # standing for long
        rows = len(Column) + len(Extra)
        self.rows = np.zeros((case.intervals // case.every, rows))
        self._column = np.zeros(rows)
        self._kept = np.zeros((1, case.every // stride, rows))  # of the plant steps of the row that is being marched

    def schedule(self, events: Sequence[Event]) -> None:
        """Take events; each takes effect with the plant step that begins at or after it.

        Raises
        ------
        InputError
            If more machines stop than the plant has, or one starts that has not stopped.
        """
        have = _have(self.plant)
        for event in sorted(events, key=lambda event: event.at):
            name = _machine(event, self.plant)
            assert name is not None  # others went to the loops
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
        self.offer.header[np.repeat(self.running["pump"] == 0, self.stride)] = 0.0

    def rest(self) -> None:
        """Put loops and plant at rest under the first heat and weather: the hour of ``th.annual``.

        Raises
        ------
        ConvergenceError
            If loops or plant have no rest there.
        """
        plant, now = self.plant, self.now[0]
        load, _ = self._settled(float(self.T_set[0]))  # room units included
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
        now.T_supply = self._mixed(float(now.T_machine), load / flow if flow > 0.0 else 0.0, flow)
        now.T_return = now.T_machine + (load / flow if flow > 0.0 else 0.0)
        now.free, now.free_for = row[Column.MODE] in (Mode.FREE, Mode.PARTIAL), 1e9
        self.machines.phase[: int(row[Column.CHILLERS_ON])] = Phase.ON

    def _settled(self, T: float) -> tuple[float, float]:
        """Bring the loops to rest on facility water at `T`; return their heat [W] and the flow they draw [W/K]."""
        c = self.case
        header = header_of(c, self.offered)
        require_rest(c, settle(c.net, c.state, c.boundary.heat[0], T, header))
        draw = c.net.loops.facility_rho_cp * c.state.loops.primary_flow
        heat, water = self._beside(0, 0, 1, self._pump_power())
        return float((draw * (c.state.loops.T_primary - T)).sum()) + heat, float(draw.sum()) + water

    def _beside(self, step: int, begin: int, end: int, pump_power: np.ndarray) -> tuple[float, float]:
        """Heat [W] and water [W/K] beside the CDUs in a plant step over the intervals from `begin` to `end`."""
        power = self.case.boundary.heat[begin:end]
        return self.beside.at(
            step, float(power.sum()) / (end - begin), float((power @ self._to_air).sum()) / (end - begin),
            float(pump_power @ self._drive_loss),
        )  # fmt: skip

    def _pump_power(self) -> np.ndarray:
        """Electrical power of the pumps of each CDU as its loop is now [W]."""
        found = np.zeros(len(self.case.loops))
        for l, loop in enumerate(self.case.loops):
            now, pump = self.case.state.loops[l], loop.cdu.pump
            if now.running > 0 and now.flow > 0.0:
                each = float(now.flow) / int(now.running)
                density = float(self.case.net.loops[l].density)
                found[l] = now.running * pump.power(each, float(now.speed), density)
        return found

    def _mixed(self, T_machine: float, rise: float, flow: float) -> float:
        """Temperature at the CDUs [°C]: the plant's, or warmer where they draw more than its flow and some goes round.

        By bisection between the plant's supply and return: T = T_machine + rise (1 − flow/draw(T)).
        """
        low, high = T_machine, T_machine + rise
        _, draw = self._settled(low)
        if not (flow > 0.0 and draw > flow * (1.0 + 1e-12)):
            return low
        for _ in range(60):
            T = 0.5 * (low + high)
            _, draw = self._settled(T)
            if T_machine + rise * max(1.0 - flow / draw, 0.0) > T:
                low = T
            else:
                high = T
        return T

    def march(self, record: Record, begin: int, end: int, event: int) -> int:
        """March plant steps: offer the supply water, march the loops, take what they gave.

        Raises
        ------
        ConvergenceError
            If the plant has no solution; the message says when.
        """
        c, per, now, column = self.case, self.stride, self.now[0], self._column
        steps = c.every // per
        m, water = self.plant.model, c.net.loops.facility_rho_cp
        span = slice(begin // per, end // per)
        air = np.stack([self.air[name][span] for name in OUTDOORS], axis=1).tolist()
        on = zip(*(self.running[name][span].tolist() for name in MACHINES), strict=True)
        loops = (c.net, c.state, c.boundary, self.offer, c.substeps, c.every, record)
        pump_power, primary = (
            t.view(np.ndarray)[f] for t, f in ((record.loops, "pump_power"), (c.state.loops, "primary_flow"))
        )
        T_set = float(self.T_set[0])
        for p, outside, (pumping, condensing, chillers) in zip(range(span.start, span.stop), air, on, strict=True):
            self.offer.T[p * per : (p + 1) * per] = now.T_supply
            pumped = pump_power[p // steps].copy()
            event = march(*loops, p * per, (p + 1) * per, event)
            pumped = (pump_power[p // steps] - pumped) * steps
            heat, drawn = self._beside(p, p * per, (p + 1) * per, pumped)
            load = float(self.offer.taken.sum()) / self.step + heat
            draw = float(water @ primary) + drawn
            moment = Moment(load, draw, T_set, bool(pumping), bool(condensing), chillers)
            step_plant(m, self.inertia, now, self.machines, moment, Air(*outside), self.step, column)
            if not np.isfinite(column).all():
                raise ConvergenceError(
                    f"transient: the plant has no solution at {(p + 1) * self.step:g} s from the start; look at the "
                    "weather there and for an impossible flow or volume of the plant"
                )
            self._kept[0, p % steps] = column
            if (p + 1) % steps == 0:
                s = p // steps
                self.rows[s] = self._kept[0].mean(axis=0)
                self.rows[s, ENDS] = column[ENDS]
                record.water[s].energy_residual += self.rows[s, Column.ENERGY_RESIDUAL]
        return event

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

    def complete(self, loops: xr.Dataset) -> xr.Dataset:
        """Series, water and end uses of the plant beside the loops."""
        rows = loops.sizes["time"]
        table, per = self.rows[:rows].T, self.case.every // self.stride
        air = {name: self.air[name][per - 1 :: per][:rows] for name in ("T_wet_bulb", "T_dry_bulb")}
        result = plant_series(self.plant, loops, table, air, float(self.case.net.loops.facility_rho_cp[0]))
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


def _offered(plant: Plant, beside: float) -> float:
    """Design flow of the plant [m³/s] by the volumetric heat capacity that the loops count their water with.

    What others take at design, `beside` [W/K], is not on offer.
    """
    water = plant.coolant
    rate = plant.model.facility.pump.mass_flow * water.properties(plant.T_supply).heat_capacity - beside
    if not rate > 0.0:
        raise InputError("what stands beside the CDUs takes all the facility water: give the plant a larger pump")
    return float(rate / rho_cp(water, min(max(25.0, water.T_low), water.T_high)))


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


def plant_case(facility: Plant, study: Study) -> tuple[Case, int, dict[str, np.ndarray], list[Event]]:
    """The case of loops before a plant, the stride of the plant, its weather, and the events of its machines."""
    assert facility.dynamics is not None  # the verb fills it in
    own = [event for event in study.events if _machine(event, facility) is not None]
    case = prepare(study, facility.coolant, [event for event in study.events if event not in own])
    dynamics = facility.dynamics
    longest = min(dynamics.step, SHARE_OF_TURNOVER * min(dynamics.supply_time, dynamics.return_time))
    case = cut_finer(case, math.ceil(case.boundary.interval / longest - 1e-9), study.step)
    interval, every = case.boundary.interval, case.every
    whole = [n for n in range(1, every + 1) if every % n == 0 and (n == 1 or n * interval <= longest * (1 + 1e-9))]
    stride = max(whole)
    air = outdoors(study.weather, OUTDOORS, case.given, case.intervals // stride, stride * interval)
    return case, stride, air, own


@behind.register
def _(facility: Plant, study: Study) -> tuple[Case, Port]:
    case, stride, air, own = plant_case(facility, study)
    port = PlantPort(case, stride, facility, air, study.weather)
    port.schedule(own)
    return case, port
