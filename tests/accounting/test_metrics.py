"""Identities between the metrics, for any ledger."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from thermal.accounting import COOLING, END_USES, cue, ere, erf, itue, ledger, partial_pue, pue, tue, wue, wue_source
from thermal.errors import InputError
from thermal.units import L, hour, kg, kWh

WATTS = st.floats(0.0, 1e7)
IT_CHOICES = st.sampled_from([("it",), ("it", "rack_fans"), ("it", "rack_fans", "cdu_pumps")])
CLOSE = pytest.approx


@st.composite
def books(draw):
    """A ledger of any end uses, water, reuse and losses by stage."""
    powers = {use: draw(WATTS) for use in END_USES} | {"it": draw(st.floats(1e3, 1e8))}
    shares = np.array([draw(st.floats(0.01, 1)) for _ in range(4)])
    loss = powers["electrical_losses"] * shares / shares.sum()
    dataset = xr.Dataset(
        {
            "power": ("end_use", list(powers.values())),
            "site_power": sum(powers.values()),
            "water_make_up": draw(st.floats(0, 100)),
            "heat_reused": draw(st.floats(0, 1)) * sum(powers.values()),
            "loss": ("stage", loss),
        },
        {"end_use": list(powers), "stage": ["transformer", "ups", "pdu", "rectifier"]},
    )
    return ledger(dataset, window=hour)


@given(books(), IT_CHOICES)
def test_pue_is_at_least_one_and_only_one_without_infrastructure(book, it):
    assert float(pue(book, it=it)) >= 1 - 1e-12


@given(books(), IT_CHOICES, st.sampled_from([1, 2, 3]))
def test_partial_pues_add_up_to_the_pue(book, it, category):
    outside = [use for use in END_USES if use not in it]
    parts = sum(float(partial_pue(book, [use], it=it, category=category)) - 1 for use in outside)
    assert parts == CLOSE(float(pue(book, it=it, category=category)) - 1, rel=1e-9, abs=1e-12)


@given(books(), IT_CHOICES)
def test_pue_falls_as_the_it_meter_moves_towards_the_grid(book, it):
    ups, pdu, equipment = (float(pue(book, it=it, category=c)) for c in (1, 2, 3))
    assert ups <= pdu * (1 + 1e-12) <= equipment * (1 + 2e-12)


@given(books(), IT_CHOICES, st.sampled_from([1, 2, 3]), st.floats(0.1, 1))
def test_tue_is_itue_times_pue_whatever_counts_as_it(book, it, category, share):
    product = float(itue(book, share, it=it, category=category)) * float(pue(book, it=it, category=category))
    assert float(tue(book, share)) == CLOSE(product, rel=1e-12)
    compute = share * float(book.energy.sel(end_use="it"))
    assert float(tue(book, share)) == CLOSE(float(book.energy_site) / compute, rel=1e-12)


@given(books(), IT_CHOICES)
def test_ere_is_what_reuse_leaves_of_the_pue(book, it):
    assert float(ere(book, it=it)) == CLOSE((1 - float(erf(book))) * float(pue(book, it=it)), rel=1e-9, abs=1e-12)


@given(books(), IT_CHOICES, st.floats(0, 2))
def test_cue_is_carbon_intensity_times_pue(book, it, intensity):
    assert float(cue(book, intensity * kg / kWh, it=it)) == CLOSE(intensity * float(pue(book, it=it)), rel=1e-12)


@given(books(), IT_CHOICES, st.floats(0, 5))
def test_source_wue_adds_the_water_of_the_electricity(book, it, intensity):
    added = float(wue_source(book, intensity * L / kWh, it=it)) - float(wue(book, it=it))
    assert added == CLOSE(intensity * float(pue(book, it=it)), rel=1e-9, abs=1e-9 * float(wue(book, it=it)) + 1e-12)


@given(books(), st.floats(0.1, 1e3))
def test_ratios_do_not_know_the_size_of_the_site(book, scale):
    for metric in (pue, wue, erf, ere, partial_pue):
        assert float(metric(scaled(book, scale))) == CLOSE(float(metric(book)), rel=1e-9)


def scaled(book, scale):
    return (book * scale).assign_attrs(book.attrs)


def test_figures_by_hand(book):
    assert float(pue(book)) == CLOSE(1500 / 1000)
    assert float(pue(book, it=("it", "rack_fans"))) == float(pue(book))
    assert float(partial_pue(book)) == CLOSE(1.3)
    assert float(wue(book)) == CLOSE(1.8)
    assert float(erf(book)) == CLOSE(0.1)
    assert float(ere(book)) == CLOSE(1.35)


@pytest.fixture
def book():
    powers = {"it": 950.0, "rack_fans": 50.0, "cdu_pumps": 100.0, "chillers": 200.0, "electrical_losses": 200.0}
    power = xr.DataArray(list(powers.values()), {"end_use": list(powers)})
    return ledger(
        xr.Dataset({"power": power, "site_power": 1500.0, "water_make_up": 1.8 / 3600, "heat_reused": 150.0}),
        window=hour,
    )


@pytest.mark.parametrize(
    ("metric", "arguments", "standard"),
    [
        (pue, (), "ISO/IEC 30134-2"),
        (partial_pue, (), "ISO/IEC 30134-2"),
        (itue, (0.5,), "10.1007/978-3-642-38750-0_28"),
        (tue, (0.5,), "10.1007/978-3-642-38750-0_28"),
        (wue, (), "ISO/IEC 30134-9"),
        (wue_source, (1e-9,), "White Paper 35"),
        (cue, (1e-7,), "ISO/IEC 30134-8"),
        (erf, (), "ISO/IEC 30134-6"),
        (ere, (), "White Paper 29"),
    ],
)
def test_each_metric_says_what_it_is(book, metric, arguments, standard):
    value = metric(book, *arguments)
    assert value.name == metric.__name__
    assert standard in value.attrs["standard"]
    assert {"units", "long_name", "boundary", "window"} <= set(value.attrs)
    assert standard.split(" White")[0].split("/")[0] in metric.__doc__ or metric in (itue, tue)


def test_total_effectiveness_says_whose_denominator(book):
    """The paper divides by all components that compute; a share of accelerators alone is not its figure."""
    for metric in (itue, tue):
        value = metric(book, 0.5)
        assert "processors, memory, storage and interconnect" in value.attrs["standard"]
        assert "compute_share" in value.attrs["boundary"]
        assert "accelerators alone" in metric.__doc__ or metric is tue


def test_category_three_says_where_the_power_shelf_stands(book):
    assert "behind the power shelf" in pue(book).attrs["boundary"]
    assert "behind the power shelf" in pue(book).attrs["standard"]
    assert "behind the power shelf" in pue.__doc__


def test_boundary_says_where_pumps_and_fans_count(book):
    assert "rack_fans, metered" in pue(book).attrs["boundary"]
    assert "infrastructure: cdu_pumps" in pue(book).attrs["boundary"]
    assert "cdu_pumps" not in pue(book, it=("it", "cdu_pumps")).attrs["boundary"].split("infrastructure")[1]


def test_metrics_merge_into_one_study_and_keep_their_boundaries(book):
    study = xr.merge([pue(book), wue(book), erf(book)])
    assert set(study.data_vars) == {"pue", "wue", "erf"}
    assert study.pue.attrs["boundary"] == pue(book).attrs["boundary"]
    assert "ISO/IEC 30134-9" in study.wue.attrs["standard"]


def test_categories_need_losses_by_stage(book):
    with pytest.raises(InputError, match=r"losses by stage"):
        pue(book, category=1)
    with pytest.raises(InputError, match="category = 4"):
        pue(book, category=4)


@pytest.mark.parametrize("it", ["it", ("rack_fans",)])
def test_an_it_boundary_without_it_is_refused(book, it):
    with pytest.raises(InputError, match="IT boundary"):
        pue(book, it=it)


def test_what_the_result_never_had_is_named(book):
    dry = book.drop_vars(["water", "energy_reused"])
    with pytest.raises(InputError, match="no water_make_up"):
        wue(dry)
    with pytest.raises(InputError, match="no heat_reused"):
        ere(dry)


@pytest.mark.parametrize("share", [0.0, 1.1, np.nan])
def test_compute_share_outside_its_range(book, share):
    with pytest.raises(InputError, match="compute_share"):
        itue(book, share)


def test_cooling_is_what_moves_heat():
    assert set(END_USES) - set(COOLING) == {"it", "electrical_losses", "storage_losses", "other"}


def test_partial_pue_refuses_text_and_unknown_end_uses():
    power = xr.DataArray([1000.0, 200.0], {"end_use": ["it", "chillers"]})
    book = ledger(xr.Dataset({"power": power, "site_power": 1200.0}), window=hour)
    with pytest.raises(InputError, match=r"write a list: \['chillers'\]"):
        partial_pue(book, "chillers")
    with pytest.raises(InputError, match="did you mean 'chillers'"):
        partial_pue(book, ["chiller"])
