"""Time marching with each kind of facility: rest, cuts, refinement, balances of a stepped day, and accidents."""

import itertools

import numpy as np
import pytest
import xarray as xr
from machines import HEAT, columns, prepare, run, setting

import thermal as th
from thermal.physics.network.march import Facility
from thermal.units import hour, minute

REST = 1e-9  # K that a state at rest may move in an hour
CLOSURE = 1e-9  # energy and mass residual, relative to heat and flow
KINDS = pytest.mark.parametrize("kind", list(Facility), ids=lambda kind: kind.name)


def _steps(kind, period=10 * minute, length=2 * hour):
    """A heat trace that jumps between four levels, zero among them, differently for each loop."""
    times = np.arange(0.0, length, minute)
    levels = np.array([1.0, 0.2, 0.0, 1.3])
    loops = len(setting(kind)["loops"])
    phase = (times[:, None] // period + np.arange(loops)).astype(int) % 4
    phase[times < period] = 0  # all start under full heat
    racks = np.array([len(loop.racks) for loop in setting(kind)["loops"]])
    return xr.DataArray(HEAT[kind] * levels[phase] * racks, {"time": times}, ("time", "loop"))


@KINDS
def test_a_state_at_rest_stays(kind):
    record = run(prepare(**setting(kind), heat=HEAT[kind], until=hour, save=minute), 12)
    for name, values in columns(record).items():
        if name.startswith(("T_case", "loops.T", "plant.T")):
            assert np.ptp(values, axis=0).max() <= REST, name
    assert np.abs(record.plant.energy_residual).max() <= CLOSURE * HEAT[kind]
    peak = record.peaks.T_case - record.T_case[0]
    assert np.abs(peak).max() <= REST, "a spike at the start"


@KINDS
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


@KINDS
@pytest.mark.compiled
def test_a_march_in_pieces_is_the_same_march(kind):
    study = setting(kind) | {"heat": _steps(kind)}
    pump = study["loops"][0].cdu.pumps[0]
    study["events"] = [
        th.stop(pump, at=1000, loop=0),
        th.restart(pump, at=3001, loop=0),
        th.stop(pump, at=5000, loop=1),
    ]
    whole = run(prepare(**study, until=2 * hour, save=minute), 6)
    for cuts in ([1], [17, 50, 51, 119], list(range(1, 120))):
        pieces = columns(run(prepare(**study, until=2 * hour, save=minute), 6, cuts))
        for name, values in columns(whole).items():
            np.testing.assert_array_equal(values, pieces[name], err_msg=name)


@KINDS
@pytest.mark.compiled
def test_what_is_saved_does_not_change_what_happens(kind):
    study = setting(kind) | {"heat": _steps(kind), "until": 2 * hour}
    often, seldom = prepare(**study, save=minute), prepare(**study, save=10 * minute)
    often, seldom = run(often, 6), run(seldom, 6)
    np.testing.assert_array_equal(often.T_case[9::10], seldom.T_case)
    np.testing.assert_array_equal(often.peaks.T_case, seldom.peaks.T_case)
    np.testing.assert_allclose(often.plant.rejected.mean(), seldom.plant.rejected.mean(), rtol=1e-12)
    np.testing.assert_allclose(often.loops.heat_out.mean(), seldom.loops.heat_out.mean(), rtol=1e-12)


@KINDS
@pytest.mark.compiled
def test_refined_steps_converge_at_first_order(kind):
    """Observed order of the case temperatures ten minutes after a step of heat: error ∝ Δt."""
    rise = xr.DataArray(HEAT[kind] * np.array([0.8, 1.0, 1.0, 1.0, 1.0, 1.0]), {"time": np.arange(6) * 2 * minute})
    ends = [
        run(prepare(**setting(kind), heat=rise, until=12 * minute, save=2 * minute), n).T_case[2:]
        for n in (24, 48, 96, 192)
    ]
    apart = [np.abs(b - a).max() for a, b in itertools.pairwise(ends)]
    orders = np.log2(np.array(apart[:-1]) / apart[1:])
    assert (orders > 0.9).all(), orders
    assert (orders < 1.2).all(), orders
    assert apart[-1] < 0.02  # K between steps of 1.25 and 0.625 s


@KINDS
@pytest.mark.compiled
def test_a_stepped_day_closes_its_balances(kind):
    day = 24 * hour
    study = setting(kind) | {"heat": _steps(kind, length=day)}
    case = prepare(**study, until=day, save=10 * minute)
    record = run(case, 2)
    captured = (case.boundary.heat * (case.net.racks.plate_heat + case.net.racks.other_heat)).sum() * minute
    assert captured > 0.0
    assert np.abs(record.plant.energy_residual).sum() * 10 * minute <= CLOSURE * captured
    assert record.plant.mass_residual.max() <= CLOSURE * case.plant.density * record.plant.flow.mean()
    assert record.plant.hydraulic_residual.max() <= CLOSURE
    for name, values in columns(record).items():
        assert np.isfinite(values).all(), name


@KINDS
def test_the_day_balances_as_an_outsider_would_draw_it(kind):
    """Heat in, pump heat in, heat out and storage, from the recorded columns alone: no trust in the kernel's books."""
    case = prepare(**setting(kind) | {"heat": _steps(kind)}, until=2 * hour, save=minute)
    start = _content(case)
    record = run(case, 6)
    gained = (case.boundary.heat * (case.net.racks.plate_heat + case.net.racks.other_heat)).sum() * minute
    gained += (record.loops.pump_power * case.net.loops.drive_efficiency).sum() * minute
    if kind == Facility.SUPPLY:
        lost = record.loops.heat_out.sum() * minute
    else:
        gained += (record.plant.hot_pumps * case.plant.hot_drive).sum() * minute
        gained += (record.plant.tower_pumps * case.plant.tower_drive).sum() * minute
        lost = record.plant.rejected.sum() * minute
    stored = _content(case) - start
    assert abs(stored) > 1e-4 * gained  # the test is about something
    assert gained - lost == pytest.approx(stored, abs=CLOSURE * gained)


def _content(case):
    """Heat in all nodes [J], summed apart from the kernel's own sum."""
    net, loops, racks = case.net, case.state.loops, case.state.racks
    E = (net.racks.case_capacity * racks.T_case).sum() + (net.racks.coolant_capacity * racks.T_coolant).sum()
    E += (net.loops.return_capacity * loops.T_return).sum() + (net.loops.supply_capacity * loops.T_supply).sum()
    E += (net.loops.primary_capacity * loops.T_primary).sum()
    if case.kind == Facility.TOWER_PLANT:
        plant, state = case.plant, case.plant_state
        E += plant.hot_capacity * state.T_hot + plant.cold_capacity * state.T_cold
        E += plant.basin_capacity * state.T_basin
    return float(E)


@KINDS
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
    case = prepare(**study, until=3 * hour, save=minute)
    record, racks = run(case, 12), slice(0, case.net.first[1])
    for name, values in columns(record).items():
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
    if kind == Facility.SUPPLY:
        assert np.ptp(others, axis=0).max() <= REST  # a supply does not carry the accident to the neighbour
    assert np.abs(record.plant.energy_residual).max() <= 1e-9 * case.boundary.heat[0].sum()


@KINDS
@pytest.mark.compiled
def test_heat_goes_and_comes_back(kind):
    """An hour without any heat: temperatures fall towards the water and never below it."""
    off = np.where((np.arange(180) >= 30) & (np.arange(180) < 90), 0.0, HEAT[kind])
    heat = xr.DataArray(off, {"time": np.arange(180) * minute})
    record = run(prepare(**setting(kind), heat=heat, until=3 * hour, save=minute), 12)
    for name, values in columns(record).items():
        assert np.isfinite(values).all(), name
    assert (record.T_case[80] < record.T_case[20]).all()
    assert (record.T_case[30:90] >= record.plant.T_supply.min() - 1e-9).all()
    assert record.peaks.T_case.max() < record.T_case[20].max() + 15.0


def test_facility_water_fails_for_ten_minutes():
    """No header pressure: primary flow and heat to the facility are zero, the loop warms by its heat and recovers."""
    case = prepare(**setting(Facility.SUPPLY), heat=80e3, until=2 * hour, save=minute)
    case.boundary.header[30:40] = 0.0
    record = run(case, 12)
    for name, values in columns(record).items():
        assert np.isfinite(values).all(), name
    assert (record.loops.primary_flow[30:40] == 0.0).all()
    assert (record.loops.heat_out[30:40] == 0.0).all()
    assert (np.diff(record.T_case[30:40], axis=0) > 0.0).all()
    np.testing.assert_allclose(record.T_case[-1], record.T_case[20], atol=0.5)
    assert np.abs(record.plant.energy_residual).max() <= 1e-9 * case.boundary.heat[0].sum()


@KINDS
def test_never_any_heat(kind):
    """A cold machine with its pumps on rests a little above the water, warmed by the pumps alone."""
    record = run(prepare(**setting(kind), heat=0.0, until=hour, save=minute), 12)
    for name, values in columns(record).items():
        assert np.isfinite(values).all(), name
    assert np.ptp(record.T_case, axis=0).max() <= REST
    assert (record.T_case >= record.plant.T_supply[0]).all()
    assert (record.loops.heat_out > 0.0).all()
