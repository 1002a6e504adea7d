"""Constants, ranges and default coefficients of laws: as their sources print them, each with its source."""

import importlib
import inspect

import numpy as np
import pytest

from thermal.physics.convection.flow_boiling import Film
from thermal.physics.convection.pool_boiling import Pool

# Module, name, value of the source, source.
CONSTANTS = [
    ("physics.media.moist_air", "WATER_TO_AIR", 0.621945, "ASHRAE Fundamentals 2017, ch. 1: 18.015268/28.966"),
    ("physics.media.moist_air", "R_DRY_AIR", 287.042, "ASHRAE Fundamentals 2017, ch. 1, eq. 1"),
    ("physics.media.moist_air", "T_LOW", -100, "Hyland and Wexler 1983: ice from -100 degC"),
    ("physics.media.moist_air", "T_HIGH", 200, "Hyland and Wexler 1983: water to 200 degC"),
    ("physics.machines.pump", "GRAVITY", 9.80665, "CGPM 1901"),
    ("physics.convection.critical_flux", "GRAVITY", 9.80665, "CGPM 1901"),
    ("physics.convection.flow_boiling", "GRAVITY", 9.80665, "CGPM 1901"),
    ("components.ageing", "R_GAS", 8.314462618, "CODATA 2018"),
    ("components.ageing", "ZERO", 273.15, "definition of the Celsius scale"),
    ("physics.machines.ice_tank", "FUSION", 333_427.0, "IAPWS R10-06 with IAPWS-95: 333 426.5 J/kg, as in TEOS-10"),
    ("physics.machines.ice_tank", "K_WATER", 0.561, "IAPWS R15-11 at 0 degC"),
    ("physics.convection.channel", "LAMINAR", 2300.0, "Gnielinski 2013"),
    ("physics.convection.channel", "TURBULENT", 4000.0, "Gnielinski 2013"),
    ("physics.network.transport", "LAMINAR", 2300.0, "Gnielinski 2013"),
    ("physics.network.transport", "TURBULENT", 4000.0, "Gnielinski 2013"),
    ("physics.convection.pin_fin", "PIN_REYNOLDS", ((1.6, 2e5), (10.0, 1e5), (40.0, 1000.0)),
     "Zukauskas 1972; VDI G7; Khan 2006"),
    ("physics.convection.pin_fin", "PIN_PITCH", (1.25, 3.0), "Khan 2006"),
    ("physics.convection.pin_fin", "PIN_ROWS", 10, "VDI G7: banks of ten rows and more"),
    ("physics.rejection.cooltools", "T_LOW", -1.0, "EnergyPlus Engineering Reference, CoolTools: wet bulb from -1"),
    ("physics.rejection.cooltools", "T_HIGH", 26.6667, "the same: to 80 degF"),
    ("physics.rejection.cooltools", "RANGE_LOW", 1.1111, "the same: 2 degF"),
    ("physics.rejection.cooltools", "RANGE_HIGH", 11.1111, "the same: 20 degF"),
    ("physics.rejection.cooltools", "WATER_LOW", 0.75, "the same"),
    ("physics.rejection.cooltools", "WATER_HIGH", 1.25, "the same"),
    ("physics.rejection.yorkcalc", "T_LOW", -34.4, "EnergyPlus Engineering Reference, YorkCalc: -30 degF"),
    ("physics.rejection.yorkcalc", "T_HIGH", 29.4444, "the same: 85 degF"),
    ("physics.rejection.yorkcalc", "RANGE_LOW", 1.1111, "the same: 2 degF"),
    ("physics.rejection.yorkcalc", "RANGE_HIGH", 22.2222, "the same: 40 degF"),
    ("physics.rejection.yorkcalc", "MAX_LIQUID_TO_GAS", 8.0, "the same: liquid to gas ratio to 8"),
    ("physics.plant.trains", "EVAPORATION", 0.01 / 7.0, "1 % of the water for 7 K of range"),
    ("components.hydronics.valve", "WATER", 1000.0, "IEC 60534-1: Kv of water"),
    ("components.hydronics.valve", "BAR", 1e5, "IEC 60534-1: at a bar"),
    ("components.hall.room", "AIR", 1170.0, "1.163 kg/m3 times 1006 J/kg K"),
    ("components.refrigerant", "MIXTURES", {"R515B": {"R1234ze(E)": 0.911, "R227EA": 0.089}}, "ASHRAE 34"),
    ("outdoors.siting", "W_CLASSES", {"W17": 17.0, "W27": 27.0, "W32": 32.0, "W40": 40.0, "W45": 45.0},
     "ASHRAE TC 9.9, 2021"),
    ("outdoors.warming", "MIDDLES", (2030.5, 2050.5, 2090.5), "IPCC AR6 WG1, table SPM.1: middles of its spans"),
    ("outdoors.epw", "HEADER_LINES", 8, "EnergyPlus Auxiliary Programs: eight header lines"),
    ("outdoors.epw", "COLUMNS", {"T_dry_bulb": (6, 99.9), "T_dew_point": (7, 99.9), "relative_humidity": (8, 999.0),
                                 "pressure": (9, 999999.0)}, "the same: fields N6 to N9 and what is missing"),
    ("outdoors.epw", "LOCATION", {
        "latitude": (6, -90.0, 90.0, "degrees, north positive"),
        "longitude": (7, -180.0, 180.0, "degrees, east positive"),
        "utc_offset": (8, -12.0, 14.0, "hours ahead of UTC"), "elevation": (9, -1000.0, 9999.9, "m")},
     "the same: LOCATION, N1 to N5 and their limits; time zones to +14"),
    ("accounting.ledger", "WATER_DENSITY", 1000.0, "a litre is a kilogram at the meter"),
    ("accounting.cost", "MONTHS", 12.0, "calendar"),
    ("accounting.running_hours", "WEEK", 168.0, "calendar"),
    ("accounting.metrics", "INSIDE", {1: ("pdu", "rectifier"), 2: ("rectifier",), 3: ()}, "ISO/IEC 30134-2"),
    ("accounting.grid", "BAND", (0.1, 20.0), "arXiv 2508.14318"),
    ("study.comparison", "GUIDELINE_14", {"hourly": {"nmbe": 0.10, "cv_rmse": 0.30},
                                          "monthly": {"nmbe": 0.05, "cv_rmse": 0.15}}, "ASHRAE Guideline 14-2014"),
    ("study.comparison", "COVERAGE_FACTOR", 2.0, "JCGM 100: k = 2"),
    ("study.parameters", "NORMAL_95", 1.959964, "97.5 % quantile of the normal distribution"),
    ("plate.pool", "REFERENCE", {"Water": 5600.0, "R134a": 4500.0}, "Gorenflo, VDI Heat Atlas 1993, Ha"),
    ("plate.pool", "SURFACES", (0.0027, 0.0154), "Incropera and DeWitt 2007, table 10.1"),
    ("plate.pool", "RANGES", {Pool.COOPER: (1e-3, 0.9), Pool.ROHSENOW: (0.0, 1.0),
                              Pool.STEPHAN_ABDELSALAM: (1e-4, 0.97), Pool.GORENFLO: (1e-4, 0.95)}, "their papers"),
    ("plate.boiling", "RANGES", {
        Film.KIM_MUDAWAR: (0.19e-3, 6.5e-3, 19.0, 1608.0), Film.LIU_WINTERTON: (2.95e-3, 32e-3, 12.4, 8179.3),
        Film.BERTSCH: (0.16e-3, 2.92e-3, 20.0, 3000.0), Film.COOPER: (0.0, np.inf, 0.0, np.inf),
        Film.SUN_MISHIMA: (0.21e-3, 6.05e-3, 44.0, 1500.0), Film.LI_WU: (0.16e-3, 3.1e-3, 20.0, 3570.0)},
     "their papers"),
    ("plate.manifold", "DIVIDING", 1.0, "Bernoulli along the header"),
    ("plate.manifold", "COMBINING", 2.0, "momentum of the joining flow"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "name", "value", "source"), CONSTANTS, ids=[f"{m}.{n}" for m, n, *_ in CONSTANTS])
