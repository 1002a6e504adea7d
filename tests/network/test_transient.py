"""The verb ``transient``: what a result holds, and that bad conditions are refused before anything is solved."""

import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from machines import row

import thermal as th
from thermal.errors import ConvergenceError, DataError, InputError
from thermal.names import NAMES
from thermal.network import case
from thermal.outdoors.in_time import outdoors
from thermal.units import hour, kW, lpm, minute

LOOP = row(2)
SUPPLY = th.Supply(T=25, flow=800 * lpm)
GOOD = {"heat": 50 * kW, "facility": SUPPLY, "until": 10 * minute}
TRACE = xr.DataArray(np.full(11, 5e4), {"time": np.arange(11) * 60.0}, ("time",))


def test_every_result_carries_names_units_and_residuals():
    run = th.transient(LOOP, **GOOD)
    for name, variable in run.variables.items():
        assert variable.attrs["long_name"] == NAMES[name].long_name
        assert variable.attrs.get("units", "") == NAMES[name].units or variable.dtype.kind != "f" or name == "time"
    assert {"energy_residual", "mass_residual", "converged"} <= set(run)
    assert run.converged.all()
    assert run.attrs["thermal_version"] == th.__version__
    for model in ("cdus/vertiv_xdu1350", "racks/gb200_nvl72", "coolants/pg25", "packages/gb200_gpu"):
        assert model in run.attrs["models"]
    assert 0.0 < run.attrs["step"] <= 5.0
    assert run.attrs["facility"] == "Supply"
    assert run.attrs["hydraulic_residual"] < run.attrs["tolerance"]


def test_the_models_of_the_facility_sign_the_result_too():
    site = th.load("sites/frontier")
    study = {"heat": 2e5, "facility": site.plant.replace(approach=6), "weather": 15.0, "until": 60.0}
    run = th.transient(site.loops[:1], **study)
    signed = run.attrs["models"]
    assert "tower_plants/frontier" in signed
    assert run.attrs["evaporation"].startswith("estimate: 0.143% of the circulated water per K")  # 1 % per 7 K
    assert "changed: approach" in signed


def test_one_loop_has_no_axis_and_a_sequence_has():
    assert "loop" not in th.transient(LOOP, **GOOD).dims
    assert th.transient([LOOP], **GOOD).sizes["loop"] == 1


def test_times_are_ends_of_intervals_and_dates_stay_dates():
    run = th.transient(LOOP, heat=TRACE, facility=SUPPLY)
    np.testing.assert_array_equal(run.time, np.arange(1, 12) * 60.0)
    later = th.transient(LOOP, heat=TRACE.assign_coords(time=TRACE.time + 600.0), facility=SUPPLY)
    np.testing.assert_array_equal(later.time, 600.0 + np.arange(1, 12) * 60.0)
    dated = TRACE.assign_coords(time=pd.date_range("2026-01-01", periods=11, freq="60s"))
    run = th.transient(LOOP, heat=dated, facility=SUPPLY)
    assert run.time.values[0] == np.datetime64("2026-01-01T00:01:00")
    assert run.time.values[-1] == np.datetime64("2026-01-01T00:11:00")


def test_the_peak_is_kept_with_its_time():
    """A minute of full heat between saves of ten: the case is hottest at the end of that minute."""
    heat = xr.DataArray(np.where(np.arange(30) == 14, 1.2e5, 4e4), {"time": np.arange(30) * 60.0}, ("time",))
    often, seldom = (th.transient(LOOP, heat=heat, facility=SUPPLY, save=save) for save in (60.0, 600.0))
    np.testing.assert_allclose(often.T_case_peak, often.T_case.max("time"), rtol=1e-12)
    np.testing.assert_array_equal(seldom.time_peak, 900.0)
    assert (seldom.T_case_peak > seldom.T_case.max("time") + 1.0).all()


