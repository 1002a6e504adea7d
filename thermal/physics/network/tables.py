"""Tables of a march through a network: controllers and what they move, what drives it, what is saved."""

from typing import NamedTuple

import numpy as np

from thermal.physics.network.buoyancy import Media
from thermal.physics.network.control import CONTROL
from thermal.physics.network.rack_plate import Plates

__all__ = [
    "ACTUATOR", "CHANGE", "CONTROLLER", "HEATED", "OPEN", "PACE", "PUMPED", "ROW", "VISCOUS",
    "Controls", "Drives", "Saved",
]  # fmt: skip

CONTROLLER = np.dtype(
    (
        np.record,
        [
            ("pi", CONTROL),
            ("senses", "i8"),  # 0: a temperature, 1: a pressure difference between two places, 2: flow of a row
            ("place", "i8"),
            ("other", "i8"),
            ("set", "f8"),
            ("least", "f8"),  # a temperature below which its set point does not count
            ("guard", "f8"),  # of it above the dew point of the room [K]
            (
                "level",
                "f8",
            ),  # of a pressure difference what the coolant in its lines weighs [Pa], of a flow its density
            ("span", "f8"),  # error that counts as 1, with its sign
            ("bias", "f8"),  # of its sensor
            ("running", "f8"),  # 0: frozen, the output rests; -1: out of the way
            ("output", "f8"),
            ("error", "f8"),  # last one
            ("rate", "f8"),  # fastest change of the output [1/s], infinite where any
            ("sample", "f8"),  # time between two actions [s]
            ("lag", "f8"),  # of its sensor [s]
            ("delay", "f8"),  # dead time [s]
            ("elapsed", "f8"),  # since it acted [s]
            ("late", "f8"),  # by how much it acted after its time, where steps are no whole part of it [s]
            ("reading", "f8"),  # of its sensor
            ("known", "f8"),  # whether there is one
            ("clock", "f8"),  # of its past [s]
            ("kept", "i8"),  # readings of the past
        ],
    )
)
ACTUATOR = np.dtype(
    (
        np.record,
        [
            ("controller", "i8"),  # -1: none, a pump at its own speed
            ("valve", "i8"),  # 0: speed of a pump; 1: quadratic loss of a row, before a facility, 2: of another network
            ("row", "i8"),
            ("open", "f8"),  # quadratic loss of the open valve, or speed of a pump without controller
            ("running", "f8"),  # 0: the drive is off, whatever the controller says
            ("coast", "f8"),  # time in which a pump without drive loses half of nominal speed [s]; 0: stands at once
            ("stroke", "f8"),  # time in which a valve goes all its way [s]
            ("stiction", "f8"),  # share of it that it must be sent before it moves
            ("position", "f8"),  # where it stands
            ("moving", "f8"),  # whether it is on its way
        ],
    )
)
HEATED = np.dtype((np.record, [("column", "i8"), ("place", "i8"), ("share", "f8")]))  # heat given, to a place
PUMPED = np.dtype(
    (
        np.record,
        [
            ("row", "i8"),
            ("pump", "i8"),
            ("place", "i8"),
            ("count", "f8"),
            ("density", "f8"),
            ("law", "i8"),  # of PumpDraw, as are the following
            ("best", "f8"),
            ("flow_best", "f8"),
            ("flow_last", "f8"),
            ("spacing", "f8"),
            ("rated", "f8"),
            ("lost", "f8"),
            ("losses", "f8", (4,)),
        ],
    )
)
VISCOUS = np.dtype(
    (
        np.record,
        [
            ("pipe", "i8"),  # row of the pipes
            ("coolant", "i8"),  # of ``Media``
            ("places", "i8", (2,)),  # whose coolant it carries, by direction
            ("scale", "f8"),  # Reynolds number times viscosity per mass flow [1/m]
            ("warmth", "f8"),  # temperature of its viscosity now [°C]
        ],
    )
)
OPEN = np.dtype((np.record, [("row", "i8"), ("place", "i8"), ("capacity", "f8")]))  # flow into an open end, with sign
PACE = np.dtype(
    (
        np.record,
        [
            ("time", "f8"),  # at the start of the first interval [s]
            ("interval", "f8"),  # [s]
            ("stride", "f8"),  # change of temperature after which viscosity follows [K]
            ("ease", "f8"),  # of ``lift``
        ],
    )
)
CHANGE = np.dtype((np.record, [("time", "f8"), ("table", "i8"), ("row", "i8"), ("value", "f8")]))
ROW = np.dtype(
    (
        np.record,
        [
            ("pump_power", "f8"),  # means [W]
            ("shaft_power", "f8"),  # of it what reaches the coolant
            ("heat_held", "f8"),  # from the held places into the network
            ("heat_drawn", "f8"),  # with coolant that leaves the network, less what comes in its stead
            ("heat_lost", "f8"),  # from walls of pipes to their surroundings
            ("energy_residual", "f8"),
            ("mass_residual", "f8"),  # worst [kg/s]
            ("steps", "f8"),  # Newton steps in the interval; NaN where flows were not found
        ],
    )
)


