"""What no golden number can replace: monotone answers, energy through the whole chain, order and threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from machines import HEAT, KINDS, TRAINS, row, setting

import thermal as th
from thermal.physics.media.moist_air import dry_air_density, humidity_ratio, wet_bulb
from thermal.units import MW, hour, kPa, kW, lpm, minute

SUPPLY = th.Supply(T=26, flow=2000 * lpm)


@given(st.floats(0.05, 5.0), st.floats(1.0, 4.0), st.floats(0.0, 1500.0), st.floats(10.0, 40.0))
def test_more_flow_never_a_hotter_case_of_a_plate(flow, more, heat, T_in):
    plate, package = th.load("cold_plates/ocp_1kw"), th.load("packages/gb200_gpu")

    def case(at):
        C = plate._capacity_flow(at * lpm)
        if T_in + heat / C > plate.coolant.T_high:
            return None
        return th.steady(plate, package=package, coolant=plate.coolant, heat=heat, flow=at * lpm, T_in=T_in)

    little, much = case(flow), case(flow * more)
    if little is not None and much is not None:
        assert much.T_case <= little.T_case + 1e-12
        assert much.pressure_drop >= little.pressure_drop
        assert little.T_case >= little.T_out - 1e-9  # the outlet never passes the case


@settings(max_examples=25)
@given(st.floats(5e4, 1e5), st.floats(0.4, 0.9), st.floats(1.0, 1.1))
def test_more_flow_never_a_hotter_case_of_a_loop_that_holds_its_supply(heat, share, more):
    loop = row(4)

    def at(factor):
        cdu = loop.cdu.replace(differential_pressure=factor * loop.cdu.differential_pressure)
        return th.steady(loop.replace(cdu=cdu), heat=heat, facility=SUPPLY)

    little, much = at(share), at(min(1.0, share * more))
    for point in (little, much):
        assert float(point.T_supply) == pytest.approx(loop.cdu.T_supply, abs=1e-6)
    assert float(much.flow) >= float(little.flow)
    assert (much.T_case.values <= little.T_case.values + 1e-9).all()


@settings(max_examples=25)
@given(st.floats(1e4, 1.2e5), st.floats(5.0, 45.0), st.floats(0.0, 10.0), st.floats(200.0, 2000.0))
def test_warmer_facility_never_a_cooler_case(heat, T, warmer, flow):
    loop = row(8)
    cold, warm = (th.steady(loop, heat=heat, facility=th.Supply(T=each, flow=flow * lpm)) for each in (T, T + warmer))
    assert (warm.T_case.values >= cold.T_case.values - 1e-9).all()
    assert float(warm.valve_opening) >= float(cold.valve_opening) - 1e-12
    assert (cold.T_case.values > T).all()


@settings(max_examples=10)
@given(st.floats(-5.0, 28.0), st.floats(0.0, 5.0))
@pytest.mark.compiled
def test_a_muggier_day_never_a_cooler_case(T_wet_bulb, muggier):
    study = setting(TRAINS) | {"heat": HEAT[TRAINS]}
    loops = study.pop("loops")
    dry, damp = (th.steady(loops, **(study | {"weather": w})) for w in (T_wet_bulb, T_wet_bulb + muggier))
    assert (damp.T_case.values >= dry.T_case.values - 1e-6).all()
    assert float(dry.T_tower_supply) > T_wet_bulb


@pytest.mark.parametrize("kind", KINDS)
def test_energy_in_is_energy_out_at_rest(kind):
    """Racks' heat and every pump's shaft power, from the parts' own figures, leave by the facility or the towers."""
    study = setting(kind) | {"heat": HEAT[kind]}
    loops = study.pop("loops")
    point = th.steady(loops, **study)
    drive = loops[0].cdu.pump.drive_efficiency
    into = float(point.heat.sum() + drive * point.pump_power.sum())
    assert float(point.heat_to_facility.sum()) == pytest.approx(into, rel=1e-9)
    assert float(point.heat.sum() + point.heat_air.sum()) == pytest.approx(float(point.power.sel(end_use="it")))
    if kind == TRAINS:
        plant = study["facility"]
        into += plant.hot_pump.drive_efficiency * float(point.power.sel(end_use="facility_pumps"))
        into += plant.tower_pump.drive_efficiency * float(point.power.sel(end_use="condenser_pumps"))
        assert float(point.heat_rejected) == pytest.approx(into, rel=1e-9)
        # and the water lost is what that heat can evaporate: 2.4 to 2.5 MJ/kg, the rest leaves as warm air
        assert 0.5 < float(point.water_evaporated) * 2.45e6 / into < 1.0
    assert abs(float(point.energy_residual)) < 1e-9 * into
    np.testing.assert_allclose(point.site_power, point.power.sum("end_use"), rtol=1e-14)


def test_order_of_racks_does_not_matter():
    loop, other = row(2), th.load("racks/gb300_nvl72")
    mixed = loop.replace(racks=(loop.racks[0], other, other))
    turned = loop.replace(racks=mixed.racks[::-1])
    trip = [th.stop(loop.cdu.pumps[0], at=10 * minute)]
    study = {"facility": SUPPLY, "until": hour, "save": 10 * minute, "events": trip}
    one = th.transient(mixed, heat=[90 * kW, 100 * kW, 110 * kW], **study)
    two = th.transient(turned, heat=[110 * kW, 100 * kW, 90 * kW], **study)
    np.testing.assert_allclose(one.T_case.values[:, ::-1], two.T_case.values, rtol=1e-12)
    np.testing.assert_allclose(one.T_supply, two.T_supply, rtol=1e-12)
    np.testing.assert_allclose(one.flow, two.flow, rtol=1e-12)
    assert np.ptp(one.T_case.values[-1]) > 1.0  # the racks do differ


