"""Bad telemetry of forty kinds: an error names file, line, column, value and the next step, or the report does."""

from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import thermal as th
from thermal.accounting import ledger
from thermal.errors import DataError, InputError
from thermal.traces import read_telemetry, report
from thermal.traces.report import FAULTS

MAPPING = {
    "file": {"time": "Zeit"},
    "channels": {
        "heat": {"columns": ["P1", "P2"], "dim": "rack", "unit": "kW"},
        "T_return": {"column": "TR", "unit": "degC", "low": 0, "high": 90},
    },
}
HEAD = "Zeit,P1,P2,TR\n"


def rows(count: int = 24, start: str = "2026-06-01", step: str = "15min", zone: str | None = None) -> list[list[str]]:
    """Good rows: two powers and a temperature that wander, each with a decimal."""
    noise = np.random.default_rng(1)
    times = pd.date_range(start, periods=count, freq=step, tz=zone)
    wave = np.sin(np.arange(count) / 5)
    power = 100 + 10 * wave[:, None] + noise.normal(0, 1, (count, 2))
    T = 40 + wave + noise.normal(0, 0.1, count)
    return [[str(t), f"{p[0]:.2f}", f"{p[1]:.2f}", f"{x:.3f}"] for t, p, x in zip(times, power, T, strict=True)]


def text(table: list[list[str]], head: str = HEAD, separator: str = ",") -> str:
    return head + "".join(separator.join(row) + "\n" for row in table)


def changed(row: int, column: int, value: str, table: list[list[str]] | None = None) -> str:
    table = table or rows()
    table[row][column] = value
    return text(table)


@pytest.fixture
def read(tmp_path):
    def from_text(content: str | bytes, mapping=MAPPING, **file):
        path = tmp_path / "row.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if file:
            mapping = {**mapping, "file": {**mapping["file"], **file}}
        return read_telemetry(path, mapping)

    return from_text


GOOD = text(rows())


def without(row: int, column: int) -> str:
    table = rows()
    del table[row][column]
    return text(table)


