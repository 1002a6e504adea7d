"""Coolant tables against CoolProp itself: the design's 1e-8 over 5..80 °C, for every coolant that ships."""

import numpy as np
import pytest
from CoolProp.CoolProp import PropsSI
from hypothesis import given
from hypothesis import strategies as st

import thermal as th
from thermal.components.coolant import Basis, Coolant
from thermal.errors import InputError
from thermal.library import models
from thermal.physics.media.properties import evaluate

COOLANTS = [name for name in models() if name.startswith("coolants/")]
FIELDS = ("density", "heat_capacity", "conductivity", "log_viscosity")
LIMIT = 1e-8


@pytest.mark.parametrize("name", COOLANTS)
def test_table_is_coolprop(name):
    coolant = th.load(name)
    T = np.random.default_rng(1).uniform(5.0, 80.0, 1001)
    T[:2] = 5.0, 80.0
    fluid = f"{coolant.fluid}[{coolant.fraction}]" if coolant.fluid.startswith("INCOMP") else coolant.fluid
    for ours, key in zip(coolant.properties(T), "DCLV", strict=True):
        theirs = PropsSI(key, "T", T + 273.15, "P", coolant.pressure, fluid)
        assert np.abs(ours / theirs - 1.0).max() < LIMIT, key


@pytest.mark.parametrize("name", COOLANTS)
def test_shipped_coefficients_are_what_the_recipe_gives(name):
    """Anyone can make the shipped file again: same curves, whatever CoolProp's last digits do to coefficients."""
    shipped = th.load(name)
    made = Coolant.from_coolprop(
        shipped.fluid, fraction=shipped.fraction, basis=shipped.basis, T_low=shipped.T_low, T_high=shipped.T_high,
        pressure=shipped.pressure,
    )  # fmt: skip
    assert made.T_freeze == pytest.approx(shipped.T_freeze, abs=1e-6)
    for field in FIELDS:
        ours, theirs = np.array(getattr(shipped, field)), np.array(getattr(made, field))
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9 * np.abs(ours).max())


@given(st.sampled_from(COOLANTS), st.floats(5.0, 80.0))
def test_kernel_and_part_are_one_law(name, T):
    coolant = th.load(name)
    assert evaluate(coolant.table, T) == pytest.approx(coolant.properties(T), rel=1e-13)


def test_mass_and_volume_fractions_are_different_fluids():
    mass, volume = (th.load(f"coolants/{name}").properties(40.0) for name in ("pg25", "pg25_volume"))
    assert abs(mass.viscosity / volume.viscosity - 1.0) > 0.01


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fluid": "Air"}, "no liquid above"),
        ({"fluid": "Water", "T_high": 120.0}, "no liquid above 99.97 degC"),
        ({"fluid": "Water", "fraction": 0.25}, "takes neither fraction nor basis"),
        ({"fluid": "Water", "T_low": -5.0}, "below the freezing point"),
        ({"fluid": "INCOMP::MPG", "fraction": 0.25, "T_low": -30.0}, "below the freezing point"),
        ({"fluid": "INCOMP::MPG", "fraction": 0.25, "basis": Basis.VOLUME}, "by mass in CoolProp"),
        ({"fluid": "INCOMP::AEG", "fraction": 0.25, "basis": Basis.MASS}, "by volume in CoolProp"),
        ({"fluid": "Nope"}, "has no fluid 'Nope'"),
    ],
)
def test_what_is_no_liquid_mixture_is_refused_in_one_line(given, said):
    with pytest.raises(InputError, match=said) as caught:
        Coolant.from_coolprop(**{"T_low": 5.0, "T_high": 60.0, **given})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "basis"), [("MPG", Basis.MASS), ("APG", Basis.VOLUME)])
def test_the_basis_is_coolprops_own(name, basis):
    assert Coolant.from_coolprop(f"INCOMP::{name}", fraction=0.25, T_low=5.0, T_high=60.0).basis == basis


def test_hot_water_under_pressure_is_liquid():
    assert Coolant.from_coolprop("Water", T_low=5.0, T_high=120.0, pressure=1e6).T_high == 120.0


def test_a_polynomial_of_lower_degree_is_filled_up():
    """At 60 % by mass the highest coefficient of a CoolProp glycol is an exact zero."""
    made = Coolant.from_coolprop("INCOMP::MPG", fraction=0.6, T_low=0.0, T_high=80.0)
    assert float(made.properties(20.0).density) == pytest.approx(
        PropsSI("D", "T", 293.15, "P", 101325.0, "INCOMP::MPG[0.6]")
    )


@pytest.mark.parametrize(
    ("fluid", "more", "words"),
    [
        ("INCOMP::HFE", {}, "no freezing temperature of INCOMP::HFE: state T_freeze="),
        ("INCOMP::DowQ", {}, "no freezing temperature of INCOMP::DowQ: state T_freeze="),
        ("INCOMP::LiBr", {"fraction": 0.3, "basis": "mass"}, "no freezing temperature of INCOMP::LiBr"),
        ("DowQ", {}, "no fluid 'DowQ'; did you mean 'INCOMP::DowQ'"),
        ("MITSW", {}, "no fluid 'MITSW'; did you mean 'INCOMP::MITSW'"),
        ("INCOMP::MPG", {"fraction": 0.9}, "0.9 is not between 0 and 0.6; change temperatures, fraction or fluid"),
        ("INCOMP::MPG", {"fraction": "half"}, "fraction = 'half' must be numbers"),
        (3, {}, "fluid = 3 must be a name of CoolProp"),
    ],
)
def test_a_fluid_that_cannot_be_made_is_named_with_what_to_do(fluid, more, words):
    with pytest.raises(InputError) as caught:
        th.Coolant.from_coolprop(fluid, T_low=10, T_high=60, **more)
    assert words in str(caught.value)
    assert ".cpp" not in str(caught.value)
    assert "/" not in str(caught.value).replace("kg/kg", "")


def test_a_fluid_without_a_freezing_law_takes_that_of_its_sheet():
    """HFE-7100 freezes at -135 °C; its density at 25 °C is 1510 kg/m³ (3M product information, 2020)."""
    fluid = th.Coolant.from_coolprop("INCOMP::HFE", T_low=0, T_high=60, T_freeze=-135.0)
    assert fluid.T_freeze == -135.0
    assert fluid.properties(25.0).density == pytest.approx(1510.0, rel=0.03)
