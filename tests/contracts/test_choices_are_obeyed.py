"""A choice that a part takes is obeyed: each member changes the result, or is refused where it would be ignored."""

import enum
import importlib
import pkgutil

import numpy as np
import pytest
import xarray as xr
from plates import GEOMETRY

import thermal as th
from thermal.components.cooling.dry_cooler import FluidCooler
from thermal.components.hydronics.pipe import Friction
from thermal.components.hydronics.valve import Characteristic, Resistance, Valve
from thermal.errors import InputError
from thermal.quantity import Part, unit_of
from thermal.site.check import check_site
from thermal.units import MW, kPa, kW

WATER = th.load("coolants/water")
OUTDOORS = xr.Dataset(
    {"T_wet_bulb": ("time", [2.0, 4.0, 6.0, 15.0]), "T_dry_bulb": ("time", [7.0, 9.0, 11.0, 20.0]), "humidity_ratio":
     ("time", np.full(4, 0.003)), "pressure": ("time", np.full(4, 1e5))}
)  # fmt: skip
SHELVES = ("thermal.components", "thermal.plant", "thermal.site")
PLATES = "thermal.components.plate"  # geometry has tests of its own; a sample of it is below


def plant(**changes):
    """A 1 MW plant: two EIR chillers, economiser, Merkel tower."""
    parts = {
        "design_load": 1 * MW, "T_supply": 10.0, "coolant": WATER, "pump": th.DutyPump(flow=0.06, head=150 * kPa),
        "chiller": th.load("chillers/carrier_19xr_1407kw").replace(capacity=600 * kW, condenser_flow=0.0),
        "chillers": 2, "economiser": th.Economiser(UA=600e3, flow=0.05), "rejection": th.load("towers/merkel"),
        "condenser_pump": th.DutyPump(flow=0.0757, head=180 * kPa), "T_condenser_low": 6.0,
    }  # fmt: skip
    return th.Plant(**{**parts, **changes})


def year(machine, share=0.5):
    """Power by end use and heat by path of four hours."""
    run = th.annual(machine, it_power=share * MW, weather=OUTDOORS)
    return np.concatenate([run.power.values.ravel(), run.heat_economised.values.ravel()])


def pumped(**controls):
    made = plant()
    pumps = {"secondary_pump": th.DutyPump(flow=0.055, head=100 * kPa), **{n: getattr(made, n) for n in
             ("pump", "condenser_pump")}}  # fmt: skip
    return year(plant(**{name: pumps[name].replace(control=control) for name, control in controls.items()}))


def tower(**changes):
    made = th.Tower(**{"law": "merkel", "water_flow": 0.08, "air_flow": 40.0, "fan_power": 12e3, "fan_power_low": 2e3,
                       "UA": 110e3, "UA_free": 11e3, "air_low": 0.5, "cells": 4, **changes})  # fmt: skip
    return made.operate(
        coolant=WATER, T_in=[28.0, 21.0], T_dry_bulb=20.0, T_wet_bulb=15.0, humidity_ratio=0.008, pressure=1e5,
        flow=[60.0, 30.0], T_set=[23.0, 19.8],
    )  # fmt: skip


def cooler(made):
    return made.operate(
        coolant=WATER, T_in=[40.0, 27.0], T_dry_bulb=20.0, T_wet_bulb=15.0, humidity_ratio=0.008, pressure=1e5,
        flow=20.0, T_set=[34.0, 26.5],
    )  # fmt: skip


def settled(run):
    """Leaving water, air and fans of a tower or cooler."""
    return np.concatenate([run.T_out.values, run.air_ratio.values, run.fan_power.values])


def evaporative(fan):
    made = FluidCooler(UA=90e3, UA_low=54e3, air_flow=40.0, air_flow_low=20.0, fan_power=15e3, fan_power_low=2.4e3,
                       water_flow=0.0241, fan=fan)  # fmt: skip
    return settled(cooler(made))


def chiller(**changes):
    return th.load("chillers/carrier_19xr_1407kw").replace(**changes)


def site(split):
    half = plant(design_load=0.5 * MW)
    return th.annual(th.Site(it_power=0.6 * MW, plant=plant(), more_plants=(half,), heat_split=split),
                     weather=OUTDOORS).plant_heat.values.ravel()  # fmt: skip


def pump(**changes):
    made = th.load("pumps/frontier_cdu").replace(**changes)
    return made.operate(np.array([0.01, 0.04])).pump_power.values


def varying(law):
    curve = (0.0, 0.5, 0.9, 1.0, 0.9, 0.6)
    return pump(efficiency_law=law, **{"best_point": {"flow_best": 0.03}, "curve": {"efficiency_curve": curve}}.get(
        law, {}))  # fmt: skip


