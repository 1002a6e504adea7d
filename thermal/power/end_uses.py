"""Electrical end uses joined to a result: those outside its solver, and the losses out to the site meter."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.accounting.ledger import known_end_uses
from thermal.components.power.chain import PowerChain
from thermal.errors import InputError
from thermal.inputs import array, part
from thermal.names import describe

__all__ = ["with_end_use", "with_power_chain", "with_storage"]


def with_end_use(result: xr.Dataset, end_use: str, power: Any) -> xr.Dataset:
    """Add the power [W] of one end use to a result, and to the power at its meter.

    Raises
    ------
    InputError
        If the result has that end use already (its energy would count twice), or the power other labels.

    Examples
    --------
    >>> power = xr.DataArray([1e6, 5e4], {"end_use": ["it", "chillers"]})
    >>> result = xr.Dataset({"power": power, "site_power": power.sum()})
    >>> float(with_end_use(result, "cdu_pumps", xr.DataArray(1e4)).site_power)
    1060000.0
    """
    _require_powers(result)
    known_end_uses([end_use])
    if end_use in result["end_use"].values and bool((result["power"].sel(end_use=end_use) != 0.0).any()):
        raise InputError(f"{end_use} has its power in the result already: it would count twice; take the result before")
    power = xr.DataArray(array(f"power of {end_use}", power, "W", low=0.0, missing="status" in result))
    order = result["power"].dims
    kept = result["power"].drop_sel(end_use=end_use, errors="ignore")
    try:
        power, *_ = xr.align(power, kept.isel(end_use=0, drop=True), join="exact")
    except ValueError as error:
        raise InputError(f"power of {end_use} has other labels than the result ({str(error)[:200]})") from None
    joined = xr.concat([kept, power.expand_dims(end_use=[end_use])], "end_use").transpose(*order, ...)
    site = result["site_power"] + power
    return describe(result.drop_dims("end_use").assign(power=joined, site_power=site).assign_attrs(result.attrs))


def with_power_chain(result: xr.Dataset, chain: PowerChain) -> xr.Dataset:
    """Add the losses of a power chain to a result: by stage, as an end use, and in the power at the site meter.

    Parameters
    ----------
    result : xarray.Dataset
        Result with ``power(end_use, ...)`` and ``site_power``.
    chain : PowerChain
        Stages between the meter and the IT equipment; cooling joins behind the transformer.

    Examples
    --------
    >>> import thermal as th
    >>> power = xr.DataArray([1e6, 5e4], {"end_use": ["it", "chillers"]})
    >>> result = xr.Dataset({"power": power, "site_power": power.sum()})
    >>> site = with_power_chain(result, th.load("power_chains/generic"))
    >>> bool(site.site_power > power.sum()), float(site.site_power) == float(site.power.sum())
    (True, True)
    """
    _require_powers(result)
    part("chain", chain, PowerChain, "th.load('power_chains/generic') is one")
    if "loss" in result:
        raise InputError(
            "electrical_losses are in the result already: a second power chain would count them twice; take the result "
            "of the plant, or of a site without power_chain"
        )
    it = array("power", result["power"].sel(end_use="it", drop=True), "W")
    others = array("site_power", result["site_power"], "W") - it
    losses = chain.losses(it.values, np.maximum(others.values, 0.0))
    loss = xr.concat([it.copy(data=values) for values in losses.values()], xr.IndexVariable("stage", list(losses)))
    joined = with_end_use(result, "electrical_losses", loss.sum("stage"))
    beyond = it.copy(data=chain.overloaded(it.values, np.maximum(others.values, 0.0))).drop_attrs()
    return describe(joined.assign(loss=loss, outside_power_chain=beyond))


def with_storage(result: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Join a storage behind the site's meter to a result: its losses as an end use, and the power drawn from the grid.

    ``site_power`` is what the site uses, the losses of the storage included; ``grid_power`` differs from it by what
    goes into the store, grid_power = site_power + storage_rate, so that the ledger counts each joule once.

    Parameters
    ----------
    result : xarray.Dataset
        Result with ``power(end_use, time)`` and ``site_power``.
    run : xarray.Dataset
        The storage's run on that site power: of ``th.power.smooth``, ``shave``, ``by_price``, ``least_cost``.

    Raises
    ------
    InputError
        If the run is of another power or other times, or the result has a storage already.
    """
    _require_powers(result)
    part("run", run, xr.Dataset, "th.power.smooth(result.site_power, battery, ...) gives one")
    if not {"power", "grid_power", "storage_loss", "storage_energy"} <= set(run.data_vars):
        raise InputError(
            "run has no grid_power, storage_loss and storage_energy: give that of th.power.smooth or shave"
        )
    if "grid_power" in result:
        raise InputError("the result has a storage already: take the result before")
    site = result["site_power"]
    same = site.dims == run["power"].dims and site["time"].equals(run["time"])
    if not same or float(abs(site - run["power"]).max()) > 1e-9 * float(abs(site).max()):
        raise InputError("run is of another power or of other times than the result's site_power")
    joined = with_end_use(result, "storage_losses", run["storage_loss"].drop_attrs())
    names = ("grid_power", "charge_power", "discharge_power", "storage_energy", "state_of_charge")
    joined = joined.assign({name: run[name] for name in names})
    return describe(joined.assign(storage_rate=joined["grid_power"] - joined["site_power"]))


def _require_powers(result: xr.Dataset) -> None:
    part("result", result, xr.Dataset, "a result of a verb, or telemetry with power(end_use, ...)")
    if (
        not {"power", "site_power"} <= set(result.data_vars)
        or "it" not in result.get("end_use", xr.DataArray([])).values
    ):
        raise InputError("result needs power(end_use, ...) with the end use 'it', and site_power, both in W")