# Kinds that are refused: content, options of [file], and what the error says. Line 12 is row 10.
REFUSED = {
    "a text in a column of numbers": (changed(10, 1, "off"), {}, r"row.csv, line 12, column 'P1' = 'off' is no number"),
    "a unit in the cell": (changed(10, 3, "41.2 C"), {}, r"line 12, column 'TR' = '41.2 C' is no number"),
    "a spreadsheet's error": (changed(10, 2, "#N/A"), {}, r"line 12, column 'P2' = '#N/A'.* list it under missing"),
    "infinity": (changed(10, 1, "inf"), {}, r"line 12, column 'P1' = 'inf' is no number"),
    "thousands": (changed(10, 1, '"1,234.5"'), {}, r"line 12, column 'P1' = '1,234.5'.* thousands ="),
    "a truth value": (changed(10, 1, "true"), {}, r"line 12, column 'P1' = 'true' is no number"),
    "mixed decimal marks": (changed(10, 1, '"101,5"'), {}, r"line 12, column 'P1' = '101,5' has a decimal comma, row"),
    "a decimal comma against the mapping": (changed(10, 1, '"101,5"'), {"decimal": "."}, r"line 12.*decimal ="),
    "a row cut short": (without(10, 3), {}, r"line 12: has 3 cells where the header has 4.* cut short"),
    "a row too long": (changed(10, 3, "41.0,7"), {}, r"line 12: has 5 cells .*decimal mark"),
    "a file cut in a cell": (GOOD[:-9], {}, r"line 25: has . cells|line 25, column"),
    "an open quote": (changed(10, 1, '"101.5'), {}, r"line \d+: a quote that is not closed"),
    "a zero byte": (GOOD.replace("41.", "4\0001.", 1), {}, r"row.csv, line \d+: a zero byte"),
    "latin-1 without a word": (GOOD.replace("TR", "TR °", 1).encode("latin-1"), {}, r"line 1: cannot be read as utf-8"),
    "no file content": ("", {}, r"row.csv: is empty"),
    "a header alone": (HEAD, {}, r"row.csv: has 0 rows after its header"),
    "one row": (text(rows(1)), {}, r"row.csv: has 1 rows after its header"),
    "a column misspelt": (GOOD.replace("TR", "TRet", 1), {}, r"line 1: the header has no column 'TR'; did you mean"),
    "a column twice": (GOOD.replace("P2", "P1", 1), {}, r"line 1: the header has column 'P1' 2 times"),
    "a header below a title": ("Site A\n" + GOOD, {}, r"line 1: the header has no column 'Zeit'"),
    "a time that is none": (changed(10, 0, "noon"), {}, r"line 12, column 'Zeit' = 'noon' is not an ISO date"),
    "no time": (changed(10, 0, ""), {}, r"line 12, column 'Zeit' = '' is not an ISO date"),
    "a day that is none": (changed(10, 0, "2026-02-30 10:00:00"), {}, r"line 12.* = '2026-02-30 10:00:00' is not"),
    "days first": (changed(10, 0, "01.06.2026 10:00"), {}, r"line 12, .* = '01.06.2026 10:00'.*time_format ="),
    "dates of another form": (GOOD, {"time_format": "%d.%m.%Y"}, r"line 2, .* is not of the form '%d.%m.%Y'"),
    "some times with a zone": (changed(10, 0, "2026-06-01 02:30:00+02:00"), {}, r"line 12, .* has a time zone"),
    "an hour that does not exist": (
        text(rows(24, "2026-03-29 00:00")), {"zone": "Europe/Berlin"}, r"line 10, .* does not exist in Europe/Berlin"),
    "an hour that comes twice": (
        text(rows(24, "2026-10-25 02:15")), {"zone": "Europe/Berlin"}, r"line 2, .* comes twice in Europe/Berlin"),
    "seconds of 1970 that are milliseconds": (
        text([[str(1.78e12 + 1e3 * k), *row[1:]] for k, row in enumerate(rows())]), {"time_unit": "unix"},
        r"line 2, column 'Zeit' = 1780000000000.0 is no date.*unix ms"),
    "counted time with a text": (GOOD, {"time_unit": "s"}, r"line 2, column 'Zeit' = '2026-06-01 00:00:00'"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_is_named_with_its_place_and_the_next_step(kind, read):
    content, file, says = REFUSED[kind]
    with pytest.raises(DataError, match=says) as caught:
        read(content, **file)
    assert "row.csv" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def frame(data: xr.Dataset) -> dict[str, list]:
    return {f"{row.what}: {row.channel}": [row["count"], row.line] for _, row in report(data).iterrows()}


def swapped() -> str:
    table = rows()
    table[10], table[11] = table[11], table[10]
    return text(table)


def held(column: int, first: int, last: int) -> str:
    table = rows()
    for k in range(first, last):
        table[k][column] = table[first][column]
    return text(table)


def scaled(column: int, first: int, factor: float) -> str:
    table = rows(60)
    for row in table[first:]:
        row[column] = f"{float(row[column]) * factor:.3f}"
    return text(table)


# Kinds that are read as they are and reported: content, the finding with rows and first line.
REPORTED = {
    "a sentinel": (changed(10, 3, "-999"), "outside range: T_return", [1, 12]),
    "an empty cell": (changed(10, 1, ""), "missing: heat[rack 0]", [1, 12]),
    "not a number": (changed(10, 1, "NaN"), "missing: heat[rack 0]", [1, 12]),
    "negative power": (changed(10, 2, "-101.0"), "outside range: heat[rack 1]", [1, 12]),
    "a spike": (changed(10, 1, "190.0"), "spike: heat[rack 0]", [1, 12]),
    "a gap": (text(rows()[:10] + rows()[14:]), "gap: time", [1, 12]),
    "a row twice": (text(rows()[:11] + rows()[10:]), "duplicate: time", [1, 13]),
    "rows out of order": (swapped(), "out of order: time", [1, 13]),
    "jitter": (changed(10, 0, "2026-06-01 02:31:10"), "uneven step: time", [2, 12]),
    "a stuck sensor": (held(3, 6, 18), "stuck: T_return", [12, 8]),
    "a constant sensor": (held(3, 0, 24), "constant: T_return", [24, 2]),
    "kelvin for degrees": (
        text([[*row[:3], f"{float(row[3]) + 273.15:.3f}"] for row in rows()]), "outside range: T_return", [24, 2]),
    "watts for kilowatts half-way": (scaled(1, 45, 1000.0), "change of unit: heat[rack 0]", [15, 47]),
}  # fmt: skip


@pytest.mark.parametrize("kind", REPORTED)
def test_what_can_be_read_is_reported_with_its_place_and_count(kind, read):
    content, finding, where = REPORTED[kind]
    data = read(content)
    assert frame(data)[finding] == where
    table = report(data)
    assert (table.advice.str.len() > 10).all()
    assert (table.line >= 2).all()


def test_forty_kinds_are_covered():
    assert len(REFUSED) + len(REPORTED) >= 40
    assert {name.split(":")[0] for _, name, _ in REPORTED.values()} >= set(FAULTS)


def test_good_rows_have_nothing_to_report(read):
    assert len(report(read(GOOD))) == 0
    assert len(report(read(text(rows(400))))) == 0


# Forms that are read to the same values.
def _german() -> bytes:
    table = [[row[0], *(cell.replace(".", ",") for cell in row[1:])] for row in rows()]
    return text(table, HEAD.replace(",", ";"), ";").encode()


FORMS = {
    "byte-order mark": (b"\xef\xbb\xbf" + GOOD.encode(), {}),
    "UTF-16": (GOOD.encode("utf-16"), {}),
    "latin-1": (GOOD.replace("P1", "P1 °", 1).replace("P1 °", "P1", 1).encode("latin-1"), {"encoding": "latin-1"}),
    "Windows lines": (GOOD.replace("\n", "\r\n").encode(), {}),
    "decimal comma": (_german(), {}),
    "tabs": (GOOD.replace(",", "\t").encode(), {}),
    "bars": (GOOD.replace(",", "|").encode(), {"separator": "|"}),
    "quotes": ("".join(",".join(f'"{c}"' for c in line.split(",")) + "\n" for line in GOOD.splitlines()).encode(), {}),
    "blank lines and blanks": (GOOD.replace("\n", "\n\n").replace(",", ", ").encode(), {}),
    "a title and remarks": (b"Site A\n# by hand\n" + GOOD.encode() + b"# end\n", {"skip": 1, "comment": "#"}),
    "more columns and empty cells at the end": (GOOD.replace("\n", ",,\n").encode(), {}),
    "a zone in the times": (text(rows(zone="UTC")).encode(), {}),
    "Berlin in the mapping": (text(rows(start="2026-06-01 02:00")).encode(), {"zone": "Europe/Berlin"}),
    "seconds since 1970": (
        text([[str(1780272000 + 900 * k), *row[1:]] for k, row in enumerate(rows())]).encode(), {"time_unit": "unix"}),
    "milliseconds since 1970": (
        text([[str(1780272000000 + 900000 * k), *row[1:]] for k, row in enumerate(rows())]).encode(),
        {"time_unit": "unix ms"}),
    "days first": (
        text([[pd.Timestamp(row[0]).strftime("%d.%m.%Y %H:%M"), *row[1:]] for row in rows()]).encode(),
        {"time_format": "%d.%m.%Y %H:%M"}),
}  # fmt: skip


def test_times_that_count_from_anywhere(read):
    """Rows every quarter of an hour, counted in minutes from 30: seconds, and the same values."""
    counted = text([[str(30 + 15 * k), *row[1:]] for k, row in enumerate(rows())]).encode()
    right, found = read(GOOD), read(counted, time_unit="minute")
    np.testing.assert_allclose(found.time, 1800.0 + 900.0 * np.arange(found.sizes["time"]))
    np.testing.assert_array_equal(found.heat, right.heat)


@pytest.mark.parametrize("form", FORMS)
def test_other_forms_of_one_file_give_the_same_values(form, read):
    right, found = read(GOOD), read(FORMS[form][0], **FORMS[form][1])
    np.testing.assert_array_equal(found.heat, right.heat)
    np.testing.assert_array_equal(found.T_return, right.T_return)
    np.testing.assert_array_equal(found.time, right.time)
    assert right.heat.values[0, 0] == float(rows()[0][1]) * 1e3
    assert right.heat.attrs["units"] == "W"
    assert right.T_return.attrs["long_name"] == "coolant return temperature from the racks"


def test_the_night_in_which_a_clock_is_put_back(read):
    """Berlin, 2026-10-25: 02:00 to 02:45 twice; in UTC the quarters go on evenly, in the order of the rows."""
    utc = pd.date_range("2026-10-24 23:00", periods=24, freq="15min", tz="UTC")
    local = [str(t.tz_convert("Europe/Berlin").tz_localize(None)) for t in utc]
    assert len(set(local)) == 20
    data = read(text([[t, *row[1:]] for t, row in zip(local, rows(), strict=True)]), zone="Europe/Berlin")
    np.testing.assert_array_equal(data.time.values, utc.tz_localize(None).to_numpy())
    assert "8 rows in an hour that comes twice" in data.attrs["read"]
    assert len(report(data)) == 0


def test_thousands_by_the_mapping(read):
    table = [[row[0], f'"{1000 + k:,}.5"', *row[2:]] for k, row in enumerate(rows())]
    assert read(text(table), thousands=",").heat.values[3, 0] == 1003.5e3
    dotted = [[row[0], f"1.{k:03d},5", "7,0", "40,0"] for k, row in enumerate(rows())]
    found = read(text(dotted, HEAD.replace(",", ";"), ";"), thousands=".", decimal=",")
    assert found.heat.values[3, 0] == 1003.5e3
    with pytest.raises(DataError, match=r"= '1.000,5' is no number"):
        read(text(dotted, HEAD.replace(",", ";"), ";"), decimal=",")


def test_the_mapping_file(tmp_path):
    mapping = tmp_path / "row.toml"
    mapping.write_text(
        '[file]\ntime = "Zeit"\nmissing = ["Bad"]\nstamp = "end"\n\n[channels.heat]\ncolumns = ["P1", "P2"]\n'
        'dim = "rack"\nunit = "kW"\n\n[channels.main]\ncolumn = "TR"\nunit = "kW"\n'
    )
    file = tmp_path / "row.csv"
    file.write_text(changed(10, 1, "Bad"))
    data = read_telemetry(file, mapping)
    assert np.isnan(data.heat.values[10, 0])
    assert data.main.attrs["units"] == "kW"
    assert data.time.attrs["stamp"] == "end"
    assert data.line.values[[0, 10]].tolist() == [2, 12]
    book = ledger(data.isel(time=slice(0, 10)), end_uses={"other": "main"}, meter=None)
    assert float(book.energy_site) == pytest.approx(sum(float(row[3]) for row in rows()[:10]) * 900e3)


HEAT = MAPPING["channels"]["heat"]


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ({"chanels": {}}, "mapping takes no 'chanels'; did you mean 'channels'"),
        ({"file": {}}, "names no channel; write"),
        ({"channels": {"heat": {**HEAT, "units": "kW"}}}, r"\[channels.heat\] takes no 'units'; did you mean 'unit'"),
        ({"channels": {"heat": {**HEAT, "unit": "kg"}}}, "'kg' cannot be converted to 'W'"),
        ({"channels": {"heat": {**HEAT, "unit": "furlong"}}}, r"\[channels.heat\].*furlong"),
        ({"channels": {"heat": {**HEAT, "unit": 3}}}, "unit = 3 must be a text"),
        ({"channels": {"heat": {"unit": "W"}}}, "give column = 'P1'"),
        ({"channels": {"heat": {"columns": ["P1"], "unit": "W"}}}, "dim = None; several columns need"),
        ({"channels": {"heat": {"columns": "P1", "dim": "rack", "unit": "W"}}}, "must be a list of column names"),
        ({"channels": {"heat": {"columns": ["P1", "P1"], "dim": "rack", "unit": "W"}}}, "has column 'P1' twice"),
        ({"channels": {"heat": {**HEAT, "low": 5, "high": 1}}}, "low = 5000 must be below high = 1000"),
        ({"channels": {"heat": {**HEAT, "low": "0"}}}, r"low = '0' must be numbers"),
        ({"channels": {"heat": 3}}, r"\[channels.heat\] = 3 must be a table"),
        ({"channels": {"heat": HEAT}, "file": {"zone": "Europe/Berlim"}}, "did you mean 'Europe/Berlin'"),
        ({"channels": {"heat": HEAT}, "file": {"separator": ";;"}}, "must be one character"),
        ({"channels": {"heat": HEAT}, "file": {"decimal": ":"}}, "decimal = ':' must be"),
        ({"channels": {"heat": HEAT}, "file": {"stamp": "middle"}}, "stamp = 'middle' must be"),
        ({"channels": {"heat": HEAT}, "file": {"missing": "-999"}}, "must be a list of texts"),
        ({"channels": {"heat": HEAT}, "file": {"skip": -1}}, "skip = -1"),
        ({"channels": {"heat": HEAT}, "file": {"time_unit": "kg"}}, "time_unit"),
        ({"channels": {"heat": HEAT}, "file": {"time": 3}}, "time = 3 must be a text"),
        (3, "mapping is a int"),
        ("absent.toml", "absent.toml cannot be read"),
    ],
)
def test_a_wrong_mapping_is_named(mapping, says, read):
    if isinstance(mapping, dict) and "channels" in mapping:
        mapping = {"file": {}, **mapping}
    with pytest.raises(InputError, match=says) as caught:
        read(GOOD, mapping)
    assert "\n" not in str(caught.value)


