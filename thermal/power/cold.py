"""Stores of cold in a dispatch: what a plan or a rule does to the store row by row, and to the site's power."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.components.hydronics.thermal_store import ThermalStore
from thermal.errors import InputError
from thermal.inputs import array, part
from thermal.names import describe
from thermal.quantity import provenance

__all__ = ["Cooling", "cooling_of", "lowered", "run_cold", "with_cold"]

HINT = "th.components.hydronics.ThermalStore.of_water(...) makes one"
PLANT = ("facility_pumps", "condenser_pumps", "chillers", "tower_fans", "dry_cooler_fans")


class Cooling(NamedTuple):
    """Cooling that a store may shift, row by row."""

    heat: np.ndarray  # W, of the load
    effort: np.ndarray  # electricity per heat of cooling at once
    charging: np.ndarray  # the same while charging
    most: np.ndarray  # W of heat that may be stored, plant and store allowing


def cooling_of(year: xr.Dataset) -> xr.Dataset:
    """Heat and electricity per heat of a plant's year, for a dispatch with a `ThermalStore`.

    The mean over all of the plant's machines, ``cooling_effort`` = power/heat; where a plant stands still it is that of
    its whole year.

    Parameters
    ----------
    year : xarray.Dataset
        Result of ``th.annual``.

    Examples
    --------
    >>> import thermal as th
    >>> plant, weather = th.load("plants/generic_20mw"), th.weather(th.load("climates/chicago"))
    >>> cooling = cooling_of(th.annual(plant, it_power=20e6, weather=weather.isel(time=slice(4400, 4424))))
    >>> bool((cooling.cooling_effort > 0.01).all() and (cooling.cooling_effort < 0.5).all())
    True
    """
    if not isinstance(year, xr.Dataset) or not {"heat", "power"} <= set(year):
        raise InputError("cooling_of needs a result of th.annual, with heat and power by end use")
    uses = [use for use in PLANT if use in year["end_use"].values]
    power = year["power"].sel(end_use=uses).sum("end_use")
    heat = year["heat"]
    mean = float(power.sum() / heat.sum())
    effort = (power / heat.where(heat > 0.0)).fillna(mean).drop_attrs(deep=False)
    return describe(xr.Dataset({"heat": heat, "cooling_effort": effort}))


def lowered(cooling: Any, store: ThermalStore, series: xr.DataArray) -> Cooling:
    """Cooling on the rows of the power, checked.

    Raises
    ------
    InputError
        If it has no heat or effort, or other times.
    """
    part("store", store, ThermalStore, HINT)
    if not isinstance(cooling, xr.Dataset) or not {"heat", "cooling_effort"} <= set(cooling):
        raise InputError(
            "a store of cold needs cooling = a Dataset with heat [W] and cooling_effort (electricity per heat): "
            "th.power.cooling_of(year)"
        )
    if "time" not in cooling.coords or not cooling["time"].equals(series["time"]):
        raise InputError("cooling has other times than power: bring both to the same rows")
    heat = np.asarray(array("cooling.heat", cooling["heat"], "W", low=0.0), float)
    effort = np.asarray(array("cooling.cooling_effort", cooling["cooling_effort"], "-", low=0.0, high=10.0), float)
    most = np.full(heat.size, store.charge_power)
    if "capacity" in cooling:
        room = np.asarray(array("cooling.capacity", cooling["capacity"], "W", low=0.0), float) - heat
        most = np.clip(room, 0.0, store.charge_power)
    return Cooling(heat, effort, effort * store.charge_effort, most)


def run_cold(
    store: ThermalStore, cooling: Cooling, rule: Callable[[int], float], lengths: np.ndarray
) -> dict[str, np.ndarray]:
    """Run a store from empty, row by row: `rule` says how much heat to take out of it, negative to put in [W].

    E_k = (E_{k−1} + (c_k − d_k) Δt_k)/(1 + λ Δt_k), between empty and full and within its powers; it never gives more
    than the load asks for.

    Returns
    -------
    dict
        ``cold_charge``, ``cold_discharge``, ``cold_energy``, ``cold_level``, ``cold_loss``, ``cold_residual`` and
        ``cold_power``, the electricity that charging adds less what discharging saves.
    """
    rows = lengths.size
    charge, discharge, held = np.zeros(rows), np.zeros(rows), np.zeros(rows + 1)
    for k in range(rows):
        step, kept = float(lengths[k]), float(store.kept(lengths[k]))
        wanted = rule(k)
        if wanted > 0.0:
            charge[k] = max(min(wanted, cooling.most[k], (store.energy / kept - held[k]) / step), 0.0)
        else:
            discharge[k] = max(min(-wanted, store.discharge_power, cooling.heat[k], held[k] / step), 0.0)
        held[k + 1] = kept * (held[k] + (charge[k] - discharge[k]) * step)
    leaked = store.leak * held[1:]
    return {
        "cold_charge": charge,
        "cold_discharge": discharge,
        "cold_energy": held[1:],
        "cold_level": held[1:] / store.energy,
        "cold_loss": leaked,
        "cold_power": cooling.charging * charge - cooling.effort * discharge,
        "cold_residual": (charge - discharge - leaked) * lengths - np.diff(held),
    }


def with_cold(run: xr.Dataset, power: xr.DataArray, cold: dict[str, np.ndarray], store: ThermalStore) -> xr.Dataset:
    """The run of a battery behind the store, with both in it and the power of the load alone."""
    models = provenance(store)
    made = "; ".join(dict.fromkeys([run.attrs.get("models", ""), models["models"]])).strip("; ")
    both = run.assign({name: ("time", values) for name, values in cold.items()}).assign(power=("time", power.values))
    return describe(both).assign_attrs(run.attrs | models | {"models": made})
