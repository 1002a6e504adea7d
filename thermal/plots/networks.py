"""A network as a picture: where it flows, how much, how warm, and what is near its limit."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, ListedColormap, Normalize
from matplotlib.lines import Line2D
from matplotlib.text import Text

from thermal.errors import InputError
from thermal.inputs import member
from thermal.plots.placing import HEIGHT, MOST, Line, Plan, placed
from thermal.plots.readings import Reading, at_time, named, reading
from thermal.units import lpm

__all__ = ["Colour", "Picture", "schematic", "shades_of"]

THINNEST, WIDEST = 1.2, 7.0  # points, at no flow and at the largest
STILL = 1e-6  # of the largest flow: what is less stands
DIFFERS = 0.02  # of the median flow, from which on one of many equal branches is drawn apart
APART = 6  # of them at most
GREY, PLAIN, ALARM = "#999999", "#333333", "#d55e00"
MOST_NODES = 40  # of a mesh, above which names give way
NAMED = 3  # branches below their margin in the title
WIDE = 16  # columns above which rungs are labelled upright


class Colour(StrEnum):
    """What the colour of a branch says."""

    TEMPERATURE = "temperature"  # of the coolant that comes, and behind a machine of that which leaves
    FLOW = "flow"  # of all that the line stands for
    MARGIN = "margin"  # case temperature limit minus case temperature


LABELS = {Colour.TEMPERATURE: "coolant temperature [°C]", Colour.FLOW: "coolant volume flow [L/min]",
          Colour.MARGIN: "margin to the case limit [K]"}  # fmt: skip


def schematic(
    network: Any,
    result: xr.Dataset | None = None,
    *,
    colour: str = "temperature",
    time: Any = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a network: arrows in the direction of flow, as wide as it, coloured by what a result says.

    Parameters
    ----------
    network : Network or Loop
        What to draw; a network with pumps or CDUs as a ladder between its headers, another as a mesh. More than 12
        equal branches between two nodes are one line, but for the six at most whose flow differs most from the median,
        by more than 2 %, or that are beyond their limit.
    result : xarray.Dataset, optional
        Of ``th.steady``, ``th.transient`` or ``steady_flows`` of it; without one the topology alone.
    colour : str
        ``"temperature"``, ``"flow"`` or ``"margin"``. Coolant has the temperature of the node it comes from, and behind
        a rack or CDU that with which it leaves.
    time : float or date, optional
        Time of the row that is shown, the nearest, [s] or as the result has it; the last one if not given.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes
        Lines carry the names of their branches as ``gid``. What is below its margin is boxed, and
        the worst three are named above.

    Raises
    ------
    InputError
        If the result is not of this network, has other axes or lacks what the colour shall say.
    """
    net = named(network)
    kind = member("colour", colour, Colour)
    moment = None if result is None else reading(net, at_time(result, time))
    picture = Picture(net, moment, kind, ax)
    return picture.ax


class _Drawn(NamedTuple):
    line: Line
    halves: tuple[Line2D, Line2D]
    arrow: Line2D
    label: Text


