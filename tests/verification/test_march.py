"""Time marching with each kind of facility: rest, cuts, refinement, balances of a stepped day, and accidents."""

import itertools

import numpy as np
import pytest
import xarray as xr
from machines import HEAT, KINDS, SUPPLY, columns, prepare, run, setting

import thermal as th
from thermal.errors import DataError, InputError
from thermal.units import hour, lpm, minute

REST = 1e-9  # K that a state at rest may move in an hour
CLOSURE = 1e-9  # energy and mass residual, relative to heat and flow
EACH = pytest.mark.parametrize("kind", KINDS)


def _steps(kind, period=10 * minute, length=2 * hour):
    """A heat trace that jumps between four levels, zero among them, differently for each loop."""
    times = np.arange(0.0, length, minute)
    levels = np.array([1.0, 0.2, 0.0, 1.3])
    loops = len(setting(kind)["loops"])
    phase = (times[:, None] // period + np.arange(loops)).astype(int) % 4
    phase[times < period] = 0  # all start under full heat
    racks = np.array([len(loop.racks) for loop in setting(kind)["loops"]])
    return xr.DataArray(HEAT[kind] * levels[phase] * racks, {"time": times}, ("time", "loop"))


@EACH
def test_a_state_at_rest_stays(kind):
    stepper = prepare(**setting(kind), heat=HEAT[kind], until=hour, save=minute)
    record = run(stepper)
    for name, values in columns(stepper).items():
        if name.startswith(("T_case", "loops.T", "water.T", "trains.T")):
            assert np.ptp(values, axis=0).max() <= REST, name
    assert np.abs(record.water.energy_residual).max() <= CLOSURE * HEAT[kind]
    peak = record.peaks.T_case - record.T_case[0]
    assert np.abs(peak).max() <= REST, "a spike at the start"


@EACH
def test_steady_is_the_transient_at_rest(kind):
    study = setting(kind) | {"heat": HEAT[kind]}
    loops = study.pop("loops")
    point = th.steady(loops, **study)
    last = th.transient(loops, **study, until=hour, save=minute).isel(time=-1)
    for name in point.data_vars:
        if name.startswith("T_"):
            np.testing.assert_allclose(point[name], last[name], rtol=0, atol=REST, err_msg=name)
        elif not name.endswith("residual"):
            np.testing.assert_allclose(np.nan_to_num(point[name]), np.nan_to_num(last[name]), rtol=1e-6, err_msg=name)


@EACH
@pytest.mark.compiled
def test_a_march_in_pieces_is_the_same_march(kind):
    study = setting(kind) | {"heat": _steps(kind)}
    pump = study["loops"][0].cdu.pumps[0]
    study["events"] = [
        th.stop(pump, at=1000, loop=0),
        th.restart(pump, at=3001, loop=0),
        th.stop(pump, at=5000, loop=1),
    ]
    whole = prepare(**study, until=2 * hour, save=minute, substeps=6)
    run(whole)
    for cuts in ([1], [17, 50, 51, 119], list(range(1, 120))):
        cut = prepare(**study, until=2 * hour, save=minute, substeps=6)
        run(cut, cuts)
        for name, values in columns(whole).items():
            np.testing.assert_array_equal(values, columns(cut)[name], err_msg=name)


@EACH
@pytest.mark.compiled
def test_what_is_saved_does_not_change_what_happens(kind):
    study = setting(kind) | {"heat": _steps(kind), "until": 2 * hour}
    whole = prepare(**study, save=minute, substeps=6), prepare(**study, save=10 * minute, substeps=6)
    often, seldom = (run(stepper) for stepper in whole)
    np.testing.assert_array_equal(often.T_case[9::10], seldom.T_case)
    np.testing.assert_array_equal(often.peaks.T_case, seldom.peaks.T_case)
    for tables in zip(*(stepper._port.tables() for stepper in whole), strict=True):
        often_rejected, seldom_rejected = (table.rejected.mean() for table in tables)
        np.testing.assert_allclose(often_rejected, seldom_rejected, rtol=1e-12)
    np.testing.assert_allclose(often.loops.heat_out.mean(), seldom.loops.heat_out.mean(), rtol=1e-12)


@EACH
@pytest.mark.compiled
def test_refined_steps_converge_at_first_order(kind):
    """Observed order of the case temperatures ten minutes after a step of heat: error ∝ Δt."""
    rise = xr.DataArray(HEAT[kind] * np.array([0.8, 1.0, 1.0, 1.0, 1.0, 1.0]), {"time": np.arange(6) * 2 * minute})
    ends = [
        run(prepare(**setting(kind), heat=rise, until=12 * minute, save=2 * minute, substeps=n)).T_case[2:]
        for n in (24, 48, 96, 192)
    ]
    apart = [np.abs(b - a).max() for a, b in itertools.pairwise(ends)]
    orders = np.log2(np.array(apart[:-1]) / apart[1:])
    assert (orders > 0.9).all(), orders
    assert (orders < 1.2).all(), orders
    assert apart[-1] < 0.02  # K between steps of 1.25 and 0.625 s


@EACH
@pytest.mark.compiled
def test_a_stepped_day_closes_its_balances(kind):
    day = 24 * hour
    study = setting(kind) | {"heat": _steps(kind, length=day)}
    stepper = prepare(**study, until=day, save=10 * minute, substeps=2)
    case, record = stepper.case, run(stepper)
    captured = (case.boundary.heat * (case.net.racks.plate_heat + case.net.racks.other_heat)).sum() * minute
    assert captured > 0.0
    assert np.abs(record.water.energy_residual).sum() * 10 * minute <= CLOSURE * captured
    assert record.water.mass_residual.max() <= CLOSURE * 1000.0 * record.water.flow.mean()
    assert record.water.hydraulic_residual.max() <= CLOSURE
    for name, values in columns(stepper).items():
        assert np.isfinite(values).all(), name


@EACH
def test_the_day_balances_as_an_outsider_would_draw_it(kind):
    """Heat in, pump heat in, heat out and storage, from the recorded columns alone: no trust in the kernel's books."""
    stepper = prepare(**setting(kind) | {"heat": _steps(kind)}, until=2 * hour, save=minute, substeps=6)
    case, start = stepper.case, _content(stepper)
    record = run(stepper)
    gained = (case.boundary.heat * (case.net.racks.plate_heat + case.net.racks.other_heat)).sum() * minute
    gained += (record.loops.pump_power * case.net.loops.drive_efficiency).sum() * minute
    if kind == SUPPLY:
        lost = record.loops.heat_out.sum() * minute
    else:
        plant, rows = stepper._port.plant, stepper._port.rows
        gained += (rows.hot_pumps * plant.hot_drive).sum() * minute
        gained += (rows.tower_pumps * plant.tower_drive).sum() * minute
        lost = rows.rejected.sum() * minute
    stored = _content(stepper) - start
    assert abs(stored) > 1e-4 * gained  # the test is about something
    assert gained - lost == pytest.approx(stored, abs=CLOSURE * gained)


def _content(stepper):
    """Heat in all nodes [J], summed apart from the kernel's own sum."""
    net, loops, racks = stepper.case.net, stepper.case.state.loops, stepper.case.state.racks
    E = (net.racks.case_capacity * racks.T_case).sum() + (net.racks.coolant_capacity * racks.T_coolant).sum()
    E += (net.loops.return_capacity * loops.T_return).sum() + (net.loops.supply_capacity * loops.T_supply).sum()
    E += (net.loops.primary_capacity * loops.T_primary).sum()
    if hasattr(stepper._port, "plant"):
        plant, state = stepper._port.plant, stepper._port.state[0]
        E += plant.hot_capacity * state.T_hot + plant.cold_capacity * state.T_cold
        E += plant.basin_capacity * state.T_basin
    return float(E)


@EACH
def test_pumps_stop_one_by_one_and_come_back(kind):
    """A trip, a standstill under heat and a restart: nothing but heating where nothing flows, and recovery after."""
    study = setting(kind) | {"heat": HEAT[kind]}
    pump = study["loops"][0].cdu.pumps[0]
    study["events"] = [
        th.stop(pump, at=10 * minute, loop=0),
        th.stop(pump, at=20 * minute, loop=0),
        th.restart(pump, at=22 * minute, loop=0),
        th.restart(pump, at=24 * minute, loop=0),
    ]
    stepper = prepare(**study, until=3 * hour, save=minute)
    case, record = stepper.case, run(stepper)
    racks = slice(0, case.net.first[1])
    for name, values in columns(stepper).items():
        assert np.isfinite(values).all(), name
    flow, cases = record.loops.flow[:, 0], record.T_case[:, racks].max(axis=1)
    assert 0.0 < flow[15] <= flow[5]
    assert (flow[20:22] == 0.0).all()
    assert record.loops.pump_power[20, 0] == 0.0
    first = case.net.racks[0]
    rise = first.plate_heat * HEAT[kind] * minute / first.case_capacity
    assert cases[21] - cases[20] == pytest.approx(rise, rel=1e-9)  # adiabatic: Q t / C
    assert cases[-1] == pytest.approx(cases[5], abs=0.3)  # back within the dead bands of the controllers
    others = record.T_case[:, case.net.first[1] :]
    if kind == SUPPLY:
        assert np.ptp(others, axis=0).max() <= REST  # a supply does not carry the accident to the neighbour
    assert np.abs(record.water.energy_residual).max() <= 1e-9 * case.boundary.heat[0].sum()


@EACH
@pytest.mark.compiled
def test_heat_goes_and_comes_back(kind):
    """An hour without any heat: temperatures fall towards the water and never below it."""
    off = np.where((np.arange(180) >= 30) & (np.arange(180) < 90), 0.0, HEAT[kind])
    heat = xr.DataArray(off, {"time": np.arange(180) * minute})
    stepper = prepare(**setting(kind), heat=heat, until=3 * hour, save=minute)
    record = run(stepper)
    for name, values in columns(stepper).items():
        assert np.isfinite(values).all(), name
    assert (record.T_case[80] < record.T_case[20]).all()
    assert (record.T_case[30:90] >= record.water.T_supply.min() - 1e-9).all()
    assert record.peaks.T_case.max() < record.T_case[20].max() + 15.0


def test_facility_water_fails_for_ten_minutes():
    """No header pressure: primary flow and heat to the facility are zero, the loop warms by its heat and recovers."""
    stepper = prepare(**setting(SUPPLY), heat=80e3, until=2 * hour, save=minute)
    for until, flow in ((30, 2000 * lpm), (40, 0.0), (120, 2000 * lpm)):
        stepper.give(flow=flow)
        stepper.march(until * stepper.case.every)
    case, record = stepper.case, stepper._record
    for name, values in columns(stepper).items():
        assert np.isfinite(values).all(), name
    assert (record.loops.primary_flow[30:40] == 0.0).all()
    assert (record.loops.heat_out[30:40] == 0.0).all()
    assert (np.diff(record.T_case[30:40], axis=0) > 0.0).all()
    np.testing.assert_allclose(record.T_case[-1], record.T_case[20], atol=0.5)
    assert np.abs(record.water.energy_residual).max() <= 1e-9 * case.boundary.heat[0].sum()


@EACH
def test_never_any_heat(kind):
    """A cold machine with its pumps on rests a little above the water, warmed by the pumps alone."""
    stepper = prepare(**setting(kind), heat=0.0, until=hour, save=minute)
    record = run(stepper)
    for name, values in columns(stepper).items():
        assert np.isfinite(values).all(), name
    assert np.ptp(record.T_case, axis=0).max() <= REST
    assert (record.T_case >= record.water.T_supply[0]).all()
    assert (record.loops.heat_out > 0.0).all()


@EACH
@pytest.mark.compiled
def test_a_restored_moment_goes_on_as_before(kind):
    study = setting(kind) | {"heat": _steps(kind)}
    stepper = prepare(**study, until=2 * hour, save=minute, substeps=6)
    stepper.advance(30 * minute)
    before = stepper.save()
    stepper.advance(2 * hour)
    whole = {name: values.copy() for name, values in columns(stepper).items()}
    stepper.restore(before)
    assert stepper.now == 30 * minute
    given = {"T": 31.0} if kind == SUPPLY else {"weather": 21.0}
    stepper.advance(50 * minute, heat=2.0 * HEAT[kind], **given)  # another way, to be forgotten
    assert stepper.result().T_case.isel(time=-1).max() > whole["T_case"][49].max() + 1.0
    stepper.restore(before)
    stepper.advance(2 * hour)
    for name, values in columns(stepper).items():
        np.testing.assert_array_equal(values, whole[name], err_msg=name)


def test_a_stepper_refuses_what_it_cannot_do():
    stepper = prepare(**setting(SUPPLY), heat=80e3, until=hour, save=minute)
    with pytest.raises(InputError, match="advance first"):
        stepper.read()
    for until in (30.0, 2 * hour, -60.0, "noon", True, float("nan")):
        with pytest.raises(InputError, match="until"):
            stepper.advance(until)
    stepper.advance(10 * minute)
    with pytest.raises(InputError, match="after 600 s"):
        stepper.advance(10 * minute)
    with pytest.raises(InputError, match=r"takes no 'T_in'.*T, flow"):
        stepper.advance(20 * minute, T_in=20.0)
    with pytest.raises(DataError, match="heat"):
        stepper.advance(20 * minute, heat=-1.0)
