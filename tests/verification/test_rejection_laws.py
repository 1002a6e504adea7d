"""Laws of towers, coolers and chillers: each member reaches its own, inverses invert, bounds hold."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from laws import assert_each_reaches_its_own_law

import thermal as th
from thermal.components.cooling.rejection import rejection_model
from thermal.physics.machines import chiller as chillers
from thermal.physics.machines.chiller import Condensing, chiller_state
from thermal.physics.machines.exchanger import counterflow_effectiveness, crossflow_effectiveness
from thermal.physics.media import moist_air as air
from thermal.physics.media.water import blow_down, boiling, evaporation
from thermal.physics.rejection.cooltools import cooltools_leaving
from thermal.physics.rejection.dry_cooler import UA_at, dry_heat
from thermal.physics.rejection.merkel import (
    _counterflow,
    entering_water,
    enthalpy_exchange,
    exchange_turns,
    merkel_air_ratio,
    merkel_leaving,
    merkel_outside,
    merkel_UA,
)
from thermal.physics.rejection.rejection import (
    Air,
    Fan,
    Law,
    State,
    leaving,
    settle,
    stream,
    water_use,
)
from thermal.physics.rejection.yorkcalc import yorkcalc_air_ratio, yorkcalc_approach, yorkcalc_leaving

P = 101325.0
MERKEL = (110e3, (0.0, 1.3, -0.3, 0.0), (0.1082, 1.667, -0.7713), 0.0081, 25.6, -10.0, 25.0, 0.3, 1.0)


def machine(law, fan=Fan.VARIABLE, **more):
    return rejection_model(
        law=int(law), fan=int(fan), water_flow=75.0, air_flow=42.0, air_low=0.2, fan_power=12e3, fan_power_low=2e3,
        merkel=MERKEL, UA_exponent=0.7, UA_free=11e3, air_free=0.1, free_capacity=0.125, drift=8e-5, **more,
    )  # fmt: skip


def outdoors(T=28.0, phi=0.5, pressure=P):
    w = air.humidity_ratio(T, phi, pressure)
    return Air(T, air.wet_bulb(T, w, pressure), w, pressure)


def test_each_law_reaches_its_own():
    def own(heat):
        return lambda T_in, x: T_in - heat(T_in, x)

    a = outdoors()
    s = stream(machine(Law.MERKEL), a, 75.0, 4180.0)
    r = machine(Law.MERKEL)
    laws = {
        Law.NONE: lambda T_in, x: T_in,
        Law.YORKCALC: lambda T_in, x: yorkcalc_leaving(T_in, a.T_wet_bulb, 1.0, x),
        Law.COOLTOOLS: lambda T_in, x: cooltools_leaving(T_in, a.T_wet_bulb, 1.0, x),
        Law.MERKEL: lambda T_in, x: merkel_leaving(T_in, a.T_wet_bulb, P, s.air, s.cp, s.water, 1.0, x, r.merkel),
        Law.DRY: own(lambda T_in, x: dry_heat(T_in, a.T, s.air * x, s.cp, s.water, UA_at(110e3, 0.7, x)) / s.water),
        Law.WET: own(
            lambda T_in, x: (
                enthalpy_exchange(T_in, a.T_wet_bulb, P, s.air * x, s.cp, s.water, UA_at(110e3, 0.7, x)) / s.water
            )
        ),
    }
    cases = [(35.0, 1.0), (32.0, 0.5), (40.0, 0.3)]
    assert_each_reaches_its_own_law(lambda law, T_in, x: leaving(machine(law), a, s, T_in, x), laws, cases)


def test_each_condensing_reaches_its_own():
    """With one curve set, the entering and the leaving temperature differ by the rise of the condenser water."""
    c = th.load("chillers/carrier_19xr_1407kw").curves.copy()
    rate = 75.0 * 4180.0

    def at(T_condenser, load):
        return chillers._at(load, 9.0, T_condenser, c).power

    def at_leaving(T_entering, load):
        T = T_entering
        for _ in range(100):
            T = T_entering + chillers._at(load, 9.0, T, c).rejected / rate
        return chillers._at(load, 9.0, T, c).power

    def choose(member, T, load):
        c.condensing = int(member)
        return chiller_state(load, 9.0, T, rate, c).power

    laws = {Condensing.ENTERING: at, Condensing.LEAVING: at_leaving}
    for member, law in laws.items():
        for case in ((20.0, 9e5), (25.0, 6e5)):
            assert choose(member, *case) == pytest.approx(law(*case), rel=1e-10)
    assert choose(Condensing.ENTERING, 20.0, 9e5) != choose(Condensing.LEAVING, 20.0, 9e5)


@pytest.mark.parametrize("fan", Fan)
@pytest.mark.parametrize("law", [law for law in Law if law != Law.NONE])
def test_a_held_set_point_is_held(fan, law):
    """Wherever the state is HELD, the water leaves at the set point; elsewhere the state names which side it is on."""
    r, a = machine(law, fan), outdoors(T=15.0)
    s = stream(r, a, 75.0, 4180.0)
    seen = set()
    for T_set in np.linspace(10.0, 34.9, 84):
        o = settle(r, a, s, 35.0, T_set)
        seen.add(State(o.state))
        if o.state == State.HELD:
            assert o.T_out == T_set
            if fan != Fan.STEPPED and o.air_ratio > r.air_low:
                assert leaving(r, a, s, 35.0, o.air_ratio) == pytest.approx(T_set, abs=1e-6)
        elif o.state == State.FULL:
            assert o.T_out >= T_set
        else:
            x = 0.0 if o.state == State.FREE else r.air_low
            assert max(o.T_out, leaving(r, a, s, 35.0, x)) <= T_set
            assert o.fan_power == pytest.approx(0.0 if o.state == State.FREE else 12e3 * 0.2**3, rel=1e-12)
    assert {State.HELD, State.FULL} <= seen
    assert (State.LOWEST in seen) == (fan == Fan.VARIABLE_FLOATING and law != Law.NONE)


def test_stepped_fan_costs_what_its_shares_cost():
    """Half-way between low and high in temperature is half-way in power."""
    r, a = machine(Law.DRY, Fan.STEPPED), outdoors(T=15.0)
    s = stream(r, a, 75.0, 4180.0)
    low, high = leaving(r, a, s, 35.0, r.air_low), leaving(r, a, s, 35.0, 1.0)
    o = settle(r, a, s, 35.0, 0.5 * (low + high))
    assert o.fan_power == pytest.approx(0.5 * (12e3 + 2e3), rel=1e-12)


@given(
    T_wb=st.floats(-20, 28), T_range=st.floats(1.5, 15), approach=st.floats(1.5, 15), y=st.floats(0.75, 1.25)
)  # fmt: skip
def test_yorkcalc_inverse(T_wb, T_range, approach, y):
    T_out = T_wb + approach
    x = yorkcalc_air_ratio(T_out + T_range, T_out, T_wb, y)
    assume(math.isfinite(x) and y / x < 7.999)  # a law that never answers finds no example, and fails
    assert yorkcalc_approach(T_wb, T_range, y / x) == pytest.approx(approach, abs=1e-8)
    assert yorkcalc_leaving(T_out + T_range, T_wb, y, x) == pytest.approx(T_out, abs=1e-8)


@given(
    law=st.sampled_from([Law.YORKCALC, Law.COOLTOOLS, Law.MERKEL, Law.WET]),
    T=st.floats(-15, 40), phi=st.floats(0.1, 1.0),
    above=st.floats(0.5, 30), x=st.floats(0.2, 1.0),
)  # fmt: skip
def test_no_tower_cools_below_the_wet_bulb(law, T, phi, above, x):
    r, a = machine(law), outdoors(T, phi)
    s = stream(r, a, 75.0, 4180.0)
    T_in = a.T_wet_bulb + above
    T_out = leaving(r, a, s, T_in, x)
    assert a.T_wet_bulb - 1e-9 <= T_out <= T_in


@given(T=st.floats(-15, 40), phi=st.floats(0.05, 1.0), above=st.floats(1, 30), x=st.floats(0.2, 1.0))
def test_evaporation_stays_below_the_latent_limit(T, phi, above, x):
    """All heat of the water, and all that the air could give up by cooling to the water, cannot evaporate more."""
    r, a = machine(Law.MERKEL), outdoors(T, phi)
    s = stream(r, a, 75.0, 4180.0)
    T_in = a.T_wet_bulb + above
    heat = s.water * (T_in - leaving(r, a, s, T_in, x))
    evaporated, _, drained = water_use(r, a, s, heat, x)
    sensible = s.air * x * s.cp * max(a.T - a.T_wet_bulb, 0.0)
    assert evaporated <= (heat + sensible) / 2.4e6
    assert drained <= evaporated / (r.cycles - 1.0)


@given(NTU=st.floats(0, 20), C=st.floats(0, 1))
def test_crossflow_effectiveness_is_bounded(NTU, C):
    assert 0.0 <= crossflow_effectiveness(NTU, C) <= 1.0
    assert crossflow_effectiveness(NTU, C) <= 1.0 - math.exp(-NTU) + 1e-9


@pytest.mark.parametrize("name", [m for m in th.models() if m.startswith("chillers/")])
def test_power_rises_with_lift(name):
    """Warmer condensers and colder water cost more, within the box and down to the least lift."""
    c = th.load(name)
    T_c = np.linspace(c.T_condenser_low, c.T_condenser_high, 20)
    T_l = np.linspace(c.T_supply_low, c.T_supply_high, 20)
    warmer = c.operate(heat=0.7 * c.capacity, T_supply=T_l[10], T_condenser=T_c, condenser_rate=1e9)
    rise = np.diff((warmer.chiller_power / warmer.heat).to_numpy())
    assert np.all(rise[T_c[1:] > T_l[10] + c.lift_low] > 0.0)
    assert np.all(rise >= -1e-12)
    lifted = T_l[::-1][T_l[::-1] + c.lift_low < T_c[15]]
    colder = c.operate(heat=0.7 * c.capacity, T_supply=lifted, T_condenser=T_c[15], condenser_rate=1e9)
    assert np.all(np.diff((colder.chiller_power / colder.heat).to_numpy()) > 0.0)


def test_thin_air_costs_fan_power():
    """At the pressure of Golden the same cooler needs more fan for the same heat."""
    r = machine(Law.DRY)
    powers = []
    for pressure in (P, 81e3):
        a = outdoors(T=15.0, pressure=pressure)
        powers.append(settle(r, a, stream(r, a, 75.0, 4180.0), 35.0, 34.0).fan_power)
    assert powers[1] > 1.1 * powers[0]


def test_cells_stage_with_flow():
    r, a = machine(Law.YORKCALC, cells=4), outdoors()
    shares = [stream(r, a, flow, 4180.0).share for flow in (75.0, 20.0, 10.0, 6.0)]
    assert shares == [1.0, 0.75, 0.25, 0.25]
    few = machine(Law.YORKCALC, cells=4, all_cells=False, cell_flow_high=1.0)
    assert [stream(few, a, flow, 4180.0).share for flow in (75.0, 40.0, 18.0)] == [1.0, 0.75, 0.25]


def test_merkel_modifiers_hold_at_their_ends():
    """1 + 0.0081/K over -10..25 K of wet bulb; 0.1082 + 1.667·y - 0.7713·y² over 0.3..1: by hand, in kW/K."""
    r = machine(Law.MERKEL)
    at_design = 110.0 * (0.1082 + 1.667 - 0.7713)
    cases = {
        (25.6, 1.0, 1.0): at_design, (-30.0, 1.0, 1.0): at_design * (1.0 + 0.0081 * 25.0),
        (10.6, 1.0, 1.0): at_design * (1.0 + 0.0081 * 15.0), (5.6, 1.0, 1.0): at_design * (1.0 + 0.0081 * 20.0),
        (40.0, 1.0, 1.0): at_design * (1.0 - 0.0081 * 10.0), (25.6, 1.4, 1.0): at_design,
        (25.6, 0.1, 1.0): 110.0 * (0.1082 + 1.667 * 0.3 - 0.7713 * 0.09), (25.6, 1.0, 0.5): at_design * 0.575,
    }  # fmt: skip
    for point, UA in cases.items():
        assert merkel_UA(*point, r.merkel) / 1e3 == pytest.approx(UA, rel=1e-12)
    assert merkel_outside(25.6 - 25.1, 1.0, r.merkel)
    assert not merkel_outside(25.6 - 24.9, 1.0, r.merkel)


@pytest.mark.parametrize("position", range(7))
def test_nan_stays_nan(position):
    """A NaN in any input of a law ends as NaN, never as an answer."""

    def broken(*values):
        return [math.nan if k == position % len(values) else value for k, value in enumerate(values)]

    assert math.isnan(enthalpy_exchange(*broken(35.0, 20.0, P, 40.0, 1006.0, 3e5, 1e5)))
    assert math.isnan(entering_water(*broken(5e5, 20.0, P, 40.0, 1006.0, 3e5, 1e5)))
    assert math.isnan(dry_heat(*broken(35.0, 20.0, 40.0, 1006.0, 3e5, 1e5)))
    assert math.isnan(evaporation(*broken(5e5, 40.0, 0.008, 15.0, P)))
    assert math.isnan(yorkcalc_leaving(*broken(35.0, 20.0, 1.0, 1.0)))
    assert math.isnan(cooltools_leaving(*broken(35.0, 20.0, 1.0, 1.0)))
    assert math.isnan(yorkcalc_air_ratio(*broken(35.0, 28.0, 20.0, 1.0)))


@pytest.mark.parametrize("law", [law for law in Law if law != Law.NONE])
def test_nan_in_the_water_is_no_operation(law):
    r, a = machine(law), outdoors()
    o = settle(r, a, stream(r, a, 75.0, 4180.0), math.nan, 25.0)
    assert math.isnan(o.T_out) or math.isnan(o.fan_power)


@given(T=st.floats(-40, 50), phi=st.floats(0.02, 1.0), pressure=st.floats(60e3, 105e3))
def test_psychrometrics_close(T, phi, pressure):
    w = air.humidity_ratio(T, phi, pressure)
    T_wb = air.wet_bulb(T, w, pressure)
    assert T_wb <= T
    assume(min(abs(T), abs(T_wb)) > 0.01)  # the laws of ice and water do not meet at 0 °C
    assert air.humidity_ratio_of_wet_bulb(T, T_wb, pressure) == pytest.approx(w, abs=2e-9) or T_wb == T
    rise = air.saturated_enthalpy(T, pressure) - air.saturated_enthalpy(20.0, pressure)
    T_back, w_back = air.saturated_after(20.0, rise, pressure)
    assert T_back == pytest.approx(T, abs=1e-8)
    assert w_back == pytest.approx(air.saturated_humidity_ratio(T, pressure), rel=1e-8)


@given(T=st.floats(-110, 210))
def test_table_of_saturation_is_its_law(T):
    """The table answers with the law to 1e-12, beyond its ends with the law itself; its slopes are those of the law."""
    assume(T == 0.0 or abs(T) > 1e-12)  # closer, rounding decides between ice and liquid
    p, slope, curvature = air.saturation(T)
    law = air.saturation_pressure(T)
    assert p == pytest.approx(law, rel=1e-12)
    assert slope == pytest.approx(air._saturation_slope(T, law), rel=1e-9)
    if T > -99.99 and T < 199.99 and math.floor(T - 1e-3) == math.floor(T + 1e-3):
        difference = air.saturation(T + 1e-3)[1] - air.saturation(T - 1e-3)[1]
        assert curvature == pytest.approx(difference / 2e-3, rel=1e-4)
    assert math.isnan(air.saturation(math.nan)[0])


@given(C=st.floats(1e3, 1e6), ratio=st.floats(0.05, 20), NTU=st.floats(0.01, 10))
def test_counterflow_and_its_derivatives(C, ratio, NTU):
    """The symmetric form is the effectiveness of the exchanger law; its derivatives are its differences."""
    water, UA = C * ratio, NTU * C
    least, most = min(C, water), max(C, water)
    k = _counterflow(C, 1.0 / water, NTU)
    law = counterflow_effectiveness(UA / least, least / most) * least
    assert abs(k.K / law - 1.0) < 1e-6
    assume(abs(ratio - 1.0) > 0.01)
    assert abs(k.K / law - 1.0) < 1e-12
    up, down = math.exp(1e-5), math.exp(-1e-5)
    by_air = (_counterflow(C * up, 1.0 / water, NTU * down).K - _counterflow(C * down, 1.0 / water, NTU * up).K) / 2e-5
    by_UA = (_counterflow(C, 1.0 / water, NTU * up).K - _counterflow(C, 1.0 / water, NTU * down).K) / 2e-5
    assert k.by_air == pytest.approx(by_air, rel=1e-4, abs=1e-6 * k.K)
    assert k.by_UA == pytest.approx(by_UA, rel=1e-4, abs=1e-6 * k.K)


@given(T=st.floats(-15, 28), above=st.floats(0.5, 30), UA=st.floats(1e3, 3e5), mass=st.floats(2, 60))
def test_merkel_exchange_solves_its_equation(T, above, UA, mass):
    """Heat of the exchange and of the air it leaves agree to 1e-9, whatever the start of the iteration."""
    heat = enthalpy_exchange(T + above, T, P, mass, 1006.0, 3e5, UA)
    T_e, _ = air.saturated_after(T, heat / mass, P)
    C_air = heat / (T_e - T)
    least, most = min(C_air, 3e5), max(C_air, 3e5)
    effectiveness = counterflow_effectiveness(UA * C_air / (mass * 1006.0) / least, least / most)
    assert effectiveness * least * above == pytest.approx(heat, rel=1e-9)


@given(T_wb=st.floats(-15, 27), approach=st.floats(1, 20), span=st.floats(1, 12), y=st.floats(0.4, 1.0))
def test_merkel_air_ratio_inverts(T_wb, approach, span, y):
    """The air ratio gives the set point back; outside the fan's range the law says on which side."""
    c = machine(Law.MERKEL).merkel
    T_out = T_wb + approach
    T_in, water = T_out + span, 75.0 * 4180.0 * y
    x = merkel_air_ratio(T_in, T_out, T_wb, P, 48.0, 1006.0, water, y, 0.2, c)

    def leaves(x):
        return merkel_leaving(T_in, T_wb, P, 48.0, 1006.0, water, y, x, c)

    if x == 0.0:
        assert leaves(0.2) <= T_out + 1e-8
    elif x == math.inf:
        assert leaves(1.0) >= T_out - 1e-8
    else:
        assert leaves(x) == pytest.approx(T_out, abs=1e-8)


