"""Names, units and places of what goes in and out of a co-simulation unit, ours or as another program asks for them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from thermal.errors import InputError
from thermal.inputs import no_others
from thermal.names import NAMES
from thermal.network.loop import Loop

__all__ = ["INPUTS", "Signal", "input_signals", "output_signals"]

INPUTS = {
    "heat": ("W", "heat released in a rack"),
    "heat_loop": ("W", "heat released in all racks of a loop, shared by their design heat"),
    "T": ("degC", "temperature of the facility water entering the CDUs"),
    "flow": ("m3/s", "facility water that all loops draw with their valves open"),
    "T_supply": ("degC", "set point of the facility water"),
    "T_dry_bulb": ("degC", "outdoor dry-bulb temperature"),
    "T_wet_bulb": ("degC", "outdoor wet-bulb temperature"),
    "humidity_ratio": ("kg/kg", "outdoor water per dry air; of the wet bulb, if it is no input"),
    "pressure": ("Pa", "barometric pressure"),
}


class Signal(NamedTuple):
    """One variable of a unit: value outside = scale · value inside + offset."""

    name: str
    variable: str  # of ``Stepper.row`` or of INPUTS; none for what is constant
    place: tuple[int, ...]
    units: str
    meaning: str
    scale: float = 1.0
    offset: float = 0.0

    def outside(self, value: float) -> float:
        """The value as the master sees it."""
        return self.scale * value + self.offset

    def inside(self, value: float) -> float:
        """The value in the units of this package."""
        return (value - self.offset) / self.scale


def input_signals(names: Sequence[str], loops: Sequence[Loop]) -> list[Signal]:
    """One signal for each number of each input, such as ``heat[2,7]`` of loop 2 and rack 7, both counted from 0.

    Raises
    ------
    InputError
        If a name is none of ``INPUTS``, or racks and their loop are both asked for.
    """
    if {"heat", "heat_loop"} <= set(names):
        raise InputError("inputs: heat is that of each rack, heat_loop of each loop; choose one")
    found: list[Signal] = []
    for name in names:
        no_others("inputs of a unit", [name], INPUTS)
        units, meaning = INPUTS[name]
        if name == "heat":
            places: list[tuple[int, ...]] = [(l, r) for l, loop in enumerate(loops) for r in range(len(loop.racks))]
        else:
            places = [(l,) for l in range(len(loops))] if name == "heat_loop" else [()]
        found += [Signal(_indexed(name, place), name, place, units, meaning) for place in places]
    return found


def output_signals(names: Sequence[str], row: dict[str, Any]) -> list[Signal]:
    """One signal for each number of each result variable; power by end use is ``power.cdu_pumps``.

    Raises
    ------
    InputError
        If a name is no variable of this study's result.
    """
    found: list[Signal] = []
    for name in names:
        wanted = [key for key in row if key == name or (name == "power" and key.startswith("power."))]
        if not wanted:
            no_others("outputs of this unit", [name], sorted({key.partition(".")[0] for key in row}))
        for key in wanted:
            variable = NAMES[key.partition(".")[0]]
            use = f" ({key.partition('.')[2]})" if "." in key else ""
            places = list(_places(row[key].shape))
            found += [
                Signal(_indexed(key, place), key, place, variable.units, variable.long_name + use) for place in places
            ]
    return found


def _places(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    places: list[tuple[int, ...]] = [()]
    for size in shape:
        places = [(*place, k) for place in places for k in range(size)]
    return places


def _indexed(name: str, place: tuple[int, ...]) -> str:
    return f"{name}[{','.join(map(str, place))}]" if place else name
