"""Sun, wind, prices and carbon as open services write them: zones and values right, damaged files named by line."""

import json

import numpy as np
import pytest

import thermal as th
from thermal.accounting.cost import cost
from thermal.errors import DataError, InputError, ThermalError
from thermal.traces import read_electricity_maps, read_entsoe_prices, read_pvgis, read_renewables_ninja
from thermal.units import MW, MWh, kg, kW, kWh

PVGIS = """Latitude (decimal degrees):\t48.137
Longitude (decimal degrees):\t11.575
Radiation database:\tPVGIS-SARAH3

Slope: 35 deg. (optimum)
Nominal power of the PV system (c-Si) (kWp):\t2.0
System losses (%):\t14.0

time,P,G(i),H_sun,T2m,WS10m,Int
20200601:1010,1000.0,700.0,60.1,20.0,2.1,0.0
20200601:1110,1100.0,750.0,63.4,21.0,2.2,0.0
20200601:1210,1050.0,740.0,61.4,21.5,2.2,0.0

P: PV system power (W)
G(i): Global irradiance on the inclined plane (plane of the array) (W/m2)
"""
NINJA = """# Renewables.ninja Wind (Point API) - 55.0000, 8.0000 - Version: 1.3
# "{""units"":{""time"":""UTC"",""electricity"":""kW""},""params"":{""capacity"":2000.0,""height"":80}}"
# Reference: https://dx.doi.org/10.1016/j.energy.2016.08.068
#
time,local_time,electricity
2019-01-01 00:00,2019-01-01 01:00,500.0
2019-01-01 01:00,2019-01-01 02:00,1000.0
"""
# The clock is put back on 2023-10-29: 02:00 comes twice
AUTUMN = '"MTU (CET/CEST)","Day-ahead Price [EUR/MWh]","Currency","BZN|DE-LU"\n' + "".join(
    f'"29.10.2023 {a:02d}:00 - 29.10.2023 {a + 1:02d}:00","{10 * k}","EUR",""\n'
    for k, a in enumerate((0, 1, 2, 2, 3, 4))
)
MARKED = '"MTU (CET/CEST)","Area","Sequence","Day-ahead Price (EUR/MWh)"\n' + "".join(
    f'"27/10/2024 {a}:00:00 ({z}) - 27/10/2024 {b}:00:00 ({y})","BZN|CZ","Without Sequence","{p}"\n'
    for a, z, b, y, p in (
        ("02", "CEST", "02", "CET", 5),
        ("02", "CET", "03", "CET", 6),
        ("03", "CET", "04", "CET", "n/e"),
    )
)
CARBON = (
    "Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO₂eq/kWh (direct),"
    "Carbon intensity gCO₂eq/kWh (Life cycle)\n"
    "2024-01-01 00:00:00,France,France,FR,20.5,32\n2024-01-01 01:00:00,France,France,FR,,30\n"
)