def test_moist_air_against_coolprop():
    """Independent oracle: CoolProp's humid air, real-gas, so that 0.5 % of humidity and 0.05 K of wet bulb remain."""
    from CoolProp.HumidAirProp import HAPropsSI

    for T, phi, pressure in ((30.0, 0.4, P), (10.0, 0.8, 81e3), (-8.0, 0.7, 99e3), (38.0, 0.2, 95e3)):
        w = air.humidity_ratio(T, phi, pressure)
        known = ("T", T + 273.15, "R", phi, "P", pressure)
        assert w == pytest.approx(HAPropsSI("W", *known), rel=6e-3)
        assert air.wet_bulb(T, w, pressure) + 273.15 == pytest.approx(HAPropsSI("B", *known), abs=0.06)
        assert 1.0 / air.dry_air_density(T, w, pressure) == pytest.approx(HAPropsSI("V", *known), rel=1e-3)


def test_evaporation_against_coolprop():
    """Water balance per kg of dry air with CoolProp's humid air: air leaves saturated with its enthalpy and the heat.

    The law starts from saturated air at the wet bulb in place of the air itself, 0.3 % of the enthalpy less.
    """
    from CoolProp.HumidAirProp import HAPropsSI

    for T, phi, pressure, mass, heat in ((30.0, 0.4, P, 40.0, 1.6e6), (12.0, 0.7, 82e3, 30.0, 1.1e6)):
        known = ("T", T + 273.15, "R", phi, "P", pressure)
        w, h = HAPropsSI("W", *known), HAPropsSI("H", *known)
        w_out = HAPropsSI("W", "H", h + heat / mass, "R", 1.0, "P", pressure)
        here = air.humidity_ratio(T, phi, pressure)
        ours = evaporation(heat, mass, here, air.wet_bulb(T, here, pressure), pressure)
        assert ours == pytest.approx(mass * (w_out - w), rel=0.012)
        moist = mass * (w_out / (1.0 + w_out) - w / (1.0 + w))  # per kg of moist air, as it was counted once
        assert ours > 1.01 * moist


