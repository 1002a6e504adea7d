"""Measured traces are read as they are, or refused with column, line and time."""

import numpy as np
import pytest

from thermal.errors import DataError, InputError
from thermal.traces import from_requests, frontier_day, load_csv

MAPPING = {"heat": (["a", "b"], "kW"), "T_wet_bulb": ("wet", "degF")}
GOOD = "time,a,b,wet\n0,100,90,50\n15,110,95,51\n30,120,99,52\n45,125,99,53\n"


@pytest.fixture
def read(tmp_path):
    def from_text(text, **more):
        file = tmp_path / "row.csv"
        file.write_text(text)
        return load_csv(file, MAPPING, **more)

    return from_text


def test_units_and_names(read):
    trace = read(GOOD)
    assert trace.heat.dims == ("time", "rack")
    assert float(trace.heat[1, 0]) == 110e3
    assert float(trace.T_wet_bulb[0]) == pytest.approx(10.0)
    assert trace.T_wet_bulb.attrs["long_name"] == "outdoor wet-bulb temperature"
    np.testing.assert_array_equal(trace.time, [0, 15, 30, 45])


def test_time_in_hours_or_as_dates(read):
    assert read(GOOD, time_unit="hour").time.values[1] == 15 * 3600
    dated = GOOD.replace("\n0,", "\n2026-01-01 00:00:00,").replace("\n15,", "\n2026-01-01 00:00:15,")
    dated = dated.replace("\n30,", "\n2026-01-01 00:00:30,").replace("\n45,", "\n2026-01-01 00:00:45,")
    assert read(dated, time_unit="date").time.values[3] == np.datetime64("2026-01-01T00:00:45")


def test_a_channel_outside_the_nomenclature_keeps_its_unit(tmp_path):
    file = tmp_path / "row.csv"
    file.write_text(GOOD)
    table = load_csv(file, {"main_meter": ("a", "kW")})
    assert table.main_meter.attrs["units"] == "kW"
    assert float(table.main_meter[0]) == 100.0


@pytest.mark.parametrize(
    ("damage", "match"),
    [
        (("110", ""), r"column 'a' in line 3 \(time 15\.0\) is empty \(1 such rows\); mend or cut"),
        (("110", "nan"), r"column 'a' in line 3 .* is empty"),
        (("110", "inf"), r"column 'a' in line 3 .* is 'inf', not a number"),
        (("99,52", "off,52"), r"column 'b' in line 4 \(time 30\.0\) is 'off', not a number"),
        (("110", "-110"), r"column 'a' in line 3 .* is -110: it cannot be negative"),
        (("\n15,", "\n16,"), r"column 'time' in line 3 .* comes 16 s after"),
        (("\n30,120,99,52", ""), r"column 'time' in line 4 \(time 45\.0\) comes 30 s after"),
        (("\n15,", "\n0,"), "comes 0 s after"),
        (("\n15,", "\nnoon,"), "'noon', not a number"),
        (("time,a,b", "time,a,c"), "has no column 'b'; it has time, a, c, wet"),
    ],
)
def test_damage_is_named(read, damage, match):
    with pytest.raises(DataError, match=match):
        read(GOOD.replace(*damage, 1))


def test_a_temperature_below_zero_is_no_damage(read):
    assert float(read(GOOD.replace("90,50", "90,-4")).T_wet_bulb[0]) == pytest.approx(-20.0)


def test_a_unit_of_another_dimension_is_refused(tmp_path):
    file = tmp_path / "row.csv"
    file.write_text(GOOD)
    with pytest.raises(InputError, match="heat"):
        load_csv(file, {"heat": (["a"], "kg")})