def test_a_constant_is_that_of_its_source(module, name, value, source):
    assert getattr(importlib.import_module(f"thermal.{module}"), name) == value, source


def test_constants_that_follow_from_others():
    from scipy import stats

    from thermal.physics.media import moist_air
    from thermal.study.parameters import NORMAL_95

    assert pytest.approx(stats.norm.ppf(0.975), abs=5e-7) == NORMAL_95
    assert pytest.approx(18.015268 / 28.966, rel=2e-6) == moist_air.WATER_TO_AIR
    assert pytest.approx(8314.472 / 28.966, rel=1e-5) == moist_air.R_DRY_AIR


# What a function takes where nothing is said. These are promises: a user's figures move with them. Where a source says
# the value, it stands beside it; the others are choices, and their row here is a tripwire, not a proof.
DEFAULTS = {
    "components.cooling.lift_chiller.lift_chiller": {
        "efficiency": 0.68, "pinch": 1.5, "design_lift": 20.0, "lift_loss": 0.1, "T_supply": (10.0, 40.0),
        "T_condenser": (16.0, 50.0),
        # EnergyPlus Chillers.idf, ElectricEIRChiller Carrier 19XR 1758 kW/5.86 COP/VSD, EIRFPLR
        "part_load_curve": (0.118888, 0.6723542, 0.2068754)},
    "components.cooling.precooling.precooled": {"effectiveness": 0.75, "T_on": 20.0},
    "components.cooling.precooling.pad_water": {"cycles": 4.0},
    "components.cooling.rejection.operate": {"density": 998.2},  # kg/m3, water at 20 degC
    "components.coolant.Coolant.from_coolprop": {"fraction": 0.0, "pressure": 101325.0},  # the standard atmosphere
    "components.hydronics.pump.Pump.head": {"speed": 1.0},
    "components.hydronics.pump.Pump.npsh": {"speed": 1.0},
    "components.hydronics.pump.Pump.power": {"speed": 1.0, "density": 1000.0},
    "components.hydronics.pump.Pump.operate": {"speed": 1.0, "density": 1000.0},
    "plate.pool.pool_boiling": {
        "depth": 0.0, "tilt": 0.0, "roughness": 1e-6,  # Cooper: 1 µm
        "contact_angle": 45.0, "surface": 0.013,  # Rohsenow: water on copper
        "film_factor": 1.0, "critical_factor": 1.0},
    "plate.boiling.flow_boiling": {"channels": 1, "heated_walls": 3, "cells": 100},
    "plate.convergence.grid_convergence": {"ratio": 2, "tolerance": 1e-10},
    "plate.reduction.reduce_plate": {"states": 16},
    "plate.ice.solve.steady_ice": {"cells_over_fin": 8, "tolerance": 1e-9},
    "plate.ice.solve.transient_ice": {"cells_over_fin": 8, "tolerance": 1e-7},
    "plate.steady.steady_plate": {"tolerance": 1e-10},
    "outdoors.siting.design_day": {"share": 0.004},  # the strictest percentile of ASHRAE Fundamentals, ch. 14
    "outdoors.climate.fill_gaps": {"longest": 6.0},
    "outdoors.warming.warming": {"amplification": 1.0},
    "traces.measured.from_requests": {"idle_share": 0.35, "context_weight": 0.1},
    "traces.synthetic.inference_day": {
        "step": 15.0, "idle_share": 0.35, "mean_level": 0.6, "diurnal": 1.2, "noise": 0.25},
    "traces.synthetic.training_run": {
        "step": 1.0, "idle_share": 0.25, "iteration": 8.0, "exchange_share": 0.2, "exchange_level": 0.55,
        "checkpoint_length": 40.0, "checkpoint_level": 0.4, "spread": 0.02},
    "traces.training.mlperf_training": {"step": 2.0},
    "traces.report.report": {"stuck": 10, "spike": 12.0},
    "traces.report.faulty": {"stuck": 10, "spike": 12.0},
    "traces.treat.blank": {"stuck": 10, "spike": 12.0},
    "study.calibrate.calibrate": {"confidence": 0.95, "starts": 1, "step": 1e-4},
    "study.comparison.compare": {"parameters": 1},
    "study.find.find": {"equals": 0.0, "tolerance": 1e-8},
    "study.optimise.optimise": {"points": 9, "seed": 0, "most": 2000},
    "study.sensitivity.sensitivity": {"confidence": 0.95, "seed": 0},
    "accounting.ledger.ledger": {"tolerance": 1e-9},
    "accounting.cost.cost": {"demand_charge": 0.0},
    **{f"accounting.metrics.{n}": {"category": 3} for n in ("pue", "partial_pue", "itue", "wue", "wue_source", "cue",
                                                            "ere")},
}  # fmt: skip


@pytest.mark.parametrize("place", DEFAULTS)
def test_defaults_are_those_that_users_were_told(place):
    parts = place.split(".")
    depth = len(parts) - (2 if parts[-2][0].isupper() else 1)
    found = importlib.import_module("thermal." + ".".join(parts[:depth]))
    for name in parts[depth:]:
        found = getattr(found, name)
    defaults = {k: p.default for k, p in inspect.signature(found).parameters.items()}
    assert {k: defaults[k] for k in DEFAULTS[place]} == DEFAULTS[place]