def test_water_by_hand():
    """5 cycles drain a quarter of what evaporates, less the drift; 8e-5 of the water drifts at full fan."""
    assert blow_down(1.0, 0.0, 5.0) == 0.25
    assert blow_down(1.2, 0.1, 4.0) == pytest.approx(0.3, rel=1e-12)
    assert blow_down(0.9, 0.0, 2.5) == pytest.approx(0.6, rel=1e-12)
    assert blow_down(0.4, 0.2, 5.0) == 0.0
    r, a = machine(Law.MERKEL, cells=4), outdoors()
    s = stream(r, a, 30.0, 4180.0)
    assert s.share == 1.0
    evaporated, drift, drained = water_use(r, a, s, 4e5, 0.5)
    assert drift == pytest.approx(8e-5 * 30.0 * 0.5, rel=1e-12)
    assert drained == pytest.approx(evaporated / 4.0 - drift, rel=1e-12)
    assert evaporated == evaporation(4e5, s.air * 0.5, a.w, a.T_wet_bulb, P)


def test_water_boils_where_its_vapour_has_the_pressure():
    """Steam tables: 100 °C at 101.42 kPa, 93.5 °C at 80 kPa, 81.3 °C at 50 kPa."""
    for T, pressure in ((100.0, 101.42e3), (93.5, 80e3), (81.3, 50e3)):
        assert not boiling(T - 0.2, pressure)
        assert boiling(T + 0.2, pressure)
    assert boiling(60.0, 19.9e3), "19.95 kPa there"
    assert boiling(61.0, 20.5e3), "20.88 kPa there"
    assert not boiling(59.0, P)
    assert not boiling(math.nan, P)


@given(
    T=st.floats(1, 30), above=st.floats(1, 40), UA=st.floats(5e3, 4e5), mass=st.floats(5, 80), C=st.floats(4e4, 8e5)
)  # fmt: skip
def test_where_the_exchange_turns(T, above, UA, mass, C):
    """The flag is the sign of the slopes of the leaving water, by differences."""
    d = 1e-4

    def out(T_in, T_wb):
        return T_in - enthalpy_exchange(T_in, T_wb, P, mass, 1006.0, C, UA) / C

    by_water = (out(T + above + d, T) - out(T + above - d, T)) / (2 * d)
    by_wet_bulb = (out(T + above, T + d) - out(T + above, T - d)) / (2 * d)
    assume(min(abs(by_water), abs(by_wet_bulb)) > 1e-4)
    heat = enthalpy_exchange(T + above, T, P, mass, 1006.0, C, UA)
    assert exchange_turns(heat, T, P, mass, 1006.0, C, UA) == (min(by_water, by_wet_bulb) < 0.0)
