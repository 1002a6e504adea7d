"""An imported unit behind the loops: water that stays is a Supply, heat goes over exactly, states come back."""

import itertools
import sys

import numpy as np
import pytest
import xarray as xr
from tank_unit import tank

import thermal as th
from thermal.units import kW, minute

STEP = 15.0
NEEDED = {"T_supply": "T", "flow": 0.03, "step": STEP}


@pytest.fixture(scope="module", params=[2, 3])
def version(request) -> int:
    for needed in ("fmpy", "pythonfmu", "pythonfmu3"):
        pytest.importorskip(needed, reason=f"{needed} is not installed: pip install thermal-toolkit[fmi]")
    return request.param


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    before = list(sys.path)
    yield tmp_path_factory.mktemp("units")
    sys.path[:] = before


@pytest.fixture(scope="module")
def constant(version, folder):
    return tank(folder, version)


@pytest.fixture(scope="module")
def cooler(version, folder):
    return tank(folder, version, C=5e4)


@pytest.fixture(scope="module")
def row() -> th.Loop:
    return th.load("loops/gb200_row")


def noise(rows: int) -> xr.DataArray:
    heat = np.random.default_rng(3).uniform(60.0, 120.0, rows) * kW
    return xr.DataArray(heat, {"time": STEP * np.arange(rows)}, ("time",))


def test_without_fmpy_it_is_one_line(monkeypatch, row):
    monkeypatch.setitem(sys.modules, "fmpy", None)
    unit = th.fmi.ImportedUnit(path="tank.fmu", **NEEDED)
    with pytest.raises(th.errors.InputError, match=r"pip install thermal-toolkit\[fmi\]"):
        th.transient(row, heat=1e5, facility=unit, until=60, save=STEP)


def test_a_network_before_it_is_the_loop(cooler, row):
    unit = th.fmi.ImportedUnit(path=str(cooler), heat="heat", power="power", **NEEDED)
    loop, network = (th.transient(part, heat=noise(40), facility=unit) for part in (row, row.network()))
    np.testing.assert_allclose(network.T_facility_supply, loop.T_facility_supply, atol=1e-6)
    np.testing.assert_allclose(network.power, loop.power, rtol=1e-9)
    assert float(np.ptp(loop.T_facility_supply.values)) > 0.1


def test_water_that_stays_is_a_supply(constant, row):
    """Kelvin in the unit, °C here; heat in kW there."""
    unit = th.fmi.ImportedUnit(path=str(constant), heat="heat", power="power", **NEEDED)
    day = th.transient(row, heat=noise(40), facility=unit)
    water = th.transient(row, heat=noise(40), facility=th.Supply(T=26, flow=0.03))
    for name in ("T_case", "T_supply", "valve_opening", "heat_to_facility", "pump_power"):
        np.testing.assert_allclose(day[name], water[name], rtol=1e-9, err_msg=name)
    np.testing.assert_allclose(day.power.sel(end_use="chillers"), day.heat_to_facility / 5, rtol=1e-12)
    assert day.attrs["unit"] == "Tank.fmu"
    assert float(th.pue(th.ledger(day))) > 1.1


def test_heat_goes_over_exactly_and_the_tank_follows_its_law(cooler, row):
    """At rest under the first heat, then C dT/dt = Q − UA (T − T_air), T_air of the weather, by exact exponentials."""
    unit = th.fmi.ImportedUnit(path=str(cooler), heat="heat", T_dry_bulb="T_air", **NEEDED)
    air = xr.Dataset({"T_dry_bulb": 12.0})
    day = th.transient(row, heat=noise(40), facility=unit, weather=air)
    rest = th.steady(row, heat=float(noise(1)[0]), facility=th.Supply(T=float(day.T_facility_supply[0]), flow=0.03))
    T = [float(rest.heat_to_facility) / 50e3 + 12.0]
    assert float(day.T_facility_supply[0]) == pytest.approx(T[0], abs=1e-5)
    for heat in day.heat_to_facility.values:
        end = 12.0 + heat / 50e3
        T.append(end + (T[-1] - end) * np.exp(-STEP * 50e3 / 5e7))
    np.testing.assert_allclose(day.T_facility_supply, T[:-1], atol=1e-5)
    assert np.ptp(day.T_facility_supply.values) > 0.02
    assert float(abs(day.energy_residual).max()) < 1e-3  # W


