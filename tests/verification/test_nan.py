"""NaN put into every input of every solver comes out as NaN: nothing rests, converges or saves over it in silence."""

import math

import numpy as np
import pytest
from machines import HEAT, KINDS, SUPPLY, TRAINS, columns, net_of, prepare, row, run, setting

import thermal as th
from thermal.errors import ConvergenceError
from thermal.physics.machines.exchanger import (
    ExchangerLaw,
    conductance,
    counterflow_effectiveness,
    counterflow_ntu,
    exchange,
)
from thermal.physics.machines.plate_curve import case_to_inlet_resistance, plate_conductance
from thermal.physics.machines.pump import PumpCurve, head_and_slope, pump_power, speed_for
from thermal.physics.network.control import CONTROL, beyond, pi_step
from thermal.physics.network.loop import (
    LOOP,
    LOOP_STATE,
    RACK,
    RACK_STATE,
    branch_flow,
    loop_flow,
    loop_step,
    valve_flow,
)
from thermal.physics.plant.trains import PLANT, PLANT_STATE, header_available, plant_step, settle_plant
from thermal.units import minute

NAN = math.nan
PUMP = th.load("pumps/vertiv_xdu1350").curve
PLATE = th.load("cold_plates/ocp_1kw").table
LAW = ExchangerLaw(1e5, 1e5, 2e4, 2e4, 0.7, 1e-6)
CONTROLLER = np.array((0.5, 40.0, 0.01, 0.05, 1.0), CONTROL).view(np.recarray)[()]
LAWS = {  # law: arguments at which it answers a number
    head_and_slope: (PUMP, 0.008, 0.9),
    speed_for: (PUMP, 0.008, 20.0, 0.1, 1.2),
    pump_power: (PUMP, 1000.0, 0.008, 20.0),
    plate_conductance: (PLATE, 2e-5, 80.0),
    case_to_inlet_resistance: (PLATE, 2e-5, 80.0),
    counterflow_effectiveness: (1.5, 0.7),
    counterflow_ntu: (0.6, 0.7),
    conductance: (LAW, 2e4, 3e4),
    exchange: (LAW, 2e4, 3e4),
    beyond: (0.1, 0.01),
    pi_step: (CONTROLLER, 0.5, 0.1, 0.05, 1.0),
}
# Compared and never computed with: a limit that is NaN limits nothing. Parts refuse NaN, so none comes in that way.
LIMITS = {"low", "high", "hot_low", "T_low", "T_high", "train_hot_flow", "fan_idle", "stage_delay", "held"}


def _floats(dtype):
    """Paths to every floating-point field of a record."""
    for name in dtype.names:
        if dtype[name].names:
            yield from ((name, *rest) for rest in _floats(dtype[name]))
        elif dtype[name].base.kind == "f":
            yield (name,)


def _spoil(record, path):
    for name in path[:-1]:
        record = record[name]
    record[path[-1]] = NAN


def _spoilt(value):
    """Copies of an argument with NaN in one place each."""
    if isinstance(value, tuple):
        for k, inner in enumerate(value):
            for broken in _spoilt(inner):
                yield type(value)(*value[:k], broken, *value[k + 1 :])
    elif isinstance(value, np.ndarray):
        yield np.full_like(value, NAN)
    elif isinstance(value, float):
        yield NAN


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_laws_pass_nan_on(law):
    arguments = LAWS[law]
    assert np.isfinite(law(*arguments)).all()
    count = 0
    for k, value in enumerate(arguments):
        for broken in _spoilt(value):
            if (
                law is pump_power
                and isinstance(broken, PumpCurve)
                and not math.isnan(broken.efficiency * broken.drive_efficiency)
            ):
                continue  # the power of a given head needs the efficiencies alone
            if (
                isinstance(broken, PumpCurve)
                and law is not pump_power
                and math.isnan(broken.efficiency * broken.drive_efficiency)
            ):
                continue  # and the head does without
            answer = np.asarray(law(*arguments[:k], broken, *arguments[k + 1 :]))
            if law is head_and_slope and k == 0 and np.isnan(broken.head).all():
                answer = answer[:1]  # dH/dV of a Hermite piece with NaN heads is NaN as well, but ask for no more
            assert np.isnan(answer).any(), f"argument {k} = {broken}"
            count += 1
    assert count >= 2


@pytest.mark.parametrize("path", [p for p in _floats(CONTROL) if p[-1] in ("gain", "reset")], ids=".".join)
def test_controller_settings_pass_nan_on(path):
    control = CONTROLLER.copy()
    _spoil(control, path)
    assert math.isnan(pi_step(control, 0.5, 0.1, 0.05, 1.0))


@pytest.mark.parametrize("law", [branch_flow, valve_flow])
def test_flows_pass_nan_on(law):
    net, _ = net_of(row(1))
    assert math.isnan(branch_flow(net.racks[0], NAN))
    assert math.isnan(valve_flow(net.loops[0], NAN, 5e4))
    assert math.isnan(valve_flow(net.loops[0], 0.5, NAN))


HYDRAULIC = ["density", "pump_head", "pump_slope", "pump_spacing", "inner_linear", "inner_quadratic"]


@pytest.mark.parametrize("name", [*HYDRAULIC, "flow", "drop", "exponent", "speed"])
def test_operating_point_does_not_converge_on_nan(name):
    net, _ = net_of(row(2))
    speed = NAN if name == "speed" else 0.9
    if name in HYDRAULIC:
        net.loops[name] = NAN
    elif name != "speed":
        net.racks[name][1] = NAN
    assert math.isnan(loop_flow(net, 0, 2, speed, 1e5)[2])