def test_saving_seldom_means_over_the_interval():
    heat = xr.DataArray([0.0, 8e4, 8e4, 0.0], {"time": np.arange(4) * 60.0}, ("time",))
    run = th.transient(LOOP, heat=heat, facility=SUPPLY, save=2 * minute)
    racks = 2
    np.testing.assert_allclose(run.power.sel(end_use="it"), [racks * 4e4, racks * 4e4])
    often = th.transient(LOOP, heat=heat, facility=SUPPLY, save=minute)
    for name in ("heat", "heat_air", "heat_to_facility", "pump_power"):
        np.testing.assert_allclose(run[name], often[name].coarsen(time=2).mean(), rtol=1e-12, err_msg=name)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"step": 0}, r"step = 0 s? ?(must be above 0|is not a finite number)"),
        ({"step": -1.0}, r"step = -1 s? ?(must be above 0|is not a finite number)"),
        ({"step": math.nan}, r"step = nan s? ?(must be above 0|is not a finite number)"),
        ({"step": math.inf}, r"step = inf s? ?(must be above 0|is not a finite number)"),
        ({"until": None}, r"until = \.\.\. is needed where the heat is constant"),
        ({"until": 0.0}, r"until"),
        ({"until": -60.0}, r"until = -60 s? ?(must be above 0|is not a finite number)"),
        ({"until": math.nan}, r"until = nan s? ?(must be above 0|is not a finite number)"),
        ({"heat": TRACE, "until": 661.0}, r"until = 661 s is beyond the heat trace, 660 s"),
        ({"heat": TRACE, "until": 630.0}, r"until = 630 s must be a whole multiple of 60 s"),
        ({"save": 7.0}, r"until = 600 s must be a whole multiple of 7 s"),
        ({"save": 0.0}, r"save = 0 s? ?(must be above 0|is not a finite number)"),
        ({"save": -60.0}, r"save = -60 s? ?(must be above 0|is not a finite number)"),
        ({"save": math.nan}, r"save = nan s? ?(must be above 0|is not a finite number)"),
        ({"heat": TRACE, "save": 90.0, "until": 540.0}, r"save = 90 s must be a whole multiple of 60 s"),
        ({"until": 1e9, "save": 1e-2}, r"the result would take .* GB .*: raise save or shorten until"),
        ({"facility": None}, "facility"),
        ({"facility": 25.0}, "facility"),
    ],
)
def test_bad_conditions_are_refused(change, words):
    with pytest.raises(InputError, match=words):
        th.transient(LOOP, **(GOOD | change))


@pytest.mark.parametrize("loops", [[], None, "loops/gb200_row", [LOOP, None], 3])
def test_transient_wants_loops(loops):
    with pytest.raises(InputError, match="knows loops"):
        th.transient(loops, **GOOD)


def test_a_negative_flow_is_refused_by_name():
    with pytest.raises(InputError, match=r"Supply\.flow = -0\.01 m3/s is outside \[0, 100\] m3/s"):
        th.Supply(T=25, flow=-0.01)


@pytest.mark.parametrize("heat", [50 * kW, 0.0])
def test_no_facility_water_is_said_and_not_solved(heat):
    """Without any heat of the racks there is that of the pumps."""
    with pytest.raises(ConvergenceError, match=r"no steady state to start from: loops \[0\] have heat but no flow"):
        th.transient(LOOP, **(GOOD | {"heat": heat, "facility": th.Supply(T=25, flow=0.0)}))


@pytest.mark.parametrize("T", [-7.0, 79.0])
def test_water_outside_the_table_is_refused(T):
    """Supply at a temperature its coolant's table does not reach: one line naming coolant, value and range."""
    water = th.load("coolants/water").replace(T_low=10.0, T_high=60.0)
    with pytest.raises(InputError, match=rf"= {T:g} degC is outside the range of coolant .*10 to 60 degC"):
        th.transient(LOOP, **(GOOD | {"facility": th.Supply(T=T, flow=0.01, coolant=water)}))


def test_a_set_point_outside_the_coolants_range_is_refused():
    with pytest.raises(InputError, match="supply temperature set point = 32 degC is outside the range of coolant"):
        LOOP.replace(coolant=LOOP.coolant.replace(T_high=30.0))


