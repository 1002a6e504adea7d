"""A chiller-less warm-water plant in time: hot-water loop, intermediate exchangers, tower loop, cooling towers."""

from typing import Any, Self

from pydantic import model_validator

from thermal.components.coolant import Coolant
from thermal.components.hydronics.control import PiControl
from thermal.components.hydronics.exchanger import Exchanger, RatedExchanger
from thermal.components.hydronics.pump import Pump
from thermal.physics.kernel import zero_record
from thermal.physics.machines.pump import GRAVITY, speed_for
from thermal.physics.plant.trains import PLANT
from thermal.quantity import Part, part, quantity

__all__ = ["TowerPlant"]


class TowerPlant(Part):
    """Equal trains of hot-water pump, plate exchanger, tower-water pump and tower cells, staged with the flow.

    The hot-water pumps hold a differential pressure across the CDU branches; the fans hold the tower water at an
    approach above the wet bulb, within limits.

    Examples
    --------
    >>> import thermal as th
    >>> th.load("tower_plants/frontier").trains
    4
    """

    trains: int = quantity("-", "equal trains installed", low=1, high=100)
    header_drop: float = quantity("Pa", "differential pressure kept across the CDU branches", above=0, high=2e6)
    hot_pump: Pump = part("hot-water pump of a train")
    piping_drop: float = quantity("Pa", "pressure drop of the hot-water piping at the design flow of all trains", low=0)
    train_hot_flow: float = quantity("m3/s", "hot-water flow for which a train is designed", above=0)
    exchanger_hot_drop: float = quantity("Pa", "pressure drop of the exchanger's hot side at that flow", low=0)
    return_volume: float = quantity("m3", "water of the hot-water return, plenum included", above=0)
    supply_volume: float = quantity("m3", "water of the hot-water supply, plenum included", above=0)
    exchanger: Exchanger | RatedExchanger = part(
        "plate exchanger of a train: hot side hot water, cold side tower water"
    )
    tower_pump: Pump = part("tower-water pump of a train")
    train_tower_flow: float = quantity("m3/s", "tower water of a train", above=0)
    tower_loop_drop: float = quantity("Pa", "pressure drop of a train's tower water: exchanger, valve, piping", low=0)
    tower_lift: float = quantity("m", "static lift from basin to spray nozzles", low=0, high=50)
    basin_volume: float = quantity("m3", "tower water in basins and pipes", above=0)
    cells: int = quantity("-", "tower cells of a train", low=1, high=100)
    cell_flow: float = quantity("m3/s", "design water flow of a cell", above=0)
    fan_power: float = quantity("W", "fan power of a cell at full speed", above=0)
    approach: float = quantity("K", "set point of tower water above wet bulb", above=0, high=30)
    T_low: float = quantity("degC", "lowest set point of tower water", low=1, high=60)
    T_high: float = quantity("degC", "highest set point of tower water", low=1, high=60)
    fan: PiControl = part("controller of fan speed after tower-water temperature, error relative to the span")
    fan_span: float = quantity("K", "tower-water temperature error that counts as 1", above=0, high=100)
    fan_idle: float = quantity("-", "fan speed below which a train may stop", above=0, high=1)
    stage_delay: float = quantity("s", "shortest time between changes of trains that the fans ask for", low=0)
    drift: float = quantity("-", "water lost as drift, share of circulated water", low=0, high=0.01)
    cycles: float = quantity("-", "cycles of concentration of the tower water", low=1.1, high=20)
    coolant: Coolant | None = part("water of both loops; plain water if not given", default=None)

    @model_validator(mode="after")
    def _reaches_its_flows(self) -> Self:
        self.hot_pump.require_constant("a tower plant")
        self.tower_pump.require_constant("a tower plant")
        self.fan.require_plain("a tower plant")
        need = self.tower_lift + self.tower_loop_drop / (1000.0 * GRAVITY)
        have = float(self.tower_pump.head(self.train_tower_flow, self.tower_pump.speed_high))
        if have < need:
            raise ValueError(
                f"tower_pump gives {have:.1f} m at {self.train_tower_flow:g} m3/s, the loop needs {need:.1f} m"
            )
        if self.T_low > self.T_high:
            raise ValueError(f"T_low = {self.T_low:g} degC is above T_high = {self.T_high:g} degC")
        return self

    def net(self, coolant: Coolant) -> Any:
        """The plant as a record of the kernels; water properties are taken at 25 °C."""
        p = coolant.properties(25.0)
        rho_cp = p.density * p.heat_capacity
        hot, law = self.hot_pump.curve, self.exchanger.law(rho_cp, rho_cp)
        net = zero_record(PLANT)
        net.trains, net.density, net.rho_cp = self.trains, p.density, rho_cp
        net.header_set = self.header_drop
        net.hot_spacing, net.hot_head, net.hot_slope, net.hot_efficiency, net.hot_drive = hot
        net.hot_low = self.hot_pump.speed_low
        net.hot_linear = self.exchanger_hot_drop / self.train_hot_flow
        net.hot_quadratic = self.piping_drop / (self.trains * self.train_hot_flow) ** 2
        net.train_hot_flow = self.train_hot_flow
        net.hot_capacity, net.cold_capacity = self.return_volume * rho_cp, self.supply_volume * rho_cp
        net.film_hot, net.film_cold, net.hot_flow, net.cold_flow, net.film_exponent, net.wall = law
        net.tower_pump_power = self._tower_pump_power(p.density)
        net.tower_drive = self.tower_pump.drive_efficiency
        net.train_cold_flow, net.basin_capacity = self.train_tower_flow, self.basin_volume * rho_cp
        net.cells, net.cell_flow, net.fan_power = self.cells, self.cell_flow, self.fan_power
        net.approach_set, net.T_low, net.T_high = self.approach, self.T_low, self.T_high
        net.fan_control, net.fan_span = self.fan.row(), self.fan_span
        net.fan_idle, net.stage_delay = self.fan_idle, self.stage_delay
        net.drift, net.cycles = self.drift, self.cycles
        return net

    def _tower_pump_power(self, density: float) -> float:
        """Electrical power [W] of a tower pump at its train's flow, its speed set for the head that this needs."""
        need = self.tower_lift + self.tower_loop_drop / (density * GRAVITY)
        pump, flow = self.tower_pump, self.train_tower_flow
        speed = speed_for(pump.curve, flow, need, pump.speed_low, pump.speed_high)
        return float(pump.power(flow, speed, density))
