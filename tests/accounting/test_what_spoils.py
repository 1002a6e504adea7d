"""What spoils a figure reaches it, what varies in time is weighed by energy, and units of arrays are obeyed."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import thermal as th
from tests.hours import CHAT, EXACT, result
from thermal import accounting
from thermal.accounting import cue, energy_per_token, ere, erf, itue, ledger, partial_pue, pue, tue, wue, wue_source
from thermal.accounting.caveats import shares
from thermal.accounting.metrics import IT
from thermal.errors import DataError, InputError, LedgerError
from thermal.names import NAMES
from thermal.power.end_uses import with_end_use, with_power_chain
from thermal.units import L, hour, kg, kWh

BOOK = ledger(result())
METRICS = {
    "pue": pue,
    "partial_pue": partial_pue,
    "itue": lambda book: itue(book, 0.5),
    "tue": lambda book: tue(book, 0.5),
    "wue": wue,
    "wue_source": lambda book: wue_source(book, 1.0 * L / kWh),
    "cue": lambda book: cue(book, 0.4 * kg / kWh),
    "erf": erf,
    "ere": ere,
    "energy_per_token": lambda book: energy_per_token(book, CHAT),
}


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_repeats_what_spoils_it(name):
    flags = {
        "outside_chiller": ("time", [True] * 4),
        "above_set_point": ("time", [True, False, False, False]),
        "converged": ("time", [True, True, True, False]),
        "heat": ("time", np.full(4, 1000.0)),
        "heat_unmet": ("time", [0.0, 0.0, 0.0, 400.0]),
    }
    attrs = METRICS[name](ledger(result(**flags))).attrs
    assert attrs["outside_share"] == 1.0
    assert attrs["above_set_point_share"] == 0.25
    assert attrs["unconverged_share"] == 0.25
    assert attrs["unmet_share"] == 0.1
    assert "1 of the time a machine or a law works outside its range" in attrs["caveats"]
    assert METRICS[name](BOOK).attrs["caveats"] == "none known"
    assert (attrs["units"], attrs["long_name"]) == (NAMES[name].units, NAMES[name].long_name)


def test_a_year_outside_the_chillers_curves_says_so():
    """8760 h outside the box of the chiller leave their mark in the ledger and in the PUE."""
    rows = 8760
    book = ledger(result(rows, outside_chiller=("time", np.ones(rows, bool))))
    assert float(book.outside_share) == 1.0
    assert pue(book).attrs["outside_share"] == 1.0
    assert "outside its range (outside_chiller 1)" in pue(book).attrs["caveats"]


def test_a_flag_anywhere_in_a_case_counts_once_and_cases_stay_apart():
    """By hand: two loops flag rows 0 and 1, the towers row 1 and 2, so rows 0, 1, 2 of 4."""
    loops = xr.DataArray([[True, False], [False, True], [False, False], [False, False]], dims=("time", "loop"))
    flags = xr.Dataset({"outside_range": loops, "outside_rejection": ("time", [False, True, True, False])})
    assert float(shares(flags, ())["outside_share"]) == 0.75
    assert shares(flags, ())["outside_share"].attrs["of"] == "outside_rejection 0.5, outside_range 0.5"
    cases = xr.Dataset({"outside_chiller": (("climate", "time"), [[True, False], [False, False]])})
    np.testing.assert_array_equal(shares(cases, ("climate",))["outside_share"], [0.5, 0.0])
    heat = {"heat": (("time", "rack"), [[2.0, 2.0], [3.0, 3.0]]), "heat_unmet": ("time", [0.0, 1.0])}
    assert float(shares(xr.Dataset(heat), ())["unmet_share"]) == 0.1
    nothing = {"heat": ("time", [0.0, 0.0]), "heat_unmet": ("time", [0.0, 0.0])}
    assert float(shares(xr.Dataset(nothing), ())["unmet_share"]) == 0.0


def test_shares_of_a_study_of_climates_stay_with_their_climate():
    """By hand: 1 of 4 rows and 100 of 1000 W in golden, 2 of 4 and none in dulles, where the supply is warm 3 rows."""
    data = {
        "converged": [[True, True, True, False], [True, False, True, False]],
        "above_set_point": [[False] * 4, [True, True, True, False]],
        "heat": [[250.0] * 4, [100.0] * 4],
        "heat_unmet": [[0.0, 0.0, 100.0, 0.0], [0.0] * 4],
    }
    cases = [result(**{name: ("time", rows[k]) for name, rows in data.items()}) for k in (0, 1)]
    book = ledger(xr.concat(cases, xr.IndexVariable("climate", ["golden", "dulles"])))
    np.testing.assert_array_equal(book.unconverged_share, [0.25, 0.5])
    np.testing.assert_array_equal(book.above_set_point_share, [0.0, 0.75])
    np.testing.assert_allclose(book.unmet_share, [0.1, 0.0], rtol=EXACT)
    assert book.energy_site_rows.sizes == {"climate": 2, "time": 4}
    dulles = pue(book.sel(climate="dulles")).attrs
    assert (dulles["unconverged_share"], dulles["above_set_point_share"], "unmet_share" in dulles) == (0.5, 0.75, False)


def test_provisioned_energy_by_hand():
    """900 W of IT and 100 W of fans at a PUE of 1.1; 2000 W were provided; N = 0.5 x 900 W x 1 h / 0.4 J."""
    power = xr.DataArray([900.0, 100.0, 100.0], {"end_use": ["it", "rack_fans", "chillers"]})
    book = ledger(xr.Dataset({"power": power, "site_power": 1100.0}), window=hour)
    assert float(energy_per_token(book, CHAT, provisioned_power=2000.0)) == pytest.approx(1.1 * 2000 / 1125, rel=EXACT)
    assert float(energy_per_token(book, CHAT)) == pytest.approx(1100 / 1125, rel=EXACT)
    two = energy_per_token(book, CHAT, tokens=xr.DataArray([1100.0, 2200.0], dims="case"))
    np.testing.assert_allclose(two, [hour, hour / 2], rtol=EXACT)
    with pytest.raises(InputError, match="not above 0"):
        energy_per_token(book, CHAT, tokens=xr.DataArray([1.0, 0.0], dims="case"))


def test_series_made_from_others_have_names_of_their_own():
    """What a function derives says what it is, not what it was made from."""
    chain = th.load("power_chains/generic")
    made = [
        with_power_chain(result(), chain), with_end_use(result(), "cdu_pumps", 10.0), BOOK,
        th.traces.inference_day(2, 1e5, seed=1),
        *[metric(BOOK).to_dataset() for metric in METRICS.values()],
    ]  # fmt: skip
    for data in made:
        for name, variable in data.data_vars.items():
            entry = NAMES[str(name)]
            if "long_name" in variable.attrs:
                assert (variable.attrs["long_name"], variable.attrs.get("units", "")) == (entry.long_name, entry.units)


def test_the_worst_of_many_cases_is_in_words():
    flags = [False] * 4, [True, True, False, False]
    cases = [result(outside_chiller=("time", flag)) for flag in flags]
    study = xr.concat(cases, xr.IndexVariable("T_supply", [20, 30]))
    assert pue(ledger(study)).attrs["caveats"].startswith("up to 0.5 of the time a machine")


def test_a_watt_where_megawatts_were_meant_is_remarked():
    power = xr.DataArray([20.0, 730780.0], {"end_use": ["it", "facility_pumps"]})
    odd = pue(ledger(xr.Dataset({"power": power, "site_power": power.sum()}), window=hour))
    assert float(odd) == pytest.approx(36540.0)
    assert "implausible: pue = 36540 lies outside 1 to 4" in odd.attrs["caveats"]
    assert "20 W on average: is it_power in W (20 * MW)?" in odd.attrs["caveats"]


def test_filled_gaps_are_remarked():
    book = ledger(result().isel(time=[0, 1, 3]), fill=accounting.hold_last)
    assert pue(book).attrs["caveats"].startswith("gaps filled by hold_last: 1 rows added")


def test_an_overloaded_plant_is_named_and_no_fill_is_advised():
    water = ("time", [1e-3, 1e-3, np.nan, 1e-3])
    unmet = ("time", [0.0, 0.0, 7e6, 0.0])
    with pytest.raises(
        DataError, match=r"water_make_up is NaN at time=2026-01-01T02.*7 MW of heat .*larger machines: no"
    ):
        ledger(result(water_make_up=water, heat_unmet=unmet))
    with pytest.raises(DataError, match=r"no operating point there.* no fill mends it"):
        ledger(result(water_make_up=water, converged=("time", [True] * 4)))
    with pytest.raises(DataError, match="fill it by name"):
        ledger(result(water_make_up=water))


def test_a_power_chain_is_joined_once():
    chain = th.load("power_chains/generic")
    once = with_power_chain(result().drop_vars("heat_reused"), chain)
    with pytest.raises(InputError, match=r"electrical_losses .* already"):
        with_power_chain(once, chain)
    with pytest.raises(InputError, match=r"chillers .* already"):
        with_end_use(once, "chillers", xr.DataArray(1.0))
    assert once.site_power.attrs["long_name"] == NAMES["site_power"].long_name
    assert once.loss.attrs["long_name"] == NAMES["loss"].long_name
    with pytest.raises(InputError, match="did you mean 'cdu_pumps'"):
        with_end_use(result(), "cdu_pump", 1.0)


def test_end_uses_and_losses_obey_units_and_refuse_what_is_no_power():
    kilo = with_end_use(result(), "cdu_pumps", xr.DataArray(0.05, attrs={"units": "kW"}))
    assert float(kilo.site_power[0]) == 1150.0
    late = xr.DataArray(np.ones(4), {"time": result().time.values + np.timedelta64(1, "h")})
    with pytest.raises(InputError, match=r"other times|labels"):
        with_end_use(result(), "cdu_pumps", late)
    for wrong in ("10", True, np.nan, -1.0):
        with pytest.raises(InputError, match="power of cdu_pumps"):
            with_end_use(result(), "cdu_pumps", wrong)
    chain = th.load("power_chains/generic")
    megawatt = chain.losses(xr.DataArray(1.0, attrs={"units": "MW"}))
    for name, loss in chain.losses(1e6).items():
        assert float(loss) == float(megawatt[name])
    for wrong in ("1e6", True, np.nan, -1.0, None):
        with pytest.raises(InputError, match="it_power"):
            chain.losses(wrong)


def test_a_chain_beyond_its_rating_is_flagged():
    chain = th.load("power_chains/generic")
    power = xr.DataArray([[chain.rated_power, 3 * chain.rated_power]], {"end_use": ["it"], "time": [0.0, 3600.0]})
    site = with_power_chain(xr.Dataset({"power": power, "site_power": power.sum("end_use")}), chain)
    assert site.outside_power_chain.values.tolist() == [False, True]
    assert pue(ledger(site)).attrs["outside_share"] == 0.5


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("wrong", [result(), None, "book", {"energy": 1.0}, BOOK.energy], ids=str)
def test_what_is_no_ledger_is_refused_in_one_line(name, wrong):
    with pytest.raises(InputError, match=rf"book .*write th\.{name}\(th\.ledger\(result\)\)") as caught:
        METRICS[name](wrong)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("workload", ["llama", None, 3.0, xr.Dataset()])
def test_what_is_no_workload_is_refused_in_one_line(workload):
    with pytest.raises(InputError, match=r"workload = .* has no name|workload = .* has no token_type") as caught:
        energy_per_token(BOOK, workload)
    assert "th.load('workloads/llama70b_b200')" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("field", ["energy_per_token", "compute_share"])
@pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan, "0.5", True, None, 1.05])
def test_a_workload_with_a_wrong_number_is_named(field, wrong):
    if field == "energy_per_token" and wrong == 1.05:
        return  # J; only a share ends at 1
    odd = SimpleNamespace(**{**vars(CHAT), field: wrong})
    with pytest.raises(InputError, match=f"workload.{field}"):
        energy_per_token(BOOK, odd)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"tolerance": np.nan}, "tolerance = nan"),
        ({"tolerance": "1 %"}, "tolerance = '1 %'"),
        ({"tolerance": True}, "tolerance = True"),
        ({"meter": 3}, "meter is a int"),
        ({"fill": "interpolate"}, "fill = 'interpolate' is no function"),
        ({"fill": lambda powers: None}, "what <lambda> returned is missing"),
        ({"end_uses": {}}, "end_uses needs at least one column"),
        ({"end_uses": {"it": []}}, "end_uses needs at least one column"),
        ({"end_uses": ["it"]}, "end_uses is .* a Mapping is needed"),
    ],
)
def test_arguments_of_the_ledger_are_named(change, says):
    with pytest.raises(InputError, match=says):
        ledger(result(), **change)


def test_the_ledger_refuses_what_is_no_dataset_and_windows_that_are_none():
    with pytest.raises(InputError, match="from_dataframe"):
        ledger(pd.DataFrame({"it": [1.0]}))
    steady = result().isel(time=0, drop=True)
    for wrong in (np.nan, "1 h", True, 0.0, -1.0):
        with pytest.raises(InputError, match="window"):
            ledger(steady, window=wrong)
    assert float(ledger(steady, window=xr.DataArray(1.0, attrs={"units": "h"})).energy_site) == 1100.0 * hour
    with pytest.raises(DataError, match="no row along 'time'"):
        ledger(result().isel(time=[]))


def test_power_in_other_units_and_negative_power():
    kilo = result().map(lambda v: v / 1e3 if v.name in ("power", "site_power") else v)
    for name in ("power", "site_power"):
        kilo[name] = (result()[name] / 1e3).assign_attrs(units="kW")
    assert float(ledger(kilo).energy_site) == pytest.approx(4.8 * kWh, rel=EXACT)
    wrong = result()
    wrong["power"][1, 2] = -250.0
    with pytest.raises(DataError, match=r"power is -250 W at end_use=chillers, time=2026-01-01T02"):
        ledger(wrong)
    with pytest.raises(DataError, match="heat_reused is negative at time="):
        ledger(result(heat_reused=("time", [1.0, -1.0, 1.0, 1.0])))


def test_ratios_to_no_it_energy_are_refused():
    power = xr.DataArray([0.0, 5.0], {"end_use": ["it", "chillers"]})
    book = ledger(xr.Dataset({"power": power, "site_power": power.sum()}), window=hour)
    with pytest.raises(InputError, match="no IT energy"):
        pue(book)
    with pytest.raises(InputError, match=r"no IT energy|not above 0"):
        energy_per_token(book, CHAT, tokens=5.0)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: pue(BOOK, category=True), "category = True"),
        (lambda: pue(BOOK, it=("it", "rackfans")), "did you mean 'rack_fans'"),
        (lambda: pue(BOOK, it=None), "IT boundary None"),
        (lambda: pue(BOOK.drop_attrs()), "has lost its attribute"),
        (lambda: partial_pue(BOOK, [1]), "end use 1 is no text"),
        (lambda: itue(BOOK, "half"), "compute_share = 'half'"),
        (lambda: itue(BOOK, [0.5, 0.5]), "compute_share has shape"),
    ],
)
def test_arguments_of_metrics_are_named(ask, says):
    with pytest.raises(InputError, match=says):
        ask()


def test_energies_in_other_units_are_obeyed():
    other = BOOK.assign(energy=(BOOK.energy / kWh).assign_attrs(units="kWh"))
    assert float(pue(other)) == pytest.approx(1.2, rel=EXACT)


def test_a_study_of_climates_is_judged_case_by_case():
    """By hand: the case that is off is the one named, with its residual, among good and failed ones."""
    study = xr.concat([result() for _ in range(3)], xr.IndexVariable("climate", ["a", "b", "c"])).copy(deep=True)
    study["status"] = ("climate", ["done", "failed", "done"])
    study["power"].loc[{"climate": "b"}] = np.nan
    study["site_power"].loc[{"climate": "b"}] = np.nan
    book = ledger(study)
    np.testing.assert_allclose(book.energy_site, [4.8 * kWh, np.nan, 4.8 * kWh])
    study["site_power"].loc[{"climate": "c"}] += 120.0
    with pytest.raises(
        LedgerError, match=r"4\.8 kWh where the meter says 5\.28 kWh: \+0\.48 kWh .* at climate=c\. Susp"
    ):
        ledger(study)


@st.composite
def books(draw):
    """A ledger of random rows: IT, fans, cooling, losses, water, reuse."""
    rows = draw(st.integers(2, 6))
    uses = ["it", "rack_fans", "cdu_pumps", "chillers", "tower_fans", "electrical_losses", "other"]
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    power = 10.0 ** random.uniform(0, 7, (len(uses), rows))
    power[0] += 1e3
    data = {
        "power": (("end_use", "time"), power), "site_power": ("time", power.sum(axis=0)),
        "water_make_up": ("time", random.uniform(0, 50, rows)),
        "heat_reused": ("time", random.uniform(0, 1) * power.sum(axis=0)),
    }  # fmt: skip
    return ledger(xr.Dataset(data, {"end_use": uses, "time": np.arange(rows) * draw(st.floats(1.0, 1e5))}))


@given(books(), st.floats(0.05, 1.0), st.floats(1e-3, 50.0), st.floats(0.0, 2.0))
def test_identities_hold_to_the_last_digits(book, share, joules, carbon):
    """EPT = PUE·E_IT/N = TUE·E_compute/N, ERE = (1 − ERF)·PUE, TUE = ITUE·PUE, CUE = CEF·PUE for grid electricity."""
    work = SimpleNamespace(name="w", token_type="output", energy_per_token=joules, compute_share=share)
    it = float(book.energy.sel(end_use=list(IT)).sum())
    compute = share * float(book.energy.sel(end_use="it"))
    tokens = compute / joules
    ept, PUE, TUE = float(energy_per_token(book, work)), float(pue(book)), float(tue(book, share))
    assert ept == pytest.approx(PUE * it / tokens, rel=EXACT)
    assert ept == pytest.approx(TUE * compute / tokens, rel=EXACT)
    assert pytest.approx(float(itue(book, share)) * PUE, rel=EXACT) == TUE
    assert float(ere(book)) == pytest.approx((1 - float(erf(book))) * PUE, rel=EXACT, abs=EXACT * PUE)
    cef = carbon * kg / kWh
    assert float(cue(book, cef)) == pytest.approx(carbon * PUE, rel=EXACT)
    constant = xr.DataArray(np.full(book.sizes["time"], cef), {"time": book.time})
    assert float(cue(book, constant)) == pytest.approx(carbon * PUE, rel=EXACT)
