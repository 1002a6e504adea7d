"""Units at the door: what cannot be read is refused in one line that names the place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thermal import units
from thermal.errors import InputError
from thermal.units import to_si


@pytest.mark.parametrize(
    ("value", "unit", "target", "words"),
    [
        (5, "ton", "W", "ambiguous"),
        (5, "TR", "W", "ambiguous"),
        (5, "kg", "m3/s", "cannot be converted"),
        (5, "m3/h", "W", "cannot be converted"),
        (5, "quux", "W", "cannot read"),
        (5, "import os", "W", "cannot read"),
        ("five", "kW", "W", "cannot read"),
        ([1, "two"], "kW", "W", "cannot read"),
        (None, "kW", "W", "cannot read"),
        (5, "-", "W", "cannot be converted"),
    ],
)
def test_what_cannot_be_read_is_refused(value, unit, target, words):
    with pytest.raises(InputError, match=words) as caught:
        to_si(value, unit, target, "plate.toml: flow")
    assert str(caught.value).startswith("plate.toml: flow: ")
    assert "\n" not in str(caught.value)


def test_lists_keep_their_order():
    assert to_si([1, 2, 3], "L/min", "m3/s") == pytest.approx([1 / 6e4, 2 / 6e4, 3 / 6e4])
    assert to_si([], "L/min", "m3/s") == []


@given(st.floats(-200, 1000))
def test_temperatures_and_differences(T):
    assert to_si(T, "degF", "degC") == pytest.approx((T - 32) / 1.8, abs=1e-9)
    assert to_si(T, "degF", "K") == pytest.approx(T / 1.8, abs=1e-9)
    assert to_si(T + 273.15, "K", "degC") == pytest.approx(T, abs=1e-9)


@given(st.floats(1e-6, 1e6))
def test_a_conversion_scales(x):
    assert to_si(x, "psi", "Pa") == pytest.approx(6894.757293168361 * x, rel=1e-12)
    assert to_si(x, "%", "-") == pytest.approx(x / 100, rel=1e-12)
    assert to_si(x, "W", "W") == x


@pytest.mark.parametrize(
    ("value", "unit", "target", "expected"),
    [
        (60, "lpm", "m3/s", 1e-3),
        (60, "LPM", "m3/s", 1e-3),
        (1, "gpm", "m3/s", 6.30901964e-5),
        (0, "barg", "Pa", 101325.0),
        (2, "bar(g)", "Pa", 301325.0),
        (10, "psig", "Pa", 68947.57293168361 + 101325.0),
        (10, "psi (a)", "Pa", 68947.57293168361),
        (1, "bara", "Pa", 1e5),
        (1, "year", "s", 8760 * 3600.0),
        (1, "us_ton_refrigeration", "W", 3516.8528420667),
    ],
)
def test_units_of_data_sheets_are_read(value, unit, target, expected):
    assert to_si(value, unit, target) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("unit", ["9**9**9**9", "9 ** 9 ** 9", "m**999999", "kW*" * 40, "(9**9)**9", 3, None])
def test_what_would_be_worked_out_for_ever_is_no_unit(unit):
    with pytest.raises(InputError, match=r"^heat: "):
        to_si(1.0, unit, "W", "heat")
    assert to_si(1.0, "m^2 s^-1", "m2/s") == 1.0


@pytest.mark.parametrize(("unit", "target"), units.COMMON)
def test_units_known_by_heart_are_those_of_pint(monkeypatch, unit, target):
    known = [to_si(x, unit, target) for x in (1.0, 0.3, 60, -7.77e3)]
    lists = to_si([1.0, 60], unit, target)
    monkeypatch.setattr(units, "COMMON", {})
    assert known == [to_si(x, unit, target) for x in (1.0, 0.3, 60, -7.77e3)]
    assert lists == to_si([1.0, 60], unit, target)


@pytest.mark.parametrize("bad", ["12", True, None, [1.0, "2"], {}])
def test_no_number_is_refused_in_units_known_by_heart_as_in_others(bad):
    for unit, target in (("kW", "W"), ("Btu/hour", "W")):
        with pytest.raises(InputError, match="the pump"):
            to_si(bad, unit, target, "the pump")
