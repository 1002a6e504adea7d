"""What spoils a figure, carried from the result to the ledger and from the ledger into every metric read from it."""

import functools
import operator
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from thermal.names import ABOVE, FLAGS

__all__ = ["CAVEATS", "remarks", "shares"]

OUTSIDE = (*FLAGS, "outside_range", "outside_power_chain")
UNHELD = ("supply_unheld", "pressure_unheld")
CAVEATS = {
    "unmet_share": "of the heat no machine took",
    "unconverged_share": "of the time has no converged solution",
    "outside_share": "of the time a machine or a law works outside its range",
    "above_set_point_share": "of the time the supply water is warmer than its set point",
    "unheld_share": "of the time a CDU does not reach its set points",
}
SMALL_IT = 1e3  # W: a site of less was hardly meant


def shares(result: xr.Dataset, cases: Sequence[Hashable]) -> dict[str, xr.Variable]:
    """Share of heat or of time, for each of the `cases`, in which a result is not what its figures seem to say.

    Examples
    --------
    >>> flags = xr.Dataset({"outside_chiller": ("time", [True, True, False, False]), "mode": ("time", [0, 0, 0, 0])})
    >>> float(shares(flags, ())["outside_share"])
    0.5
    """
    variables, found = result.variables, {}
    timed = {name for name, variable in variables.items() if "time" in variable.dims}
    if {"heat", "heat_unmet"} <= timed:
        unmet, taken = (_sum(variables[name], cases) for name in ("heat_unmet", "heat"))  # loops share one plant
        found["unmet_share"] = unmet / taken.where(taken > 0.0, 1.0)
    if "converged" in timed:
        found["unconverged_share"] = _any(variables["converged"] == 0, cases).mean("time")
    for share, names in (("outside_share", OUTSIDE), ("unheld_share", UNHELD)):
        flags = {name: _any(variables[name] != 0, cases) for name in names if name in timed}
        if flags:
            found[share] = functools.reduce(operator.or_, flags.values()).mean("time")
            worst = {name: float(flag.mean("time").max()) for name, flag in flags.items()}
            found[share].attrs["of"] = ", ".join(f"{name} {most:.3g}" for name, most in worst.items() if most)
    if ABOVE in timed:
        found["above_set_point_share"] = _any(variables[ABOVE] != 0, cases).mean("time")
    return found


def _any(flag: xr.Variable, cases: Sequence[Hashable]) -> xr.Variable:
    """Whether a flag is up anywhere in a case, at each time."""
    others = [dim for dim in flag.dims if dim != "time" and dim not in cases]
    return flag.any(others) if others else flag


def _sum(heat: xr.Variable, cases: Sequence[Hashable]) -> xr.Variable:
    return heat.sum([dim for dim in heat.dims if dim not in cases])


def remarks(book: xr.Dataset, name: str, value: xr.DataArray, note: str = "") -> dict[str, Any]:
    """Attributes that a metric carries: the largest share of each kind among its cases, and all of it in words."""
    found: dict[str, Any] = {}
    words = [note] if note else []
    for share, meaning in CAVEATS.items():
        values = book.variables[share].values if share in book else np.zeros(1)
        worst = float(np.max(values, initial=0.0, where=~np.isnan(values)))
        if worst > 0.0:
            found[share] = worst
            of = book[share].attrs.get("of", "")
            words.append(f"{'up to ' if values.size > 1 else ''}{worst:.3g} {meaning}{f' ({of})' if of else ''}")
    if book.attrs.get("gaps_filled", "none") != "none":
        words.append(f"gaps filled by {book.attrs['gaps_filled']}")
    words += _implausible(book, name, value)
    return found | {"caveats": "; ".join(words) or "none known"}


def _implausible(book: xr.Dataset, name: str, value: xr.DataArray) -> list[str]:
    """Figures that no site has shown, with what usually makes them."""
    low, high = PLAUSIBLE.get(name, (-np.inf, np.inf))
    known = value.values[~np.isnan(value.values)]
    highest, lowest = (float(f(known)) if known.size else np.nan for f in (np.max, np.min))
    words = []
    if highest > high or lowest < low:
        odd = highest if highest > high else lowest
        words.append(f"implausible: {name} = {odd:.6g} lies outside {low:g} to {high:g}")
    if words and (it := float(book["energy"].sel(end_use="it").max()) / float(book.attrs["window"])) < SMALL_IT:
        words.append(f"the IT draws {it:.3g} W on average: is it_power in W (20 * MW)?")
    return words


PLAUSIBLE = {
    "pue": (1.0 - 1e-9, 4.0),
    "partial_pue": (1.0 - 1e-9, 4.0),
    "itue": (1.0 - 1e-9, 10.0),
    "tue": (1.0 - 1e-9, 20.0),
    "wue": (0.0, 10.0),
    "wue_source": (0.0, 200.0),
    "cue": (0.0, 5.0),
    "erf": (0.0, 1.0),
    "ere": (0.0, 4.0),
}  # what sites report spans less; beyond it an input is wrong more often than the site is odd
