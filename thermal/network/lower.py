"""Loops lowered to the arrays of the loop kernels."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from thermal.components.coolant import Coolant
from thermal.components.hall.cdu import Cdu
from thermal.components.hall.rack import Rack
from thermal.components.hydronics.exchanger import rho_cp
from thermal.components.plate.curve import ColdPlateCurve
from thermal.components.plate.reduced import ReducedPlate
from thermal.network.loop import Loop
from thermal.network.plates import known_plate
from thermal.physics.network.loop import LOOP, LOOP_STATE, RACK, RACK_STATE, LoopNet, LoopState

__all__ = ["lower", "rest"]


def lower(loops: Sequence[Loop], facility_coolant: Coolant) -> LoopNet:
    """Arrays of the loop kernels; fluid properties are taken at each loop's supply set point."""
    cold = rho_cp(facility_coolant, min(max(25.0, facility_coolant.T_low), facility_coolant.T_high))
    net = LoopNet(
        first=np.concatenate([[0], np.cumsum([len(loop.racks) for loop in loops])]),
        loops=np.recarray(len(loops), dtype=LOOP),
        racks=np.recarray(sum(len(loop.racks) for loop in loops), dtype=RACK),
    )
    for l, loop in enumerate(loops):
        _lower_cdu(net.loops[l], loop.cdu, loop.coolant, cold)
        for r, rack in zip(range(net.first[l], net.first[l + 1]), loop.racks, strict=True):
            plate = known_plate(rack, loop.coolant, loop.cdu.T_supply)
            _lower_rack(net.racks[r], rack, plate, float(net.loops[l].rho_cp))
    return net


def _lower_cdu(row: Any, cdu: Cdu, coolant: Coolant, cold: float) -> None:
    cdu.pump.require_constant("a loop")
    cdu.require_plain("a loop")
    p = coolant.properties(cdu.T_supply)
    hot = p.density * p.heat_capacity
    law, curve = cdu.exchanger.law(hot, cold), cdu.pump.curve
    row.density, row.rho_cp, row.pumps = p.density, hot, len(cdu.pumps)
    row.pump_spacing, row.pump_head, row.pump_slope = curve.spacing, curve.head, curve.slope
    row.pump_efficiency, row.drive_efficiency = curve.efficiency, curve.drive_efficiency
    row.inner_linear, row.inner_quadratic = cdu.inner_linear, cdu.inner_quadratic
    row.return_capacity, row.supply_capacity = cdu.return_volume * hot, cdu.secondary_volume * hot
    row.facility_rho_cp, row.primary_capacity = cold, cdu.primary_volume * cold
    row.primary_linear, row.valve_quadratic = cdu.primary_linear, cdu.valve_drop / cdu.valve_flow**2
    row.film_hot, row.film_cold, row.hot_flow, row.cold_flow, row.film_exponent, row.wall = law
    row.speed_control, row.valve_control = cdu.speed.row(), cdu.valve.row()
    row.drop_set, row.supply_set, row.supply_span = cdu.differential_pressure, cdu.T_held, cdu.valve_span


def _lower_rack(row: Any, rack: Rack, plate: ColdPlateCurve | ReducedPlate, rho_cp: float) -> None:
    row.plates, row.plate_flow = rack.packages, rack.flow_fraction / rack.packages
    row.plate_heat, row.other_heat = rack.package_fraction, rack.liquid_fraction - rack.package_fraction
    row.case_capacity = rack.packages * (rack.package.heat_capacity + plate.heat_capacity)
    row.coolant_capacity = rack.coolant_volume * rho_cp
    row.flow, row.drop, row.exponent = rack.design_flow, rack.design_drop, rack.exponent
    row.plate_start, row.plate_spacing, row.plate_log_UA = plate.table


def rest(net: LoopNet) -> LoopState:
    """State with every pump running and nothing known; ``settle`` fills it."""
    state = LoopState(np.recarray(len(net.loops), LOOP_STATE), np.recarray(len(net.racks), RACK_STATE))
    state.loops[:] = 0
    state.racks[:] = 0
    state.loops.running, state.loops.drop, state.loops.valve = net.loops.pumps, net.loops.drop_set, 1.0
    state.loops.solved_running = -1  # nothing is solved yet
    return state