def test_netcdf_and_parquet(tmp_path, monkeypatch):
    frame = pd.DataFrame(
        {"P1": [1.0, 2.0], "TR": [40.0, 41.0]}, pd.date_range("2026-06-01", periods=2, freq="h", name="t")
    )
    data = frame.to_xarray()
    data["P1"].attrs["units"] = "kW"
    mapping = {
        "file": {"time": "t"},
        "channels": {"it_power": {"column": "P1"}, "T_return": {"column": "TR", "unit": "degC"}},
    }
    file = tmp_path / "day.nc"
    for engine in ("h5netcdf", "scipy"):
        data.to_netcdf(file, engine=engine)
        found = read_telemetry(file, mapping)
        assert found.it_power.values.tolist() == [1000.0, 2000.0]
        assert found.time.values[1] == np.datetime64("2026-06-01T01:00")
    with pytest.raises(DataError, match="has no column 'P9'; it has"):
        read_telemetry(file, {"file": {"time": "t"}, "channels": {"heat": {"column": "P9", "unit": "W"}}})
    with pytest.raises(InputError, match=r"\[channels.T_return\] needs a unit: day.nc does not say that of 'TR'"):
        read_telemetry(file, {"file": {"time": "t"}, "channels": {"T_return": {"column": "TR"}}})
    broken = tmp_path / "broken.nc"
    broken.write_bytes(file.read_bytes()[:60])
    with pytest.raises(DataError, match=r"broken.nc: cannot be read as netCDF"):
        read_telemetry(broken, mapping)
    parquet = tmp_path / "day.parquet"
    parquet.write_bytes(b"PAR1 and no more")
    if find_spec("pyarrow") is None:
        with pytest.raises(DataError, match="needs pyarrow, which is not installed: pip install pyarrow"):
            read_telemetry(parquet, mapping)
        return
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        read_telemetry(parquet, mapping)
    frame.to_parquet(parquet)
    mapping["channels"]["it_power"]["unit"] = "kW"
    assert read_telemetry(parquet, mapping).it_power.values.tolist() == [1000.0, 2000.0]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"absent.csv: cannot be read"):
        read_telemetry(tmp_path / "absent.csv", MAPPING)
    with pytest.raises(DataError, match="cannot be read"):
        read_telemetry(tmp_path, MAPPING)
    with pytest.raises(InputError, match="path is a int"):
        read_telemetry(3, MAPPING)


def test_the_reader_is_public():
    for name in ("read_telemetry", "report", "resample", "fill", "drop_duplicates", "in_order", "blank", "at_starts"):
        assert getattr(th.traces, name).__doc__
