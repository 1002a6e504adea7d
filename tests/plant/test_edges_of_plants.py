"""Guards of plants and of what supplies power, exactly at their edges, and their small laws by hand."""

import math

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import brentq

import thermal as th
from thermal.components.hydronics import Tank
from thermal.components.power import Battery, PowerChain, PowerStage
from thermal.errors import ThermalError
from thermal.physics.network.march import _worse
from thermal.physics.rejection.cooltools import cooltools_approach
from thermal.physics.rejection.yorkcalc import yorkcalc_approach

PLANT = th.load("plants/generic_20mw")
AIR = th.load("chillers/york_ycal_101kw_air")
COOLER = th.load("dry_coolers/ec_20mw")
ALONE = {"chiller": AIR, "rejection": None, "condenser_pump": None, "economiser": None, "secondary_pump": None,
         "lag_chiller": None, "flow_with_chillers": False}  # fmt: skip
FREE = {"chiller": None, "lag_chiller": None, "flow_with_chillers": False, "chillers": 1}
CONSTANT = {"pump": PLANT.pump.replace(control="constant")}

PLANTS = [
    ({"stage_down": PLANT.stage_up}, True),
    ({"stage_down": 1.001 * PLANT.stage_up}, False),
    ({"T_condenser_low": PLANT.T_condenser_high}, True),
    ({"T_condenser_low": PLANT.T_condenser_high + 0.1}, False),
    ({"rejection": None}, False),
    (ALONE, True),
    ({**ALONE, "rejection": COOLER}, False),
    ({**ALONE, "condenser_pump": PLANT.condenser_pump}, False),
    ({**ALONE, "economiser": PLANT.economiser}, False),
    ({**ALONE, "flow_with_chillers": True}, False),
    ({"condenser_pump": None}, False),
    ({"chiller": None, "lag_chiller": PLANT.chiller}, False),
    ({"lag_chiller": PLANT.chiller}, True),
    ({"lag_chiller": AIR}, False),
    ({**FREE, "economiser": None, "condenser_pump": None, "rejection": COOLER}, True),
    ({**FREE, "economiser": None, "condenser_pump": None}, False),  # a tower's water is not the racks'
    ({**FREE, "economiser": None, "rejection": COOLER}, False),
    ({**CONSTANT, "secondary_pump": PLANT.pump}, True),
    ({**CONSTANT, "secondary_pump": PLANT.pump.replace(flow=1.001 * PLANT.pump.flow)}, False),
]


@pytest.mark.parametrize("row", range(len(PLANTS)))
def test_a_plant_is_refused_where_its_parts_do_not_fit(row):
    changed, good = PLANTS[row]
    if good:
        assert PLANT.replace(**changed) is not None
    else:
        with pytest.raises(ThermalError):
            PLANT.replace(**changed)


@pytest.mark.parametrize(
    ("law", "low", "high", "approach"),
    [("yorkcalc", 0.3, 3.0, yorkcalc_approach), ("cooltools", 0.75, 1.25, lambda *a: cooltools_approach(*a, 1.0))],
)
def test_a_rating_is_met_within_the_water_of_the_correlation(law, low, high, approach):
    tower = th.load("towers/yorkcalc").replace(law=law)
    least, most = (approach(tower.T_wet_bulb, tower.range, y) for y in (low, high))
    for share, good in ((-0.002, False), (0.002, True), (0.998, True), (1.002, False)):
        rated = {"approach": least + share * (most - least)}
        if good:
            found = tower.replace(**rated)
            wanted = brentq(lambda y, rated=rated: approach(tower.T_wet_bulb, tower.range, y) - rated["approach"],
                            0.9 * low, 1.1 * high)  # fmt: skip
            assert found.calibration == pytest.approx(wanted, rel=1e-6)
        else:
            with pytest.raises(ThermalError, match="approach"):
                tower.replace(**rated)


def test_a_battery_by_hand():
    """1 MW, 1 MWh: ℓ = 0.03 + 0.02 h · C; 1 C loses 5 %."""
    b = Battery(power=1e6, energy=3.6e9, loss=0.03, rate_loss=72.0, lowest=0.1, highest=0.9)
    assert b.efficiency([0.0, 5e5, 1e6]).tolist() == pytest.approx([0.97, 0.96, 0.95])
    assert b.round_trip(5e5) == pytest.approx(0.96**2)
    assert b.usable == pytest.approx(0.8 * 3.6e9)
    for power in (3e5, 9e5):
        stored = power * (0.97 - 2e-8 * power) * 600.0
        assert b.charge_within(stored, 600.0) == pytest.approx(power)
        drawn = power / (0.97 - 2e-8 * power) * 600.0
        assert b.discharge_within(drawn, 600.0) == pytest.approx(power)
    assert b.charge_within(1e12, 600.0) == 1e6
    assert b.discharge_within(1e12, 600.0) == 1e6
    with pytest.raises(ThermalError):
        b.efficiency(1e6 * (1 + 1e-8))
    for changed, good in (({"lowest": 0.9}, False), ({"lowest": 0.899}, True), ({"loss": 0.2799}, True),
                          ({"loss": 0.2801}, False)):  # fmt: skip
        if good:
            assert b.replace(**changed)
        else:
            with pytest.raises(ThermalError, match="Battery"):
                b.replace(**changed)


