"""Energy per token: three ways to the same number, and its five tags."""

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import thermal as th
from thermal.accounting import energy_per_token, ledger, pue, tue
from thermal.errors import InputError
from thermal.units import hour

CHAT = SimpleNamespace(name="chat", token_type="output", energy_per_token=0.4, compute_share=0.5)


def book_of(it: float, fans: float, rest: float) -> xr.Dataset:
    power = xr.DataArray([it, fans, rest], {"end_use": ["it", "rack_fans", "chillers"]})
    return ledger(xr.Dataset({"power": power, "site_power": it + fans + rest}), window=hour)


@given(st.floats(1, 1e8), st.floats(0, 1e7), st.floats(0, 1e8), st.floats(0.1, 1), st.floats(1e-3, 100))
def test_three_ways_to_the_same_number(it, fans, rest, share, joules):
    book = book_of(it, fans, rest)
    work = SimpleNamespace(name="w", token_type="output", energy_per_token=joules, compute_share=share)
    tokens = share * it * hour / joules
    ept = float(energy_per_token(book, work))
    assert ept == pytest.approx(float(book.energy_site) / tokens, rel=1e-12)
    assert ept == pytest.approx(float(pue(book)) * (it + fans) * hour / tokens, rel=1e-12)
    assert ept == pytest.approx(float(tue(book, share)) * share * it * hour / tokens, rel=1e-12)
    assert ept == pytest.approx(float(tue(book, share)) * joules, rel=1e-12)


def test_the_ratio_does_not_know_the_size():
    """A microwatt of IT beside as much of the rest: twice 0.4 J over the half that reaches the accelerators."""
    assert float(energy_per_token(book_of(1e-6, 0.0, 1e-6), CHAT)) == pytest.approx(1.6, rel=1e-12)


@given(st.floats(1, 1e12))
def test_counted_tokens_replace_the_workload(tokens):
    book = book_of(1000.0, 10.0, 90.0)
    assert float(energy_per_token(book, CHAT, tokens=tokens)) == pytest.approx(1100 * hour / tokens)


def test_provisioned_power_charges_the_reserve():
    book = book_of(1000.0, 0.0, 100.0)
    twice = energy_per_token(book, CHAT, provisioned_power=2000.0)
    assert float(twice) == pytest.approx(2 * float(energy_per_token(book, CHAT)))
    assert twice.attrs["basis"] == "provisioned"


def test_the_five_tags_are_there():
    attrs = energy_per_token(book_of(1000.0, 0.0, 100.0), CHAT).attrs
    assert {"boundary", "token_type", "workload", "window", "basis"} <= set(attrs)
    assert (attrs["token_type"], attrs["window"], attrs["basis"]) == ("output", hour, "measured")
    assert attrs["long_name"] == "energy per token (TokEnergy-style)"
    assert "chat" in attrs["workload"]


@pytest.mark.parametrize("tokens", [0.0, -1.0])
def test_no_tokens_no_figure(tokens):
    with pytest.raises(InputError, match=r"tokens = (0|-1) (is not above|must be from) 0"):
        energy_per_token(book_of(1.0, 0.0, 0.0), CHAT, tokens=tokens)


def test_failed_cases_stay_nan():
    book = book_of(1000.0, 0.0, 100.0).expand_dims(T_supply=[20, 30]).copy(deep=True)
    book["energy"][1] = np.nan
    book["energy_site"][1] = np.nan
    ept = energy_per_token(book, CHAT)
    assert np.isfinite(ept[0])
    assert np.isnan(ept[1])


def test_library_workloads_quote_their_row(data):
    """Power over throughput is the energy per token the row states: both are quoted, so they check each other."""
    names = [name for name in th.models() if name.startswith("workloads/")]
    assert len(names) >= 5
    rows = data("workloads/mlenergy_v3_joules_per_token.csv").read_text().splitlines()
    for name in names:
        work = th.load(name)
        row = [r.split(",") for r in rows if f",{work.throughput:.5f}".rstrip("0") in r and f",{work.llm}," in r]
        assert len(row) == 1, name
        assert (float(row[0][13]), float(row[0][11]), row[0][6]) == (
            work.energy_per_token,
            work.power,
            work.accelerator,
        )
        assert work.power / work.throughput == pytest.approx(work.energy_per_token, rel=1e-4)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"tokens": float("nan")}, "tokens = nan is not a finite number"),
        ({"provisioned_power": 0.0}, "provisioned_power = 0 W must be above 0 W"),
    ],
)
def test_counts_and_powers_that_mean_nothing_are_refused(given, says):
    with pytest.raises(InputError, match=says):
        energy_per_token(book_of(1000.0, 0.0, 100.0), CHAT, **given)