def test_last_known_pressure_is_only_a_start():
    net, _ = net_of(row(2))
    assert loop_flow(net, 0, 2, 0.9, NAN) == pytest.approx(loop_flow(net, 0, 2, 0.9, 1e5), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("where", ["heat", "pump_heat", "T_facility", "K", "step", *map(".".join, _floats(RACK_STATE))])
def test_step_of_a_loop_passes_nan_on(where):
    net, state = net_of(row(2))
    arguments = {"heat": np.array([5e4, 5e4]), "pump_heat": 1e3, "T_facility": 25.0, "K": 8e3, "step": 1.0}
    state.racks.T_case, state.racks.T_coolant, state.racks.F, state.racks.G = 50.0, 40.0, 9e3, 8e3
    state.loops.T_return, state.loops.T_supply, state.loops.T_primary, state.loops.primary_flow = (
        40.0,
        32.0,
        35.0,
        0.005,
    )
    if where in arguments:
        arguments[where] = np.array([5e4, NAN]) if where == "heat" else NAN
    else:
        state.racks[where][1] = NAN
    assert math.isnan(loop_step(net, 0, state, *arguments.values()))


def _case(kind):
    stepper = prepare(**setting(kind), heat=HEAT[kind], until=2 * minute, save=minute)
    stepper.case.state.loops.drop *= 0.95  # off the reference drop, where 1 ** NaN would be 1
    stepper.case.net.loops.drop_set *= 0.95
    return stepper


def _inputs(stepper):
    """What drives a study in time, by name."""
    port = stepper._port
    water = getattr(port, "water", None)
    own = {"T": water.now[:1], "flow": water.now[1:]} if water else {"T_wet_bulb": port.T_wet_bulb}
    return {"heat": stepper.case.boundary.heat, **own}


def _everywhere():
    """Every field of every record a march reads, and every table of its boundary, for each kind of facility."""
    for kind in KINDS:
        records = {"loops": LOOP, "racks": RACK, "state.loops": LOOP_STATE, "state.racks": RACK_STATE}
        if kind == TRAINS:
            records |= {"plant": PLANT, "plant_state": PLANT_STATE}
        for owner, dtype in records.items():
            for path in _floats(dtype):
                if path[-1] not in LIMITS:
                    yield pytest.param(kind, owner, path, id=f"{kind} {owner} {'.'.join(path)}")
        for name in ("heat", "T", "flow") if kind == SUPPLY else ("heat", "T_wet_bulb"):
            yield pytest.param(kind, "boundary", (name,), id=f"{kind} boundary {name}")


# What follows from the rest in the same step, so that a NaN there is overwritten before anyone reads it.
DERIVED = {("state.loops", n) for n in ("flow", "primary_flow", "solved_speed", "residual")} | {
    ("state.racks", n) for n in ("F", "G")
}
DERIVED |= {("plant_state", n) for n in ("T_tower_return",)}


@pytest.mark.parametrize(("kind", "owner", "path"), [*_everywhere()])
@pytest.mark.compiled
def test_march_reports_nan(kind, owner, path):
    stepper = _case(kind)
    case, port = stepper.case, stepper._port
    case.state.loops.solved_running = -1  # else the march trusts the flows of its last solution
    if owner == "boundary":
        values = _inputs(stepper)[path[0]]
        values[len(values) // 2 :] = NAN
    else:
        last = {
            "loops": case.net.loops,
            "racks": case.net.racks,
            "state.loops": case.state.loops,
            "state.racks": case.state.racks,
            "plant": getattr(port, "plant", None),
            "plant_state": getattr(port, "state", None),
        }[owner]
        _spoil(last if owner == "plant" else last[-1:], path)
    record = run(stepper)
    spoilt = [name for name, values in columns(stepper).items() if np.isnan(values).any()]
    if (owner, path[0]) in DERIVED:
        assert not [name for name in spoilt if name != "water.hydraulic_residual"]
        return
    assert spoilt, "a NaN vanished"
    temperatures = [name for name in spoilt if "T_" in name]
    if temperatures:  # then a balance is broken, and the verb must see it
        assert np.isnan(record.water.energy_residual).any() or np.isnan(record.water.hydraulic_residual).any()


@pytest.mark.parametrize(
    ("kind", "name"), [(SUPPLY, "heat"), (SUPPLY, "T"), (SUPPLY, "flow"), (TRAINS, "heat"), (TRAINS, "T_wet_bulb")]
)
def test_no_rest_on_nan(kind, name):
    for heat in (0.0, HEAT[kind]):
        stepper = prepare(**setting(kind), heat=heat, until=2 * minute, save=minute)
        _inputs(stepper)[name][0] = NAN
        with pytest.raises(ConvergenceError, match="no steady state"):
            stepper._port.rest()


@pytest.mark.parametrize("where", range(5))
def test_plant_does_not_rest_on_nan(where):
    port = _case(TRAINS)._port
    arguments = [0.1, 1.5e5, 2e6, 18.0]
    if where < 4:
        arguments[where] = NAN
    answer = settle_plant(port.plant, port.state[0], *arguments)
    assert math.isnan(answer) == (where < 4)


@pytest.mark.parametrize("where", range(6))
def test_plant_step_passes_nan_on(where):
    port = _case(TRAINS)._port
    arguments = [0.1, 1.5e5, 35.0, 18.0, 1.0]
    if where < 5:
        arguments[where] = NAN
    answer = plant_step(port.plant, port.state[0], *arguments)
    assert np.isnan(answer).any() == (where < 5)
    assert math.isnan(header_available(port.plant, NAN, 1))
