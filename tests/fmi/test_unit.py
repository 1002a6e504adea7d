"""A unit that a master steps is th.transient, step by step, and its state can be kept and brought back."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.fmi.package import OUTPUTS, _setup, _table, read_setup
from thermal.fmi.unit import ROWS, Unit, from_bytes, to_bytes
from thermal.units import kW, lpm

STEP = 15.0


def made(part, **given) -> Unit:
    usual = dict.fromkeys(("facility", "inputs", "outputs", "start", "profile"))
    return Unit(_setup(part, **{**usual, "step": STEP, "longest_step": 5.0, **given}))


def named(unit: Unit) -> dict[str, float]:
    return dict(zip((s.name for s in unit.setup.outputs), unit.values, strict=True))


def driven(unit: Unit, rows: list[dict[str, float]], first: int = 0) -> list[list[float]]:
    """Step under inputs by name, the last value held."""
    names = [s.name for s in unit.setup.inputs]
    found = []
    for k, row in enumerate(rows, first):
        for name, value in row.items():
            unit.inputs[names.index(name)] = value
        unit.step(k * STEP, STEP)
        found.append(list(unit.values))
    return found


@pytest.fixture(scope="module")
def row() -> th.Loop:
    return th.load("loops/gb200_row")


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).uniform(60.0, 130.0, shape) * kW


def test_a_row_on_given_water_is_the_transient_beyond_a_window(row):
    """Heat of each rack anew in every step, for longer than the unit remembers."""
    rows, racks = ROWS + 40, len(row.racks)
    heat = noise(rows, racks)
    water = th.Supply(T=26, flow=1900 * lpm)
    trace = xr.DataArray(heat, dims=("time", "rack"), coords={"time": STEP * np.arange(rows)})
    day = th.transient(row, heat=trace, facility=water)
    unit = made(row, facility=water, inputs=["heat"], outputs=["T_case", "T_supply", "pump_power", "energy_residual"])
    found = np.array(driven(unit, [{f"heat[0,{r}]": h for r, h in enumerate(line)} for line in heat]))
    assert found[:, :racks] == pytest.approx(day.T_case.values, rel=1e-12)
    assert found[:, racks] == pytest.approx(day.T_supply.values, rel=1e-12)
    assert found[:, racks + 1] == pytest.approx(day.pump_power.values, rel=1e-12)
    assert abs(found[:, racks + 2]).max() < 1e-3  # W
    assert np.ptp(found[:, 0]) > 1.0  # K: it moved


def test_before_the_first_step_the_outputs_are_those_of_the_rest(row):
    water = th.Supply(T=26, flow=1900 * lpm)
    unit = made(row, facility=water, start={"heat": 90 * kW})
    at_rest = th.steady(row, heat=90 * kW, facility=water)
    found = named(unit)
    assert found["T_case[0,3]"] == pytest.approx(float(at_rest.T_case[3]), abs=1e-6)
    assert found["heat_to_facility[0]"] == pytest.approx(float(at_rest.heat_to_facility), rel=1e-6)
    assert {name.partition("[")[0].partition(".")[0] for name in found} == set(OUTPUTS)


def test_water_that_changes_is_that_of_the_stepper(row):
    water = th.Supply(T=26, flow=0.03)
    start = {"heat": 100 * kW}
    unit = made(row, facility=water, inputs=["heat", "T", "flow"], outputs=["T_supply"], start=start)
    case = th.verbs.stepper(row, heat=100 * kW, facility=water, until=3 * STEP, save=STEP)
    expected = [float(case.advance(T=T, flow=flow).T_supply) for T, flow in ((26, 0.03), (31, 0.03), (31, 0.02))]
    found = driven(unit, [{"T": 26.0}, {"T": 31.0}, {"flow": 0.02}])
    assert np.ravel(found) == pytest.approx(expected, rel=1e-12)
    assert expected[2] != expected[1]


def test_the_profile_of_raps_is_the_frontier_plant():
    """Three CDU groups instead of 25; heat to liquid per cabinet, wet bulb in kelvin, out in its units."""
    site = th.load("sites/frontier")
    loops, lf = site.loops[:3], site.loops[0].racks[0].liquid_fraction
    cabinet, bulb = noise(30, 3) * 2.0, np.linspace(5.0, 12.0, 30)
    time = STEP * np.arange(30)
    trace = xr.Dataset({"heat": (("time", "loop"), 3 * cabinet / lf), "T_wet_bulb": ("time", bulb)}, {"time": time})
    day = th.transient(list(loops), heat=trace, facility=site.plant, weather=trace)
    unit = made(list(loops), facility=site.plant, profile="raps")
    key = "simulator_1_datacenter_1_computeBlock_{}_cabinet_1_sources_Q_flow_total"
    wet = "simulator_1_centralEnergyPlant_1_coolingTowerLoop_1_sources_Towb"
    assert [s.name for s in unit.setup.inputs] == [key.format(l + 1) for l in range(3)] + [wet]
    lines = [{key.format(l + 1): q[l] for l in range(3)} for q in cabinet]
    lines = [line | {wet: T + 273.15} for line, T in zip(lines, bulb, strict=True)]
    found = np.array(driven(unit, lines))
    column = {s.name: k for k, s in enumerate(unit.setup.outputs)}
    cdu = "simulator[1].datacenter[1].computeBlock[2].cdu[1].summary."
    plant = "simulator[1].centralEnergyPlant[1]."
    gpm, psi = 6.30902e-5, 6894.757
    for name, expected, within in (
        (cdu + "T_sec_r_C", day.T_return[:, 1], 1e-12),
        (cdu + "T_sec_s_C", day.T_supply[:, 1], 1e-12),
        (cdu + "T_prim_r_C", day.T_primary_return[:, 1], 1e-12),
        (cdu + "T_prim_s_C", day.T_facility_supply, 1e-12),
        (cdu + "W_flow_CDUP_kW", day.pump_power[:, 1] / 1e3, 1e-12),
        (cdu + "V_flow_sec_GPM", day.flow[:, 1] / gpm, 1e-6),
        (cdu + "V_flow_prim_GPM", day.flow_primary[:, 1] / gpm, 1e-6),
        (cdu + "p_sec_s_psig", day.pressure_drop[:, 1] / psi, 1e-6),
        (plant + "hotWaterLoop[1].summary.W_flow_HTWP_kW", day.power.sel(end_use="facility_pumps") / 1e3, 1e-12),
        (plant + "coolingTowerLoop[1].summary.W_flow_CTWP_kW", day.power.sel(end_use="condenser_pumps") / 1e3, 1e-12),
        (plant + "coolingTowerLoop[1].summary.W_flow_CT_kW", day.power.sel(end_use="tower_fans") / 1e3, 1e-12),
    ):
        assert found[:, column[name]] == pytest.approx(expected.values, rel=within), name
    assert len(column) == 3 * 11 + 3
    assert all(".summary." in name for name in column)
    assert np.ptp(found[:, column[cdu + "T_sec_r_C"]]) > 0.1


def test_the_primary_pressure_drop_is_what_the_header_offers(row):
    """On given water each CDU has the header's difference, whatever its valve does: a V + b (V/y)² gives it back."""
    water = th.Supply(T=26, flow=1900 * lpm)
    cdu = row.cdu
    header = cdu.primary_linear * water.flow + cdu.valve_drop * (water.flow / cdu.valve_flow) ** 2
    day = th.transient(row, heat=80 * kW, facility=water, until=600, save=60)
    assert day.pressure_drop_primary.values == pytest.approx(header, rel=1e-9)
    assert float(day.valve_opening.min()) < 0.9