def plate(**changes):
    made = th.ColdPlate(**{**GEOMETRY, **changes})
    run = th.steady(made, package=th.load("packages/gb200_gpu"), coolant=WATER, heat=300.0, flow=1e-3 / 60, T_in=40.0)
    return np.array([float(run.T_case), float(run.pressure_drop)])


def through(part, **conditions):
    """Flow through a part behind one pump, and through a second pump that stands still."""
    branches = [th.Branch("one", th.load("pumps/vertiv_xdu1350"), "a", "b"), th.Branch("part", part, "b", "a")]
    nodes = (th.network.Node("a", pressure=2e5),)
    return th.network.steady_flows(th.Network(coolant=WATER, branches=branches, nodes=nodes), **conditions).flow.values


def held(goal):
    """A row whose pumps hold this: 131 kPa, 900 L/min, or 46 °C of return."""
    row = th.load("loops/gb200_row")
    cdu = row.cdu.replace(speed_goal=goal, flow_set=0.9 / 60, T_return=46.0)
    point = th.steady(row.replace(cdu=cdu).network(), heat=100 * kW, facility=th.Supply(T=24, flow=0.02))
    return point.T_return.values


def backwards(check_valve):
    """Two pumps side by side, one of them at rest: what its check valve lets back."""
    one = th.load("pumps/vertiv_xdu1350")
    load = Resistance(flow=8e-3, drop=3e5)
    branches = [th.Branch("one", one, "a", "b"), th.Branch("load", load, "b", "a"),
                th.Branch("idle", one.replace(check_valve=check_valve), "a", "b")]  # fmt: skip
    network = th.Network(coolant=WATER, branches=branches, nodes=(th.network.Node("a", pressure=2e5),))
    return th.network.steady_flows(network, speed={"one": 1.0, "idle": 0.0}, backwards="flag").flow.values


def whole_site(**changes):
    """Power by end use and rows of the check of a site with changed racks or room units."""
    made = th.load("sites/generic_20mw")
    racks = {name: changes.pop(name) for name in ("shelf_inside",) if name in changes}
    loops = [loop.replace(racks=[rack.replace(**racks) for rack in loop.racks]) for loop in made.loops]
    room = made.room.replace(**changes)
    made = made.replace(loops=loops, room=room)
    power = th.annual(made, weather=OUTDOORS).power.sum("time").values
    return np.concatenate([power, [float(row.value) for row in check_site(made)]])


def beside(part):
    """Flow through a part beside a load, so that a closed one leaves the pump a way."""
    load = Resistance(flow=8e-3, drop=3e5)
    branches = [th.Branch("one", th.load("pumps/vertiv_xdu1350"), "a", "b"), th.Branch("load", load, "b", "a"),
                th.Branch("part", part, "b", "a")]  # fmt: skip
    network = th.Network(coolant=WATER, branches=branches, nodes=(th.network.Node("a", pressure=2e5),))
    return th.network.steady_flows(network).flow.values


