"""What a network is filled with: the coolant of each branch, and its properties at the temperature they are held at."""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from thermal.components.coolant import Coolant, Properties
from thermal.network.expansion import Expanded
from thermal.network.network import Network

__all__ = ["Filling", "components", "filling", "temperatures"]

PLAIN = 20.0  # degC, of properties where nothing says how warm a network is


class Filling(NamedTuple):
    """Coolants and their properties, by branch."""

    coolants: tuple[Coolant, ...]
    number: Mapping[str, int]  # of the coolant of each branch
    T: Mapping[str, float]  # of its properties [°C]
    at: Mapping[str, Properties]
    beside: Mapping[str, str]  # of each node, a branch that touches it

    def node(self, name: str) -> Properties:
        """Properties at a node."""
        return self.at[self.beside[name]]


def filling(network: Network, T: float | Mapping[str, float]) -> Filling:
    """Fill a network whose properties are held at `T` [°C], one number or one by branch."""
    coolants: dict[int, tuple[int, Coolant]] = {}
    made: dict[tuple[int, float], Properties] = {}
    number: dict[str, int] = {}
    held: dict[str, float] = {}
    at: dict[str, Properties] = {}
    beside: dict[str, str] = {}
    for b in network.branches:
        coolant = b.coolant or network.coolant
        i, _ = coolants.setdefault(id(coolant), (len(coolants), coolant))
        warm = T[b.name] if isinstance(T, Mapping) else T
        if (i, warm) not in made:
            made[i, warm] = coolant.properties(warm)
        number[b.name], held[b.name], at[b.name] = i, warm, made[i, warm]
        beside[b.start] = beside[b.end] = b.name
    return Filling(tuple(coolant for _, coolant in coolants.values()), number, held, at, beside)


def components(network: Network) -> dict[str, int]:
    """Number of the part of a network that each node is in; parts are not joined by branches."""
    besides: defaultdict[str, list[str]] = defaultdict(list)
    for b in network.branches:
        besides[b.start].append(b.end)
        besides[b.end].append(b.start)
    found: dict[str, int] = {}
    count = 0
    for first in besides:
        if first in found:
            continue
        found[first], waiting = count, [first]
        while waiting:
            for other in besides[waiting.pop()]:
                if other not in found:
                    found[other] = count
                    waiting.append(other)
        count += 1
    return found


def temperatures(whole: Expanded) -> float | dict[str, float]:
    """Where properties are held [°C]: at the set point of the CDUs; parts that no branch joins have each their own.

    One without CDUs has that of what it is sent, of a node of held temperature.
    """
    network = whole.network
    first = whole.sides[0].cdu.T_supply if whole.sides else PLAIN
    part = components(network)
    if not network.joints and len({part[side.start] for side in whole.sides}) <= 1:
        return first
    own = {part[node.name]: node.T for node in reversed(network.nodes) if node.T is not None}
    own |= {part[side.start]: side.cdu.T_supply for side in reversed(whole.sides)}
    return {b.name: own.get(part[b.start], PLAIN) for b in network.branches}
