"""EPW files as others write them, damaged ones with their line, and what is missing stays missing."""

import numpy as np
import pytest
from mutated import epw_text, weather_files

import thermal as th
from thermal.errors import DataError
from thermal.outdoors.climate import fill_gaps
from thermal.outdoors.epw import read_epw
from thermal.outdoors.siting import design_day, water_classes

CHICAGO = "weather/USA_IL_Chicago-OHare.Intl.AP.725300_TMY3.epw"
TEXT = epw_text()
LOCATION = TEXT.split("\n")[0]


def written(folder, text, encoding="utf-8"):
    path = folder / "a.epw"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        (LOCATION, "utf-8-sig"),
        (LOCATION.replace("LOCATION", "Location"), "utf-8"),
        (LOCATION.replace("LOCATION,", " LOCATION ,"), "utf-8"),
        (LOCATION.replace("Test", "Orléans"), "latin-1"),
        (LOCATION.replace("Test", "Orléans"), "utf-8-sig"),
        (LOCATION.replace(",", " , "), "utf-8"),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_headers_of_any_hand_are_read(tmp_path, header, encoding, ends):
    path = written(tmp_path, TEXT.replace(LOCATION, header).replace("\n", ends), encoding)
    year = read_epw(path)
    place = "Orléans, ABC" if "Orl" in header else "Test, ABC"
    assert (year.attrs["site"], year.attrs["utc_offset"], year.attrs["elevation"]) == (place, -5.0, 100.0)
    assert year.sizes["time"] == 8760


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("LOCATION,Test,AB,ABC,made up,0,40.0", "line 1: LOCATION is cut after 7 of 10 fields"),
        ("LOCATION", "line 1: LOCATION is cut after 1 of 10 fields"),
        (LOCATION.replace("40.0", ""), "line 1: field 7 of LOCATION, latitude, is blank: a number is needed"),
        (LOCATION.replace("100.0", "6.0m"), "line 1: field 10 of LOCATION, elevation, is '6.0m'"),
        (LOCATION.replace("-5.0", "EST"), r"line 1: field 9 of LOCATION, utc_offset, is 'EST': .*hours ahead of UTC"),
        (LOCATION.replace("-5.0", "-500"), r"line 1: utc_offset = -500 is outside -12..14"),
        (LOCATION.replace("40.0", "nan"), "line 1: latitude = nan is outside"),
        ("PLACE,Test", "a.epw is not an EPW file: its first line must start with LOCATION, not 'PLACE'"),
        ("", "first line must start with LOCATION, not ''"),
    ],
)
def test_a_broken_header_is_named(tmp_path, header, says):
    with pytest.raises(DataError, match=says):
        read_epw(written(tmp_path, TEXT.replace(LOCATION, header)))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (",10.0,45,99000", ",,45,99000", "line 9: field 8 is blank, not a number"),
        (",10.0,45,99000", ",10.0m,45,99000", "line 9: field 8 is '10.0m', not a number"),
        (",10.0,45,99000", ",nan,45,99000", "line 9: field 8 is 'nan', not a number"),
        (",10.0,45,99000", ",30.0,45,99000", "line 9: T_dew_point = 30 degC lies above T_dry_bulb = 20.2 degC"),
        (",10.0,45,99000", ",10.0,45,101.3", "line 9: pressure = 101.3 Pa is outside 50000..110000 Pa; is it in hPa"),
    ],
)
def test_a_broken_field_is_named(tmp_path, old, new, says):
    assert old in TEXT
    with pytest.raises(DataError, match=says):
        read_epw(written(tmp_path, TEXT.replace(old, new, 1)))


def test_a_header_alone_is_no_weather(tmp_path):
    with pytest.raises(DataError, match="ends at line 3, inside its header of 8 lines"):
        read_epw(written(tmp_path, "\n".join(TEXT.split("\n")[:3])))
    with pytest.raises(DataError, match="ends at line 9 with 1 of 8760 hours"):
        read_epw(written(tmp_path, "\n".join(TEXT.split("\n")[:9])))


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        (",10.0,45,99000", ",10.0,999,99000", {"relative_humidity", "T_wet_bulb", "humidity_ratio"}),
        (",10.0,45,99000", ",10.0,45,999999", {"pressure", "T_wet_bulb", "humidity_ratio"}),
        (",10.0,45,99000", ",99.9,45,99000", {"T_dew_point"}),
        ("?9,20.2", "?9,99.9", {"T_dry_bulb", "T_wet_bulb", "humidity_ratio"}),
    ],
)
def test_what_is_missing_stays_missing_and_so_does_what_follows_from_it(tmp_path, old, new, gone):
    """By the missing codes of the EPW data dictionary: 99.9 °C, 999 %, 999999 Pa."""
    path = written(tmp_path, TEXT.replace(old, new, 1))
    year = read_epw(path)
    assert {str(name) for name in year.data_vars if bool(year[name].isnull().any())} == gone
    assert all(int(year[name].isnull().sum()) == 1 for name in gone)
    with pytest.raises(DataError, match=f"1 hours lack {min(gone - {'T_wet_bulb', 'humidity_ratio'})}"):
        th.weather(path)
    assert not fill_gaps(year).to_array().isnull().any()


def test_a_design_day_is_not_that_of_the_dry_bulb_where_humidity_is_missing(data, tmp_path):
    """A tenth of the humidities of Chicago is missing: 22.9 °C as from the whole file, not the dry bulb of 31.8 °C."""
    lines = data(CHICAGO).read_text(encoding="latin-1").splitlines()
    for k in range(8, len(lines), 10):
        fields = lines[k].split(",")
        lines[k] = ",".join([*fields[:8], "999", *fields[9:]])
    whole, year = th.weather(data(CHICAGO)), read_epw(written(tmp_path, "\n".join(lines), "latin-1"))
    peaks = [float(design_day(air).T_wet_bulb.max()) for air in (whole, year)]
    assert peaks[1] == pytest.approx(peaks[0], abs=0.3)
    assert design_day(year).attrs["missing"] == "876 of 8760 hours lack T_wet_bulb, the first is hour 0"
    shares = [water_classes(air, approach=6.0) for air in (whole, year)]
    np.testing.assert_allclose(shares[1].share, shares[0].share, atol=0.01)
    assert "876 of 8760 hours" in shares[1].attrs["missing"]
    assert "missing" not in shares[0].attrs


def test_mutated_files_are_read_or_refused(tmp_path):
    """A small share of the 2000 that are run by hand: ``python tests/mutated.py weather 2000``."""
    fates = weather_files(6, 3, tmp_path)
    assert sum(fates.values()) >= 6
    assert fates["refused"]


def test_a_line_of_two_fields_is_named(tmp_path):
    lines = TEXT.split("\n")
    lines[20] = "2001,2"
    with pytest.raises(DataError, match="line 21: the line is cut after 2 fields"):
        read_epw(written(tmp_path, "\n".join(lines)))
