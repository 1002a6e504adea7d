"""Hourly grid files of the EIA in their true columns: hours, units, gaps, fuels old and new; damage named by line."""

import json

import numpy as np
import pytest
import xarray as xr

from thermal.errors import DataError, InputError
from thermal.traces import EIA_FACTORS, generation_carbon, read_eia_grid
from thermal.units import MW, kg, kWh

HEAD = [
    "Balancing Authority", "Data Date", "Hour Number", "Local Time at End of Hour", "UTC Time at End of Hour",
    "Demand Forecast (MW)", "Demand (MW)", "Net Generation (MW)", "Total Interchange (MW)", "Sum(Valid DIBAs) (MW)",
    "Demand (MW) (Imputed)", "Net Generation (MW) (Imputed)", "Total Interchange (MW) (Imputed)",
    "Demand (MW) (Adjusted)", "Net Generation (MW) (Adjusted)", "Total Interchange (MW) (Adjusted)",
]  # fmt: skip
OLD = ["Coal", "Natural Gas", "Nuclear", "All Petroleum Products", "Hydropower and Pumped Storage", "Solar", "Wind",
       "Other Fuel Sources", "Unknown Fuel Sources"]  # fmt: skip
NEW = ["Coal", "Natural Gas", "Nuclear", "All Petroleum Products", "Hydropower Excluding Pumped Storage",
       "Pumped Storage", "Solar without Integrated Battery Storage", "Solar with Integrated Battery Storage",
       "Wind without Integrated Battery Storage", "Wind with Integrated Battery Storage", "Battery Storage",
       "Other Energy Storage", "Unknown Energy Storage", "Geothermal", "Other Fuel Sources",
       "Unknown Fuel Sources"]  # fmt: skip
SLIPS = {  # in the header as published
    "Net Generation (MW) from Pumped Storage (Adjusted)": "Net Generation (MW) from Pumped Storage  (Adjusted)",
    "Net Generation (MW) from Solar with Integrated Battery Storage (Adjusted)":
    "Net Generation (MW) from Solar witho Integrated Battery Storage (Adjusted)",
}  # fmt: skip


def half_year(fuels, rows):
    """Text of a six-month file; a row is authority, end in UTC, demand, interchange and generation of each fuel."""
    kinds = ("", " (Imputed)", " (Adjusted)")
    header = [*HEAD, *(f"Net Generation (MW) from {f}{k}" for k in kinds for f in fuels), "Region"]
    lines = [",".join(f'"{SLIPS.get(h, h)}"' for h in header)]
    for area, end, demand, out, *made in rows:
        reported = [f"{g}" for g in made]
        corrected = [str(int(g.replace(",", "")) + 1) if g else "" for g in made]
        cells = [area, "01/01/2024", "1", end, end, "", demand, "", out, "", "", "", "", demand, "", out]
        lines.append(",".join(f'"{c}"' for c in [*cells, *reported, *([""] * len(made)), *corrected, "X"]))
    return "\n".join(lines) + "\n"


OLD_FILE = half_year(OLD, [
    ("ISNE", "01/01/2024 5:00:00 AM", "11,000", "-500", "10", "5,000", "3300", "", "900", "0", "700", "400", ""),
    ("PJM", "01/01/2024 5:00:00 AM", "90,000", "2,000", *("1",) * 9),
    ("ISNE", "01/01/2024 6:00:00 AM", "10,800", "-450", "9", "", "3300", "", "880", "-1", "720", "390", ""),
    ("PJM", "01/01/2024 6:00:00 AM", "89,000", "2,100", *("2",) * 9),
])  # fmt: skip
NEW_FILE = half_year(NEW, [
    ("ISNE", "07/01/2024 12:00:00 AM", "11000", "-500", "0", "5000", "3300", "2", "900", "-300", "40", "60", "600",
     "", "-20", "", "", "", "350", ""),
    ("ISNE", "07/01/2024 1:00:00 AM", "10800", "-450", "0", "4800", "3300", "2", "880", "250", "20", "30", "620",
     "", "15", "", "", "", "350", ""),
])  # fmt: skip


def row(hour, code, value, kind="fueltype", area="ISNE"):
    return {
        "period": hour, "respondent": area, "respondent-name": "a name, with a comma", kind: code,
        "type-name": "", "value": value, "value-units": "megawatthours",
    }  # fmt: skip


def answer(rows, total=None):
    said = {"total": str(len(rows) if total is None else total), "frequency": "hourly", "data": rows}
    return json.dumps({"response": said, "request": {"command": "/v2/electricity/rto/fuel-type-data/data/"}})


