"""From the IT equipment outwards to the site meter: losses of the power chain joined to a result."""

import xarray as xr

from thermal.components.power_chain import PowerChain
from thermal.names import describe

__all__ = ["with_power_chain"]


def with_power_chain(result: xr.Dataset, chain: PowerChain) -> xr.Dataset:
    """Add the losses of a power chain to a result: by stage, as an end use, and in the power at the site meter.

    Parameters
    ----------
    result : xarray.Dataset
        Result with ``power(end_use, ...)`` and ``site_power``.
    chain : PowerChain
        Stages between the meter and the IT equipment; cooling joins behind the transformer.
    """
    it = result["power"].sel(end_use="it", drop=True)
    cooling = result["site_power"] - it
    losses = chain.losses(it.values, cooling.values)
    loss = xr.concat([it.copy(data=values) for values in losses.values()], xr.IndexVariable("stage", list(losses)))
    total = loss.sum("stage")
    extra = total.expand_dims(end_use=["electrical_losses"])
    power = xr.concat([result["power"].drop_sel(end_use="electrical_losses", errors="ignore"), extra], "end_use")
    rest = result.drop_dims("end_use")
    return describe(
        rest.assign(power=power, loss=loss, site_power=result["site_power"] + total).assign_attrs(result.attrs)
    )