def test_a_plant_with_weather_is_the_transient(row):
    plant, air = th.load("plants/generic_20mw"), th.weather(th.load("climates/chicago")).isel(time=4000, drop=True)
    loops = 21 * [row]
    names = ("T_dry_bulb", "T_wet_bulb", "humidity_ratio", "pressure")
    start = {name: float(air[name]) for name in names} | {"heat_loop": 880 * kW}
    wanted = ["T_facility_supply", "power", "heat_to_facility", "energy_residual"]
    unit = made(loops, facility=plant, inputs=["heat_loop", *names], outputs=wanted, start=start, step=60.0)
    heat = xr.DataArray(np.full(21, 880 * kW), dims="loop")
    day = th.transient(loops, heat=heat, facility=plant, weather=air, until=600, save=60)
    found = []
    for k in range(10):
        unit.step(60.0 * k, 60.0)
        found.append(named(unit))
    for use in day.end_use.values:
        assert [f[f"power.{use}"] for f in found] == pytest.approx(day.power.sel(end_use=use).values, rel=1e-12)
    assert [f["T_facility_supply"] for f in found] == pytest.approx(day.T_facility_supply.values, rel=1e-12)
    assert [f["heat_to_facility[20]"] for f in found] == pytest.approx(day.heat_to_facility.values[:, 20], rel=1e-12)


@pytest.mark.parametrize("through_bytes", [False, True])
def test_a_state_brought_back_gives_the_same_bits(row, through_bytes):
    """In the same unit and, as bytes, in a fresh one of the same setup."""
    water = th.Supply(T=26, flow=1900 * lpm)
    unit = made(row, facility=water, inputs=["heat_loop", "T"], start={"T": 24})
    steps = [{"heat_loop[0]": float(h), "T": T} for h, T in zip(noise(30) * 8, np.linspace(24, 30, 30), strict=True)]
    driven(unit, steps[:10])
    kept = unit.save()
    once = driven(unit, steps[10:], 10)
    if through_bytes:
        unit, kept = Unit(unit.setup), from_bytes(to_bytes(kept))
    unit.restore(kept)
    assert driven(unit, steps[10:], 10) == once
    unit.restore(kept)
    assert driven(unit, [{**s, "T": 20.0} for s in steps[10:]], 10) != once