class Picture:
    """A drawn network, whose artists follow one reading after the other."""

    def __init__(self, network: Any, moment: Reading | None, colour: Colour, ax: Axes | None) -> None:
        self.plan = placed(network, _apart(network, moment))
        self.ax = ax if ax is not None else _axes(self.plan)
        self._colour, self._moving = colour, moment is not None
        self._columns = len({round(float(line.points[0, 0]), 6) for line in self.plan.lines if not line.flat})
        self._map = _colours(colour)
        self._norm: Normalize | None = None
        self._widest = 0.0
        self._drawn = [self._line(line) for line in self.plan.lines]
        self._nodes = {bar.name: self._node(i, bar) for i, bar in enumerate(self.plan.bars)}
        self._frame()
        if moment is not None:
            self._norm = shades_of(self.values(moment), colour)
            self._scale = ScalarMappable(self._norm, self._map)
            self.ax.figure.colorbar(self._scale, ax=self.ax, shrink=0.8, pad=0.01, label=LABELS[colour])
            self.update(moment)

    def values(self, moment: Reading) -> list[tuple[float, float]]:
        """Values of each line before and behind what stands on it, in the units of the colour bar."""
        return [self._pair(line, moment) for line in self.plan.lines]

    def recolour(self, norm: Normalize, moments: list[Reading]) -> None:
        """Keep one range of colours and widths for all readings that will follow."""
        self._norm = norm
        self._scale.set_norm(norm)
        flows = np.array([_total(line, m) for m in moments for line in self.plan.lines])
        self._widest = float(np.nanmax(np.abs(flows), initial=0.0))

    def update(self, moment: Reading) -> None:
        """Show another reading of the same network."""
        flows = [_total(line, moment) for line in self.plan.lines]
        self._widest = max([self._widest, *(abs(f) for f in flows if np.isfinite(f))])
        for d, flow, pair in zip(self._drawn, flows, self.values(moment), strict=True):
            self._show(d, flow, pair, moment)
        for name, text in self._nodes.items():
            text.set_text("\n".join([name, *_state(moment, name)]))
        self._mark(moment)

    def _pair(self, line: Line, moment: Reading) -> tuple[float, float]:
        names = [b.name for b in line.branches]
        if self._colour == Colour.FLOW:
            return 2 * (abs(_total(line, moment)) / lpm,)
        if self._colour == Colour.MARGIN:
            return 2 * (_extreme(min, moment.margin, names),)
        return _extreme(max, moment.T_in, names), _extreme(max, moment.T_out, names)

    def _line(self, line: Line) -> _Drawn:
        first, second = _halves(line.points)
        halves = tuple(
            self.ax.plot(*half.T, color=PLAIN if not self._moving else GREY, lw=1.5, gid=f"{line.name}{end}",
                         solid_capstyle="butt", zorder=1)[0]
            for half, end in ((first, ""), (second, " behind"))
        )  # fmt: skip
        at, angle = _towards(line.points, 0.8 if not line.flat else 0.62)
        (arrow,) = self.ax.plot(*at, marker=(3, 0, angle - 90.0), ms=7, color=PLAIN, ls="", gid=f"arrow {line.name}",
                                zorder=3)  # fmt: skip
        small = line.flat or not self.plan.ladder
        x, y = _towards(line.points, 0.5)[0]
        upright = self.plan.ladder and not line.flat and self._columns > WIDE
        label = self.ax.text(
            x, y - (0.09 if line.flat and y >= HEIGHT else -0.09 if line.flat else 0.0),
            "" if line.flat else _title(line), fontsize=(6.5 if self.plan.ladder else 5.5) if small or upright else 7.5,
            ha="center", va=("top" if y >= HEIGHT else "bottom") if line.flat else "center",
            rotation=90 if upright else 0, zorder=4, gid=f"label {line.name}",
        )  # fmt: skip
        if not line.flat:
            label.set_bbox({"boxstyle": "round,pad=0.25", "fc": "white", "ec": GREY, "lw": 0.8})
        if not self.plan.ladder and len(self.plan.lines) > MOST_NODES:
            label.set_visible(False)
        return _Drawn(line, halves, arrow, label)  # type: ignore[arg-type]

    def _node(self, index: int, bar: Any) -> Text:
        wide = 0.12 if self.plan.ladder else 0.0
        self.ax.plot([bar.left - wide, bar.right + wide], [bar.y, bar.y], color="black", lw=3.5, zorder=2,
                     solid_capstyle="butt", gid=f"node {bar.name}", marker="" if wide else "o", ms=4)  # fmt: skip
        if not self.plan.ladder:
            text = self.ax.annotate(bar.name, (bar.left, bar.y), (4, 4), textcoords="offset points", fontsize=6.5)
            text.set_visible(len(self.plan.bars) <= MOST_NODES)
            return text
        x = bar.left - wide
        up, down = bar.y >= HEIGHT, bar.y <= 0.0
        place = (0.0, 4.0) if up else (0.0, -4.0) if down else (0.0, 3.0)
        align: dict[str, Any] = {"ha": "left", "va": "top" if down else "bottom"}
        if not (up or down):
            x, place, align = bar.right + wide, (2.0, 0.0), {"ha": "left", "va": "center"}
        text = self.ax.annotate(
            bar.name, (x, bar.y), place, textcoords="offset points", fontsize=6.5, **align, gid=f"at {bar.name}"
        )
        text.set_visible(self._columns <= WIDE or bar.right - bar.left > 1.0 or index < 2)
        return text

    def _frame(self) -> None:
        self.ax.axis("off")
        self.ax.margins(0.06, 0.2) if self.plan.ladder else self.ax.margins(0.12)
        if not self.plan.ladder:
            self.ax.set_aspect("equal")

    def _show(self, d: _Drawn, flow: float, pair: tuple[float, float], moment: Reading) -> None:
        moves = np.isfinite(flow) and self._widest > 0.0 and abs(flow) > STILL * self._widest
        width = THINNEST + (WIDEST - THINNEST) * abs(flow) / self._widest if moves else THINNEST
        before, behind = pair if not flow < 0.0 else pair[::-1]
        for half, value in zip(d.halves, (before, behind), strict=True):
            half.set(lw=width, ls="-" if moves else ":" if np.isfinite(flow) else "--", color=self._shade(value))
        at, angle = _towards(d.line.points, (0.8 if not d.line.flat else 0.62) if not flow < 0.0 else 0.2)
        if flow < 0.0:
            angle += 180.0
        d.arrow.set_data([at[0]], [at[1]])
        d.arrow.set(marker=(3, 0, angle - 90.0), ms=5.0 + 2.0 * width, color=self._shade(behind), visible=bool(moves))
        d.arrow.set(mec="white", mew=0.6)
        if d.line.flat:
            d.label.set_text(f"{abs(flow) / lpm:.4g}" if np.isfinite(flow) else "")
            return
        words = [_title(d.line)]
        if np.isfinite(flow):
            words.append(f"{flow / d.line.many / lpm:.4g} L/min" if moves else "stands")
        names = [b.name for b in d.line.branches]
        T, margin = _extreme(max, moment.T_out, names), _extreme(min, moment.margin, names)
        if np.isfinite(T):
            words.append(f"{T:.1f} °C")
        if np.isfinite(margin):
            words.append(f"margin {margin:.1f} K")
        d.label.set_text("\n".join(words) if self._columns <= WIDE or not self.plan.ladder else "  ".join(words))

    def _shade(self, value: float) -> Any:
        return GREY if not np.isfinite(value) or self._norm is None else self._map(self._norm(value))

    def _mark(self, moment: Reading) -> None:
        below: list[tuple[float, str]] = []
        for d in self._drawn:
            names = [b.name for b in d.line.branches]
            hot = [n for n in names if moment.margin[n] < 0.0]
            starved = [n for n in names if moment.npsh_margin[n] < 0.0]
            box = d.label.get_bbox_patch()
            if box is not None:
                box.set(ec=ALARM if hot or starved else GREY, lw=2.2 if hot or starved else 0.8)
            below += [(moment.margin[n], f"{n}: case {-moment.margin[n]:.1f} K over its limit") for n in hot]
            below += [(moment.npsh_margin[n], f"{n}: {-moment.npsh_margin[n]:.1f} m of suction head short")
                      for n in starved]  # fmt: skip
        more = f", and {len(below) - NAMED} more" if len(below) > NAMED else ""
        words = "\n".join(text for _, text in sorted(below)[:NAMED]) + more
        self.ax.set_title(words, color=ALARM, fontsize=8, loc="left")