BOTH, FANS = ["constant", "proportional"], ["variable", "floating", "two_speed", "one_speed"]
# Part and field, in which place: members, and what a member makes
CHOICES = {
    "DutyPump.control of pump": (BOTH, lambda m: pumped(pump=m)),
    "DutyPump.control of condenser_pump": (BOTH, lambda m: pumped(condenser_pump=m)),
    "DutyPump.control of secondary_pump": (BOTH, lambda m: pumped(secondary_pump=m)),
    "DutyPump.control of pump before a secondary one": (
        BOTH, lambda m: pumped(pump=m, secondary_pump="proportional")
    ),
    "Plant.flow_with_chillers": ([False, True], lambda m: year(plant(flow_with_chillers=m))),
    "Plant.flow_with_chillers and a proportional pump": (
        [False, True], lambda m: year(plant(flow_with_chillers=m, condenser_pump=plant().condenser_pump.replace(
            control="proportional", flow_low=0.7)))
    ),
    "Plant.flow_with_chillers without chillers": (
        [False, True], lambda m: year(plant(flow_with_chillers=m, chiller=None, chillers=1))
    ),
    "Economiser.arrangement": (
        ["integrated", "alternate", "parallel"],
        lambda m: year(plant(economiser=plant().economiser.replace(arrangement=m, UA=150e3)), share=0.7),
    ),
    "Economiser.arrangement without chillers": (
        ["integrated", "alternate", "parallel"],
        lambda m: year(plant(economiser=plant().economiser.replace(arrangement=m), chiller=None, chillers=1)),
    ),
    "Chiller.condenser": (["water", "air"], lambda m: year(plant(chiller=chiller(condenser=m)))),
    "Chiller.curve_temperature": (
        ["entering", "leaving"], lambda m: year(plant(chiller=chiller(curve_temperature=m)))
    ),
    "Tower.law": (["yorkcalc", "cooltools", "merkel"], lambda m: settled(tower(law=m))),
    "Cdu.speed_goal": (["differential pressure", "flow", "return temperature"], held),
    "Tower.fan": (FANS, lambda m: settled(tower(fan=m))),
    "Tower.all_cells": ([True, False], lambda m: settled(tower(all_cells=m))),
    "DryCooler.fan": (FANS, lambda m: settled(cooler(th.load("dry_coolers/two_speed_700kw").replace(fan=m)))),
    "FluidCooler.fan": (FANS, evaporative),
    "Rack.shelf_inside": ([True, False], lambda m: whole_site(shelf_inside=m)),
    "RoomUnits.sink": (["facility_water", "outdoors"], lambda m: whole_site(sink=m)),
    "Pump.check_valve": ([True, False], backwards),
    "Pipe.friction": (
        [m.value for m in Friction], lambda m: through(th.load("pipes/steel_dn100").replace(length=400.0, friction=m))
    ),
    "Valve.characteristic": (
        [m.value for m in Characteristic],
        lambda m: through(Valve(Kv=30 / 3600, characteristic=m, opening=0.4)),
    ),
    "QuickDisconnect.connected": (
        [True, False], lambda m: beside(th.load(th.models("disconnects")[0]).replace(connected=m))
    ),
    "Site.heat_split": (["capacity", "sequence"], site),
    "Pump.efficiency_law": (["constant", "best_point", "curve"], varying),
    "Pump.drive": (
        ["constant", "motor", "variable_speed"],
        lambda m: pump(drive=m, rated_power=None if m == "constant" else 30e3),
    ),
    "ColdPlate.pattern": (
        ["parallel", "split", "serpentine", "pins in line", "pins staggered"], lambda m: plate(pattern=m)
    ),
    "ColdPlate.manifold": (["even", "U", "Z"], lambda m: plate(manifold=m, manifold_area={"even": None}.get(m, 2e-5))),
    "ColdPlate.homogenised": ([False, True], lambda m: plate(homogenised=m)),
}  # fmt: skip
REFUSED = {
    "DutyPump.control of secondary_pump": "constant",
    "DutyPump.control of pump before a secondary one": "proportional",
    "Plant.flow_with_chillers without chillers": True,
    "Economiser.arrangement without chillers": ("alternate", "parallel"),
    "Chiller.condenser": "air",
}
TOLD_ELSEWHERE = {
    "Coolant.basis": "a record of how the property table was made; a library coolant is made anew for another",
}


@pytest.mark.parametrize("place", CHOICES)
def test_each_member_changes_the_result_or_is_refused(place):
    members, make = CHOICES[place]
    wrong = REFUSED.get(place, ())
    refused = [m for m in members if m == wrong or (isinstance(wrong, tuple) and m in wrong)]
    for member in refused:
        with pytest.raises(InputError):
            make(member)
    found = {member: make(member) for member in members if member not in refused}
    kept = list(found)
    for k, one in enumerate(kept):
        assert np.isfinite(found[one]).all()
        for other in kept[k + 1 :]:
            assert not np.allclose(found[one], found[other], rtol=1e-6, atol=1e-9), f"{one} and {other} are one"


def _choices():
    """Part and field of every choice among members or of a flag."""
    for shelf in SHELVES:
        package = importlib.import_module(shelf)
        for info in pkgutil.walk_packages(package.__path__, f"{shelf}."):
            module = importlib.import_module(info.name)
            for kind in vars(module).values():
                if isinstance(kind, type) and issubclass(kind, Part) and kind.__module__ == info.name != PLATES:
                    yield from (
                        (kind, name) for name, field in kind.model_fields.items()
                        if unit_of(kind, name) == "choice" and _is_choice(field.annotation)
                    )  # fmt: skip


def _is_choice(annotation):
    return annotation is bool or (isinstance(annotation, type) and issubclass(annotation, enum.Enum))


def test_no_choice_is_left_out():
    """Every choice of a machine, a plant or a site is in the table above, with all its members."""
    for kind, name in _choices():
        if kind.__module__.startswith(PLATES) or kind.__name__.startswith("_"):
            continue
        known = [place for place in CHOICES if place.split(" ")[0] == f"{kind.__name__}.{name}"]
        if f"{kind.__name__}.{name}" in TOLD_ELSEWHERE:
            continue
        assert known, f"{kind.__name__}.{name} is a choice, and nothing shows that it is obeyed"
        annotation = kind.model_fields[name].annotation
        members = {False, True} if annotation is bool else {m.value for m in annotation}
        assert all(set(CHOICES[place][0]) == members for place in known)
