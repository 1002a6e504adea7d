"""Coolant loops: one CDU and the racks behind it, lowered to the arrays of the loop kernels."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from pydantic import model_validator

from thermal.components.cdu import Cdu
from thermal.components.coolant import Coolant
from thermal.components.exchanger import rho_cp
from thermal.components.rack import Rack
from thermal.physics.loop import LoopNet, LoopState
from thermal.quantity import Part, part

__all__ = ["Loop", "lower", "rest"]


class Loop(Part):
    """A CDU and its racks, the unit that a transient marches.

    Examples
    --------
    >>> import thermal as th
    >>> row = th.load("loops/gb200_row")
    >>> len(row.racks)
    8
    """

    cdu: Cdu = part("coolant distribution unit")
    racks: tuple[Rack, ...] = part("racks in parallel between supply and return")
    coolant: Coolant = part("coolant of the racks' loop")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if not self.racks:
            raise ValueError("racks: a loop needs at least one rack")
        self.coolant.require(self.cdu.T_supply, "Loop: supply temperature set point")
        return self

    @property
    def design_heat(self) -> np.ndarray:
        """Heat of each rack at design [W]."""
        return np.array([rack.design_heat for rack in self.racks])

    @property
    def design_flow(self) -> float:
        """Sum of the racks' design flows [m³/s]."""
        return sum(rack.design_flow for rack in self.racks)

    def _summary(self) -> dict[str, str]:
        volume = sum(r.coolant_volume for r in self.racks) + self.cdu.secondary_volume + self.cdu.return_volume
        drop = max(rack.design_drop for rack in self.racks)
        return {
            "design heat": f"{self.design_heat.sum() / 1e3:.0f} kW",
            "design flow": f"{self.design_flow * 6e4:.0f} L/min",
            "design pressure drop of the racks": f"{drop / 1e3:.0f} kPa",
            "coolant volume": f"{volume * 1e3:.0f} L",
        }


def lower(loops: Sequence[Loop], facility_coolant: Coolant) -> LoopNet:
    """Arrays of the loop kernels; fluid properties are taken at each loop's supply set point."""
    racks = [rack for loop in loops for rack in loop.racks]
    cdus = [loop.cdu for loop in loops]
    coolants = [loop.coolant.properties(loop.cdu.T_supply) for loop in loops]
    hot = [p.density * p.heat_capacity for p in coolants]
    cold = rho_cp(facility_coolant, min(max(25.0, facility_coolant.T_low), facility_coolant.T_high))
    laws = [cdu.exchanger.law(h, cold) for cdu, h in zip(cdus, hot, strict=True)]
    curves = [cdu.pump.curve for cdu in cdus]
    tables = [rack.cold_plate.table for rack in racks]
    of_rack = np.repeat(hot, [len(loop.racks) for loop in loops])

    def array(values: Sequence[float]) -> np.ndarray:
        return np.array(values, dtype=float)

    return LoopNet(
        first=np.concatenate([[0], np.cumsum([len(loop.racks) for loop in loops])]),
        plates=array([r.packages for r in racks]),
        plate_flow=array([r.flow_fraction / r.packages for r in racks]),
        plate_heat=array([r.package_fraction for r in racks]),
        other_heat=array([r.liquid_fraction - r.package_fraction for r in racks]),
        case_capacity=array([r.packages * (r.package.heat_capacity + r.cold_plate.heat_capacity) for r in racks]),
        rack_capacity=array([r.coolant_volume for r in racks]) * of_rack,
        rack_flow=array([r.design_flow for r in racks]),
        rack_drop=array([r.design_drop for r in racks]),
        rack_exponent=array([r.exponent for r in racks]),
        plate_start=array([t.start for t in tables]),
        plate_spacing=array([t.spacing for t in tables]),
        plate_log_UA=np.array([t.log_UA for t in tables]),
        density=array([p.density for p in coolants]),
        rho_cp=array(hot),
        pumps=np.array([len(cdu.pumps) for cdu in cdus]),
        pump_spacing=array([c.spacing for c in curves]),
        pump_head=np.array([c.head for c in curves]),
        pump_slope=np.array([c.slope for c in curves]),
        pump_efficiency=array([c.efficiency for c in curves]),
        drive_efficiency=array([c.drive_efficiency for c in curves]),
        inner_linear=array([cdu.inner_linear for cdu in cdus]),
        inner_quadratic=array([cdu.inner_quadratic for cdu in cdus]),
        return_capacity=array([cdu.return_volume for cdu in cdus]) * hot,
        supply_capacity=array([cdu.secondary_volume for cdu in cdus]) * hot,
        facility_rho_cp=cold,
        primary_capacity=array([cdu.primary_volume for cdu in cdus]) * cold,
        primary_linear=array([cdu.primary_linear for cdu in cdus]),
        valve_quadratic=array([cdu.valve_drop / cdu.valve_flow**2 for cdu in cdus]),
        film_hot=array([law.film_hot for law in laws]),
        film_cold=array([law.film_cold for law in laws]),
        hot_flow=array([law.flow_hot for law in laws]),
        cold_flow=array([law.flow_cold for law in laws]),
        film_exponent=array([law.exponent for law in laws]),
        wall=array([law.wall for law in laws]),
        speed_control=np.array([cdu.speed.row() for cdu in cdus]),
        valve_control=np.array([cdu.valve.row() for cdu in cdus]),
        drop_set=array([cdu.differential_pressure for cdu in cdus]),
        supply_set=array([cdu.T_supply for cdu in cdus]),
        supply_span=array([cdu.valve_span for cdu in cdus]),
    )


def rest(net: LoopNet) -> LoopState:
    """State with every pump running and nothing known; ``settle`` fills it."""
    loops, racks = len(net.pumps), len(net.plates)

    def per_rack() -> np.ndarray:
        return np.zeros(racks)

    def per_loop() -> np.ndarray:
        return np.zeros(loops)

    return LoopState(
        T_case=per_rack(),
        T_rack=per_rack(),
        T_return=per_loop(),
        T_supply=per_loop(),
        T_primary=per_loop(),
        running=net.pumps.copy(),
        speed=per_loop(),
        valve=np.ones(loops),
        drop=net.drop_set.copy(),
        flow=per_loop(),
        primary_flow=per_loop(),
        drop_error=per_loop(),
        supply_error=per_loop(),
        rack_F=per_rack(),
        rack_G=per_rack(),
    )
