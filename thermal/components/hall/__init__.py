"""What stands in the hall: racks, coolant distribution units, room coolers."""

from thermal.components.hall.cdu import Cdu
from thermal.components.hall.rack import Rack

__all__ = ["Cdu", "Rack"]
