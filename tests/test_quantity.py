"""Parts: every complaint at once, in words of path, value and limit; copies that remember; the printed tree."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import thermal as th
from thermal.errors import InputError
from thermal.quantity import Part, choice, part, quantity, unit_of


class Valve(Part):
    """A part for these tests."""

    flow: float = quantity("m3/s", "flow through the open valve", above=0, high=2)
    opening: float = quantity("-", "opening", low=0, high=1, default=0.5)
    curve: tuple[float, ...] = quantity("Pa", "drops", default=(1.0, 2.0, 3.0, 4.0, 5.0))
    hidden: tuple[float, ...] = quantity("Pa", "table", default=(1.0,), shown=False)
    make: str = choice("maker", default="ours")


class Pair(Part):
    """A part of parts."""

    valves: tuple[Valve, ...] = part("valves")
    spare: Valve | None = part("spare valve", default=None)

    def _summary(self):
        return {"together": f"{sum(v.flow for v in self.valves):g} m3/s"}


def test_all_complaints_come_at_once():
    with pytest.raises(InputError) as caught:
        Valve(flow=-1, opening=1.5, makr="theirs")
    text = str(caught.value)
    assert "3 inputs are wrong" in text
    assert "Valve.flow = -1 m3/s is outside (0, 2] m3/s (flow through the open valve)" in text
    assert "Valve.opening = 1.5 is outside [0, 1] (opening)" in text
    assert "no field 'makr'; did you mean 'make'?" in text


def test_what_is_missing_or_unknown_is_named():
    with pytest.raises(InputError, match=r"Valve\.flow is missing: flow through the open valve \[m3/s\]"):
        Valve()
    with pytest.raises(InputError, match="no field 'zzz'; known: flow, opening, curve, hidden, make"):
        Valve(flow=1, zzz=2)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_is_finite(value):
    with pytest.raises(InputError, match=r"Valve\.flow = -?(nan|inf) m3/s is (not finite|outside)"):
        Valve(flow=value)
    with pytest.raises(InputError, match=r"Valve\.curve\.1"):
        Valve(flow=1, curve=(1.0, value))


@pytest.mark.parametrize("value", ["fast", None, [1.0], {}])
def test_a_number_is_a_number(value):
    with pytest.raises(InputError, match=r"Valve\.flow = .*flow through the open valve, in m3/s"):
        Valve(flow=value)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_the_declared_range_is_the_admitted_range(value):
    if 0 < value <= 2:
        assert Valve(flow=value).flow == value
    else:
        with pytest.raises(InputError):
            Valve(flow=value)


def test_a_part_is_frozen_and_compares_by_value():
    valve = Valve(flow=1)
    with pytest.raises(InputError, match=r"frozen: use \.replace\(flow=\.\.\.\)"):
        valve.flow = 2
    assert valve == Valve(flow=1)
    assert hash(valve) == hash(Valve(flow=1))
    assert valve != Valve(flow=0.5)
    assert valve != 1


def test_equality_is_that_of_the_fields():
    """Not of what a part has worked out meanwhile: its tables are arrays, which do not compare to one truth."""
    one, other = (th.load("cold_plates/ocp_1kw").replace(exponent=1.9) for _ in range(2))
    assert one.table.spacing == other.table.spacing
    assert one == other
    assert hash(one) == hash(other)
    assert one == th.ColdPlateCurve(**{name: getattr(one, name) for name in type(one).model_fields})  # nor its origin


def test_replace_checks_again_and_leaves_the_original():
    valve = Valve(flow=1, opening=0.25)
    other = valve.replace(flow=2)
    assert (valve.flow, other.flow, other.opening) == (1, 2, 0.25)
    with pytest.raises(InputError, match=r"Valve\.flow = 3 m3/s is outside"):
        valve.replace(flow=3)
    with pytest.raises(InputError, match="did you mean 'opening'"):
        valve.replace(openin=0.1)
    with pytest.raises(InputError, match="below T_high"):
        th.load("coolants/water").replace(T_low=120.0)  # the checks across fields run again as well


def test_replace_keeps_the_origin_and_says_what_changed():
    cdu = th.load("cdus/vertiv_xdu1350")
    other = cdu.replace(T_supply=35).replace(valve_span=10).replace(T_supply=36)
    assert cdu.origin.changed == ()
    assert other.origin.changed == ("T_supply", "valve_span")
    assert (other.origin.model, other.origin.sha256) == (cdu.origin.model, cdu.origin.sha256)
    assert other.pump.origin == cdu.pump.origin
    assert "(changed: T_supply, valve_span)" in str(other).splitlines()[0]


def test_the_tree_groups_equal_neighbours_and_hides_tables():
    one, other = Valve(flow=1), Valve(flow=0.5, make="theirs")
    lines = str(Pair(valves=(one, one, other))).splitlines()
    assert lines == [
        "Pair",
        "├─ valves: 2 × Valve",
        "│  ├─ flow: 1 m3/s (60000 L/min)",
        "│  ├─ opening: 0.5",
        "│  ├─ curve: (1, 2, 3, 4, …) Pa",
        "│  └─ make: ours",
        "├─ valves: Valve",
        "│  ├─ flow: 0.5 m3/s (30000 L/min)",
        "│  ├─ opening: 0.5",
        "│  ├─ curve: (1, 2, 3, 4, …) Pa",
        "│  └─ make: theirs",
        "└─ (together: 2.5 m3/s)",
    ]


def test_the_tree_of_a_row_says_what_a_reader_wants():
    text = str(th.load("loops/gb200_row"))
    for words in ("racks: 8 × Rack", "pumps: 2 × Pump", "design flow: 1152 L/min", "coolant volume:"):
        assert words in text
    assert "log_viscosity" not in text


def test_units_are_declared():
    assert unit_of(Valve, "flow") == "m3/s"
    assert unit_of(Pair, "valves") == "part"


def test_a_field_obeys_the_unit_of_a_labelled_number():
    import numpy as np
    import pandas as pd
    import xarray as xr

    assert Valve(flow=xr.DataArray(60.0, attrs={"units": "L/min"})).flow == 0.001
    assert Valve(flow=np.float32(0.5), opening=np.array(0.25)).opening == 0.25
    drops = pd.Series([1.0, 2.0])
    drops.attrs["units"] = "kPa"
    assert Valve(flow=1, curve=drops).curve == (1000.0, 2000.0)
    for wrong, says in (
        (xr.DataArray(1.0, attrs={"units": "kg/s"}), "Valve.flow: unit 'kg/s' cannot be converted to 'm3/s'"),
        (xr.DataArray(True), "Valve.flow = .* must be numbers in m3/s, not a truth value"),
        (np.True_, "not a truth value"),
        (xr.DataArray(math.nan), "Valve.flow = nan m3/s is not finite"),
        (np.array([1.0, 2.0]), "Valve.flow = "),
    ):
        with pytest.raises(InputError, match=says) as caught:
            Valve(flow=wrong)
        assert "\n" not in str(caught.value)


def test_what_is_printed_as_a_field_is_one():
    """A line ``name: value`` can be given to replace, a choice as it is printed; derived figures stand in brackets."""
    for name in ("loops/gb200_row", "plants/generic_20mw", "sites/frontier", "power_chains/frontier"):
        stack = [th.load(name)]
        while stack:
            item = stack.pop()
            own = [line[3:] for line in str(item).splitlines()[1:] if line[0] in "├└"]
            fields = [line for line in own if not line.startswith("(")]
            assert all(line.partition(": ")[0] in type(item).model_fields for line in fields)
            for line in fields:
                field, _, shown = line.partition(": ")
                if unit_of(type(item), field) == "choice":
                    assert str(getattr(item, field)) == shown
            inner = [getattr(item, field) for field in type(item).model_fields]
            stack += [x for x in inner if isinstance(x, Part)]


def test_messages_stay_short():
    with pytest.raises(InputError) as caught:
        Valve(flow=1, curve=(math.nan,) * 200)
    assert "... and 192 more" in str(caught.value)
    assert len(str(caught.value)) < 1500
    with pytest.raises(InputError) as caught:
        Valve(flow={"a": ["long"] * 500})
    assert len(str(caught.value)) < 300


def test_a_changed_part_does_not_pass_for_the_library_s():
    from thermal.quantity import provenance

    pump = th.load("duty_pumps/facility_20mw")
    digest = f"duty_pumps/facility_20mw {pump.origin.sha256[:12]}"
    assert provenance(pump)["models"] == digest
    assert provenance(pump.replace(head=300e3))["models"].startswith(f"{digest} changed: head")
    with pytest.raises(InputError, match=r"T_low = 120 degC must be below T_high"):
        th.load("coolants/water").replace(T_low=120.0)