def test_files_that_are_no_tables(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        load_csv(tmp_path / "absent.csv", MAPPING)
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    with pytest.raises(DataError, match="cannot be read"):
        load_csv(empty, MAPPING)
    short = tmp_path / "short.csv"
    short.write_text("time,a,b,wet\n0,1,2,3\n")
    with pytest.raises(DataError, match="at least two"):
        load_csv(short, MAPPING)


def test_frontier_day_is_the_published_one(data):
    """5.2 / 16.1 / 26.6 MW min/mean/max, and steps to 3.1 MW in 15 s, as the register of the data says."""
    data("frontier/frontier_2024-04-07_25cdu_heat_15s.csv")
    day = frontier_day()
    total = day.heat.sum("loop") / 1e6
    assert dict(day.sizes) == {"time": 5761, "loop": 25}
    assert [round(float(v), 1) for v in (total.min(), total.mean(), total.max())] == [5.2, 16.1, 26.6]
    assert round(float(abs(total.diff("time")).max()), 1) == 3.1
    assert "MIT" in day.attrs["source"]


@pytest.mark.parametrize("kind", ["code", "conv"])
def test_requests_keep_their_tokens(kind, data):
    file = data(f"workloads/AzureLLMInferenceTrace_{kind}.csv")
    table = np.genfromtxt(file, delimiter=",", skip_header=1, usecols=(1, 2))
    load = from_requests(file, 4, 1e5)
    left = load.attrs["requests_left_out"]
    assert float(load.requests.sum()) + left == len(table)
    assert float(load.tokens.sum()) == table[: len(table) - left, 1].sum()
    assert float(load.tokens_context.sum()) == table[: len(table) - left, 0].sum()
    assert float(load.heat.max()) == 1e5
    assert float(load.heat.min()) >= 0.35e5


def test_requests_by_hand(tmp_path):
    file = tmp_path / "requests.csv"
    file.write_text(
        "TIMESTAMP,ContextTokens,GeneratedTokens\n2026-01-01 00:00:00.5,100,10\n2026-01-01 00:00:30,0,0\n"
        "2026-01-01 00:01:05.25,200,30\n2026-01-01 00:02:00.5,1,1\n2026-01-01 00:02:30,5,5\n"
    )
    load = from_requests(file, 1, 1000.0, step=60.0, idle_share=0.5, context_weight=0.1)
    np.testing.assert_array_equal(load.tokens, [10, 30])
    np.testing.assert_allclose(load.heat[:, 0], [500 + 500 * 20 / 50, 1000])
    assert load.attrs["requests_left_out"] == 2


def test_requests_by_hand_with_what_is_assumed_unless_said(tmp_path):
    """Minutes, a context token worth a tenth, 35 % at rest: works of 20 and 50, heats of 35 + 65 x 0.4 and 100 %."""
    file = tmp_path / "requests.csv"
    file.write_text(
        "TIMESTAMP,ContextTokens,GeneratedTokens\n2026-01-01 00:00:00,100,10\n2026-01-01 00:01:00,200,30\n"
        "2026-01-01 00:02:00,900,900\n"
    )
    load = from_requests(file, 2, 1000.0)
    np.testing.assert_allclose(load.heat, [[610.0, 610.0], [1000.0, 1000.0]], rtol=1e-12)
    assert load.time.values.tolist() == [0.0, 60.0]
    assert load.attrs["requests_left_out"] == 1
    assert "context_weight 0.1, idle_share 0.35" in load.attrs["assumed"]


def test_requests_with_damage(tmp_path):
    file = tmp_path / "requests.csv"
    head = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
    file.write_text(head + "2026-01-01 00:00:00,1,1\nyesterday,1,1\n")
    with pytest.raises(DataError, match="line 3, column 'TIMESTAMP' = 'yesterday' is not an ISO date"):
        from_requests(file, 1, 1e5)
    file.write_text(head + "2026-01-01 00:00:00,1,1\n2026-01-01 00:05:00,1,-1\n")
    with pytest.raises(DataError, match="cannot be negative"):
        from_requests(file, 1, 1e5)
    file.write_text(head + "2026-01-01 00:00:00,0,0\n2026-01-01 00:05:00,0,0\n")
    with pytest.raises(DataError, match=r"none of its 1 requests has work .* at rest the heat is idle_share"):
        from_requests(file, 1, 1e5)
    for wrong in ({"step": "1 min"}, {"idle_share": np.nan}, {"context_weight": -1.0}, {"step": True}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            from_requests(file, 1, 1e5, **wrong)
    file.write_text(head + "2026-01-01 00:00:00,1,1\n2026-01-01 00:00:05,1,1\n")
    with pytest.raises(DataError, match="at least one step"):
        from_requests(file, 1, 1e5)


def test_offsets_that_change_with_daylight_saving_are_read(tmp_path):
    """The night of 2026-03-29 in Berlin: the offset changes from +01:00 to +02:00, the hours do not."""
    file = tmp_path / "night.csv"
    stamps = ["2026-03-29T00:30:00+01:00", "2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"]
    file.write_text("time,a\n" + "".join(f"{t},{k}\n" for k, t in enumerate(stamps)))
    trace = load_csv(file, {"heat": ("a", "W")}, time_unit="date")
    assert [str(t)[:16] for t in trace.time.values] == ["2026-03-28T23:30", "2026-03-29T00:30", "2026-03-29T01:30"]
    file.write_text("time,a\n" + "".join(f"{t},{k}\n" for k, t in enumerate([stamps[0], "2026-03-29T01:30:00"])))
    with pytest.raises(DataError, match="line 3, column 'time' = '2026-03-29T01:30:00' has no time zone"):
        load_csv(file, {"heat": ("a", "W")}, time_unit="date")


def test_requests_with_a_zone_and_a_trace_with_other_marks(tmp_path):
    file = tmp_path / "requests.csv"
    head = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
    rows = "2026-10-25T00:59:30Z,0,10\n2026-10-25T03:00:10+02:00,0,20\n2026-10-25T02:01:10+01:00,0,30\n"
    file.write_text(head + rows)
    load = from_requests(file, 1, 1000.0)
    np.testing.assert_array_equal(load.tokens, [30.0])  # the last at +100 s, after the only whole minute
    file.write_bytes("\ufefftime;a\n0;1\n15;2\n".encode())
    assert load_csv(file, {"heat": ("a", "kW")}).heat.values.tolist() == [1000.0, 2000.0]


def test_known_names_are_described_beside_unknown_channels(tmp_path):
    file = tmp_path / "row.csv"
    file.write_text(GOOD)
    table = load_csv(file, {"heat": (["a", "b"], "kW"), "main_meter": ("a", "kW")})
    assert table.heat.attrs["long_name"] == "heat into the coolant, positive into the coolant"
    assert "long_name" not in table.main_meter.attrs
    for wrong in ({"heat": "a"}, {"heat": ("a", 1.0)}, {"heat": ["a"]}):
        with pytest.raises(InputError, match=r"\(columns, unit\) is needed"):
            load_csv(file, wrong)
