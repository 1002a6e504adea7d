"""Nomenclature of results: one name, one unit, one meaning, one sign, wherever a result carries it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import xarray as xr

from thermal.errors import InputError

__all__ = ["ABOVE", "FLAGS", "MODES", "NAMES", "Name", "describe", "listed"]

ABOVE = "above_set_point"  # flag of hours in which the supply is warmer than asked
FLAGS = (  # of each machine outside its curves, and of what liquids cannot do
    "outside_chiller", "outside_lag_chiller", "outside_rejection", "freezes", "boils",
)  # fmt: skip
MODES = ("off", "free", "partial", "chilled")  # who cools, by the numbers of a result's ``mode``


class Name(NamedTuple):
    """Unit and meaning of one result variable; the meaning states the sign where it could be doubted."""

    units: str
    long_name: str

    @property
    def attrs(self) -> dict[str, str]:
        """Attributes of a variable of this name."""
        return {"units": self.units, "long_name": self.long_name} if self.units else {"long_name": self.long_name}


NAMES: dict[str, Name] = {
    # Coordinates
    "time": Name("", "time"),
    "loop": Name("", "CDU group, counted from 0"),
    "rack": Name("", "rack within its loop, counted from 0"),
    "end_use": Name("", "end use of site electricity"),
    "case": Name("", "case of a sweep"),
    "load": Name("1", "IT power over the site's design power"),
    "climate": Name("", "place of the weather"),
    "w_class": Name("", "ASHRAE water class, by its highest supply temperature"),
    "line": Name("", "line of the file that a row came from"),
    "machine": Name("", "machine of a group of equal ones, counted from 0"),
    "plant": Name("", "plant of a site, counted from 0"),
    "stage": Name("", "stage of the power chain, from the grid inwards"),
    "x": Name("m", "across the flow, from the edge of the plate"),
    "y": Name("m", "along the flow, from the inlet side"),
    "z": Name("m", "upwards, from the lowest layer"),
    "channel": Name("", "coolant stream of a plate, counted across from 0"),
    "block": Name("", "block of power on a die"),
    "drawn": Name("", "plate as given, the best with one width for all channels, and as drawn"),
    "power_map": Name("", "map of power among several, counted from 0"),
    "sink": Name("", "sink or board in a tank, counted upwards from 0"),
    "fin": Name("", "fin between two channels of a plate, counted across from 0"),
    "layer": Name("", "layer of a package, or part of a plate, by name"),
    "solid": Name("", "solid whose conductivity is meant, by the layer it lies in"),
    "cavity": Name("", "layer of coolant in a stack, by name"),
    "slot": Name("s", "end of a slot of constant power, from the start"),
    "plate": Name("", "cold plate among those in parallel, counted from 0"),
    "grid": Name("", "grid of a study of convergence, from the coarsest"),
    "branch": Name("", "branch of a network, by name"),
    "node": Name("", "node of a network, by name"),
    "cdu": Name("", "CDU of a network, by name"),
    "height": Name("1", "height in stratified tanks, in heights of one tank"),
    "port": Name("", "port of a tank, by name"),
    "quantity": Name("", "result whose convergence is judged"),
    "server": Name("", "server of a cluster, by name"),
    "boundary": Name("", "where power is measured: AC at the supply's inlet, DC behind it"),
    "frequency": Name("Hz", "frequency of swings"),
    # Temperatures
    "T_block": Name("degC", "mean temperature of a block"),
    "T_block_highest": Name("degC", "highest temperature of a block"),
    "T_body": Name("degC", "temperature of the solid cells of a plate and its package"),
    "T_coolant": Name("degC", "mean coolant temperature in a slice of a channel"),
    "T_junction_map": Name("degC", "temperature of the dies' active side"),
    "T_case_map": Name("degC", "temperature of the package's upper side"),
    "superheat": Name("K", "hottest wetted wall minus the boiling temperature of water"),
    "T_case": Name("degC", "package case temperature"),
    "T_base": Name("degC", "temperature of a sink's base, or of a board, in a bath"),
    "T_bath": Name("degC", "temperature of the liquid that a sink stands in"),
    "T_case_peak": Name("degC", "highest package case temperature of all time steps"),
    "time_peak": Name("s", "time of the highest case temperature, from the start"),
    "T_junction": Name("degC", "junction temperature"),
    "T_case_max": Name("degC", "highest case temperature over the window"),
    "T_junction_max": Name("degC", "highest junction temperature over the window"),
    "approach": Name("K", "coolant to the racks over facility water, the CDU's valve fully open"),
    "time_to_limit": Name("s", "time until a case passes its limit, missing where none does"),
    "worst": Name("", "package that comes nearest to its limit or passes it first"),
    "saved_by": Name("", "controllers that moved and kept the packages below their limits"),
    "fault": Name("", "single failure of a network"),
    "equals": Name("1", "equal parts of which one fails"),
    "margin": Name("K", "case temperature limit minus case temperature"),
    "T_in": Name("degC", "coolant temperature entering the cold plate"),
    "T_out": Name("degC", "coolant temperature leaving the cold plate"),
    "T_node": Name("degC", "coolant temperature at a node of a network"),
    "T_pipe_out": Name("degC", "coolant temperature leaving the pipe"),
    "T_out_channel": Name("degC", "coolant temperature leaving each channel, or each pass of it"),
    "T_supply": Name("degC", "coolant supply temperature to the racks"),
    "T_return": Name("degC", "coolant return temperature from the racks"),
    "T_rack_return": Name("degC", "coolant as it leaves a rack"),
    "T_primary_return": Name("degC", "facility water temperature leaving the CDU"),
    "T_room_supply": Name("degC", "air temperature from the room units to the equipment"),
    "T_facility_supply": Name("degC", "facility water temperature entering the CDUs"),
    "T_facility_return": Name("degC", "facility water temperature returning from all CDUs"),
    "T_tower_supply": Name("degC", "tower water temperature leaving the basin"),
    "T_tower_return": Name("degC", "tower water temperature entering the towers"),
    "T_wet_bulb": Name("degC", "outdoor wet-bulb temperature"),
    "T_dry_bulb": Name("degC", "outdoor dry-bulb temperature"),
    "T_dew_point": Name("degC", "outdoor dew point"),
    "relative_humidity": Name("1", "outdoor relative humidity"),
    "humidity_ratio": Name("1", "water per dry air outdoors, by mass"),
    "pressure": Name("Pa", "barometric pressure"),
    "T_condenser": Name("degC", "temperature of water or air entering the condensers"),
    "T_brine_out": Name("degC", "brine leaving a tank of ice, mean over the interval"),
    "T_tank": Name("degC", "temperature of a mixed tank"),
    "ice": Name("1", "ice over ice and water, by mass"),
    "T_layer": Name("degC", "temperature of a layer of stratified tanks"),
    "T_port": Name("degC", "temperature of what a port of a tank carries"),
    "T_tank_bottom": Name("degC", "temperature of the lowest layer of the storage tank"),
    "T_tank_top": Name("degC", "temperature of the highest layer of the storage tank"),
    # Flows and pressures
    "flow": Name("m3/s", "coolant volume flow"),
    "flow_facility": Name("m3/s", "facility water volume flow through all CDUs"),
    "flow_bypass": Name("m3/s", "facility water past the CDUs, negative where return water goes round"),
    "flow_primary": Name("m3/s", "facility water volume flow through the CDU"),
    "flow_tower": Name("m3/s", "tower water volume flow"),
    "pressure_drop": Name("Pa", "pressure drop in the direction of flow"),
    "pressure_drop_primary": Name("Pa", "pressure drop of facility water through the CDU and its valve"),
    "pressure_difference": Name("Pa", "pressure where a branch starts minus pressure where it ends"),
    "npsh_available": Name("m", "net positive suction head at a pump, static pressure over vapour pressure"),
    "npsh_margin": Name("m", "net positive suction head at a pump minus what it needs"),
    "pressure_node": Name("Pa", "absolute pressure of the coolant at a node"),
    "channel_flow": Name("m3/s", "coolant volume flow of one channel"),
    "reynolds": Name("1", "largest Reynolds number"),
    "outside_film": Name("1", "share of the coolant outside the range of its film law"),
    "pump_speed": Name("1", "pump speed relative to nominal"),
    "valve_opening": Name("1", "opening of the primary control valve"),
    "air_ratio": Name("1", "air flow of the running cells over design"),
    # Resistances
    "R_case": Name("K/W", "case-to-inlet thermal resistance"),
    "channel_width": Name("m", "width of a channel"),
    "fin_width": Name("m", "thickness of a fin between two channels"),
    # Gradients: the unit of the quantity over that of the parameter
    "value": Name("", "quantity that a gradient is taken of"),
    "by_channel_width": Name("", "derivative by the width of a channel, the walls at both sides giving way"),
    "by_fin_width": Name("", "derivative by the width of a fin, the walls at both sides giving way"),
    "by_channel_depth": Name("", "derivative by the depth of the channels"),
    "by_thickness": Name("", "derivative by the thickness of a layer"),
    "by_contact": Name("", "derivative by the contact resistance above a layer"),
    "by_conductivity": Name("", "derivative by the conductivity of a solid"),
    "by_flow": Name("", "derivative by the volume flow"),
    "by_heat": Name("", "derivative by the power of a block, spread evenly over it"),
    "by_power": Name("", "derivative by power put into a cell of the lowest layer with blocks"),
    "R_junction": Name("K/W", "junction-to-inlet thermal resistance"),
    "film": Name("W/m2/K", "film coefficient"),
    "film_natural": Name("W/m2/K", "film coefficient of natural convection alone"),
    "fin_efficiency": Name("1", "heat of a fin over that of one as warm as its base all over"),
    "R_sink": Name("K/W", "resistance from a sink's base to the liquid it stands in"),
    "velocity": Name("m/s", "mean speed of the liquid in a tank"),
    # Boiling in channels; low and high are of all laws
    "quality": Name("1", "vapour in the flow by mass, of equilibrium, negative where subcooled"),
    "quality_out": Name("1", "vapour in the flow by mass as it leaves, negative where subcooled"),
    "void": Name("1", "vapour in the channel by volume"),
    "flux": Name("W/m2", "heat flux on the heated walls, positive into the coolant"),
    "mass_flux": Name("kg/m2/s", "mass flow per cross-section"),
    "pressure_channel": Name("Pa", "absolute pressure in a slice of a channel"),
    "T_saturation": Name("degC", "boiling temperature at the local pressure"),
    "T_wall": Name("degC", "temperature of the heated walls, missing where they dry out"),
    "T_wall_low": Name("degC", "lowest temperature of the heated walls by all laws"),
    "T_wall_high": Name("degC", "highest temperature of the heated walls by all laws"),
    "film_low": Name("W/m2/K", "lowest film coefficient by all laws"),
    "film_high": Name("W/m2/K", "highest film coefficient by all laws"),
    "margin_dryout": Name("1", "quality at which walls begin to dry out minus quality"),
    "pressure_drop_low": Name("Pa", "lowest pressure drop by all laws"),
    "pressure_drop_high": Name("Pa", "highest pressure drop by all laws"),
    "pressure_drop_friction": Name("Pa", "part of the pressure drop that is friction"),
    "pressure_drop_momentum": Name("Pa", "part of the pressure drop that speeds the flow up"),
    "critical_flux": Name("W/m2", "critical heat flux of an evenly heated channel"),
    "critical_flux_low": Name("W/m2", "lowest critical heat flux by the laws that apply"),
    "critical_flux_high": Name("W/m2", "highest critical heat flux by the laws that apply"),
    "margin_critical": Name("1", "critical over highest heat flux"),
    "margin_critical_low": Name("1", "critical over highest heat flux by the lowest law"),
    "margin_critical_high": Name("1", "critical over highest heat flux by the highest law"),
    "subcooling": Name("K", "boiling temperature at the surface less the temperature of the bath"),
    "vapour": Name("kg/s", "vapour that leaves a boiling surface"),
    "drop_slope": Name("Pa*s/kg", "change of the pressure drop with the mass flow, inlet and heat held"),
    # Powers and heats
    "overhead_power": Name("W", "electrical power at the site meter less that of the IT equipment"),
    "it_power": Name("W", "electrical power of the IT equipment"),
    "heat": Name("W", "heat into the coolant, positive into the coolant"),
    "plant_heat": Name("W", "heat into the facility water of each plant of a site"),
    "heat_air": Name("W", "heat to room air, positive into the air"),
    "heat_room": Name("W", "heat to the air of all rooms: equipment, losses and fans, positive into the air"),
    "heat_to_facility": Name("W", "heat from a loop to the facility water, positive into the facility"),
    "heat_drawn": Name("W", "heat over 0 degC that coolant leaving a network carries off, less that of its make-up"),
    "heat_lost": Name("W", "heat to the surroundings, positive outwards"),
    "heat_rejected": Name("W", "heat rejected to the outdoors, positive outwards"),
    "heat_economised": Name("W", "heat of facility water passed on without a chiller"),
    "heat_unmet": Name("W", "heat that no running machine could take, positive when missing"),
    "capacity": Name("W", "cooling capacity available at the operating temperatures"),
    "power": Name("W", "electrical power by end use"),
    "site_power": Name("W", "electrical power at the site meter"),
    "loss": Name("W", "electrical loss by stage of the power chain"),
    "heat_reused": Name("W", "heat put to use outside the data centre"),
    "heat_pump_power": Name("W", "electrical power of the heat pump of heat reuse"),
    "pump_power": Name("W", "electrical power of pumps"),
    "pump_head": Name("m", "head of a pump"),
    "pump_efficiency": Name("1", "hydraulic over shaft power of a pump"),
    "shaft_power": Name("W", "shaft power of a pump, all of which heats the fluid"),
    "fan_power": Name("W", "electrical power of fans"),
    "chiller_power": Name("W", "electrical power of chillers"),
    "cooling_power": Name("W", "electrical power of all cooling equipment"),
    "pumping_power": Name("W", "hydraulic power, pressure drop times volume flow"),
    "server_power": Name("W", "electrical power of a server"),
    "network_power": Name("W", "electrical power of the interconnect between servers"),
    "grid_power": Name("W", "power drawn from the grid, behind storage"),
    "power_burnt": Name("W", "power drawn beyond what work asks for, to smooth"),
    "power_served": Name("W", "power of the load that is supplied"),
    "power_shed": Name("W", "power of the load that is not supplied"),
    "essential_shed": Name("W", "power of the essential load that is not supplied"),
    "power_caught_up": Name("W", "power of work that was put off and is caught up"),
    "generator_power": Name("W", "power of the site's generators"),
    "held_for": Name("s", "time from the loss of the grid until load is shed, at most its length"),
    "essential_for": Name("s", "time from the loss of the grid until essential load is shed, at most its length"),
    "power_withheld": Name("W", "power that work asks for and that smoothing withholds"),
    "clock": Name("1", "clock over nominal"),
    # Storage of electricity
    "charge_power": Name("W", "power into a storage at its terminals"),
    "discharge_power": Name("W", "power out of a storage at its terminals"),
    "pv_power": Name("W", "power of photovoltaics at its alternating-current side"),
    "wind_power": Name("W", "power of wind turbines"),
    "price": Name("1/J", "price of electricity, in the currency of its attribute"),
    "carbon_intensity": Name("kg/J", "emissions of electricity, CO2 equivalent"),
    "storage_loss": Name("W", "power lost in a storage: conversion and standby"),
    "storage_energy": Name("J", "energy held by a storage at the end of a row"),
    "state_of_charge": Name("1", "energy held over energy capacity at the end of a row"),
    "storage_rate": Name("W", "rate of change of the energy held by a storage, positive when charging"),
    "storage_residual": Name("J", "energy in minus out minus losses minus the change of energy held"),
    "cooling_effort": Name("1", "electricity of cooling over its heat"),
    "cold_charge": Name("W", "heat taken out of a store of cold, charging"),
    "cold_discharge": Name("W", "heat put into a store of cold, discharging: taken off the plant"),
    "cold_energy": Name("J", "cold held by a store at the end of a row"),
    "cold_level": Name("1", "cold held over that when full, at the end of a row"),
    "cold_loss": Name("W", "cold that surroundings take from a store"),
    "cold_power": Name("W", "electricity that charging cold adds, less what discharging saves"),
    "cold_residual": Name("J", "cold in minus out minus loss minus the change of the cold held"),
    "limit_missed": Name("W", "power beyond the limit that a storage could not hold"),
    # Grid
    "ramp": Name("W/s", "change of power from one row to the next over the time between them"),
    "ramp_up": Name("W/s", "steepest rise of power"),
    "ramp_down": Name("W/s", "steepest fall of power, positive downwards"),
    "ramp_relative": Name("%/min", "steepest change of power, over its reference"),
    "power_mean": Name("W", "mean power"),
    "power_peak": Name("W", "highest power of a row"),
    "peak_to_average": Name("1", "highest over mean power"),
    "dynamic_range": Name("1", "highest less lowest power, over highest"),
    "swing_amplitude": Name("W", "amplitude of the swing at a frequency"),
    "swing_square": Name("W2", "mean square of the swing at a frequency; their sum is the variance"),
    "swing_in_band": Name("W", "root mean square of the swings in a band of frequencies"),
    "band_covered": Name("1", "share of the band, in decades, that the sampling can show"),
    "time_outside": Name("s", "time with power above its limit"),
    "energy_outside": Name("J", "energy above the limit of power"),
    "ramp_time_outside": Name("s", "time with ramps above their limit"),
    "flexible_power": Name("W", "power that can be shed for the whole of a duration"),
    "flexible_energy": Name("J", "energy that can be shed over a duration"),
    # Control from outside
    "input": Name("", "input that a controller decides on"),
    "action": Name("", "input that held in a row, in its own unit"),
    # Years
    "year": Name("", "calendar year"),
    "event": Name("", "kind of maintenance"),
    "events": Name("1", "maintenance of a kind in the year"),
    "warming": Name("K", "warming of the year over the first"),
    "wear_exchanger": Name("1", "fouling of plate exchangers over the clean resistance, mean of the year"),
    "wear_plate": Name("1", "fouling of cold plates over the clean resistance, mean of the year"),
    "wear_rejection": Name("1", "fouling of towers and coolers over the clean resistance, mean of the year"),
    "wear_filter": Name("1", "rise of the CDUs' inner pressure loss, mean of the year"),
    "wear_pump": Name("1", "share of efficiency that pumps have lost, mean of the year"),
    "wear_inhibitor": Name("1", "share of inhibitor left in the coolant, mean of the year"),
    "capacity_left": Name("1", "capacity of the battery over that when new, at the end of the year"),
    "cost_maintenance": Name("", "cost of maintenance over the window"),
    # Money
    "cost_energy": Name("", "cost of energy over the window, in the currency of the contract"),
    "cost_demand": Name("", "cost of highest power over the window, in the currency of the contract"),
    "cost": Name("", "cost over the window, in the currency of the contract"),
    "cost_per_year": Name("", "cost of a year like the window, in the currency of the contract"),
    "cost_per_million_tokens": Name("", "cost per million tokens, in the currency of the contract"),
    "carbon": Name("kg", "emissions of the electricity over the window, CO2 equivalent"),
    "carbon_per_million_tokens": Name("kg", "emissions of the electricity per million tokens, CO2 equivalent"),
    # Water
    "water_evaporated": Name("kg/s", "water evaporated"),
    "water_drift": Name("kg/s", "water carried off as droplets"),
    "water_blow_down": Name("kg/s", "water drained to hold the cycles of concentration"),
    "water_make_up": Name("kg/s", "make-up water: evaporation, drift and blow-down"),
    "energy_content_change": Name("W", "rate of heat stored in fluid and solids, positive when warming"),
    # Energies and tokens over a window
    "energy": Name("J", "electrical energy by end use over the window"),
    "energy_site": Name("J", "electrical energy at the site meter over the window"),
    "energy_site_rows": Name("J", "electrical energy at the site meter in each row of the window"),
    "energy_loss": Name("J", "electrical loss by stage of the power chain over the window"),
    "energy_reused": Name("J", "heat put to use outside the data centre over the window"),
    "water": Name("m3", "make-up water over the window"),
    "energy_unmet": Name("J", "heat over the window that no running machine could take"),
    "hours_free": Name("1", "hours without chillers over the window"),
    "hours_partial": Name("1", "hours with economiser and chillers together over the window"),
    "hours_running": Name("1", "hours a machine runs over the window"),
    "starts": Name("1", "starts of a machine over the window"),
    "hours_outside_lag_chiller": Name("1", "hours a chiller that follows works outside the box of its curves"),
    "hours_above_set_point": Name("1", "hours the supply water is more than 0.05 K above its set point"),
    "hours_outside_chiller": Name("1", "hours a chiller works outside the box of its curves"),
    "hours_outside_rejection": Name("1", "hours a tower or cooler works outside its range"),
    "hours_freezes": Name("1", "hours a liquid is colder than its freezing temperature"),
    "hours_boils": Name("1", "hours a liquid is hotter than boiling water"),
    "share": Name("1", "share of the hours of the window"),
    "mechanical_load_component": Name("1", "energy of mechanical cooling over energy of IT"),
    "meets_limit": Name("", "the component does not exceed the limit entered"),
    "tokens": Name("1", "output tokens produced"),
    "tokens_context": Name("1", "context tokens read"),
    "requests": Name("1", "requests received"),
    "evaluation_share": Name("1", "share of a row in which a training run evaluates its model"),
    # Metrics
    "pue": Name("1", "power usage effectiveness"),
    "partial_pue": Name("1", "partial power usage effectiveness"),
    "itue": Name("1", "IT power usage effectiveness"),
    "tue": Name("1", "total power usage effectiveness"),
    "wue": Name("L/kWh", "water usage effectiveness of the site"),
    "wue_source": Name("L/kWh", "water usage effectiveness of the site and its electricity supply"),
    "cue": Name("kg/kWh", "carbon usage effectiveness, CO2 equivalent"),
    "erf": Name("1", "energy reuse factor"),
    "ere": Name("1", "energy reuse effectiveness"),
    "energy_per_token": Name("J", "energy per token (TokEnergy-style)"),
    "energy_pumps": Name("J", "electrical energy of all pumps over the window"),
    "energy_it": Name("J", "electrical energy of the IT equipment over the window"),
    "throttled_share": Name("1", "share of the window in which chips lower their clock"),
    "best": Name("", "place at which a figure is least, in the unit of its dimension"),
    "least": Name("", "least value of a figure, in its own unit"),
    "flat_from": Name("", "place from which a figure stays near its least value"),
    "flat_to": Name("", "place up to which a figure stays near its least value"),
    "at_edge": Name("", "the least value lies at an end of the range: it was not found inside"),
    # Convergence with the grid
    "cell_count": Name("1", "cells of a grid"),
    "observed_order": Name("1", "order with which a result approaches its limit as the grid is refined"),
    "convergence_index": Name("1", "grid-convergence index of the finest grid, relative"),
    "extrapolated": Name("", "result extrapolated to no cell size, in its own unit"),
    # Residuals and flags
    "states_unmet": Name("1", "share of the states in which a limit cannot be held"),
    "unmet_share": Name("1", "share of the heat over the window that no machine took away"),
    "unconverged_share": Name("1", "share of the window without a converged solution"),
    "outside_share": Name("1", "share of the window in which a machine or a law works outside its range"),
    "above_set_point_share": Name("1", "share of the window in which the supply is warmer than its set point"),
    "ledger_residual": Name("J", "site meter minus the sum of the end uses over the window"),
    "status": Name("", "outcome of a case: done, not converged or failed"),
    "error": Name("", "what went wrong in a case"),
    "energy_residual": Name("W", "energy in minus energy out minus storage"),
    "mass_residual": Name("kg/s", "mass in minus mass out minus storage"),
    "above_set_point": Name("", "water leaves more than 0.05 K above its set point"),
    "outside_range": Name("", "a law was used outside its range"),
    "mode": Name("", "who cools: 0 off, 1 free cooling, 2 economiser and chillers, 3 chillers"),
    "rejection_state": Name(
        "", "towers and coolers: 0 set point held, 1 fans off, 2 lowest speed, 3 full speed and set point missed"
    ),
    "chillers_running": Name("1", "chillers in operation"),
    "chillers_starting": Name("1", "chillers on their way: neither cooling nor power"),
    "outside_chiller": Name("", "a chiller works outside the box of its curves, or its power is held at Carnot's"),
    "outside_lag_chiller": Name("", "a chiller that follows the lead ones works outside the box of its curves"),
    "outside_pump": Name("", "a pump's flow lies beyond its catalogue curve, or runs backwards"),
    "outside_power_chain": Name("", "a stage of the power chain delivers more than its rated power"),
    "outside_rejection": Name("", "a tower or cooler works outside the range of its law"),
    "burns_out": Name("", "flux is above the critical one: no wall temperature is given"),
    "dries_out": Name("", "walls are past the incipience of dry-out: no film law holds"),
    "ledinegg": Name("", "pressure drop falls as the flow rises: the flow may run away to less"),
    "chokes": Name("", "no pressure ends the channel: the flow chokes, or leaves the refrigerant's table"),
    "freezes": Name("", "a liquid, or water sprayed on its coils, is not warmer than its freezing temperature"),
    "boils": Name("", "a liquid, or a wall it touches, is hotter than boiling water"),
    "converged": Name("", "solver reached its tolerance"),
}


def describe(result: xr.Dataset) -> xr.Dataset:
    """Attach units and long names to every variable and coordinate of a result.

    Raises
    ------
    InputError
        If a variable has no entry in the nomenclature, or carries another unit than stands there.
    """
    for name in [*result.data_vars, *result.coords]:
        if str(name) not in NAMES:
            raise InputError(f"result variable {name!r} is not in the nomenclature (thermal/names.py)")
        entry = NAMES[str(name)]
        variable = result.variables[name]
        if entry.units or variable.dtype.kind == "f":
            given = variable.attrs.setdefault("units", entry.units or "1")
            if entry.units and given != entry.units:  # left over from what the values were made of, say
                raise InputError(f"{name} is in {given!r}, in the nomenclature in {entry.units!r} (thermal/names.py)")
        variable.attrs["long_name"] = entry.long_name
    return result


def listed(names: Iterable[Any], most: int = 12) -> str:
    """Names in one line of an error: the first ones, and how many more there are.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    given = [text if len(text := " ".join(str(name).split())) <= 40 else f"{text[:37]}..." for name in names]
    more = len(given) - most
    return ", ".join(given[:most]) + (f" and {more} more" if more > 0 else "") or "nothing"