def test_a_coolant_that_leaves_its_range_on_the_way_is_said():
    """The table ends at 38 °C and full heat returns at 41 °C: an answer, and a mark at the times outside."""
    loop = LOOP.replace(coolant=LOOP.coolant.replace(T_high=38.0))
    heat = xr.DataArray(np.where(np.arange(20) < 5, 2e4, 1.1e5), {"time": np.arange(20) * 60.0}, ("time",))
    run = th.transient(loop, heat=heat, facility=SUPPLY)
    np.testing.assert_array_equal(run.outside_range, run.T_return > 38.0)
    assert run.outside_range.values.tolist()[:5] == [False] * 5
    assert run.outside_range.values[-1]


def test_memory_is_estimated_before_it_is_taken(monkeypatch):
    monkeypatch.setattr(case, "MAX_BYTES", 1e3)
    with pytest.raises(InputError, match="the result would take"):
        th.transient(LOOP, **GOOD)


class TestWeather:
    """A plant needs a wet bulb that covers the study."""

    SITE = th.load("sites/frontier")
    STUDY = {"heat": 2e5, "facility": SITE.plant, "until": hour, "save": 10 * minute}  # noqa: RUF012
    HOURS = xr.DataArray([10.0, 12.0, 14.0], {"time": np.arange(3) * hour}, ("time",))

    def _run(self, weather, **others):
        return th.transient(self.SITE.loops[:2], **(self.STUDY | {"weather": weather} | others))

    def test_forms_agree(self):
        constant = self._run(12.0)
        assert constant.identical(self._run(xr.DataArray(12.0)))
        flat = xr.Dataset({"T_wet_bulb": self.HOURS * 0 + 12.0})
        assert constant.identical(self._run(flat))
        np.testing.assert_allclose(
            self._run(self.HOURS).T_wet_bulb, 10 + 2 * (np.arange(1, 7) * 600 - 10) / 3600, atol=0.4
        )

    @pytest.mark.parametrize(
        ("weather", "words"),
        [
            (None, "weather = .* is needed by this facility"),
            (math.nan, "T_wet_bulb is not a number"),
            (HOURS.where(HOURS.time > 0), "T_wet_bulb is not a number"),
            (HOURS.drop_vars("time"), "needs a coordinate 'time'"),
            (HOURS.assign_coords(time=HOURS.time + hour), r"weather covers 3600..14400 s of the study's 0..3600 s"),
            (HOURS.assign_coords(time=HOURS.time / 10), r"weather covers 0..1080 s"),
            (HOURS.isel(time=[2, 1, 0]), "ascending"),
            (xr.Dataset({"T_dry_bulb": HOURS}), "T_wet_bulb"),
            ("chicago", "weather"),
        ],
    )
    def test_what_does_not_cover_the_study_is_refused(self, weather, words):
        with pytest.raises((InputError, DataError), match=words):
            self._run(weather)

    def test_dates_are_compared(self):
        days = pd.date_range("2026-01-01", periods=7, freq="10min")
        heat = xr.DataArray(np.full(7, 2e5), {"time": days}, ("time",))
        late = self.HOURS.assign_coords(time=pd.date_range("2026-01-02", periods=3, freq="h"))
        with pytest.raises(InputError, match="dates compared where both have them"):
            self._run(late, heat=heat)
        there = self.HOURS.assign_coords(time=pd.date_range("2025-12-31T23:00", periods=3, freq="h"))
        run = self._run(there, heat=heat)
        assert run.T_wet_bulb.values[0] == pytest.approx(12.0, abs=0.4)


