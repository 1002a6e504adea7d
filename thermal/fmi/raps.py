"""The signals that ExaDigiT/RAPS asks of its cooling unit of Frontier: names, units, and what they stand for."""

from collections.abc import Sequence

from thermal.errors import InputError
from thermal.fmi.signals import Signal
from thermal.names import NAMES
from thermal.network.loop import Loop

__all__ = ["PROFILES", "raps"]

GPM = 3.785411784e-3 / 60.0  # m³/s
PSI = 6894.757293168  # Pa
ZERO = 273.15
BLOCK = "simulator[1].datacenter[1].computeBlock[{}].cdu[1].summary."
PLANT = "simulator[1].centralEnergyPlant[1].{}[1].summary."
CABINET = "simulator_1_datacenter_1_computeBlock_{}_cabinet_1_sources_Q_flow_total"
WET_BULB = "simulator_1_centralEnergyPlant_1_coolingTowerLoop_1_sources_Towb"
GAUGE = "the model knows differences of pressure: the return side stands for 0 psi gauge"


def raps(loops: Sequence[Loop]) -> tuple[list[Signal], list[Signal]]:
    """Inputs and outputs as ExaDigiT/RAPS names them in its cooling unit of Frontier.

    In go the heat to liquid of one cabinet of each CDU [W], all cabinets of a CDU being equal there, and the wet bulb
    [K]; out come temperatures, flows, pressures and power of each CDU and of the pumps and fans of the plant.

    Raises
    ------
    InputError
        If the racks of a loop differ in the share that liquid takes.
    """
    ins: list[Signal] = []
    for l, loop in enumerate(loops):
        shares = {rack.liquid_fraction for rack in loop.racks}
        if len(shares) > 1:
            raise InputError(f"profile raps: the racks of loop {l} give different shares of their heat to liquid")
        scale = shares.pop() / len(loop.racks)
        ins.append(Signal(CABINET.format(l + 1), "heat_loop", (l,), "W", "heat of one cabinet to liquid", scale))
    ins.append(Signal(WET_BULB, "T_wet_bulb", (), "K", "outdoor wet-bulb temperature", 1.0, ZERO))
    outs: list[Signal] = []
    for l in range(len(loops)):
        for name, variable, units, scale in _OF_CDU:
            meaning = NAMES[variable].long_name if variable else GAUGE
            of_loop = () if variable == "T_facility_supply" or not variable else (l,)
            outs.append(Signal(BLOCK.format(l + 1) + name, variable, of_loop, units, meaning, scale))
    for where, name, use in _OF_PLANT:
        meaning = f"electrical power: {use}"
        outs.append(Signal(PLANT.format(where) + name, f"power.{use}", (), "kW", meaning, 1e-3))
    return ins, outs


_OF_CDU = (
    ("T_sec_r_C", "T_return", "degC", 1.0),
    ("T_sec_s_C", "T_supply", "degC", 1.0),
    ("p_sec_r_psig", "", "psi", 1.0),
    ("p_sec_s_psig", "pressure_drop", "psi", 1.0 / PSI),
    ("V_flow_sec_GPM", "flow", "gal/min", 1.0 / GPM),
    ("T_prim_r_C", "T_primary_return", "degC", 1.0),
    ("T_prim_s_C", "T_facility_supply", "degC", 1.0),
    ("p_prim_s_psig", "pressure_drop_primary", "psi", 1.0 / PSI),
    ("p_prim_r_psig", "", "psi", 1.0),
    ("V_flow_prim_GPM", "flow_primary", "gal/min", 1.0 / GPM),
    ("W_flow_CDUP_kW", "pump_power", "kW", 1e-3),
)
_OF_PLANT = (
    ("hotWaterLoop", "W_flow_HTWP_kW", "facility_pumps"),
    ("coolingTowerLoop", "W_flow_CTWP_kW", "condenser_pumps"),
    ("coolingTowerLoop", "W_flow_CT_kW", "tower_fans"),
)
PROFILES = {"raps": raps}
