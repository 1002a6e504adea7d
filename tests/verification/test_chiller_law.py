"""Chillers: each coefficient, limit and share by hand, the second law, and all records at random points."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import thermal as th
from thermal.components.cooling.chiller import _fields
from thermal.errors import InputError
from thermal.physics.machines.chiller import biquadratic, chiller_state, least_power, part_load

PLAIN = {
    "capacity": 1e6, "COP": 5.0, "capacity_curve": (1.0, 0.0, 0.0, 0.0, 0.0, 0.0), "EIR_curve":
    (1.0, 0.0, 0.0, 0.0, 0.0, 0.0), "part_load_curve": (0.0, 1.0, 0.0), "part_load_min": 0.1, "part_load_max": 1.0,
    "part_load_unload": 0.1, "T_supply_low": 5.0, "T_supply_high": 15.0, "T_condenser_low": 15.0,
    "T_condenser_high": 35.0,
}  # fmt: skip


def plain(**changes):
    """A chiller whose curves are one: 1 MW at any temperature, 200 kW at full load, in proportion below."""
    return th.Chiller(**{**PLAIN, **changes})


def at(chiller, load, T_leaving=10.0, T_condenser=25.0, rate=1e5):
    return chiller_state(load, T_leaving, T_condenser, rate, chiller.curves)


@pytest.mark.parametrize(("k", "value"), list(enumerate([1, 2, 4, 3, 9, 6, 8, 27, 12, 18])))
def test_each_part_load_coefficient(k, value):
    """At T = 2 and x = 3: 1, T, T², x, x², T·x, T³, x³, T²·x, T·x² (EnergyPlus, Curve:Bicubic in its order)."""
    assert part_load(np.eye(10)[k], 2.0, 3.0) == value


@pytest.mark.parametrize(("k", "value"), list(enumerate([1, 2, 4, 3, 9, 6])))
def test_each_biquadratic_coefficient(k, value):
    """At x = 2 and y = 3: 1, x, x², y, y², x·y."""
    assert biquadratic(np.eye(6)[k], 2.0, 3.0) == value


def test_motor_share_reaches_the_condenser():
    """800 kW at COP 5 draw 160 kW; 0.9 of it are rejected."""
    point = at(plain(motor_to_refrigerant=0.9), 800e3)
    assert point.power == pytest.approx(160e3)
    assert point.rejected == pytest.approx(944e3)


def test_capacity_ends_at_the_highest_part_load():
    point = at(plain(part_load_max=1.05), 2e6)
    assert (point.heat, point.available) == (pytest.approx(1.05e6), pytest.approx(1e6))
    assert point.power == pytest.approx(210e3)


def test_cycling_is_in_proportion_below_the_least_part_load():
    """Below 0.2 the machine runs at 0.2, 0.12 of the time for 24 kW: P = 0.12·(1 MW/5)·plr(0.2), plr = 0.1 + 0.9·x."""
    chiller = plain(part_load_curve=(0.1, 0.9, 0.0), part_load_min=0.2, part_load_unload=0.2)
    assert at(chiller, 24e3).power == pytest.approx(0.12 * 200e3 * 0.28)
    assert at(chiller, 400e3).power == pytest.approx(200e3 * 0.46)


def test_hot_gas_keeps_the_load_up():
    """Between 0.1 and the unloading limit 0.3 the power is that at 0.3; below 0.1 it cycles there."""
    chiller = plain(part_load_curve=(0.1, 0.9, 0.0), part_load_min=0.1, part_load_unload=0.3)
    assert at(chiller, 150e3).power == pytest.approx(200e3 * 0.37)
    assert at(chiller, 250e3).power == pytest.approx(200e3 * 0.37)
    assert at(chiller, 50e3).power == pytest.approx(0.5 * 200e3 * 0.37)
    assert at(chiller, 400e3).power == pytest.approx(200e3 * 0.46)


def test_least_lift_moves_the_condenser_of_the_curves():
    """EIR = 0.04·T_c: at 10 °C leaving and 15 °C condenser a least lift of 12 K makes it 22 °C, 0.88 of 200 kW."""
    lifted = plain(EIR_curve=(0.0, 0.0, 0.0, 0.04, 0.0, 0.0), lift_low=12.0)
    assert at(lifted, 1e6, T_condenser=15.0).power == pytest.approx(0.88 * 200e3)
    assert at(lifted, 1e6, T_condenser=30.0).power == pytest.approx(1.2 * 200e3)
    assert not at(lifted, 1e6, T_condenser=15.0).outside


def test_least_lift_of_water_beyond_the_box():
    """It counts from the real water where that is warmer than the box, from the edge where it is colder."""
    lifted = plain(EIR_curve=(0.0, 0.0, 0.0, 0.04, 0.0, 0.0), lift_low=12.0)
    assert at(lifted, 1e6, T_leaving=20.0, T_condenser=15.0).power == pytest.approx(0.04 * 32.0 * 200e3)
    assert at(lifted, 1e6, T_leaving=0.0, T_condenser=15.0).power == pytest.approx(0.04 * 17.0 * 200e3)


def test_a_condenser_temperature_that_is_not_found_is_flagged():
    """EIR = 1.65 − 0.03·T_c and 6667 W/K: each step turns nine tenths of the error round, too slow for 60 steps."""
    chiller = plain(EIR_curve=(1.65, 0.0, 0.0, -0.03, 0.0, 0.0), curve_temperature="leaving")
    rate = 6000.0 / 0.9
    point = at(chiller, 1e6, T_condenser=25.0 - 1.18e6 / rate, rate=rate)
    assert point.outside
    assert point.power == pytest.approx(180e3, rel=0.01), "yet near it"
    assert not at(chiller, 1e6, T_condenser=25.0 - 1.18e6 / 60e3, rate=60e3).outside


def test_capacity_and_power_follow_both_temperatures():
    """CAPFT = 0.5 + 0.02·T_l + 0.01·T_c = 0.95 and EIRFT = 0.2 + 0.01·T_l + 0.02·T_c = 0.8 at 10 and 25 °C."""
    chiller = plain(capacity_curve=(0.5, 0.02, 0, 0.01, 0, 0), EIR_curve=(0.2, 0.01, 0, 0.02, 0, 0))
    point = at(chiller, 475e3)
    assert point.available == pytest.approx(0.95e6)
    assert point.power == pytest.approx(0.95e6 / 5.0 * 0.8 * 0.5)


def test_leaving_condenser_water_is_found_from_the_heat():
    """EIR = 0.04·T_c, T_c = 20 + (1e6 + 8000·T_c)/1e5 by hand: 30/(1 − 0.08) = 32.609 °C, 260.87 kW."""
    chiller = plain(EIR_curve=(0.0, 0.0, 0.0, 0.04, 0.0, 0.0), curve_temperature="leaving")
    point = at(chiller, 1e6, T_condenser=20.0)
    assert point.power == pytest.approx(8000.0 * 30.0 / 0.92, rel=1e-9)
    assert not point.outside


def test_no_load_is_no_power():
    assert at(plain(), 0.0) == (0.0, 0.0, 0.0, 0.0, False)


@pytest.mark.parametrize(
    ("T_leaving", "T_condenser", "outside"),
    [(10, 25, False), (5, 15, False), (15, 35, False), (4.9, 25, True), (15.1, 25, True), (10, 14.9, True),
     (10, 35.1, True)],
)  # fmt: skip
def test_temperatures_beyond_the_box_are_flagged_and_held(T_leaving, T_condenser, outside):
    chiller = plain(EIR_curve=(0.0, 0.01, 0.0, 0.04, 0.0, 0.0))
    point = at(chiller, 1e6, T_leaving, T_condenser)
    assert point.outside == outside
    held = min(max(T_leaving, 5.0), 15.0) * 0.01 + min(max(T_condenser, 15.0), 35.0) * 0.04
    assert point.power == pytest.approx(200e3 * held)


def test_power_is_held_at_carnots_and_flagged():
    """A part-load curve of 1.25·x − 0.25 is zero at x = 0.2: 200 kW of heat from 10 to 25 °C need 200·15/283.15 kW."""
    chiller = plain(part_load_curve=(-0.25, 1.25, 0.0))
    point = at(chiller, 200e3)
    assert point.power == pytest.approx(200e3 * 15.0 / 283.15)
    assert point.outside
    assert at(chiller, 100e3).power == pytest.approx(100e3 * 15.0 / 283.15), "where the curve is negative"
    assert not at(chiller, 400e3).outside
    assert 0.05 < chiller.share_held < 0.25
    assert "power held at Carnot's: in" in str(chiller)
    assert "Carnot" not in str(plain())


def test_false_load_of_hot_gas_counts_in_the_least_power():
    """Hot gas keeps the compressor at 0.3 where the load is 0.15: Carnot's power is that of 0.3."""
    chiller = plain(part_load_curve=(-0.5, 1.5, 0.0), part_load_unload=0.3)
    assert at(chiller, 150e3).power == pytest.approx(300e3 * 15.0 / 283.15)


