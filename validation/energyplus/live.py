"""Run EnergyPlus models with the live engine of `pyenergyplus-lbnl`: another climate or chiller, full precision.

`hours` gives a year of any model in the columns of the reference tables; `chiller_edits` puts a chiller of the curve
table in place of the model's.
"""

import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import thermal as th
from thermal import datasets
from thermal.outdoors.climate import SITES

__all__ = ["chiller_edits", "hours", "run"]

SITE = {
    "tdb_C": "Site Outdoor Air Drybulb Temperature",
    "twb_C": "Site Outdoor Air Wetbulb Temperature",
    "w_kgkg": "Site Outdoor Air Humidity Ratio",
    "p_Pa": "Site Outdoor Air Barometric Pressure",
}
CHILLER = {
    "ch_P_W": "Chiller Electricity Rate",
    "ch_Qe_W": "Chiller Evaporator Cooling Rate",
    "ch_Te_out_C": "Chiller Evaporator Outlet Temperature",
    "ch_Qc_W": "Chiller Condenser Heat Transfer Rate",
    "ch_Tc_in_C": "Chiller Condenser Inlet Temperature",
    "ch_Tc_out_C": "Chiller Condenser Outlet Temperature",
    "ch_plr": "Chiller Part Load Ratio",
    "ch_cycling": "Chiller Cycling Ratio",
    "ch_capft": "Chiller Capacity Temperature Modifier Multiplier",
    "ch_eirft": "Chiller EIR Temperature Modifier Multiplier",
    "ch_eirfplr": "Chiller EIR Part Load Modifier Multiplier",
}
COOLER = {
    "tw_T_in_C": "Cooling Tower Inlet Temperature",
    "tw_T_out_C": "Cooling Tower Outlet Temperature",
    "tw_m_kgs": "Cooling Tower Mass Flow Rate",
    "tw_Q_W": "Cooling Tower Heat Transfer Rate",
    "tw_fan_W": "Cooling Tower Fan Electricity Rate",
}
WATER = {
    "tw_makeup_m3s": "Cooling Tower Make Up Water Volume Flow Rate",
    "tw_evap_m3": "Cooling Tower Water Evaporation Volume",
}
STEADY = 0.005  # tower heat against condenser, exchanger and pump heat, as in the reference tables


def run(
    model: str, weather: str, outputs: tuple[tuple[str, str], ...] = (), edit: dict[str, str] | None = None
) -> tuple[float, dict[tuple[str, str], np.ndarray]]:
    """Run a model; give the wall time of the engine [s] and hourly series at full precision.

    Parameters
    ----------
    model, weather : str
        Names in the dataset registry; the weather may be a path to an EPW file.
    outputs : tuple of (variable, key)
        Output variables with their objects, in capitals as the engine keeps them.
    edit : dict, optional
        Texts of the model to replace, such as a curve set.
    """
    from pyenergyplus.api import EnergyPlusAPI

    text = datasets.path(model).read_text()
    for old, new in (edit or {}).items():
        if old not in text:
            raise ValueError(f"{model} does not contain {old!r}")
        text = text.replace(old, new)
    api = EnergyPlusAPI()
    state = api.state_manager.new_state()
    api.runtime.set_console_output_status(state, False)
    series: dict[tuple[str, str], list[float]] = {output: [] for output in outputs}

    def collect(state: object) -> None:
        if api.exchange.warmup_flag(state) or not api.exchange.api_data_fully_ready(state):
            return
        for (variable, key), values in series.items():
            handle = api.exchange.get_variable_handle(state, variable, key)
            values.append(api.exchange.get_variable_value(state, handle))

    for variable, key in outputs:
        api.exchange.request_variable(state, variable, key)
    if outputs:
        api.runtime.callback_end_system_timestep_after_hvac_reporting(state, collect)
    file = Path(weather).resolve() if Path(weather).is_file() else datasets.path(weather)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for load in ("load_vary.csv", "load_ai.csv"):
            shutil.copy(datasets.path(f"energyplus/{load}"), load)
        Path("model.idf").write_text(text)
        arguments = ["-w", str(file), "-d", os.path.join(folder, "out"), "model.idf"]
        start = time.perf_counter()
        status = api.runtime.run_energyplus(state, arguments)
        seconds = time.perf_counter() - start
        if status:
            raise RuntimeError(
                f"EnergyPlus stopped with {status}: {(Path(folder) / 'out' / 'eplusout.err').read_text()}"
            )
    api.state_manager.delete_state(state)
    return seconds, {output: np.array(values) for output, values in series.items()}


