"""Figures: drawn without a screen, axes labelled with unit, data untouched, and one line of error for a wrong name."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal import plots
from thermal.errors import InputError
from thermal.units import kW, lpm, minute


@pytest.fixture(scope="module")
def study():
    site = th.load("sites/frontier")
    result = th.transient(site.loops[:2], heat=2e5, facility=site.plant, weather=14.0, until=10 * minute, save=minute)
    return result, th.ledger(result)


@pytest.fixture(scope="module")
def runs():
    plate, package = th.load("cold_plates/ocp_1kw"), th.load("packages/gb200_gpu")

    def operate(flow, T_in):
        return th.steady(plate, package=package, coolant=plate.coolant, heat=1 * kW, flow=flow * lpm, T_in=T_in)

    return th.sweep(operate, flow=[0.6, 1.2, 2.4], T_in=[20.0, 40.0])


def _labels(figure):
    return [text for ax in figure.axes for text in (ax.get_xlabel(), ax.get_ylabel())]


def test_trade_off_draws_every_case_in_readable_units(runs):
    ax = plots.trade_off(runs, x="pressure_drop", y="R_case", hue="T_in")
    assert "[kPa]" in ax.get_xlabel()
    assert ax.get_ylabel() == "case-to-inlet thermal resistance [K/W]"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["T_in = 20", "T_in = 40"]
    for line, T in zip(ax.lines, (20.0, 40.0), strict=True):
        one = runs.sel(T_in=T)
        drop, R = xr.broadcast(one.pressure_drop, one.R_case)
        np.testing.assert_allclose(line.get_xdata(), drop.values.ravel() / 1e3)
        np.testing.assert_allclose(line.get_ydata(), R.values.ravel())


def test_trade_off_draws_where_it_is_told(runs):
    ax = plt.subplots()[1]
    assert plots.trade_off(runs.isel(T_in=0), x="flow", y="T_case", ax=ax) is ax
    assert ax.get_legend() is None
    assert "[°C]" in ax.get_ylabel()


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({"x": "drop", "y": "R_case"}, "no variable 'drop'; it has .*pressure_drop"),
        ({"x": "R_case", "y": "Rcase"}, "no variable 'Rcase'"),
        ({"x": "pressure_drop", "y": "R_case", "hue": "width"}, "no axis 'width'; it has"),
    ],
)
def test_a_wrong_name_is_one_line(runs, names, words):
    with pytest.raises(InputError, match=words) as caught:
        plots.trade_off(runs, **names)
    assert "\n" not in str(caught.value)


def test_a_day_shows_heat_cooling_and_temperatures(study):
    result = study[0]
    top, bottom = plots.day(result)
    assert (top.get_ylabel(), bottom.get_ylabel()) == ("IT heat [MW]", "temperature [°C]")
    assert bottom.get_xlabel() == "time [h]"
    lines = {line.get_label(): line.get_ydata() for line in bottom.lines}
    assert {"hottest case", "tower water", "wet bulb"} <= set(lines)
    np.testing.assert_allclose(lines["hottest case"], result.T_case.max(["loop", "rack"]))


def test_a_day_shows_the_limit_the_facility_and_what_cooling_holds(study):
    result = study[0]
    top, bottom = plots.day(result)
    lines = {line.get_label(): line.get_ydata() for line in bottom.lines}
    limit = (result.T_case + result.margin).min(["loop", "rack"])
    np.testing.assert_allclose(lines["limit of the case"], limit)
    assert (lines["limit of the case"] > lines["hottest case"]).all()
    np.testing.assert_allclose(lines["facility return, mean"], result.T_facility_return)
    (words,) = [text.get_text() for text in top.get_legend().get_texts() if "cooling" in text.get_text()]
    right = next(ax for ax in top.figure.axes if ax.get_ylabel() == "cooling power [kW]")
    uses = words.removeprefix("cooling: ").split(", ")
    drawn = result.power.sel(end_use=[use.replace(" ", "_") for use in uses]).sum("end_use") / 1e3
    np.testing.assert_allclose(right.lines[0].get_ydata(), drawn)
    assert {"cdu pumps", "tower fans"} <= set(uses)
    assert "it" not in uses


@pytest.mark.parametrize("dates", [False, True])
def test_a_whole_day_has_a_tick_every_six_hours(study, dates):
    hours = np.arange(25.0)
    day = study[0].isel(time=np.zeros(25, int)).assign_coords(time=hours * 3600)
    if dates:
        day = day.assign_coords(time=np.datetime64("2026-01-01", "ns") + np.arange(25) * np.timedelta64(1, "h"))
    bottom = plots.day(day)[1]
    np.testing.assert_allclose(np.diff(bottom.get_xticks()), 0.25 if dates else 6.0)


def test_what_cannot_be_drawn_is_one_line(study, runs):
    result, book = study
    steady = result.isel(time=0, drop=True)
    for draw, says in (
        (
            lambda: plots.day(steady),
            "plots.day needs power along time, a result of th.transient; this is one of a steady",
        ),
        (lambda: plots.day(runs), "plots.day needs power along time"),
        (lambda: plots.day(None), "result is missing"),
        (lambda: plots.day(xr.concat([result, result], "case")), "one case; choose one along case"),
        (lambda: plots.day(result, [plt.subplots()[1]]), "axes has 1 axes"),
        (lambda: plots.end_uses(result), "book is no ledger"),
        (lambda: plots.end_uses("book"), r"book is 'book' \(str\)"),
        (lambda: plots.end_uses(xr.concat([book, book], "climate")), "choose one along climate"),
        (lambda: plots.end_uses(book * 0.0), "no IT energy"),
        (lambda: plots.trade_off(None, x="a", y="b"), "runs is missing"),
        (lambda: plots.trade_off(runs, x="status", y="R_case"), "'status' holds"),
    ):
        with pytest.raises(InputError, match=says) as caught:
            draw()
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 300


def test_the_hue_may_be_a_text(runs):
    named = runs.assign_coords(T_in=["cold", "warm"])
    legend = plots.trade_off(named, x="pressure_drop", y="R_case", hue="T_in").get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["T_in = cold", "T_in = warm"]


def test_end_uses_add_up_to_pue_less_one(study):
    book = study[1]
    ax = plots.end_uses(book)
    assert sum(bar.get_width() for bar in ax.patches) / 100 == pytest.approx(float(th.pue(book)) - 1.0)
    assert ax.get_xlabel() == "share of IT energy [%]"
    assert "it" not in [label.get_text() for label in ax.get_yticklabels()]


def test_overview_is_a_page_with_every_axis_labelled(study, tmp_path):
    result, book = study
    copy = result.copy(deep=True)
    figure = plots.overview(result, book, title="a page")
    assert figure.get_suptitle() == "a page"
    assert len(figure.axes) >= 4
    assert sum(1 for label in _labels(figure) if label) >= 7
    figure.savefig(tmp_path / "page.png", dpi=50)
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
    xr.testing.assert_identical(result, copy)