def test_loops_side_by_side_do_not_feel_each_other_on_a_supply():
    study = {"until": hour, "save": 10 * minute}
    alone = th.transient(row(3), heat=90 * kW, facility=SUPPLY, **study)
    both = th.transient([row(5), row(3)], heat=90 * kW, facility=SUPPLY.replace(flow=2 * SUPPLY.flow), **study)
    np.testing.assert_array_equal(both.T_case.isel(loop=1, rack=slice(0, 3)), alone.T_case)
    assert both.T_case.isel(loop=1, rack=slice(3, 5)).isnull().all()  # racks that the loop does not have


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.compiled
def test_threads_do_not_change_a_digit(threads):
    """Kernels release the interpreter lock and share nothing; transients of parts in common run side by side."""

    def study(kind):
        conditions = setting(kind) | {"heat": HEAT[kind], "until": 2 * hour, "save": minute}
        loops = conditions.pop("loops")
        trip = [th.stop(loops[0].cdu.pumps[0], at=10 * minute, loop=0)]
        return th.transient(loops, **conditions, events=trip)

    kinds = 4 * list(KINDS)
    with ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(study, kinds))
    for kind, result in zip(kinds, results, strict=True):
        assert result.identical(study(kind))


WATER = th.load("coolants/water")
WET = {
    "yorkcalc": th.load("towers/yorkcalc"),
    "cooltools": th.load("towers/yorkcalc").replace(law="cooltools"),
    "merkel": th.load("towers/merkel"),
    "fluid cooler": th.FluidCooler(
        UA=180e3, UA_low=108e3, air_flow=80, air_flow_low=40, fan_power=30 * kW, fan_power_low=4.8 * kW,
        water_flow=0.048,
    ),
}  # fmt: skip


def wet_year(machine, share, weather):
    """Hours of a 1 MW plant with a wet machine, chiller-less, at a share of its load."""
    parts = {"design_load": 1 * MW, "T_supply": 32.0, "coolant": WATER, "pump": th.DutyPump(flow=0.048, head=200 * kPa)}
    if machine != "fluid cooler":
        parts |= {
            "economiser": th.Economiser(UA=300e3, flow=0.0757),
            "condenser_pump": th.DutyPump(flow=0.0757, head=180 * kPa),
        }
    plant = th.Plant(rejection=WET[machine], **parts)
    return th.annual(plant, it_power=share * MW, weather=weather)


def heat_that_can_evaporate(machine, year, weather):
    """Heat rejected and heat the air can give on its way to the wet bulb, over the latent heat there [kg/s]."""
    T, T_wb, w, p = (weather[k].to_numpy() for k in ("T_dry_bulb", "T_wet_bulb", "humidity_ratio", "pressure"))
    density = np.array([dry_air_density(*state) for state in zip(T, w, p, strict=True)])
    air = year.air_ratio.to_numpy() * WET[machine].air_flow * density
    sensible = air * (1006.0 + 1860.0 * w) * (T - T_wb)
    return (year.heat_rejected.to_numpy() + sensible) / (2.501e6 - 2326.0 * T_wb)


@pytest.mark.parametrize("share", [1.0, 0.3, 0.05])
@pytest.mark.parametrize("machine", WET)
def test_evaporation_never_above_the_heat_that_can_evaporate(machine, share):
    """The latent limit: warm dry air gives heat too, so at low load the rejected heat alone is no bound."""
    weather = th.weather(th.load("climates/golden")).isel(time=slice(0, 8760, 29))
    weather = weather.isel(time=weather.T_wet_bulb.to_numpy() > 0.0)  # above ice the latent heat is one formula
    weather = weather.assign_coords(time=3600.0 * np.arange(weather.sizes["time"]))
    year = wet_year(machine, share, weather)
    limit = heat_that_can_evaporate(machine, year, weather)
    assert (year.water_evaporated.to_numpy() <= limit * (1.0 + 1e-9)).all()
    assert (year.water_evaporated.to_numpy() > 0.3 * limit).any()


@settings(max_examples=15)
@given(st.floats(2.0, 30.0), st.floats(0.02, 1.0), st.sampled_from(sorted(WET)))
def test_evaporation_into_saturated_air_never_above_heat_over_latent_heat(T, share, machine):
    w = humidity_ratio(T, 1.0, 9e4)
    values = {"T_dry_bulb": T, "T_wet_bulb": wet_bulb(T, w, 9e4), "humidity_ratio": w, "pressure": 9e4}
    weather = xr.Dataset({k: ("time", np.array([v])) for k, v in values.items()})
    year = wet_year(machine, share, weather)
    assert float(year.water_evaporated[0]) <= float(year.heat_rejected[0]) / (2.501e6 - 2326.0 * T) * (1.0 + 1e-9)


def test_a_fan_that_cycles_joins_its_rest_and_its_lowest_speed():
    """Air flow between the natural draught and the lowest speed, without a jump at either end."""
    tower, air = th.load("towers/yorkcalc"), {"T_dry_bulb": 12.0, "T_wet_bulb": 8.0, "humidity_ratio": 5e-3}
    conditions = {"coolant": WATER, "T_in": 40.0, "pressure": 1e5, "flow": 75.0, **air}
    rest = float(tower.operate(air_ratio=0.0, **conditions).T_out)
    low = float(tower.operate(air_ratio=tower.air_low, **conditions).T_out)
    near = np.array([rest - 1e-6, 0.5 * (rest + low), low + 1e-6])
    point = tower.operate(T_set=near, **conditions)
    middle = 0.5 * (tower.free_capacity + tower.air_low)
    assert point.air_ratio.to_numpy() == pytest.approx([tower.free_capacity, middle, tower.air_low], abs=1e-5)