def shades_of(values: Any, colour: Colour) -> Normalize:
    """Range of the colours, not of no width.

    Raises
    ------
    InputError
        If there is nothing to colour.
    """
    finite = np.array(values, float)
    finite = finite[np.isfinite(finite)]
    if not finite.size:
        other = "flow" if colour != Colour.FLOW else "temperature"
        raise InputError(f"colour = {str(colour)!r}: the result says nothing of it; colour = {other!r} may be there")
    low, high = float(finite.min()), float(finite.max())
    least = 1.0 if colour != Colour.FLOW else 0.1 * max(high, 1e-9)
    low = 0.0 if colour == Colour.FLOW else low
    return Normalize(low, high) if high - low >= least else Normalize(low - least / 2, high + least / 2)


def _colours(colour: Colour) -> Colormap:
    """Even to the eye and readable by the colour-blind, without the end that is lost on white; warm is bright."""
    if colour == Colour.FLOW:
        return ListedColormap(mpl.colormaps["viridis_r"](np.linspace(0.12, 1.0, 256)))
    shades = mpl.colormaps["plasma"](np.linspace(0.0, 0.85, 256))
    return ListedColormap(shades[::-1] if colour == Colour.MARGIN else shades)


def _apart(network: Any, moment: Reading | None) -> set[str]:
    """Names among many equal branches that are no longer equal: other flow, or beyond the limit."""
    if moment is None:
        return set()
    same: dict[Any, list[str]] = {}
    for b in network.branches:
        same.setdefault((b.start, b.end, b.part), []).append(b.name)
    found: set[str] = set()
    for names in same.values():
        if len(names) <= MOST:
            continue
        flow = np.array([moment.flow[n] for n in names])
        usual = float(np.median(flow))
        away = np.abs(flow - usual) / max(abs(usual), 1e-12)
        over = -np.array([moment.margin[n] for n in names])
        badness = np.where(away > DIFFERS, 1.0 + away, 0.0) + np.where(over > 0.0, 10.0 + over, 0.0)
        order = np.argsort(-badness, kind="stable")[:APART]
        found |= {names[i] for i in order if badness[i] > 0.0}
    return found