def test_a_state_from_before_the_rest(row):
    unit = made(row, facility=th.Supply(T=26, flow=1900 * lpm))
    fresh = from_bytes(to_bytes(unit.save()))
    first = driven(unit, [{}])
    unit.restore(fresh)
    assert driven(unit, [{}]) == first


def test_a_set_point_and_weather_come_back_with_the_state(row):
    """Of a plant, where they are inputs."""
    air = th.weather(th.load("climates/chicago")).isel(time=4000, drop=True)
    case = th.verbs.stepper(
        21 * [row], heat=110 * kW, facility=th.load("plants/generic_20mw"), weather=air, until=3600, save=300
    )
    case.advance()
    kept = case.save()
    once = case.advance(900)
    case.restore(kept)
    colder = air.assign(T_dry_bulb=air.T_dry_bulb - 5, T_wet_bulb=air.T_wet_bulb - 5, humidity_ratio=0.005)
    for other in ({"T_supply": 22.0}, {"weather": colder}):
        case.restore(kept)
        assert abs(float(case.advance(900, **other).site_power - once.site_power)) > 1 * kW
    case.restore(kept)
    xr.testing.assert_identical(case.advance(900), once)


def test_a_row_of_arrays_is_the_row_of_the_dataset(row):
    site = th.load("sites/frontier")
    air = th.weather(th.load("climates/chicago")).isel(time=9, drop=True)
    plant = {"facility": th.load("plants/generic_20mw"), "weather": air}
    for loops, behind in ((21 * [row], plant), (site.loops[:2], {"facility": site.plant, "weather": 15.0}),
                          ([row], {"facility": th.Supply(T=26, flow=0.03)})):  # fmt: skip
        case = th.verbs.stepper(loops, heat=100 * kW, until=600, save=60, **behind)
        data, plain = case.advance(120), case.row()
        assert set(data.data_vars) - {"power", "T_case_peak", "time_peak"} <= set(plain)
        for name, values in plain.items():
            expected = data.power.sel(end_use=name[6:]) if name.startswith("power.") else data[name]
            np.testing.assert_array_equal(values, expected.values, err_msg=name)


def test_a_setup_is_written_and_read_as_it_was(row, tmp_path):
    import json

    changed = row.replace(racks=[r.replace(design_flow=r.design_flow * 1.1) for r in row.racks])
    water = th.Supply(T=26, flow=0.03, coolant=th.load("coolants/pg25"))
    setup = _setup([row, changed, row], water, None, None, STEP, 5.0, None, None)
    (tmp_path / "models").mkdir()
    table = _table(setup, [row, changed, row], water, tmp_path / "models")
    (tmp_path / "unit.json").write_text(json.dumps(table))
    again, _ = read_setup(tmp_path)
    assert again == setup
    (tmp_path / "unit.json").write_text(json.dumps(table | {"format": 0}))
    with pytest.raises(th.errors.ModelError, match="format 0"):
        read_setup(tmp_path)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"inputs": ["heet"]}, "did you mean 'heat'"),
        ({"inputs": ["heat", "heat_loop"]}, "choose one"),
        ({"inputs": ["T_wet_bulb"]}, "takes no 'T_wet_bulb'"),
        ({"inputs": "heat"}, "must be a list"),
        ({"outputs": ["T_cas"]}, "did you mean 'T_case'"),
        ({"start": {"T": "warm"}}, "start: T"),
        ({"start": {"T_supply": 20}}, "takes no 'T_supply'"),
        ({"profile": "rasp"}, "did you mean 'raps'"),
        ({"profile": "raps"}, "T_wet_bulb"),
        ({"profile": "raps", "inputs": ["heat"]}, "leave inputs out"),
        ({"facility": None}, "facility"),
        ({"step": 0}, "step"),
    ],
)
def test_what_cannot_be_exported_is_said(row, given, words):
    with pytest.raises(th.errors.InputError, match=words):
        made(row, **({"facility": th.Supply(T=26, flow=0.03)} | given))


def test_steps_that_the_unit_was_not_made_for(row):
    unit = made(row, facility=th.Supply(T=26, flow=0.03))
    with pytest.raises(th.errors.InputError, match="made for steps of 15 s"):
        unit.step(0.0, 10.0)
    unit.step(0.0, STEP)
    with pytest.raises(th.errors.InputError, match="restore a state first"):
        unit.step(0.0, STEP)
    unit.inputs[0] = -1.0
    with pytest.raises(th.errors.ThermalError, match=r"-1 W"):
        unit.step(STEP, STEP)