def test_the_lift_is_never_below_the_pinches():
    """Condenser water colder than the chilled water still needs 3 K of lift: 1e6·3/280."""
    assert least_power(1e6, 6.85, 2.0) == pytest.approx(1e6 * 3.0 / 280.0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"capacity_curve": (1.0, 0, 0, -0.03, 0, 0)}, r"capacity_curve is -0.05.* at .* 35 degC condenser"),
        ({"EIR_curve": (1.0, 0, 0, -0.1, 0.002, 0)}, "EIR_curve is -0.25, not positive, at .* and 25 degC"),
        ({"EIR_curve": (0.1, 0, 0, 0, 0, 0)}, "full load needs less than Carnot"),
        ({"COP": 29.0}, "full load needs less than Carnot"),
        ({"part_load_unload": 0.9, "part_load_max": 0.5}, "is above part_load_max"),
        ({"part_load_min": 0.9, "part_load_max": 0.5}, "is above part_load_max"),
    ],
)
def test_curves_that_no_machine_has_are_refused(change, says):
    with pytest.raises(InputError, match=says):
        plain(**change)


@given(st.lists(st.floats(-1, 1), min_size=6, max_size=6), st.sampled_from([-200.0, 0.0, 8.0, 25.0]))
def test_lowest_value_over_the_box_is_found(c, lift):
    """The closed search finds what a fine grid of the reachable points finds, and no more than its mesh below it."""
    chiller = plain(lift_low=lift).model_copy(update={"EIR_curve": tuple(c)})
    low, *_ = chiller._lowest(tuple(c))
    x, y = np.meshgrid(np.linspace(5, 15, 101), np.linspace(15, 35, 101), indexing="ij")
    y = np.minimum(np.maximum(y, x + lift), 35.0)
    grid = c[0] + c[1] * x + c[2] * x**2 + c[3] * y + c[4] * y**2 + c[5] * x * y
    assert low <= grid.min() + 1e-9
    assert low >= grid.min() - 0.1, "by curvature over one mesh: (0.1² + 0.2²)/4·2 and the cross term"


