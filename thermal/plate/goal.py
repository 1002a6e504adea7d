"""Quantities of a plate that have a gradient: temperatures by a smooth maximum, losses; and what they depend on."""

from enum import StrEnum
from typing import NamedTuple

import numpy as np

from thermal.components.chip.package import Package
from thermal.errors import InputError
from thermal.plate.conditions import Conditions
from thermal.plate.grid import PlateGrid, covered
from thermal.plate.solve import Operation

__all__ = ["Aim", "Goal", "Pull", "pull"]


class Goal(StrEnum):
    """What a gradient is taken of.

    Examples
    --------
    >>> Goal("pressure_drop").unit
    'Pa'
    """

    T_JUNCTION = "T_junction"
    T_CASE = "T_case"
    R_CASE = "R_case"
    PRESSURE_DROP = "pressure_drop"
    PUMPING_POWER = "pumping_power"

    @property
    def unit(self) -> str:
        """Unit of the quantity itself, a difference where it is a temperature."""
        return {"T": "K", "R": "K/W", "p": "Pa"}[self.value[0]] if self != Goal.PUMPING_POWER else "W"


class Aim(NamedTuple):
    """A goal, the block it is confined to if any, and how softly the highest value is taken [K]."""

    goal: Goal
    block: str | None
    softness: float


class Pull(NamedTuple):
    """A quantity and its direct derivatives, by what the solution and the grid hold."""

    value: float
    body: np.ndarray  # (ny, nz, nx) by the rise of each cell
    power: np.ndarray  # (ny, nz, nx) by the power of each cell
    covered: list[np.ndarray]  # (ny, nx) by the area that each block covers [1/m²]
    across: np.ndarray  # (nx,) by ln of the width of each column
    upwards: np.ndarray  # (nz,) by ln of the height of each layer
    through: np.ndarray  # (ny, nz, nx) by ln of the conductivity along z
    contact: np.ndarray  # (nz,) by the resistance below each layer
    drop: float  # by the pressure drop
    flow: float  # by the volume flow
    heat: float  # by the whole power


def pull(c: Conditions, at: Operation, aim: Aim) -> Pull:
    """Return the value of a goal and its direct derivatives.

    The smooth maximum of rises θ over areas w is s ln(Σ w exp(θ/s) / Σ w), s the softness: below the highest value, by
    s ln(Σ w / w_hot) where little is hot, and equal to it for s = 0.

    Raises
    ------
    InputError
        If the package has no block of the name given.
    """
    grid, shape = at.grid, at.power.shape
    p = Pull(
        0.0, np.zeros(shape), np.zeros(shape), [np.zeros((shape[0], shape[2])) for _ in grid.sources],
        np.zeros(shape[2]), np.zeros(shape[1]), np.zeros(shape), np.zeros(shape[1]), 0.0, 0.0, 0.0,
    )  # fmt: skip
    drop = at.state.pressure_drop
    if aim.goal == Goal.PRESSURE_DROP:
        return p._replace(value=drop, drop=1.0)
    if aim.goal == Goal.PUMPING_POWER:
        return p._replace(value=drop * c.flow, drop=c.flow, flow=drop)
    if aim.goal == Goal.T_JUNCTION:
        return p._replace(value=_junction(c, at, aim, p))
    case = _case(c, at, aim.softness, p)
    if aim.goal == Goal.T_CASE:
        return p._replace(value=case)
    heat = float(at.power.sum())
    if not heat > 0.0:
        raise InputError("R_case has no gradient without heat; give some, or ask for T_case")
    return _scaled(p, 1.0 / heat)._replace(value=case / heat, heat=-case / heat**2)


def _scaled(p: Pull, factor: float) -> Pull:
    """All derivatives times a factor."""
    scaled = {name: factor * value for name, value in p._asdict().items() if name != "covered"}
    return Pull(**scaled, covered=[factor * area for area in p.covered])


def _highest(field: np.ndarray, weight: np.ndarray, softness: float) -> tuple[float, np.ndarray, np.ndarray]:
    """Smooth maximum where there is weight, and its derivatives by the field and by the weights."""
    on = weight > 0.0
    top = float(field[on].max())
    share, by_weight = np.zeros_like(field), np.zeros_like(field)
    if softness == 0.0:
        share[np.unravel_index(int(np.argmax(np.where(on, field, -np.inf))), field.shape)] = 1.0
        return top, share, by_weight
    grown = np.where(on, np.exp(np.where(on, field - top, 0.0) / softness), 0.0)
    whole, mass = float((weight * grown).sum()), float(weight.sum())
    share = weight * grown / whole
    by_weight[on] = softness * (grown[on] / whole - 1.0 / mass)
    return top + softness * float(np.log(whole / mass)), share, by_weight


