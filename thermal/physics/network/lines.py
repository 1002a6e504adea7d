"""Pipes of a network as finite volumes with their walls, step by step, coupled to the implicit solve of its nodes.

What leaves a line in a step is `offset` + `share` · (what enters). A line longer than the coolant's way in a step moves
its cells as ``transport`` does (MUSCL, exact exchange) and its share is nothing; a shorter one takes the implicit
upwind step of all its cells, whose answer is linear in what enters. Either way heat is conserved to round-off.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.network.transport import (
    PipeHeat,
    exchange_cells,
    exchange_matrix,
    exchange_one,
    move_along,
    round_nusselt,
)

__all__ = ["LINE", "Lines", "carry_lines", "heat_in_lines", "offer_lines", "set_lines"]

MUSCL = 1  # of transport.Scheme

LINE = np.dtype(
    (
        np.record,
        [
            ("row", "i8"),  # of the flows
            ("first", "i8"),  # of its cells
            ("cells", "i8"),
            ("places", "i8", (2,)),  # where it starts and ends
            ("own", "i8", (2,)),  # by direction: where down-down and down-up stand in the matrix, -1 where held
            ("other", "i8", (2,)),
            ("count", "f8"),  # equal pipes that it stands for
            ("cell", "f8"),  # length of a cell [m]
            ("mass", "f8"),  # of coolant [kg/m]
            ("fluid", "f8"),  # heat capacities [J/m K]
            ("wall", "f8"),
            ("loss", "f8"),  # conductance from the wall to the surroundings [W/m K]
            ("heat_capacity", "f8"),  # of the coolant [J/kg K]
            ("conductivity", "f8"),
            ("prandtl", "f8"),
            ("reynolds", "f8"),  # Reynolds number per mass flow [s/kg]
            ("beyond", "f8"),  # coolant and wall of a cell past the end
            ("skin", "f8"),
            ("forward", "i8"),
            ("implicit", "i8"),
            ("parts", "i8"),  # of a step, each moving the coolant by no more than a cell
            ("courant", "f8"),  # cells moved in a part
            ("film", "f8"),  # conductance between coolant and wall [W/m K]
            ("shares", "f8", (4,)),  # of ``exchange_matrix`` over half a part
            ("offset", "f8"),
            ("share", "f8"),
        ],
    )
)


class Lines(NamedTuple):
    """All lines, their cells one after the other, and scratch of the same size."""

    table: np.recarray
    T: np.ndarray  # of the coolant in each cell [°C]
    wall: np.ndarray
    around: np.ndarray  # (1,) surroundings [°C]
    T_trial: np.ndarray
    wall_trial: np.ndarray
    scratch: np.ndarray


@kernel
def _shares(line: Any) -> tuple[float, float, float, float]:
    return line.shares[0], line.shares[1], line.shares[2], line.shares[3]


@kernel
def set_lines(lines: Lines, m: np.ndarray, step: float) -> None:
    """Bring films, parts and shares of exchange up to the flows `m` [kg/s] for steps of `step` seconds."""
    for i in range(len(lines.table)):
        line = lines.table[i]
        flow, size = m[line.row], abs(m[line.row])
        forward = line.forward
        if flow > 0.0:
            forward = 1
        elif flow < 0.0:
            forward = 0
        if forward != line.forward:
            line.forward = forward
            end = line.first + (line.cells - 1 if forward == 1 else 0)
            line.beyond, line.skin = lines.T[end], lines.wall[end]
        whole = size * step / (line.mass * line.cell)
        parts = 1
        if whole > 1.0:  # NaN is not, and comes out as NaN
            parts = math.ceil(min(whole, 1e9) - 1e-9)
        line.implicit = 1 if 2 * parts + 1 >= line.cells else 0
        line.parts = 1 if line.implicit == 1 else parts
        line.courant = whole / line.parts
        line.film = math.pi * line.conductivity * round_nusselt(line.reynolds * size, line.prandtl)
        pipe = PipeHeat(line.cell * line.cells, 0.0, line.fluid, line.wall, line.loss)
        ff, fw, wf, ww = exchange_matrix(pipe, line.film, 0.5 * step / line.parts)
        line.shares[0], line.shares[1], line.shares[2], line.shares[3] = ff, fw, wf, ww


@kernel
def _held(line: Any, T: np.ndarray, wall: np.ndarray) -> float:
    """Heat in the cells of one pipe above 0 °C [J]."""
    E = 0.0
    for i in range(len(T)):
        E += line.fluid * T[i] + line.wall * wall[i]
    return E * line.cell


@kernel
def _move(
    line: Any, T: np.ndarray, wall: np.ndarray, scratch: np.ndarray, T_in: float, around: float, beyond: float,
    skin: float,
) -> tuple[float, float, float, float]:  # fmt: skip
    """Move the cells by one step; return the mean that left, heat lost [J], and the cell past the end with its wall."""
    shares, c = _shares(line), line.courant
    left, lost = 0.0, 0.0
    for _ in range(line.parts):
        before = _held(line, T, wall) if line.loss > 0.0 else 0.0
        exchange_cells(T, wall, around, shares)
        beyond, skin = exchange_one(beyond, skin, around, shares)
        middle = _held(line, T, wall) if line.loss > 0.0 else 0.0
        if c > 0.0:
            leaves, beyond = move_along(T, MUSCL, c, line.forward == 1, T_in, beyond, scratch)
            left += leaves / line.parts
        after = _held(line, T, wall) if line.loss > 0.0 else 0.0
        exchange_cells(T, wall, around, shares)
        beyond, skin = exchange_one(beyond, skin, around, shares)
        if line.loss > 0.0:
            lost += before - middle + after - _held(line, T, wall)
    return left, lost, beyond, skin


@kernel
def offer_lines(lines: Lines, T: np.ndarray, step: float) -> None:
    """Find what each line would give in this step: its `offset` [°C] and `share` of what enters."""
    around = lines.around[0]
    for i in range(len(lines.table)):
        line = lines.table[i]
        a, b = line.first, line.first + line.cells
        if line.implicit == 0:
            if not line.courant > 0.0:  # at rest nothing leaves; a NaN must get through
                line.offset, line.share = line.courant * 0.0, 0.0
                continue
            body, wall = lines.T_trial[a:b], lines.wall_trial[a:b]
            for j in range(line.cells):
                body[j], wall[j] = lines.T[a + j], lines.wall[a + j]
            entering = T[line.places[1 - line.forward]]
            line.offset, _, _, _ = _move(line, body, wall, lines.scratch[a:b], entering, around, line.beyond, line.skin)
            line.share = 0.0
            continue
        offset, share = 0.0, 1.0
        for k in range(line.cells):
            j = a + k if line.forward == 1 else b - 1 - k
            rest, right, carried = _implicit(line, lines.T[j], lines.wall[j], around, step)
            offset = (right + carried * offset) / rest
            share *= carried / rest
        line.offset, line.share = offset, share


@kernel
def _implicit(line: Any, T: float, wall: float, around: float, step: float) -> tuple[float, float, float]:
    """(D, r, F) per length of the implicit step of a cell, D T = r + F T_before, its wall eliminated.

    C_f (T − T⁰)/Δt = F (T_before − T) − g (T − T_w), C_w (T_w − T_w⁰)/Δt = g (T − T_w) − u (T_w − T_around).
    """
    carried = line.courant * line.fluid / step
    g, rate = line.film, line.wall / step
    of_wall = rate + g + line.loss
    held = (rate * wall + line.loss * around) / of_wall
    return line.fluid / step + carried + g - g * g / of_wall, line.fluid / step * T + g * held, carried


@kernel
def carry_lines(lines: Lines, T: np.ndarray, step: float) -> float:
    """Advance the cells with what now enters, the temperatures `T` being those of the end; return the heat lost [J]."""
    around, lost = lines.around[0], 0.0
    for i in range(len(lines.table)):
        line = lines.table[i]
        a, b = line.first, line.first + line.cells
        entering = T[line.places[1 - line.forward]]
        if line.implicit == 0:
            _, gone, line.beyond, line.skin = _move(
                line, lines.T[a:b], lines.wall[a:b], lines.scratch[a:b], entering, around, line.beyond, line.skin
            )
            lost += gone * line.count
            continue
        before, gone = entering, 0.0
        for k in range(line.cells):
            j = a + k if line.forward == 1 else b - 1 - k
            rest, right, carried = _implicit(line, lines.T[j], lines.wall[j], around, step)
            before = (right + carried * before) / rest
            rate = line.wall / step
            of_wall = rate + line.film + line.loss
            lines.wall[j] = (rate * lines.wall[j] + line.film * before + line.loss * around) / of_wall
            lines.T[j] = before
            gone += line.loss * (lines.wall[j] - around)
        lost += gone * line.cell * step * line.count
        line.beyond, line.skin = (
            lines.T[b - 1 if line.forward == 1 else a],
            lines.wall[b - 1 if line.forward == 1 else a],
        )
    return lost


@kernel
def heat_in_lines(lines: Lines) -> float:
    """Heat stored in coolant and walls of all lines above 0 °C [J]."""
    E = 0.0
    for i in range(len(lines.table)):
        line = lines.table[i]
        a, b = line.first, line.first + line.cells
        E += line.count * _held(line, lines.T[a:b], lines.wall[a:b])
    return E
