"""A word on years whose inputs are possible and hardly meant: a load in other units, a small site on large machines."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.plant.plant import Plant
from thermal.site.site import Site

__all__ = ["noted"]

LOW, HIGH = 0.05, 1.2  # mean IT power over that at design
MATCH = (0.6, 1.3)  # capacity of a machine over what the site asks for at design


def noted(part: Plant | Site, year: xr.Dataset) -> xr.Dataset:
    """The year with an attribute ``plausibility`` where something of it is hardly meant; else as it is.

    Examples
    --------
    >>> import thermal as th
    >>> site, hours = th.load("sites/generic_20mw"), th.weather(th.load("climates/chicago")).isel(time=slice(0, 24))
    >>> th.annual(site, weather=hours, it_power=20).attrs["plausibility"]
    'it_power is 1e-06 of the design, 20 W of 2e+07 W: is it in W?'
    """
    notes = _load(part, year) + (_sizes(part) if isinstance(part, Site) else [])
    return year.assign_attrs(plausibility="; ".join(notes)) if notes else year


def _load(part: Plant | Site, year: xr.Dataset) -> list[str]:
    if isinstance(part, Site):
        mean, design, what = float(np.mean(year["power"].sel(end_use="it"))), part.it_power, "it_power"
    else:
        mean, design, what = float(year.variables["heat"].values.mean()), part.design_load, "the heat"
    if LOW * design <= mean <= HIGH * design or mean == 0.0:
        return []
    return [f"{what} is {mean / design:.3g} of the design, {mean:.4g} W of {design:.4g} W: is it in W?"]


def _sizes(site: Site) -> list[str]:
    """Machines of the site that are far too large or too small for its IT power."""
    chain, plants = site.power_chain, [p for p in (site.plant, *site.more_plants) if isinstance(p, Plant)]
    asked: dict[str, tuple[Any, float]] = {
        "the plant's design_load": (sum(plant.design_load for plant in plants), site.it_power),
        "the racks' design heat": (site.rack_heat or None, site.it_power),
        "power_chain.rated_power": (chain.rated_power if chain is not None else None, site.it_power),
    }
    return [
        f"{name} is {has / needs:.3g} of it_power = {site.it_power:.4g} W, so that its machines run far from their "
        "design: site.scaled(...) keeps them in proportion"
        for name, (has, needs) in asked.items()
        if has is not None and not MATCH[0] * needs <= has <= MATCH[1] * needs
    ]
