"""What moves and exchanges water: pumps, exchangers, pipes, valves, tanks, controllers."""

from thermal.components.hydronics.control import PiControl
from thermal.components.hydronics.duty_pump import DutyPump
from thermal.components.hydronics.exchanger import Exchanger, RatedExchanger
from thermal.components.hydronics.ice_tank import IceTank
from thermal.components.hydronics.pump import Pump
from thermal.components.hydronics.stratified_tank import StratifiedTank
from thermal.components.hydronics.tank import Tank
from thermal.components.hydronics.thermal_store import ThermalStore

__all__ = [
    "DutyPump", "Exchanger", "IceTank", "PiControl", "Pump", "RatedExchanger", "StratifiedTank", "Tank", "ThermalStore",
]  # fmt: skip
