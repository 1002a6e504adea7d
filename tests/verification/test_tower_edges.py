"""Boxes of tower laws at their edges, and basin heaters by hand."""

import pytest


@pytest.mark.parametrize(
    ("T_wb", "rise", "approach", "ratio"),
    [(-34.4, 5.0, 4.0, 1.0), (29.4444, 5.0, 4.0, 1.0), (20.0, 1.1111, 4.0, 1.0), (20.0, 22.2222, 4.0, 1.0),
     (20.0, 5.0, 1.1111, 1.0), (20.0, 5.0, 40.0, 1.0)],
)  # fmt: skip
def test_the_box_of_yorkcalc_ends_at_its_edges(T_wb, rise, approach, ratio):
    """EnergyPlus Engineering Reference, YorkCalc: wet bulb −34.4 to 29.4444 °C, range 1.1111 to 22.2222 K, approach to
    40 K, as ``Tower`` has it; a hair beyond on the outer side is outside."""
    from thermal.physics.rejection.yorkcalc import yorkcalc_outside

    def outside(T, r, a):
        return yorkcalc_outside(T + a + r, T + a, T, ratio)

    hair, middle = 1e-6, {"T": 0.0, "r": 5.0, "a": 4.0}
    given = {"T": T_wb, "r": rise, "a": approach}
    assert not outside(*middle.values())
    for name, low, high in (("T", -34.4, 29.4444), ("r", 1.1111, 22.2222), ("a", 1.1111, 40.0)):
        if given[name] in (low, high):
            sign = 1.0 if given[name] == high else -1.0
            assert outside(*{**given, name: given[name] + sign * hair}.values())
            assert not outside(*{**given, name: given[name] - sign * hair}.values())


@pytest.mark.parametrize("name", ["yorkcalc", "cooltools"])
def test_boxes_of_towers_in_water_and_approach(name):
    """Water ratios 0.75 to 1.25 of both; CoolTools −1 to 26.6667 °C, range and approach 1.1111 to 11.1111 K."""
    from thermal.physics.rejection.cooltools import cooltools_outside
    from thermal.physics.rejection.yorkcalc import yorkcalc_outside

    outside = yorkcalc_outside if name == "yorkcalc" else cooltools_outside
    for ratio, beyond in ((0.7499, True), (0.75, False), (1.25, False), (1.2501, True)):
        assert outside(29.0, 24.0, 20.0, ratio) == beyond
    if name == "cooltools":
        for T, beyond in ((-1.001, True), (-0.999, False), (26.666, False), (26.667, True)):
            assert cooltools_outside(T + 9.0, T + 4.0, T, 1.0) == beyond
        for K, beyond in ((1.111, True), (1.112, False), (11.111, False), (11.112, True)):
            assert cooltools_outside(24.0 + K, 24.0, 20.0, 1.0) == beyond
            assert cooltools_outside(25.0 + K, 20.0 + K, 20.0, 1.0) == beyond


@pytest.mark.parametrize(
    ("T", "running", "power"), [(-6.0, 0.25, 7.5e3), (4.0, 0.25, 0.0), (9.0, 0.25, 0.0), (-6.0, 1.0, 0.0)]
)
def test_basin_heaters_warm_the_cells_that_stand(T, running, power):
    """(1 − running) h (T_set − T_air): three quarters of 1 kW/K, 10 K below a set point of 4 °C."""
    from thermal.components.cooling.rejection import rejection_model
    from thermal.physics.rejection.rejection import Air, heater_power

    air = Air(*(T if name == "T" else 0.0 for name in Air._fields))
    assert heater_power(rejection_model(heater=1e3, T_heater=4.0), air, running) == pytest.approx(power, abs=1e-9)
