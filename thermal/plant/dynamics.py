"""What a plant in time needs beyond its machines: the water between them, and the delays of its sequencer."""

from thermal.quantity import Part, quantity

__all__ = ["PlantDynamics"]


class PlantDynamics(Part):
    """Water volumes, as seconds of design flow, and delays of a plant that is marched with its loops.

    A volume [m³] over the design flow [m³/s] of its pump is the time that water spends in it; each is well mixed.

    Examples
    --------
    >>> import thermal as th
    >>> th.load("plant_dynamics/typical").start_delay
    185.0
    """

    supply_time: float = quantity("s", "facility water from the machines to the CDUs, over design flow", low=5)
    return_time: float = quantity("s", "facility water from the CDUs to the machines, over design flow", low=5)
    machine_time: float = quantity("s", "water, and metal as water, of evaporators, exchangers or coolers", above=0)
    condenser_time: float = quantity("s", "condenser water in basins and pipes, over design flow", above=0)
    flow_time: float = quantity("s", "time constant with which facility flow follows the load", low=0)
    start_delay: float = quantity("s", "from the command to a chiller that cools", low=0, high=3600)
    hold_up: float = quantity("s", "how long the load must ask for one chiller more", low=0, high=7200)
    hold_down: float = quantity("s", "how long the load must ask for one chiller less", low=0, high=7200)
    on_least: float = quantity("s", "shortest run of a chiller", low=0, high=7200)
    off_least: float = quantity("s", "shortest standstill of a chiller", low=0, high=7200)
    mode_least: float = quantity("s", "from the end of free cooling to its next start", low=0, high=86400)
    step: float = quantity("s", "longest time step of the plant", above=0, high=300)
