"""Controllers from outside: sample time and slew by hand, prediction without a trace, and one that beats a rule."""

import numpy as np
import pytest

import thermal as th
from thermal.errors import InputError
from thermal.network.controlled import SLEW, Predictive, controlled
from thermal.units import MW, hour, kW, lpm, minute

pytestmark = pytest.mark.compiled  # hours of a row and a plant, many times over
ROW, WATER = th.load("loops/gb200_row"), th.Supply(T=24, flow=1900 * lpm)


class Always:
    """Wants one thing."""

    def __init__(self, **wanted):
        self.wanted, self.seen = wanted, []

    def act(self, observation, stepper):
        self.seen.append(float(observation.time))
        return self.wanted


def _case(until=hour):
    return th.verbs.stepper(ROW, heat=100 * kW, facility=WATER, until=until, save=60)


def test_it_acts_at_its_sample_time_and_within_its_limits():
    wish = Always(T=30.0)
    run = controlled(_case(), wish, {"T": 24.0}, sample=5 * minute)
    assert wish.seen == [5.0 * minute * k for k in range(1, 12)]
    T = run.action.sel(input="T").values
    assert T[:5].tolist() == [24.0] * 5
    assert T[5:10].tolist() == [29.0] * 5  # a kelvin a minute, five a sample
    assert T[10:].tolist() == [30.0] * 50
    assert float(abs(run.energy_residual).max()) < 1e-9 * 8e5
    jump = controlled(_case(), Always(T=30.0), {"T": 24.0}, sample=5 * minute, slew={})
    assert jump.action.sel(input="T").values[5] == 30.0


def test_flow_moves_by_a_share_of_the_first():
    run = controlled(_case(), Always(flow=1000 * lpm), {"flow": 1900 * lpm}, sample=minute)
    flow = run.action.sel(input="flow").values / (1900 * lpm)
    assert flow[:4] == pytest.approx([1.0, 0.97, 0.94, 0.91])
    assert SLEW["flow"] == pytest.approx(0.03 / 60.0)


def test_looking_ahead_leaves_no_trace():
    plain = controlled(_case(), Always(T=26.0), {"T": 26.0}, sample=10 * minute)
    looked = controlled(
        _case(), Predictive({"T": [26.0]}, 20 * minute, lambda rows: 0.0), {"T": 26.0}, sample=10 * minute
    )
    for name in ("T_case", "T_supply", "pump_power"):
        np.testing.assert_array_equal(plain[name], looked[name])


def test_the_best_candidate_is_the_one_that_the_score_asks_for():
    """The supply is held at 32 °C until the water is too warm for it: warmest water without a kelvin of drift."""

    def score(rows):
        drift = float(abs(rows.T_supply - 32.0).max())
        return 1e6 * (drift > 1.0) + drift

    brain = Predictive({"T": [20.0, 28.0, 45.0]}, 20 * minute, score)
    run = controlled(_case(), brain, {"T": 28.0}, sample=20 * minute, slew={})
    assert len(brain.tried) == 3
    worst = max(brain.tried, key=lambda item: item[0])
    assert worst[1] == {"T": 45.0}
    assert 45.0 not in run.action.values


def test_prediction_beats_the_rule_and_keeps_the_margin():
    """Two hot hours of a chilled plant: the rule holds the design set point, the margin asked for is 15 K."""
    site = th.load("sites/generic_20mw").scaled(0.95 * MW)
    year = th.weather(th.load("climates/chicago"), seed=7)
    air = year.isel(time=int(year.T_wet_bulb.argmax("time")))

    def cooling(rows):
        return float((rows.site_power - rows.power.sel(end_use=["it", "electrical_losses"]).sum("end_use")).mean())

    def score(rows):
        return cooling(rows) + (1e12 if float(rows.margin.min()) < 15.0 else 0.0)

    def case():
        return th.verbs.stepper(
            site.loops, heat=110 * kW, facility=site, weather=air, until=2 * hour, step=10.0, save=minute
        )

    start = {"T_supply": site.plant.T_supply}
    rule = controlled(case(), Always(**start), start, sample=30 * minute)
    free = controlled(case(), Predictive({"T_supply": [28.0, 31.0, 34.0]}, hour, score), start, sample=30 * minute)
    assert cooling(free) < 0.9 * cooling(rule)
    assert float(free.margin.min()) >= 15.0


def test_what_cannot_be_used_is_named():
    with pytest.raises(InputError, match="the controller wants flow, start has T"):
        controlled(_case(), Always(flow=1.0), {"T": 24.0}, sample=10 * minute)
    case = _case()
    case.advance(600)
    with pytest.raises(InputError, match="open a new one"):
        controlled(case, Always(T=24.0), {"T": 24.0}, sample=10 * minute)
    with pytest.raises(InputError, match="whole number of saved intervals"):
        controlled(_case(), Always(T=24.0), {"T": 24.0}, sample=90.0)
    with pytest.raises(InputError, match="candidates must map"):
        Predictive({}, 60.0, lambda rows: 0.0)
    with pytest.raises(InputError, match="finite score"):
        controlled(_case(), Predictive({"T": [24.0]}, 600.0, lambda rows: np.inf), {"T": 24.0}, sample=10 * minute)
