"""Nomenclature of results: one name, one unit, one meaning, one sign, wherever a result carries it."""

from typing import NamedTuple

import xarray as xr

from thermal.errors import InputError

__all__ = ["NAMES", "Name", "describe"]


class Name(NamedTuple):
    """Unit and meaning of one result variable; the meaning states the sign where it could be doubted."""

    units: str
    long_name: str


NAMES: dict[str, Name] = {
    # Coordinates
    "time": Name("", "time"),
    "loop": Name("", "CDU group, counted from 0"),
    "rack": Name("", "rack within its loop, counted from 0"),
    "end_use": Name("", "end use of site electricity"),
    "case": Name("", "case of a sweep"),
    # Temperatures
    "T_case": Name("degC", "package case temperature"),
    "T_case_peak": Name("degC", "highest package case temperature of all time steps"),
    "time_peak": Name("s", "time of the highest case temperature, from the start"),
    "T_in": Name("degC", "coolant temperature entering the cold plate"),
    "T_out": Name("degC", "coolant temperature leaving the cold plate"),
    "T_supply": Name("degC", "coolant supply temperature to the racks"),
    "T_return": Name("degC", "coolant return temperature from the racks"),
    "T_primary_return": Name("degC", "facility water temperature leaving the CDU"),
    "T_facility_supply": Name("degC", "facility water temperature entering the CDUs"),
    "T_facility_return": Name("degC", "facility water temperature returning from all CDUs"),
    "T_tower_supply": Name("degC", "tower water temperature leaving the basin"),
    "T_tower_return": Name("degC", "tower water temperature entering the towers"),
    "T_wet_bulb": Name("degC", "outdoor wet-bulb temperature"),
    "T_dry_bulb": Name("degC", "outdoor dry-bulb temperature"),
    # Flows and pressures
    "flow": Name("m3/s", "coolant volume flow"),
    "flow_facility": Name("m3/s", "facility water volume flow through all CDUs"),
    "flow_primary": Name("m3/s", "facility water volume flow through the CDU"),
    "flow_tower": Name("m3/s", "tower water volume flow"),
    "pressure_drop": Name("Pa", "pressure drop in the direction of flow"),
    "pump_speed": Name("1", "pump speed relative to nominal"),
    "valve_opening": Name("1", "opening of the primary control valve"),
    # Resistances
    "R_case": Name("K/W", "case-to-inlet thermal resistance"),
    # Powers and heats
    "it_power": Name("W", "electrical power of the IT equipment"),
    "heat": Name("W", "heat into the coolant, positive into the coolant"),
    "heat_air": Name("W", "heat to room air, positive into the air"),
    "heat_to_facility": Name("W", "heat from a loop to the facility water, positive into the facility"),
    "heat_rejected": Name("W", "heat rejected to the outdoors, positive outwards"),
    "power": Name("W", "electrical power by end use"),
    "pump_power": Name("W", "electrical power of pumps"),
    "fan_power": Name("W", "electrical power of fans"),
    "chiller_power": Name("W", "electrical power of chillers"),
    "cooling_power": Name("W", "electrical power of all cooling equipment"),
    "pumping_power": Name("W", "hydraulic power, pressure drop times volume flow"),
    # Water
    "water_evaporated": Name("kg/s", "water evaporated"),
    "water_make_up": Name("kg/s", "make-up water: evaporation, drift and blow-down"),
    "energy_content_change": Name("W", "rate of heat stored in fluid and solids, positive when warming"),
    # Residuals and flags
    "energy_residual": Name("W", "energy in minus energy out minus storage"),
    "mass_residual": Name("kg/s", "mass in minus mass out minus storage"),
    "converged": Name("", "solver reached its tolerance"),
}


def describe(result: xr.Dataset) -> xr.Dataset:
    """Attach units and long names to every variable and coordinate of a result.

    Raises
    ------
    InputError
        If a variable has no entry in the nomenclature.
    """
    for name in [*result.data_vars, *result.coords]:
        if str(name) not in NAMES:
            raise InputError(f"result variable {name!r} is not in the nomenclature (thermal/names.py)")
        entry = NAMES[str(name)]
        if entry.units or result[name].dtype.kind == "f":
            result[name].attrs.setdefault("units", entry.units or "1")
        result[name].attrs["long_name"] = entry.long_name
    return result