def test_lowest_value_inside_the_box_is_found():
    """0.3 + 0.001·(x − 9)² + 0.002·(y − 24)² + 0.001·(x − 9)·(y − 24): coefficients as small as real curves have."""
    a, b, d = 0.001, 0.002, 0.001
    constant = 0.3 + a * 81.0 + b * 576.0 + d * 216.0
    c = (constant, -18.0 * a - 24.0 * d, a, -48.0 * b - 9.0 * d, b, d)
    assert plain()._lowest(c) == pytest.approx((0.3, 9.0, 24.0), rel=1e-9)


def test_operate_refuses_a_condenser_without_flow():
    with pytest.raises(InputError, match="condenser_rate = 0 W/K must be positive"):
        plain(curve_temperature="leaving").operate(1e6, 10.0, 20.0, 0.0)
    small = plain(curve_temperature="leaving", capacity=1.0).operate(0.5, 10.0, 20.0, 0.5)
    assert float(small.chiller_power) == pytest.approx(0.1)


@pytest.fixture(scope="module")
def machines(data):
    """All chillers of the table."""
    with data("plant/chillers.csv").open(encoding="utf-8", newline="") as stream:
        return {row["name"]: th.Chiller(**_fields(row)) for row in csv.DictReader(stream)}


def test_every_record_of_the_table_builds_and_says_what_is_held(machines):
    """29 of the 316 have negative power somewhere in their box, 40 less than Carnot's; none at full load."""
    assert len(machines) == 316
    assert sum(c.share_held > 0.0 for c in machines.values()) == 40
    negative = 0
    for c in machines.values():
        T, x = np.linspace(c.T_condenser_low, c.T_condenser_high, 41), np.linspace(c.part_load_unload, 1.0, 41)
        p = c.curves.part_load_curve
        negative += any(part_load(p, a, b) <= 0.0 for a in T for b in x)
    assert negative == 29


