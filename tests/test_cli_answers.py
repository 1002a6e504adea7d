"""Quick answers of the command line: each is that of the verb, in the quantities of a shell."""

import json

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

import thermal as th
from thermal import cli
from thermal.cli.ask import parse

RUN = CliRunner()


def test_a_quick_answer_is_that_of_the_verb(tmp_path):
    out = tmp_path / "point.nc"
    arguments = [
        "steady",
        "loops/gb200_row",
        "--heat",
        "120kW",
        "--facility",
        "78.8degF",
        "--facility-flow",
        "1900L/min",
    ]
    answer = RUN.invoke(cli.app, [*arguments, "--json", "--out", str(out)])
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)["data"]
    point = th.steady(th.load("loops/gb200_row"), heat=120e3, facility=th.Supply(T=26.0, flow=1.9 / 60))
    assert found["T_case"]["value"] == pytest.approx(point.T_case.values.tolist(), rel=1e-12)
    assert found["T_case"]["units"] == "degC"
    with xr.open_dataset(out, engine="h5netcdf") as stored:
        assert float(stored.pump_power) == pytest.approx(float(point.pump_power), rel=1e-12)
    assert [p.name for p in tmp_path.iterdir()] == ["point.nc"]
    text = RUN.invoke(cli.app, arguments).output
    assert f"{float(point.T_case.max()):.5g} °C" in text
    assert "assumed" not in text
    assumed = RUN.invoke(cli.app, arguments[:-2]).output
    assert "assumed facility flow: 1241.4 L/min" in assumed  # 20.69 L/s of the data sheet


def test_a_plate_of_the_shell_by_hand():
    """40 °C and 1 kW through the published 0.0245 K/W at 1 L/min: 64.5 °C, to the digits of its source."""
    plate = ["steady", "cold_plates/ocp_1kw", "--heat", "1kW", "--flow", "1L/min", "--t-in", "40"]
    answer = RUN.invoke(cli.app, [*plate, "--package", "packages/gb200_gpu", "--json"])
    assert json.loads(answer.stdout)["data"]["T_case"]["value"] == pytest.approx(64.5, abs=0.05)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [("120kW", "W", 120e3), (" 1.2 MW ", "W", 1.2e6), ("60L/min", "m3/s", 1e-3), ("26", "degC", 26.0),
     ("-5.5C", "degC", -5.5), ("80%", "-", 0.8), ("1e3W", "W", 1e3)],
)  # fmt: skip
def test_quantities_of_a_shell(text, unit, value):
    assert parse("x", text, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "unit", "words"),
    [("120", "W", "has no unit"), ("kW", "W", "is no quantity"), ("120 L/min", "W", "cannot be converted"),
     ("nan", "degC", "is no quantity"), ("26x", "degC", "26"), ("1e999kW", "W", "finite"), ("-300", "degC", "beyond")],
)  # fmt: skip
def test_what_is_no_quantity(text, unit, words):
    with pytest.raises(th.errors.InputError, match=words):
        parse("--heat", text, unit)


def test_a_year_of_the_shell_is_that_of_the_verb():
    answer = RUN.invoke(
        cli.app,
        ["annual", "plants/generic_20mw", "--it-power", "20MW", "--weather", "climates/chicago", "--json"],
    )
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)["data"]
    year = th.annual(th.load("plants/generic_20mw"), it_power=20e6, weather=th.weather(th.load("climates/chicago")))
    assert found["pue"]["value"] == pytest.approx(float(th.pue(th.ledger(year))), rel=1e-12)
    assert found["energy"]["value"][0] == pytest.approx(20e6 * 8760 * 3600, rel=1e-12)


def test_a_time_of_the_shell_is_that_of_the_verb():
    arguments = ["transient", "loops/gb200_row", "--heat", "120kW", "--facility", "26", "--facility-flow", "1900L/min"]
    asked = [*arguments, "--until", "20min", "--step", "2s", "--save", "30s", "--trip", "10min", "--json"]
    answer = RUN.invoke(cli.app, asked)
    assert answer.exit_code == 0, answer.output
    row = th.load("loops/gb200_row")
    trip = th.stop(row.cdu.pumps[0], at=600)
    water = th.Supply(T=26.0, flow=1.9 / 60)
    run = th.transient(row, heat=120e3, facility=water, until=1200, step=2, save=30, events=[trip])
    found = json.loads(answer.stdout)["data"]
    np.testing.assert_allclose(found["T_case"]["value"], run.T_case.values, rtol=1e-12)
    assert max(map(max, found["T_case"]["value"])) > found["T_case"]["value"][0][0] + 0.1  # the trip is in it
    text = RUN.invoke(cli.app, asked[:-1]).output
    assert f"{float(run.T_case.max()):.5g} °C" in text


def test_a_site_of_the_shell_in_time():
    answer = RUN.invoke(
        cli.app, ["transient", "sites/frontier", "--heat", "200kW", "--weather", "18", "--until", "2min", "--json"]
    )
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["data"]["T_wet_bulb"]["value"] == [18.0, 18.0]