def hours(model: str, climate: str, chiller: th.Chiller | None = None) -> pd.DataFrame:
    """Hours of a year of a model in the columns of the reference tables.

    Parameters
    ----------
    model : str
        Name in the dataset registry.
    climate : str
        A place that `th.weather` knows, or a path to an EPW file.
    chiller : Chiller, optional
        A water-cooled machine of the curve table in place of the model's, at the model's water flows.
    """
    text = datasets.path(model).read_text()
    chilled, towered = "Chiller:Electric:EIR" in text, "\nCoolingTower:" in text
    cooler = "TOWER" if towered else "DRY COOLER"
    columns = {name: (variable, "ENVIRONMENT") for name, variable in SITE.items()}
    columns["load_W"] = ("Plant Load Profile Heat Transfer Rate", "IT LOAD")
    for pump, key in (("chw", "CHW PUMP"), *((("cw", "CW PUMP"),) if chilled else ())):
        columns[f"pump_{pump}_W"] = ("Pump Electricity Rate", key)
        columns[f"pump_{pump}_heat_W"] = ("Pump Fluid Heat Gain Rate", key)
    columns |= {name: (variable, cooler) for name, variable in COOLER.items()}
    if towered or "EvaporativeFluidCooler" in text:
        columns |= {name: (variable, cooler) for name, variable in WATER.items()}
    if "\nCoolingTower:VariableSpeed," in text:
        columns["tw_air_ratio"] = ("Cooling Tower Air Flow Rate Ratio", cooler)
    if chilled:
        columns |= {name: (variable, "CHILLER") for name, variable in CHILLER.items()}
    if "\nHeatExchanger:" in text:
        columns["hx_Q_W"] = ("Fluid Heat Exchanger Heat Transfer Rate", "WSE")
    edit = chiller_edits(model, chiller) if chiller else None
    series = run(model, SITES.get(climate, climate), tuple(columns.values()), edit)[1]
    table = pd.DataFrame({name: series[output] for name, output in columns.items()})
    table["load_W"] = table.load_W.abs()
    condensers = table.ch_Qc_W + table.pump_cw_heat_W if chilled else table.load_W + table.pump_chw_heat_W
    miss = table.tw_Q_W - condensers - table.get("hx_Q_W", 0.0)
    return table.assign(steady=(miss.abs() <= STEADY * table.tw_Q_W.abs()).astype(float))


def chiller_edits(model: str, chiller: th.Chiller) -> dict[str, str]:
    """Edits of a model that put another chiller in place of its own, at the same nodes and design flows."""
    c, text = chiller, datasets.path(model).read_text()

    def block(start: str) -> str:
        begin = text.index(start)
        return text[begin : text.index(";", begin) + 1]

    def written(*fields: object) -> str:
        return ",\n  ".join(map(str, fields)) + ";"

    old = block("Chiller:Electric:EIR,\n  Chiller,\n  1406600.0")  # the machine itself, not its place in a list
    nodes = [field.strip() for field in old.split(",")[15:19]]
    box = (c.T_supply_low, c.T_supply_high, c.T_condenser_low, c.T_condenser_high)
    load = (c.part_load_min, c.part_load_max)
    edits = {
        block(f"Curve:Biquadratic,\n  {name}"): written("Curve:Biquadratic", name, *values, *box)
        for name, values in (("CAPFT", c.capacity_curve), ("EIRFT", c.EIR_curve))
    }
    share = block("Curve:Quadratic,\n  EIRFPLR")
    flows = (0.06057, 0.07571)
    limits = (*load, 1.0, c.part_load_unload)
    if c.curve_temperature == "entering":
        machine = (
            "Chiller:Electric:EIR", "Chiller", c.capacity, c.COP, 6.67, 29.44, *flows, "CAPFT", "EIRFT", "EIRFPLR",
            *limits, *nodes, "WaterCooled", "", c.motor_to_refrigerant, 2.0, "ConstantFlow",
        )  # fmt: skip
        return edits | {old: written(*machine), share: written("Curve:Quadratic", "EIRFPLR", *c.part_load_curve, *load)}
    machine = (
        "Chiller:Electric:ReformulatedEIR", "Chiller", c.capacity, c.COP, 6.67, 34.63, *flows, "CAPFT", "EIRFT",
        "LeavingCondenserWaterTemperature", "EIRFPLR", *limits, *nodes, c.motor_to_refrigerant, 2.0, "ConstantFlow",
    )  # fmt: skip
    edits |= {
        old: written(*machine),
        share: written("Curve:Bicubic", "EIRFPLR", *c.part_load_curve, *box[2:], *load),
    }
    return edits | {"Chiller:Electric:EIR": "Chiller:Electric:ReformulatedEIR"}