def test_a_power_chain_by_hand():
    """Drawn = (P + P_0)/η + k P²/P_r a unit; cooling joins behind the transformer."""
    stage = PowerStage(rated_power=1e6, constant_power=5e3, efficiency=0.98, ohmic_share=0.01)
    one = (5e5 + 5e3) / 0.98 + 0.01 * 0.25e6 - 5e5
    assert stage.loss(5e5) == pytest.approx(one)
    assert stage.loss(1e6, 2) == pytest.approx(2 * one)
    ideal = PowerStage(rated_power=1e6, constant_power=0.0)
    chain = PowerChain(rated_power=4e6, transformer=stage.replace(rated_power=6e6), ups=ideal, pdu=ideal)
    assert chain.units == {"transformer": 1, "ups": 4, "pdu": 4}
    assert chain.losses(2e6, 1e6)["transformer"] == pytest.approx((3e6 + 5e3) / 0.98 + 0.01 * 9e12 / 6e6 - 3e6)
    assert chain.losses(2e6, 1e6)["ups"] == 0.0
    assert chain.load_share(2e6, 1e6) == pytest.approx({"transformer": 0.5, "ups": 0.5, "pdu": 0.5})
    assert chain.overloaded([4e6, 4e6 * (1 + 2e-9)]).tolist() == [False, True]
    assert chain.overloaded(2e6, [4e6, 4.001e6]).tolist() == [False, True]
    assert chain.replace(rated_power=4.1e6).units["ups"] == 5
    assert chain.replace(redundancy=2.0).units["ups"] == 8
    assert chain.replace(redundancy=2.0, spare=1).units["ups"] == 9
    assert chain.replace(rated_power=0.2e6).units["ups"] == 1


def test_a_tank_holds_its_content_at_the_mean_temperature():
    """Without load, flow and loss nothing moves; an hour of charging brings ρ c_p V ΔT, properties at 20 °C."""
    water = th.load("coolants/water")
    tank = Tank(volume=50.0, coolant=water, loss=0.0)
    p = water.properties(20.0)
    rate = p.density * p.heat_capacity
    run = tank.shift(load=np.zeros(2), flow=np.array([0.002, 0.0]), T_supply=10.0, T_return=30.0, step=1800.0)
    gained = rate * 0.002 * 20.0  # W, the plug still far from the other end
    assert float(run.heat[0]) == pytest.approx(gained, rel=1e-6)
    assert float(run.energy_content_change[0]) == pytest.approx(-gained, rel=1e-6)
    assert float(run.energy_content_change[1]) == pytest.approx(0.0, abs=1e-6)
    assert abs(run.energy_residual).max() < 1e-6 * gained


def test_the_worse_of_two_residuals_keeps_what_is_no_number():
    assert (_worse(1.0, 2.0), _worse(2.0, 1.0), _worse(1.0, 1.0)) == (2.0, 2.0, 1.0)
    assert math.isnan(_worse(1.0, math.nan))
    assert math.isnan(_worse(math.nan, 1.0))


@pytest.mark.parametrize("fan", [0.4, 1.0])
def test_towers_of_trains_balance_at_the_basin_that_gives_the_range_off(fan):
    from thermal.physics.plant.trains import _balance, _leaving

    plant = th.load("tower_plants/frontier" if "tower_plants/frontier" in th.models() else th.models("tower_plants")[0])
    net = plant.net(th.load("coolants/water"))
    basin = _balance(net, 5.0, 15.0, 2, fan, 15.0)
    assert 15.0 < basin < 94.0
    assert _leaving(net, basin + 5.0, 15.0, 2, fan) == pytest.approx(basin, abs=1e-6)


def test_expansion_of_a_boiling_liquid_is_that_of_its_saturated_density():
    """β = −(dρ/dT)/ρ along saturation over a kelvin: of water at 100 °C 7.5e-4 1/K (IAPWS tables)."""
    from CoolProp.CoolProp import PropsSI

    from thermal.components.refrigerant import Refrigerant
    from thermal.plate.pool import _expansion

    water = Refrigerant(fluid="Water", T_low=20, T_high=200)
    rho = [PropsSI("D", "T", 273.15 + T, "Q", 0, "Water") for T in (99.5, 100.0, 100.5)]
    assert _expansion(water, 100.0) == pytest.approx((rho[0] - rho[2]) / rho[1], rel=1e-4)
    rho = [PropsSI("D", "T", 273.15 + T, "Q", 0, "Water") for T in (199.5, 200.0)]
    assert _expansion(water, 200.0) == pytest.approx((rho[0] - rho[1]) / 0.5 / rho[1], rel=1e-4)  # the table's end


def test_tower_water_is_that_of_its_trains():
    """Each running train has its fixed flow: all together a whole number of them."""
    site, air = th.load("sites/frontier"), {"T_wet_bulb": 15.0}
    run = th.transient(site, heat=200e3, weather=xr.Dataset(air), until=60, step=15, save=15)
    trains = run.flow_tower.values / site.plant.train_tower_flow
    assert trains.max() >= 2.0
    np.testing.assert_allclose(trains, np.round(trains), atol=1e-9)
