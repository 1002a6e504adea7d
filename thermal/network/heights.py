"""Heights of a network's nodes: which branches rise or fall, and whose temperature says how heavy they are."""

from collections.abc import Mapping, Sequence

import numpy as np

from thermal.components.coolant import Coolant
from thermal.network.expansion import Expanded
from thermal.network.heat_web import LoweredHeat
from thermal.network.network import Network
from thermal.network.topology import Hydraulics
from thermal.physics.network.buoyancy import COLUMN, Media

__all__ = ["lower_columns", "media_of", "sloping"]


def _heights(network: Network) -> dict[str, float]:
    return {node.name: node.elevation for node in network.nodes if node.elevation != 0.0}


def sloping(network: Network) -> set[str]:
    """Branches whose ends are not at one height: each has a temperature of its own, so that none is folded."""
    z = _heights(network)
    return {b.name for b in network.branches if z.get(b.start, 0.0) != z.get(b.end, 0.0)} if z else set()


def media_of(coolants: Sequence[Coolant]) -> Media:
    """Property tables of coolants, one after the other."""
    tables = [coolant.table for coolant in coolants]
    coefficients = np.zeros((len(tables), max(len(t.coefficients) for t in tables), 4))
    for row, table in zip(coefficients, tables, strict=True):
        row[: len(table.coefficients)] = table.coefficients
    return Media(np.array([t.centre for t in tables]), np.array([t.half for t in tables]), coefficients)


def lower_columns(whole: Expanded, lowered: Hydraulics, heat: LoweredHeat, coolant: Mapping[str, int]) -> np.recarray:
    """Branches that rise or fall, each with whose temperature it has; `coolant` is the number of each branch's.

    A pipe with cells has theirs; other branches that hold coolant have it stirred; those that hold none, such as a pump
    or the exchanger of a CDU, have the mean of their ends, as between the two sides of an exchanger.
    """
    z, found = _heights(whole.network), []
    if not z:
        return np.zeros(0, COLUMN).view(np.recarray)
    cells = {int(line.row): (int(line.first), int(line.cells)) for line in heat.web.lines.table}
    for b, row in zip(whole.network.branches, lowered.row.tolist(), strict=True):
        height = z.get(b.end, 0.0) - z.get(b.start, 0.0)
        ends = [heat.place.get(whole.alias.get(name, name)) for name in (b.start, b.end)]
        if height == 0.0 or None in ends:  # facility water is level
            continue
        inside = heat.place.get(f"{b.name}:inside")
        places = tuple(ends) if inside is None else (inside, inside)
        found.append((row, coolant[b.name], height, places, *cells.get(row, (0, 0))))
    return np.array(found, COLUMN).view(np.recarray)