FUELS = [
    row("2024-01-01T06", "NG", "4800"), row("2024-01-01T05", "NG", "5000"), row("2024-01-01T05", "SUN", -1),
    row("2024-01-01T06", "SUN", None), row("2024-01-01T05", "SNB", "3"), row("2024-01-01T06", "SNB", "0"),
]  # fmt: skip


def written(tmp_path, text, name="file.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_half_year_before_july_2024(tmp_path):
    path = written(tmp_path, OLD_FILE)
    grid = read_eia_grid(path, respondent="ISNE", adjusted=False)
    assert [str(t)[:16] for t in grid.time.values] == ["2024-01-01T04:00", "2024-01-01T05:00"]
    assert grid.time.attrs["time_zone"] == "UTC"
    np.testing.assert_allclose(grid.grid_demand, [11e9, 10.8e9])
    np.testing.assert_allclose(grid.grid_interchange, [-500e6, -450e6])
    assert grid.fuel.values.tolist() == ["coal", "gas", "nuclear", "hydro", "solar", "wind", "other"]
    np.testing.assert_allclose(grid.generation.sel(fuel="gas") / MW, [5000, np.nan])
    np.testing.assert_allclose(grid.generation.sel(fuel="solar") / MW, [0, -1])
    corrected = read_eia_grid(path, respondent="ISNE")
    np.testing.assert_allclose(corrected.generation.sel(fuel="coal") / MW, [11, 10])
    with pytest.raises(InputError, match="has ISNE, PJM; name one"):
        read_eia_grid(path)
    with pytest.raises(InputError, match="respondent = 'ERCO'"):
        read_eia_grid(path, respondent="ERCO")


def test_half_year_since_july_2024(tmp_path):
    """Kinds of solar and wind are summed, stores stand alone, and the slips in its header are read."""
    grid = read_eia_grid(written(tmp_path, NEW_FILE))
    assert str(grid.time.values[0])[:16] == "2024-06-30T23:00"
    np.testing.assert_allclose(grid.generation.sel(fuel="solar") / MW, [40 + 60 + 2, 20 + 30 + 2])
    np.testing.assert_allclose(grid.generation.sel(fuel="wind") / MW, [601, 621])
    np.testing.assert_allclose(grid.generation.sel(fuel="pumped_storage") / MW, [-299, 251])
    assert "geothermal" not in grid.fuel
    both = read_eia_grid([written(tmp_path, OLD_FILE.replace("PJM", "ISNE2"), "a.csv"),
                          written(tmp_path, NEW_FILE, "b.csv")], respondent="ISNE")  # fmt: skip
    assert both.sizes["time"] == 4
    assert np.isnan(both.generation.sel(fuel="battery")).values.tolist() == [True, True, False, False]
    with pytest.raises(DataError, match="name the files in order"):
        read_eia_grid([tmp_path / "b.csv", tmp_path / "b.csv"])


def test_answers_of_the_service(tmp_path):
    grid = read_eia_grid(written(tmp_path, answer(FUELS)))
    assert [str(t)[:16] for t in grid.time.values] == ["2024-01-01T04:00", "2024-01-01T05:00"]
    np.testing.assert_allclose(grid.generation.sel(fuel="gas") / MW, [5000, 4800])
    np.testing.assert_allclose(grid.generation.sel(fuel="solar") / MW, [2, np.nan])
    assert grid.attrs["area"] == "ISNE"
    pages = [written(tmp_path, answer(FUELS[k : k + 3], 6), f"{k}.json") for k in (0, 3)]
    xr.testing.assert_equal(read_eia_grid(pages), grid)
    with pytest.raises(DataError, match="holds 3 of 6 rows; ask for the others with offset = 3"):
        read_eia_grid(pages[0])
    with pytest.raises(DataError, match="comes twice; name each page once"):
        read_eia_grid([pages[0], pages[0], pages[1]])


def test_totals_of_the_service_in_local_time(tmp_path):
    hours = [("2024-01-01T00-05", 11000), ("2024-01-01T01-05", 10800)]
    rows = [row(h, c, v, "type") for h, v in hours for c in ("D", "DF", "NG", "TI")]
    grid = read_eia_grid(written(tmp_path, answer(rows)))
    assert str(grid.time.values[0])[:16] == "2024-01-01T04:00"
    np.testing.assert_allclose(grid.grid_demand / MW, [11000, 10800])
    assert set(grid.data_vars) == {"grid_demand", "grid_interchange"}
    text = "period,respondent,respondent-name,type,type-name,value,value-units\n" + "".join(
        f'{h},ISNE,"ISO, New England",D,Demand,{v},megawatthours\n' for h, v in hours
    )
    xr.testing.assert_equal(read_eia_grid(written(tmp_path, text)).grid_demand, grid.grid_demand)


def test_carbon_of_generation_by_hand(tmp_path):
    """Half gas: half of 0.97 lb/kWh; stores are left out, negative solar is none, and a gap is a gap."""
    fuels = ["gas", "wind", "solar", "battery"]
    made = xr.DataArray([[1e9, 1e9, np.nan], [1e9, 3e9, 1e9], [-1e6, 0, 0], [5e8, -5e8, 0]], dims=("fuel", "time"))
    grid = xr.Dataset({"generation": made}, {"fuel": fuels})
    carbon = generation_carbon(grid)
    pound = 0.45359237 * kg / kWh
    np.testing.assert_allclose(carbon, [0.485 * pound, 0.2425 * pound, np.nan])
    assert carbon.attrs["boundary"] == "direct, of generation"
    wood = grid.assign_coords(fuel=["gas", "other", "solar", "battery"])
    with pytest.raises(InputError, match=r"other generate 0\.71 of the energy and have no factor"):
        generation_carbon(wood)
    named = generation_carbon(wood, {**EIA_FACTORS, "other": 0.0})
    np.testing.assert_allclose(named, carbon)
    with pytest.raises(InputError, match="no generation"):
        generation_carbon(grid.drop_vars("generation"))


def test_factors_are_those_of_the_table():
    """EIA, FAQ 74, 2022: 868 Mt of 831 512 GWh, 743 of 1 687 067, 25 of 22 931; the pounds are rounded."""
    for fuel, tonnes, energy in (("coal", 868e6, 831512e6), ("gas", 743e6, 1687067e6), ("petroleum", 25e6, 22931e6)):
        assert EIA_FACTORS[fuel] == pytest.approx(1000 * tonnes / (energy * 3.6e6), rel=0.02)


BAD = {
    "a fuel that is new": (OLD_FILE.replace("from Wind", "from Tides"), "line 1: column .*Tides.* is of no fuel"),
    "no corrected values": (OLD_FILE.replace("(Adjusted)", "(Other)"), "is of no fuel"),
    "before fuels": (
        '"Balancing Authority","UTC Time at End of Hour","Demand (MW)"\n"ISNE","01/01/2016 5:00:00 AM","1"\n',
        "adjusted = False reads",
    ),
    "a text": (OLD_FILE.replace('"11,000"', '"many"'), "line 2, column 'Demand .* 'many' is no number"),
    "a date the wrong way": (OLD_FILE.replace("01/01/2024 6:00:00 AM", "2024-01-01 06:00"), "line 4, column 'UTC"),
    "an hour twice": (OLD_FILE.replace("6:00:00 AM", "5:00:00 AM"), "line 4, .*comes twice"),
    "no authority": (OLD_FILE.replace("Balancing Authority", "BA"), "no column 'Balancing Authority'"),
    "a cut JSON": (answer(FUELS)[:-40], "no answer of hourly grid data"),
    "an error": ('{"error": "API_KEY_MISSING"}', "no 'response'"),
    "no rows": (answer([]), "ask it anew"),
    "days": (answer([row("2024-01-01", "NG", 1), row("2024-01-02", "NG", 1)]), "ask for frequency = hourly"),
    "another unit": (answer(FUELS).replace("megawatthours", "MW"), "column 'value-units' = 'MW' is none"),
    "a code that is new": (answer(FUELS).replace("SNB", "TID"), "column 'fueltype' = 'TID' is none"),
    "a value that is a text": (answer(FUELS).replace('"5000"', '"high"'), "column 'value' = 'high' is no number"),
    "one hour": (answer(FUELS[1:3]), "has 1 hours"),
    "an hour of rows twice": (answer([*FUELS, FUELS[0]]), "comes twice"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_damaged_files_are_named(tmp_path, name):
    text, words = BAD[name]
    with pytest.raises(DataError, match=words):
        read_eia_grid(written(tmp_path, text), respondent="ISNE")


def test_files_that_do_not_belong_together(tmp_path):
    first, second = written(tmp_path, NEW_FILE, "a.csv"), written(tmp_path, answer(FUELS), "b.json")
    with pytest.raises(DataError, match="others answers"):
        read_eia_grid([first, second])
    with pytest.raises(InputError, match="empty list"):
        read_eia_grid([])
    other = written(tmp_path, answer([row(f"2024-01-01T0{k}", "NG", 1, area="PJM") for k in (1, 2)]), "c.json")
    with pytest.raises(InputError, match="pages are of ISNE, PJM"):
        read_eia_grid([second, other])