class Controls(NamedTuple):
    """Controllers, what they move, and changes in time by table: 0 actuator runs, 1 controller runs, 2 set point,
    3 loss factor of a branch, 4 resistance of a branch (closing), 5 held temperature by place, 6 bias of a sensor,
    7 held pressure by place, 8 draw at an unknown place, 9 dew point of a controller's room.
    """

    controllers: np.recarray
    actuators: np.recarray
    changes: np.recarray  # ascending in time
    past: np.ndarray  # (controllers, 2, SLOTS) what they saw; without slots where none sees late


class Drives(NamedTuple):
    """What drives the heat: columns of the heat given, pumps' work, and interval by interval their values."""

    heated: np.recarray
    pumped: np.recarray
    heat: np.ndarray  # (row, column) [W]
    rows: np.ndarray  # (t,) row that holds over each interval
    draws: np.ndarray  # (pumped, points) efficiency over the best one
    viscous: np.recarray  # pipes whose viscosity follows the temperature of what they carry
    columns: np.recarray  # branches that rise or fall
    coolants: Media
    open: np.recarray  # flows into places where coolant leaves the network or comes from nowhere
    pace: np.recarray  # PACE, one row
    plates: Plates  # reduced ones, which follow the march
    watched: np.ndarray  # (plates,) which of the web's plates they are
    drawn: np.ndarray  # (pumped,) electrical and shaft power of one pump at the flows of now [W]
    shafts: np.ndarray
    since: np.ndarray  # [J] since the call began: heat from each held place, work of pumps, of it that of shafts


class Saved(NamedTuple):
    """Results at the end of each saved interval, and the highest temperatures of all steps."""

    T: np.ndarray  # (s, places)
    m: np.ndarray  # (s, rows)
    p: np.ndarray  # (s, places of pressure)
    output: np.ndarray  # (s, controllers)
    goal: np.ndarray  # (s, controllers) their set points
    position: np.ndarray  # (s, actuators) where valves stand
    speed: np.ndarray  # (s, pumps)
    power: np.ndarray  # (s, pumped) mean electrical power of one pump [W]
    held: np.ndarray  # (s, held) mean heat from each held place into the network [W]
    case: np.ndarray  # (s, plates) of reduced plates: case, junction, whether their flow was outside their range
    junction: np.ndarray
    outside: np.ndarray
    rows: np.recarray  # ROW (s)
    peak: np.ndarray  # (places)
    peak_case: np.ndarray  # (plates)
    before: np.ndarray  # (places) temperatures at the start of the first row
    given: np.ndarray  # (s, taking) mean heat given to each place that takes any [W]
    ended: np.ndarray  # (s, taking) the same at its end
    power_it: np.ndarray  # (s) mean power of the racks [W]
    air: np.ndarray  # (s) of it what warms the air