def _extreme(of: Callable[..., float], values: dict[str, float], names: list[str]) -> float:
    return of((values[n] for n in names if np.isfinite(values[n])), default=float("nan"))


def _total(line: Line, moment: Reading) -> float:
    return float(sum(moment.flow[b.name] * b.count for b in line.branches))


def _title(line: Line) -> str:
    return f"{line.many} × {line.name}" if line.many > 1 else line.name


def _state(moment: Reading, name: str) -> list[str]:
    T, p = moment.T_node[name], moment.pressure[name]
    return [w for w in (f"{T:.1f} °C" if np.isfinite(T) else "", f"{p / 1e3:.0f} kPa" if np.isfinite(p) else "") if w]


def _axes(plan: Plan) -> Axes:
    """A figure in which every column has an inch, up to two feet."""
    right = max(bar.right for bar in plan.bars)
    wide, high = right - min(bar.left for bar in plan.bars), np.ptp([bar.y for bar in plan.bars])
    size = (1.05 * right + 2.5, 4.8) if plan.ladder else (0.9 * wide + 3.0, 0.9 * high + 2.0)
    size = tuple(np.clip(size, (6.0, 4.0), (24.0, 20.0) if len(plan.bars) <= MOST_NODES else (24.0, 8.0)).tolist())
    return plt.subplots(figsize=size, layout="constrained")[1]


def _halves(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    middle = _towards(points, 0.5)[0]
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    before = at < 0.5 * at[-1]
    return np.vstack([points[before], middle]), np.vstack([middle, points[~before]])


def _towards(points: np.ndarray, share: float) -> tuple[np.ndarray, float]:
    """Point at a share of a path's length, and the direction there [degrees from the x axis]."""
    step = np.diff(points, axis=0)
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*step.T))])
    wanted = share * at[-1]
    i = min(int(np.searchsorted(at, wanted, side="right")) - 1, len(step) - 1)
    length = at[i + 1] - at[i]
    point = points[i] + step[i] * ((wanted - at[i]) / length if length > 0.0 else 0.0)
    return point, float(np.degrees(np.arctan2(step[i, 1], step[i, 0])))