def written(tmp_path, text, name="file.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_pvgis_csv_and_json_say_the_same(tmp_path):
    sun = read_pvgis(written(tmp_path, PVGIS))
    assert sun.pv_power.values.tolist() == [1000.0, 1100.0, 1050.0]
    assert str(sun.time.values[0]) == "2020-06-01T10:00:00.000000000"
    assert sun.attrs["rated_power"] == 2 * kW
    assert sun.attrs["treated"] == "times moved to the start of their hour, from 1010"
    hours = [{"time": f"20200601:{h}10", "P": p, "T2m": 20.0} for h, p in ((10, 1000.0), (11, 1100.0), (12, 1050.0))]
    whole = {"inputs": {"pv_module": {"technology": "c-Si", "peak_power": 2.0}}, "outputs": {"hourly": hours}}
    same = read_pvgis(written(tmp_path, json.dumps(whole), "file.json"))
    assert same.drop_attrs().identical(sun.drop_attrs())
    assert same.attrs["rated_power"] == 2 * kW
    np.testing.assert_allclose(read_pvgis(written(tmp_path, PVGIS), rated_power=5 * MW).pv_power, 2500 * sun.pv_power)


def test_ninja_says_of_what_it_is(tmp_path):
    wind = read_renewables_ninja(written(tmp_path, NINJA))
    assert wind.wind_power.values.tolist() == [500 * kW, 1000 * kW]
    assert wind.attrs["rated_power"] == 2 * MW
    sun = read_renewables_ninja(written(tmp_path, NINJA.replace("Wind", "PV")), rated_power=4 * MW)
    assert sun.pv_power.values.tolist() == [1 * MW, 2 * MW]
    with pytest.raises(InputError, match="does not say of which size"):
        read_renewables_ninja(written(tmp_path, NINJA.replace("capacity", "size")), rated_power=1 * MW)


def test_prices_in_the_hour_that_comes_twice(tmp_path):
    prices = read_entsoe_prices(written(tmp_path, AUTUMN))
    assert [str(t)[:16] for t in prices.time.values] == [
        "2023-10-28T22:00", "2023-10-28T23:00", "2023-10-29T00:00", "2023-10-29T01:00", "2023-10-29T02:00",
        "2023-10-29T03:00",
    ]  # fmt: skip
    np.testing.assert_allclose(prices.price * MWh, [0, 10, 20, 30, 40, 50])
    assert (prices.attrs["currency"], prices.attrs["area"]) == ("EUR", "BZN|DE-LU")
    marked = read_entsoe_prices(written(tmp_path, MARKED))
    assert [str(t)[11:16] for t in marked.time.values] == ["00:00", "01:00", "02:00"]
    np.testing.assert_allclose(marked.price * MWh, [5, 6, np.nan])  # not expected: a gap stays a gap


def test_prices_meet_a_load_in_utc(tmp_path):
    prices = read_entsoe_prices(written(tmp_path, AUTUMN))
    load = prices.price.copy(data=np.full(6, 1e6)).drop_attrs(deep=False)
    assert float(cost(load, prices.price).cost) == pytest.approx(150.0)  # 1 MWh in each hour


def test_several_auctions_are_told_apart(tmp_path):
    line = '"01/01/2025 {0}:00:00 - 01/01/2025 {1}:00:00","BZN|AT","{2}","{3}"\n'
    text = '"MTU (UTC)","Area","Sequence","Day-ahead Price (EUR/MWh)"\n' + "".join(
        line.format(f"{h:02d}", f"{h + 1:02d}", f"Sequence {s}", 10 * s + h) for h in range(2) for s in (1, 2)
    )
    path = written(tmp_path, text)
    with pytest.raises(InputError, match="Sequence 1, Sequence 2: name one, such as"):
        read_entsoe_prices(path)
    np.testing.assert_allclose(read_entsoe_prices(path, sequence="Sequence 2").price * MWh, [20, 21])
    with pytest.raises(InputError, match="sequence = 'Sequence 3'"):
        read_entsoe_prices(path, sequence="Sequence 3")


def test_carbon_of_both_boundaries(tmp_path):
    path = written(tmp_path, CARBON)
    whole = read_electricity_maps(path)
    np.testing.assert_allclose(whole.carbon_intensity * kWh / kg, [0.032, 0.030])
    direct = read_electricity_maps(path, life_cycle=False)
    np.testing.assert_allclose(direct.carbon_intensity * kWh / kg, [0.0205, np.nan])
    assert (direct.attrs["area"], direct.attrs["boundary"]) == ("FR", "direct")
    assert whole.carbon_intensity.attrs["units"] == th.names.NAMES["carbon_intensity"].units


BAD = {
    "no hourly file": (read_pvgis, "month,P\n1,2\n", "no line begins with 'time,'"),
    "no power": (read_pvgis, PVGIS.replace(",P,", ",Gb(i),"), r"line 9: has no column 'P'; tick PV power"),
    "a text in a cell": (read_pvgis, PVGIS.replace("1100.0", "abc"), r"line 11, column 'P' = 'abc' is no number"),
    "a negative power": (read_pvgis, PVGIS.replace("1100.0", "-5"), "line 11: power is -5 W"),
    "a damaged time": (read_pvgis, PVGIS.replace("20200601:1110", "2020-06-01"), "line 11, column 'time'"),
    "a time twice": (read_pvgis, PVGIS.replace("20200601:1110", "20200601:1010"), "'20200601:1010' comes twice"),
    "a row cut short": (read_pvgis, PVGIS.replace(",1100.0,750.0,63.4,21.0,2.2,0.0", ""), "line 11: has 1 cells"),
    "a JSON cut short": (read_pvgis, '{"outputs": {"hourly": [', "no hourly JSON of PVGIS"),
    "a JSON of something else": (read_pvgis, '{"outputs": {"monthly": []}}', "no hourly JSON of PVGIS with PV power"),
    "a JSON without power": (read_pvgis, '{"outputs": {"hourly": [{"time": "20200601:1010"}]}}', "no 'P'"),
    "a JSON of one hour": (read_pvgis, '{"outputs": {"hourly": [{"time": "20200601:1010", "P": 1}]}}', "has 1 hours"),
    "no header of ninja": (read_renewables_ninja, NINJA[NINJA.index("time,") :], "PV or Wind"),
    "no electricity": (read_renewables_ninja, NINJA.replace("electricity\n", "power\n"), "no column 'electricity'"),
    "times that fall": (
        read_renewables_ninja, NINJA.replace("2019-01-01 01:00,2", "2018-01-01 01:00,2"), "before the row",
    ),
    "no price": (read_entsoe_prices, AUTUMN.replace("Day-ahead Price", "Load"), "0 columns like 'Day-ahead Price"),
    "no time unit": (read_entsoe_prices, AUTUMN.replace("MTU (CET/CEST)", "Time"), "0 columns like 'MTU"),
    "an unknown zone": (read_entsoe_prices, AUTUMN.replace("CET/CEST", "MSK"), "in no zone that is known"),
    "an unknown mark": (read_entsoe_prices, MARKED.replace("(CET) - 27/10/2024 04", "(XYZ) - 27/10/2024 04"), "line 4"),
    "two bidding zones": (read_entsoe_prices, MARKED.replace("BZN|CZ", "BZN|SK", 1), "cut it to one bidding zone"),
    "a price that is a text": (read_entsoe_prices, AUTUMN.replace('"30"', '"high"'), "line 5, column 'Day-ahead"),
    "a date the wrong way": (
        read_entsoe_prices, AUTUMN.replace("29.10.2023 03:00 -", "10-29-2023 03:00 -"), "line 6",
    ),
    "spring forward": (read_entsoe_prices, AUTUMN.replace("29.10.2023", "26.03.2023"), "does not exist in Europe"),
    "no carbon": (read_electricity_maps, CARBON.replace("Life cycle", "sum"), "no column of life-cycle carbon"),
    "negative carbon": (read_electricity_maps, CARBON.replace(",32\n", ",-32\n"), "column .* = -32 is negative"),
    "two zones of carbon": (read_electricity_maps, CARBON.replace("FR", "DE", 1), "holds zones DE"),
    "an empty file": (read_electricity_maps, "", "no column of life-cycle"),
    "a zero byte": (read_entsoe_prices, AUTUMN + "\0", "a zero byte"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_damaged_files_are_named(tmp_path, name):
    read, text, words = BAD[name]
    with pytest.raises(DataError, match=words):
        read(written(tmp_path, text))


@pytest.mark.parametrize("read", [read_pvgis, read_renewables_ninja, read_entsoe_prices, read_electricity_maps])
def test_a_file_that_is_not_there(tmp_path, read):
    with pytest.raises(ThermalError, match="cannot be read"):
        read(tmp_path / "absent.csv")
