"""Pipes with cells of their own, lowered for the kernels of heat."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from thermal.components.coolant import Coolant
from thermal.components.hydronics.pipe import Pipe
from thermal.network.transport import pipe_heat
from thermal.physics.network.lines import LINE, Lines

__all__ = ["lower_lines"]


def lower_lines(
    pipes: Sequence[tuple[int, str, str, Pipe, int, Coolant, float]],
    T_ambient: float,
    place: Mapping[str, int],
    number_of: Callable[[str, str], int],
) -> Lines:
    """Lower pipes (row of flow, start, end, pipe, count, coolant, T) with coolant and wall at T [°C] all along."""
    table = np.zeros(len(pipes), LINE).view(np.recarray)
    first = 0
    warm = []
    for line, (row, start, end, pipe, count, coolant, T) in zip(table, pipes, strict=True):
        p = coolant.properties(T)
        warm += pipe.volumes * [float(T)]
        heat = pipe_heat(pipe, coolant, T)
        line.row, line.first, line.cells, line.count = row, first, pipe.volumes, count
        first += pipe.volumes
        line.places = place[start], place[end]
        for direction, (up, down) in enumerate(((start, end), (end, start))):
            line.own[direction], line.other[direction] = number_of(down, down), number_of(down, up)
        line.cell, line.mass = pipe.length / pipe.volumes, p.density * heat.area
        line.fluid, line.wall, line.loss, line.heat_capacity = heat.fluid, heat.wall, heat.loss, p.heat_capacity
        line.conductivity, line.prandtl = p.conductivity, p.viscosity * p.heat_capacity / p.conductivity
        line.reynolds = 4.0 / (math.pi * pipe.diameter * p.viscosity)
        line.beyond, line.skin, line.forward = T, T, 1
    cells = [np.array(warm) for _ in range(5)]
    return Lines(table, cells[0], cells[1], np.array([float(T_ambient)]), cells[2], cells[3], cells[4])
