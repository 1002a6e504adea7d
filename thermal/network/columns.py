"""Series of results before they are a Dataset, and power by end use beside what a result has."""

from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.names import describe

__all__ = ["Columns", "with_end_uses"]


class Columns(NamedTuple):
    """Series of a result as plain arrays, time first."""

    series: dict[str, tuple[Any, Any]]  # dimensions and values by name
    uses: dict[str, np.ndarray]  # power by end use [W]


def with_end_uses(result: xr.Dataset, uses: dict[str, np.ndarray]) -> xr.Dataset:
    """The result with power [W] by end use, those that it has already and these, and their sum."""
    if "power" in result:
        had = {str(use): result.power.sel(end_use=use).values for use in result.end_use.values}
        uses, result = had | uses, result.drop_dims("end_use")
    power = np.stack(list(uses.values()), axis=1)
    columns = {"power": (("time", "end_use"), power), "site_power": ("time", power.sum(axis=1))}
    return describe(result.assign(columns).assign_coords(end_use=list(uses)))