def test_the_record_that_gave_negative_power(machines):
    """Carrier 19XR 1758 kW/5.86 COP/VSD at part load 0.2, 5.56/28.72 °C: −250 kW by its curves; Carnot's is 24.3 kW."""
    c = machines["ReformEIRChiller Carrier 19XR 1758kW/5.86COP/VSD"]
    k = c.curves
    available = c.capacity * biquadratic(k.capacity_curve, 5.56, 28.72)
    EIR = biquadratic(k.EIR_curve, 5.56, 28.72) * part_load(k.part_load_curve, 28.72, 0.2)
    assert available / c.COP * EIR == pytest.approx(-250e3, rel=0.02)
    rate = 1e9  # so that the water leaves as it enters
    point = chiller_state(0.2 * available, 5.56, 28.72, rate, k)
    assert point.power == pytest.approx(0.2 * available * (28.72 - 5.56) / (5.56 + 273.15), rel=1e-3)
    assert point.outside


@pytest.mark.parametrize("wide", [False, True], ids=["inside", "around"])
def test_random_points_of_all_machines(machines, wide):
    """No negative or missing number anywhere; a point that is not flagged is the published curve itself."""
    random, names = np.random.default_rng(8), list(machines)
    unflagged = 0
    for _ in range(600):
        c = machines[names[random.integers(len(names))]]
        margin = 12.0 if wide else 0.0
        load = c.capacity * random.uniform(0.02, 1.3)
        T_l = random.uniform(c.T_supply_low - margin, c.T_supply_high + margin)
        T_c = random.uniform(c.T_condenser_low - margin, c.T_condenser_high + margin)
        rate = c.capacity / random.uniform(2.0, 10.0)
        T_in = T_c - (1.1 * load / rate if c.curve_temperature == "leaving" else 0.0)
        s = chiller_state(load, T_l, T_in, rate, c.curves)
        assert np.isfinite(s[:4]).all()
        assert min(s[:4]) > 0.0
        assert s.power >= least_power(s.heat, min(max(T_l, c.T_supply_low), c.T_supply_high), -99.0) * (1 - 1e-12)
        if s.outside:
            continue
        unflagged += 1
        at = T_in + s.rejected / rate if c.curve_temperature == "leaving" else T_in
        assert c.T_supply_low <= T_l <= c.T_supply_high
        assert c.T_condenser_low - 1e-6 <= at <= c.T_condenser_high + 1e-6
        k = c.curves
        cap, eir, p = k.capacity_curve, k.EIR_curve, k.part_load_curve
        terms = np.array([1.0, T_l, T_l**2, at, at**2, T_l * at])
        available = c.capacity * float(cap @ terms)
        x = min(load / available, c.part_load_max)
        y = max(x, c.part_load_min, c.part_load_unload)
        plr = float(p @ np.array([1, at, at**2, y, y**2, at * y, at**3, y**3, at**2 * y, at * y**2]))
        share = min(x / c.part_load_min, 1.0) if c.part_load_min else 1.0
        assert s.power == pytest.approx(available / c.COP * float(eir @ terms) * plr * share, rel=1e-6)
    assert unflagged > (20 if wide else 200)