def test_a_result_says_how_far_the_case_is_from_its_limit_and_when_it_passes_the_coolants_range():
    loop = row(1)
    events = [th.stop(loop.cdu.pumps[0], at=60)] * len(loop.cdu.pumps)
    supply = th.Supply(T=25, flow=0.01)
    run = th.transient(loop, heat=5e4, facility=supply, events=events, until=1800.0, save=30.0, step=1)
    limit = loop.racks[0].package.T_case_limit
    np.testing.assert_array_equal(run.margin.values, limit - run.T_case.values)
    hot = (run.T_case > loop.coolant.T_high).any("rack")
    assert bool(hot.any())
    assert not bool(run.outside_range.values[0])
    assert bool(run.outside_range.where(hot, True).all())


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"until": "1h"}, "until = '1h' must be numbers in s, not a text"),
        ({"step": [1, 2]}, "step has 2 values"),
        ({"save": True}, "save = True must be numbers in s, not a truth value"),
        ({"events": ["noon"]}, "events must be a sequence"),
    ],
)
def test_wrong_types_are_named(wrong, words):
    study = {"heat": 5e4, "facility": th.Supply(T=25, flow=0.01), "until": 60.0}
    with pytest.raises(InputError, match=words):
        th.transient(row(1), **(study | wrong))


def test_units_and_range_of_the_wet_bulb():
    def outside(T, units):
        return outdoors(xr.DataArray(T, attrs={"units": units}), ("T_wet_bulb",), None, 1, 1.0)["T_wet_bulb"][0]

    assert outside(293.15, "K") == pytest.approx(20.0, abs=1e-9)
    assert outside(68.0, "degF") == pytest.approx(20.0, abs=1e-9)
    with pytest.raises(InputError, match=r"T_wet_bulb = 293.15 degC is outside -60..60 degC"):
        outside(293.15, "degC")


def test_heat_into_the_coolant_is_what_gets_there():
    """Both pumps stopped: the chips' heat stays in the cases, only what the rack gives off directly warms coolant."""
    trips = [th.stop(LOOP.cdu.pumps[0], at=5 * minute), th.stop(LOOP.cdu.pumps[0], at=5 * minute)]
    study = {"heat": 5e4, "facility": SUPPLY, "until": 10 * minute, "save": 60.0}
    run = th.transient(LOOP, **study, events=trips)
    rack = LOOP.racks[0]
    np.testing.assert_allclose(run.heat[:5], 5e4 * rack.liquid_fraction, rtol=1e-9)
    np.testing.assert_allclose(run.heat[6:], 5e4 * (rack.liquid_fraction - rack.package_fraction), rtol=1e-12)


def test_coolant_that_boils_ends_the_validity_or_the_run():
    """No flow for nine minutes: cases far beyond boiling are no result that converged; the run may end at the limit."""
    trips = [th.stop(LOOP.cdu.pumps[0], at=60.0), th.stop(LOOP.cdu.pumps[0], at=60.0)]
    study = {"heat": 8e4, "facility": SUPPLY, "until": 600.0, "save": 1.0, "step": 1.0, "events": trips}
    run = th.transient(LOOP, **study)
    assert not bool(run.boils[59])
    assert bool(run.converged[59])
    assert bool(run.boils[-1])
    assert not bool(run.converged[-1])
    hot = (run.T_case > 100.0).any("rack") & (run.flow <= 0.0)
    assert bool((hot == run.boils).where(run.T_rack_return.max("rack") < 99.0, True).all())
    short = th.transient(LOOP, **study, on_limit="stop")
    assert float(short.margin[-1].min()) < 0.0 < float(short.margin[-2].min())
    assert "T_case above its limit at" in short.attrs["stopped"]
    np.testing.assert_array_equal(short.T_case, run.T_case[: short.sizes["time"]])
    with pytest.raises(InputError, match="on_limit = 'ignore' must be one of flag, stop, throttle, trip"):
        th.transient(LOOP, **study, on_limit="ignore")


def test_one_hot_rack_marks_its_own_loop():
    """Of three racks one has a case beyond the coolant's 95 °C: its loop is outside the range, the other is not."""
    heat = xr.DataArray(np.full((2, 3), 2e4), dims=("loop", "rack"))
    heat[1, 1] = 3.5e5
    point = th.steady([row(3), row(3)], heat=heat, facility=th.Supply(T=30, flow=0.03))
    assert (point.T_case > 95.0).values.tolist() == [[False] * 3, [False, True, False]]
    assert point.outside_range.values.tolist() == [False, True]
