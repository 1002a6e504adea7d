"""What moves and exchanges water: pumps, exchangers, pipes, valves, tanks, controllers."""

from thermal.components.hydronics.control import PiControl
from thermal.components.hydronics.duty_pump import DutyPump
from thermal.components.hydronics.exchanger import Exchanger, RatedExchanger
from thermal.components.hydronics.ice_tank import IceTank
from thermal.components.hydronics.pump import Pump
from thermal.components.hydronics.tank import Tank

__all__ = ["DutyPump", "Exchanger", "IceTank", "PiControl", "Pump", "RatedExchanger", "Tank"]
