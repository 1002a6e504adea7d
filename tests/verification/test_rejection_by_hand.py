"""Values of rejection machines by hand, where other tests ask for bounds and closure alone."""

import pytest

from thermal.components.cooling.rejection import rejection_model
from thermal.physics.media import moist_air as moist
from thermal.physics.rejection.rejection import Air, Fan, Law, UA_running, stream

P = 101325.0
MERKEL = (110e3, (0.0, 1.3, -0.3, 0.0), (0.1082, 1.667, -0.7713), 0.0081, 25.6, -10.0, 25.0, 0.3, 1.0)


def machine(law, **more):
    given = {
        "water_flow": 75.0, "air_flow": 42.0, "air_low": 0.2, "fan_power": 12e3, "fan_power_low": 2e3, "merkel": MERKEL,
        "UA_exponent": 0.7, "UA_free": 11e3, "air_free": 0.1, "free_capacity": 0.125, "drift": 8e-5,
    }  # fmt: skip
    return rejection_model(law=int(law), fan=int(Fan.VARIABLE), **{**given, **more})


def outdoors(T=20.0, phi=0.5):
    w = moist.humidity_ratio(T, phi, P)
    return Air(T, moist.wet_bulb(T, w, P), w, P)


def test_merkel_without_fan_keeps_its_modifiers():
    """Without fan UA_free times 0.1082 + 1.667·y − 0.7713·y² and 1 + 0.0081/K·ΔT_wb: y 1 and 0.6, 15 K below."""
    r, a = machine(Law.MERKEL), outdoors()
    for flow, water in ((75.0, 0.1082 + 1.667 - 0.7713), (45.0, 0.1082 + 1.667 * 0.6 - 0.7713 * 0.36)):
        s = stream(r, a, flow, 4180.0)
        assert UA_running(r, 10.6, s, 0.0) == pytest.approx(11e3 * water * (1.0 + 0.0081 * 15.0), rel=1e-12)
        half = 1.3 * 0.5 - 0.3 * 0.25
        assert UA_running(r, 10.6, s, 0.5) == pytest.approx(110e3 * water * half * (1.0 + 0.0081 * 15.0), rel=1e-12)


def test_coolers_without_fan_have_their_own_conductance():
    r, a = machine(Law.DRY), outdoors()
    s = stream(r, a, 75.0, 4180.0)
    assert UA_running(r, 10.0, s, 0.0) == pytest.approx(11e3, rel=1e-12)
    assert UA_running(r, 10.0, s, 0.5) == pytest.approx(110e3 * 0.5**0.7, rel=1e-12)
