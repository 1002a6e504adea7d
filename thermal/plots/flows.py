"""Where the energy goes: a flow diagram from the site meter to the end uses."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from thermal.errors import InputError
from thermal.inputs import part
from thermal.plots.figures import COLOURS

__all__ = ["energy_flow"]

GAP = 0.02  # of the height, between two ends
LINE = 0.05  # of the height, between two labels
LEAST = 1e-6  # of the energy: what is less is not drawn


def energy_flow(book: xr.Dataset, *, within_it: Mapping[str, float] | None = None, ax: Axes | None = None) -> Axes:
    """Draw the ledger as bands from the meter to the end uses, and those of the IT equipment on to what they feed.

    Parameters
    ----------
    book : Dataset
        Of ``th.ledger``, of one case.
    within_it : mapping, optional
        Shares of the IT energy by name, that add up to 1: ``{"accelerators": 0.56, "hosts and network": 0.44}``.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    InputError
        If the book has several cases, or the shares do not add up to 1.
    """
    part("book", book, xr.Dataset, "th.ledger gives one")
    if "energy" not in book or book["energy"].dims != ("end_use",):
        raise InputError("energy_flow needs the ledger of one case: choose it with .isel() or .sel()")
    shares = dict(within_it or {})
    if shares and not (abs(sum(shares.values()) - 1.0) < 1e-9 and min(shares.values()) >= 0.0):
        raise InputError(f"within_it must be shares that add up to 1, they come to {sum(shares.values()):.6g}")
    total = float(book["energy_site"])
    energies = {str(use): float(book["energy"].sel(end_use=use)) / total for use in book["end_use"].values}
    energies = {use: e for use, e in sorted(energies.items(), key=lambda item: -item[1]) if e > LEAST}
    ax = ax if ax is not None else plt.subplots(figsize=(8, 4.5), layout="constrained")[1]
    ax.bar(0.0, 1.0, 0.06, bottom=0.0, color="#444444")
    energy = total / 3.6e9
    ax.text(-0.06, 0.5, f"site meter\n{energy:{',.0f' if energy >= 1000 else '.4g'}} MWh", ha="right", va="center")
    left, right = 1.0, 1.0 + GAP * (len(energies) - 1) / 2.0
    label = np.inf
    for use, e in energies.items():
        label = min(right - e / 2, label - LINE)
        colour = COLOURS.get(use, "#bbbbbb")
        _band(ax, (0.03, 0.97), (left - e, left), (right - e, right), colour)
        inside = use == "it" and bool(shares)
        ax.text(0.9 if inside else 1.06, label, f"{use.replace('_', ' ')} {e:.2%}",
                va="center", ha="right" if inside else "left", fontsize=9)  # fmt: skip
        if use == "it":
            _onwards(ax, shares, e, right)
        left, right = left - e, right - e - GAP
    ax.set(xlim=(-0.5, 2.6 if shares else 1.7))
    ax.axis("off")
    return ax


def _onwards(ax: Axes, shares: Mapping[str, float], e: float, top: float) -> None:
    start, end = top, top + GAP * (len(shares) - 1) / 2.0
    for k, (name, share) in enumerate(shares.items()):
        _band(ax, (1.03, 1.97), (start - share * e, start), (end - share * e, end), f"C{k}")
        ax.text(2.02, end - share * e / 2, f"{name} {share * e:.1%}", va="center", fontsize=9)
        start, end = start - share * e, end - share * e - GAP


def _band(ax: Axes, x: tuple[float, float], left: tuple[float, float], right: tuple[float, float], colour: str) -> None:
    """A band between two edges, smooth at both ends."""
    s = np.linspace(0.0, 1.0, 60)
    bend = s * s * (3.0 - 2.0 * s)
    low, high = (a + (b - a) * bend for a, b in zip(left, right, strict=True))
    ax.fill_between(x[0] + (x[1] - x[0]) * s, low, high, color=colour, alpha=0.75, lw=0)