def _junction(c: Conditions, at: Operation, aim: Aim, p: Pull) -> float:
    """Fill in the direct derivatives of the highest temperature of the blocks, or of one."""
    grid = at.grid
    chosen = [i for i, (_, block) in enumerate(grid.sources) if aim.block in {None, block.name}]
    if not chosen:
        raise InputError(f"block = {aim.block!r} is none of {[block.name for _, block in grid.sources]}")
    area = np.stack([covered(grid, *grid.sources[i]) for i in chosen])
    flux = c.package.R_junction_case if isinstance(c.package, Package) else 0.0
    fields, skins, over = [], [], []
    for i, each in zip(chosen, area, strict=True):
        k = grid.sources[i][0]
        T, skin, power = at.rises.body[:, k], skin_of(grid, k) * (k == 0), at.power[:, k]
        raised = np.divide(flux * each.sum(), each, out=np.zeros_like(each), where=each > 0)
        fields.append(T + power * (skin + raised))
        skins.append(skin)
        over.append(raised)
    value, share, by_area = _highest(np.stack(fields), area, aim.softness)
    for i, pi, w, each, skin, raised in zip(chosen, share, by_area, area, skins, over, strict=True):
        k = grid.sources[i][0]
        power = at.power[:, k]
        p.body[:, k] += pi
        p.power[:, k] += pi * (skin + raised)
        p.covered[i] += w
        if flux:  # of R A P/a, the area A being the whole of the block
            above = pi * power * raised
            p.covered[i] += above.sum() / each.sum() - np.divide(above, each, out=np.zeros_like(w), where=each > 0)
        _by_skin(p, k, pi * power * skin)
    return value


def _case(c: Conditions, at: Operation, softness: float, p: Pull) -> float:
    """Fill in the direct derivatives of the highest temperature of the case."""
    grid, body = at.grid, at.rises.body
    if isinstance(c.package, Package):
        area, skin = covered(grid, *grid.sources[0]), skin_of(grid, 0)
        value, share, by_area = _highest(body[:, 0] + at.power[:, 0] * skin, area, softness)
        p.body[:, 0] += share
        p.power[:, 0] += share * skin
        p.covered[0] += by_area
        _by_skin(p, 0, share * at.power[:, 0] * skin)
        return value
    k = grid.case
    face = np.outer(grid.body.dy, grid.body.dx)
    area = face * (grid.body.material[:, k] > 0)
    low, high = skin_of(grid, k) * face, skin_of(grid, k + 1) * face
    whole = low + grid.body.contact[k + 1] + high
    above = np.divide(low, whole, out=np.zeros_like(low), where=area > 0)
    value, share, by_area = _highest((1.0 - above) * body[:, k] + above * body[:, k + 1], area, softness)
    p.body[:, k] += (1.0 - above) * share
    p.body[:, k + 1] += above * share
    p.across[:] += (by_area * area).sum(axis=0)
    step = np.divide(share * (body[:, k + 1] - body[:, k]), whole, out=np.zeros_like(low), where=area > 0)
    for layer, by in ((k, step * (1.0 - above) * low), (k + 1, -step * above * high)):
        p.upwards[layer] += by.sum()
        p.through[:, layer] -= by
    p.contact[k + 1] -= (step * above).sum()
    return value


def _by_skin(p: Pull, k: int, by: np.ndarray) -> None:
    """Add what depends on the logarithm of half a cell's resistance."""
    p.upwards[k] += by.sum()
    p.across[:] -= by.sum(axis=0)
    p.through[:, k] -= by


def skin_of(grid: PlateGrid, k: int) -> np.ndarray:
    """Resistance of half a cell of layer `k` along z (ny, nx), zero in void [K/W]."""
    kz = grid.body.conductivity[grid.body.material[:, k], 2]
    half = np.divide(0.5 * grid.body.dz[k], kz, out=np.zeros_like(kz), where=kz > 0)
    return np.asarray(half / np.outer(grid.body.dy, grid.body.dx))
