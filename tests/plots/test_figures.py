"""Figures: drawn without a screen, axes labelled with unit, data untouched, and one line of error for a wrong name."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal import plots
from thermal.errors import InputError
from thermal.units import kW, lpm, minute


@pytest.fixture(autouse=True)
def _headless():
    previous = mpl.get_backend()
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(previous)


@pytest.fixture(scope="module")
def study():
    site = th.load("sites/frontier")
    result = th.transient(
        site.loops[:2], heat=2e5, facility=site.plant, weather=14.0, until=10 * minute, save=minute
    )
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
