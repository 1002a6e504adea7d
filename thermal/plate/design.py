"""Plates drawn for their power: widths of all channels and fins by the gradient, within what can be made."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from tqdm import tqdm

from thermal import inputs
from thermal.components.chip.package import Package
from thermal.components.chip.stack import Stack
from thermal.components.coolant import Coolant
from thermal.components.plate.geometry import ColdPlate
from thermal.errors import ConvergenceError, InputError
from thermal.names import describe
from thermal.plate.adjoint import answer, laws_at
from thermal.plate.chain import by_widths
from thermal.plate.conditions import Conditions
from thermal.plate.goal import Aim, Goal, pull
from thermal.plate.grid import Cells
from thermal.plate.power import Heat, checked_heat, spread_heat
from thermal.plate.result import steady_result
from thermal.plate.solve import operate
from thermal.quantity import Part, provenance, quantity

__all__ = ["Drawing", "Limits", "design"]

DRAFT_TOLERANCE, TOLERANCE = 1e-7, 1e-10  # residuals of the draft, and of what the result says
SETTLED, SLOPES = 1e-6, 1e-6  # of films and flows, and of the adjoint: a hundredth of what the optimiser stops at
WIDER = 8.0  # times the given width that a channel or fin may become
FLOWS = 8.0  # by which the flow may change either way
NEAR_LIMIT = 0.5  # of the way from the inlet to the end of the coolant's table that it may warm up on average
STEPS, STILL = 80, 3e-5  # of the optimiser, and relative change of the rise at which it stops
DRAFT = Cells(slices=16, base=3, fin=4, cover=1)


class Limits(Part):
    """What a workshop can make, and what the pump may take.

    Examples
    --------
    >>> round(Limits(least_channel=2e-4, least_fin=1.5e-4, aspect=10.0).narrowest(3e-3), 6)  # 3 mm deep
    0.0003
    """

    least_channel: float = quantity("m", "least width of a channel", above=0, high=0.05)
    least_fin: float = quantity("m", "least thickness of a fin, and of the walls at the sides", above=0, high=0.05)
    aspect: float = quantity("-", "largest depth of a channel over its width", above=0, high=1000, default=1000.0)
    fin_aspect: float = quantity("-", "largest height of a fin over its thickness", above=0, high=1000, default=1000.0)
    tool: float | None = quantity("m", "width of the cutter: no channel is narrower", above=0, high=0.05, default=None)
    pumping_power: float | None = quantity(
        "W", "largest hydraulic power; by default that of the plate given", above=0, high=1e4, default=None
    )

    def narrowest(self, depth: float) -> float:
        """Width below which no channel of a depth can be made [m]."""
        return max(self.least_channel, self.tool or 0.0, depth / self.aspect)

    def thinnest(self, depth: float) -> float:
        """Thickness below which no fin of a height can be made [m]."""
        return max(self.least_fin, depth / self.fin_aspect)


class Drawing(NamedTuple):
    """A plate that was drawn, the flow it takes, and what it gains."""

    plate: ColdPlate
    flow: float  # [m³/s]
    result: xr.Dataset


def design(
    plate: ColdPlate,
    package: Stack | Package,
    coolant: Coolant,
    heat: Any,
    flow: float,
    T_in: float,
    subject_to: Limits,
    softness: float = 0.5,
    cells: Cells = DRAFT,
) -> Drawing:
    """Draw the widths of all channels and fins, and the flow, that keep the hottest block coolest.

    The smooth highest junction temperature is made least by sequential quadratic programming (SLSQP of scipy) with
    gradients by the adjoint: first with one width for all channels and one for all fins, which is the best even plate,
    from there with each its own. The number of channels, their depth and all else are those of the plate given.

    Parameters
    ----------
    plate, package, coolant, flow, T_in
        As for ``th.steady``: where to begin, fins resolved.
    heat
        As for ``th.steady``, or a list of several, of which the worst counts.
    subject_to : Limits
        Limits of manufacture, and the pumping power.
    softness : float
        Of the smooth maximum, over cells and over power maps [K].
    cells : Cells
        Grid of the draft; what the result says was solved on one with twice as many cells along each direction.

    Returns
    -------
    Drawing
        The plate, its flow, and a Dataset with dimension ``drawn`` (given, even, drawn): T_junction, R_case,
        pressure_drop and pumping_power of each ``power_map``, flow, channel_width and fin_width.

    Raises
    ------
    InputError
        If the plate has no room for its channels within the limits, or is not one that can be drawn.
    ConvergenceError
        If a plate does not settle, or the optimiser ends beyond a limit.

    Examples
    --------
    >>> import thermal as th
    >>> plate = th.ColdPlate(length=0.03, breadth=0.03, channel_width=3e-3, fin_width=2e-3, channel_depth=3e-3,
    ...                      base=1e-3, metal=th.load("materials/copper"))
    >>> package, coolant = th.load("packages/h100"), th.load("coolants/pg25")
    >>> th.plate.design(plate, package, coolant, heat=700.0, flow=1e-3 / 60, T_in=40.0,
    ...                 subject_to=Limits(least_channel=5e-3, least_fin=2e-3))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    thermal.errors.InputError: no room: 5 channels of at least 0.005 m and 6 fins and walls of at least 0.002 m ...
    """
    limits = inputs.part("subject_to", subject_to, Limits, "such as th.plate.Limits(least_channel=2e-4, ...)")
    softness = inputs.number("softness", softness, "K", above=0, high=100)
    maps = list(heat) if isinstance(heat, Sequence) and not isinstance(heat, str) and not _rows(heat) else [heat]
    heats = [checked_heat(f"heat[{i}]" if len(maps) > 1 else "heat", each) for i, each in enumerate(maps)]
    start = Conditions.of(plate, package, coolant, heats[0], flow, T_in, cells, DRAFT_TOLERANCE)
    _require_drawable(start.plate, limits)
    draft = _Draft(start, heats, limits, softness)
    with tqdm(total=2 * STEPS, desc="design", unit="step", delay=2.0, leave=False, disable=None) as bar:
        draft.bar = bar
        even = draft.best(draft.together(), draft.begin)
        drawn = draft.best(np.eye(draft.begin.size), even)
    return _drawing({"given": start, "even": draft.conditions(even), "drawn": draft.conditions(drawn)}, heats, limits)


def _rows(heat: Any) -> bool:
    """Whether a list is one power map, row by row, and not a list of heats."""
    return all(isinstance(row, Sequence) and all(isinstance(x, int | float) for x in row) for row in heat)


def _require_drawable(plate: ColdPlate, limits: Limits) -> None:
    """Raise unless channels are resolved and have room."""
    if plate.has_pins or plate.homogenised:
        what = "pins" if plate.has_pins else "homogenised fins"
        raise InputError(f"{what}: a plate is drawn with channels between resolved fins; replace(...) it first")
    n, channel, fin = plate.used_channels, limits.narrowest(plate.channel_depth), limits.thinnest(plate.channel_depth)
    if n * channel + (n + 1) * fin > plate.breadth * (1 + 1e-9):
        raise InputError(
            f"no room: {n} channels of at least {channel:g} m and {n + 1} fins and walls of at least {fin:g} m take "
            f"{n * channel + (n + 1) * fin:g} m, the plate is {plate.breadth:g} m broad; give it at most "
            f"{int((plate.breadth - fin) / (channel + fin) + 1e-9)} channels, or limits that are less strict"
        )


class _Draft:
    """The problem of the optimiser: widths over those given, then flow over that given."""

    def __init__(self, start: Conditions, heats: list[Heat], limits: Limits, softness: float) -> None:
        self.start, self.heats, self.softness = start, heats, softness
        plate = start.plate
        self.n = plate.used_channels
        self.size = np.concatenate([plate.widths, plate.fins, [start.flow]])
        least = [limits.narrowest(plate.channel_depth)] * self.n + [limits.thinnest(plate.channel_depth)] * (self.n - 1)
        self.wall = limits.thinnest(plate.channel_depth)
        hottest = max(float(spread_heat(start.grid(), h).sum()) for h in heats)
        p, warmer = start.coolant.properties(start.T_in), NEAR_LIMIT * (start.coolant.T_high - start.T_in)
        slowest = min(max(start.flow / FLOWS, hottest / (p.density * p.heat_capacity * warmer)), start.flow)
        self.low = np.array([*least, slowest]) / self.size
        self.high = np.array([WIDER] * (2 * self.n - 1) + [FLOWS])
        self.begin = np.clip(np.ones(self.size.size), self.low, np.maximum(self.high, self.low))
        self.known: dict[bytes, tuple[float, np.ndarray, np.ndarray, np.ndarray]] = {}
        self.bar: Any = None
        given = [operate(start.at(heat=h), SETTLED).state.pressure_drop * start.flow for h in heats]
        self.power = limits.pumping_power or max(given)

    def together(self) -> np.ndarray:
        """Columns: one width of all channels, one thickness of all fins, the flow."""
        found = np.zeros((self.begin.size, 3))
        found[: self.n, 0] = np.mean(self.size[: self.n]) / self.size[: self.n]
        found[self.n : -1, 1] = np.mean(self.size[self.n : -1]) / self.size[self.n : -1]
        found[-1, 2] = 1.0
        return found

    def conditions(self, x: np.ndarray) -> Conditions:
        """The plate at `x`."""
        sizes = x * self.size
        plate = self.start.plate.replace(
            channel_width=tuple(sizes[: self.n].tolist()), fin_width=tuple(sizes[self.n : -1].tolist())
        )
        return self.start.at(plate=plate, flow=float(sizes[-1]))

    def at(self, x: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        """Smooth highest rise and its gradient; logarithm of the power left of each map, and its gradients."""
        key = x.tobytes()
        if key not in self.known:
            c = self.conditions(x)
            values, slopes, spare, leave = [], [], [], []
            for heat in self.heats:
                at = operate(c.at(heat=heat), SETTLED)
                laws = laws_at(c, at)
                for goal in (Goal.T_JUNCTION, Goal.PUMPING_POWER):
                    p = pull(c, at, Aim(goal, None, self.softness))
                    a = answer(c, at, p, laws, SLOPES)
                    by = by_widths(c.at(heat=heat), at, p, a, laws)
                    slope = np.concatenate([by["channel_width"][1], by["fin_width"][1], [a.flow]]) * self.size
                    if goal == Goal.T_JUNCTION:
                        values.append(p.value)
                        slopes.append(slope)
                    else:
                        spare.append(np.log(self.power / p.value))
                        leave.append(-slope / p.value)
            top = max(values)
            grown = np.exp((np.array(values) - top) / self.softness)
            rise = top + self.softness * float(np.log(grown.mean()))
            self.known[key] = rise, (grown / grown.sum()) @ np.array(slopes), np.array(spare), np.array(leave)
        return self.known[key]

    def best(self, columns: np.ndarray, start: np.ndarray) -> np.ndarray:
        """Return the best x among columns @ z, from the one nearest to `start` on."""
        from scipy.optimize import minimize  # a fifth of a second to import

        z = np.linalg.lstsq(columns, start, rcond=None)[0]
        room = np.append(-self.size[:-1], 0.0) / self.start.plate.breadth  # of the walls at both sides
        spare = (self.start.plate.breadth - 2.0 * self.wall) / self.start.plate.breadth
        walls = {
            "type": "ineq",
            "fun": lambda z: 10.0 * (spare + room @ (columns @ z)),
            "jac": lambda _: 10.0 * room @ columns,
        }
        pump = {
            "type": "ineq",
            "fun": lambda z: self.at(columns @ z)[2],
            "jac": lambda z: self.at(columns @ z)[3] @ columns,
        }
        low = np.array([np.max(np.where(c > 0, self.low / np.where(c > 0, c, 1.0), -np.inf)) for c in columns.T])
        high = np.array([np.min(np.where(c > 0, self.high / np.where(c > 0, c, 1.0), np.inf)) for c in columns.T])
        scale = max(self.at(columns @ np.clip(z, low, high))[0], 1e-9)
        found = minimize(
            lambda z: self.at(columns @ z)[0] / scale,
            np.clip(z, low, high),
            jac=lambda z: self.at(columns @ z)[1] @ columns / scale,
            bounds=list(zip(low, np.maximum(low, high), strict=True)),
            constraints=[walls, pump],
            method="SLSQP",
            options={"maxiter": STEPS, "ftol": STILL},
            callback=lambda _: self.bar.update(1),
        )
        x = columns @ found.x
        if self.at(x)[2].min() < -1e-3 or spare + room @ x < -1e-6:
            taken = self.power * np.exp(-self.at(x)[2].min())
            raise ConvergenceError(
                f"design: no plate within the limits found; {taken:.3g} W of pumping where {self.power:.3g} W "
                f"are allowed ({found.message}); allow more, or wider channels"
            )
        return x


def _drawing(plates: dict[str, Conditions], heats: list[Heat], limits: Limits) -> Drawing:
    """Solve the plates on a finer grid, and put them side by side."""
    kept = ("T_junction", "T_case", "R_case", "pressure_drop", "pumping_power", "energy_residual", "converged")
    rows: dict[str, list[list[float]]] = {name: [] for name in kept}
    for c in plates.values():
        fine = [c.at(heat=h, cells=c.cells._replace(refine=2 * c.cells.refine), tolerance=TOLERANCE) for h in heats]
        runs = [steady_result(each, operate(each)) for each in fine]
        for name in kept:
            rows[name].append([run[name].item() for run in runs])
    data: dict[str, Any] = {name: (("drawn", "power_map"), values) for name, values in rows.items()}
    data["flow"] = ("drawn", [c.flow for c in plates.values()])
    data["channel_width"] = (("drawn", "channel"), np.stack([c.plate.widths for c in plates.values()]))
    data["fin_width"] = (("drawn", "fin"), np.stack([c.plate.fins for c in plates.values()]))
    n = plates["drawn"].plate.used_channels
    coords = {
        "drawn": list(plates),
        "power_map": np.arange(len(heats)),
        "channel": np.arange(n),
        "fin": np.arange(n - 1),
    }
    result = describe(xr.Dataset(data, coords))
    c = plates["drawn"]
    result.attrs = provenance(plates["given"].plate, c.package, c.coolant)
    result.attrs["held"] = f"{n} channels, their depth, and all of the plate but widths and flow"
    result.attrs["limits"] = ", ".join(f"{k} {v:g}" for k, v in limits.model_dump().items() if v is not None)
    return Drawing(c.plate, c.flow, result)