def test_refined_steps_of_the_unit_converge_at_first_order(cooler, row):
    """Longer and shorter than the heat's interval of 15 s: the water is that of the step before."""
    ends = []
    for step in (60.0, 30.0, 15.0, 7.5):
        unit = th.fmi.ImportedUnit(path=str(cooler), heat="heat", T_supply="T", flow=0.03, step=step)
        day = th.transient(row, heat=noise(40), facility=unit, save=minute, step=1.5)
        assert day.attrs["unit_step"] == step
        ends.append(day.T_facility_supply.values)
    apart = [float(np.abs(b - a).mean()) for a, b in itertools.pairwise(ends)]
    orders = np.log2(np.array(apart[:-1]) / apart[1:])
    assert (orders > 0.8).all(), orders
    assert (orders < 1.3).all(), orders


def test_a_state_comes_back_to_the_bit(cooler, row):
    unit = th.fmi.ImportedUnit(path=str(cooler), heat="heat", T_dry_bulb="T_air", **NEEDED)
    air = xr.Dataset({"T_dry_bulb": 12.0})
    case = th.verbs.stepper(row, heat=90 * kW, facility=unit, weather=air, until=600, save=STEP)
    case.advance(60, heat=120 * kW)
    kept = case.save()
    once = case.advance(300, weather=xr.Dataset({"T_dry_bulb": 20.0}))
    case.restore(kept)
    xr.testing.assert_identical(case.advance(300, weather=xr.Dataset({"T_dry_bulb": 20.0})), once)
    case.restore(kept)
    assert float(case.advance(300).T_facility_supply) < float(once.T_facility_supply) - 0.1


def test_a_unit_that_keeps_no_state_is_stepped_all_the_same(version, folder, row):
    unit = th.fmi.ImportedUnit(path=str(tank(folder, version, keeps=False)), heat="heat", **NEEDED)
    case = th.verbs.stepper(row, heat=90 * kW, facility=unit, until=600, save=STEP)
    assert float(case.advance().T_facility_supply) == pytest.approx(26.0)
    with pytest.raises(th.errors.InputError, match="cannot give its state"):
        case.save()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"path": "nowhere.fmu"}, "no such file"),
        ({"T_supply": "T_sup"}, "did you mean 'T'|takes no 'T_sup'"),
        ({"heat": "power"}, "takes no 'power'"),
        ({"drawn": "heat"}, "heat"),
        ({"end_use": "chiller"}, "did you mean 'chillers'"),
        ({"T_wet_bulb": "T_air"}, "weather"),
        ({"step": 7.0}, "whole number of the unit's steps of 7 s"),
    ],
)
def test_what_does_not_fit_is_said(constant, row, changes, words):
    unit = th.fmi.ImportedUnit(**{"path": str(constant), **NEEDED, **changes})
    with pytest.raises(th.errors.InputError, match=words):
        th.transient(row, heat=90 * kW, facility=unit, until=600, save=60)


def test_what_the_unit_cannot_do_is_said(constant, folder, version, row, tmp_path):
    unit = th.fmi.ImportedUnit(path=str(constant), heat="heat", **NEEDED)
    with pytest.raises(th.errors.ConvergenceError, match=r"Tank.fmu could not do its step from 0 s on"):
        th.transient(3 * [row], heat=110 * kW, facility=unit.replace(flow=0.09), until=600, save=60)
    broken = tmp_path / "broken.fmu"
    broken.write_bytes(b"PK no")
    with pytest.raises(th.errors.InputError, match=r"broken.fmu is no unit of FMI that can be read"):
        th.transient(row, heat=1e5, facility=unit.replace(path=str(broken)), until=600, save=60)
    with pytest.raises(th.errors.ThermalError):
        th.steady(row, heat=1e5, facility=unit)
