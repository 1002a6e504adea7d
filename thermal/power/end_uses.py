"""Electrical end uses joined to a result: those outside its solver, and the losses out to the site meter."""

import xarray as xr

from thermal.components.power.chain import PowerChain
from thermal.names import describe

__all__ = ["with_end_use", "with_power_chain"]


def with_end_use(result: xr.Dataset, end_use: str, power: xr.DataArray) -> xr.Dataset:
    """Add the power [W] of one end use to a result, and to the power at its meter.

    Examples
    --------
    >>> power = xr.DataArray([1e6, 5e4], {"end_use": ["it", "chillers"]})
    >>> result = xr.Dataset({"power": power, "site_power": power.sum()})
    >>> float(with_end_use(result, "cdu_pumps", xr.DataArray(1e4)).site_power)
    1060000.0
    """
    order = result["power"].dims
    column = power.expand_dims(end_use=[end_use])
    kept = result["power"].drop_sel(end_use=end_use, errors="ignore")
    joined = xr.concat([kept, column], "end_use").transpose(*order)
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
    it = result["power"].sel(end_use="it", drop=True)
    losses = chain.losses(it.values, (result["site_power"] - it).values)
    loss = xr.concat([it.copy(data=values) for values in losses.values()], xr.IndexVariable("stage", list(losses)))
    return describe(with_end_use(result, "electrical_losses", loss.sum("stage")).assign(loss=loss))
