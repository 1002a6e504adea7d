"""Power smoothing of an accelerator: a floor under its power and a limit on its ramps, at the cost of energy."""

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import array
from thermal.names import describe
from thermal.quantity import Part, quantity
from thermal.timeline import intervals

__all__ = ["PowerSmoothing"]


class PowerSmoothing(Part):
    r"""Power drawn by a chip that smooths itself: P_k = clip(max(p_k, floor·TGP), P_{k−1} ± r·Δt).

    Where the chip draws more than its work asks for it burns the difference; where it may not rise as fast as its work
    asks, that power is withheld and the work comes later (how much later is not modelled). The first row is taken as
    asked. Off unless asked for.

    Notes
    -----
    Settings as reported at second hand for NVIDIA Blackwell: floor 0 to 90 % of TGP; ramps 70, 150, 200 or 500 W/s. No
    primary source is public; hysteresis between steps of the floor is left out.

    Examples
    --------
    >>> law = PowerSmoothing(rated_power=1000.0, floor=0.5, ramp=200.0)
    >>> asked = xr.DataArray([900.0, 100.0, 100.0, 100.0], {"time": np.arange(4.0)}, ("time",))
    >>> law.smooth(asked).power.values
    array([900., 700., 500., 500.])
    """

    rated_power: float = quantity("W", "TGP: rated power of the chip", above=0)
    floor: float = quantity("-", "least power while it works, over rated power", low=0, high=0.9, default=0.0)
    ramp: float = quantity("W/s", "steepest rise and fall of power", above=0, high=1e5)

    def smooth(self, power: xr.DataArray) -> xr.Dataset:
        """Power drawn, burnt and withheld for the power that work asks for, W over ``time``, per chip.

        Raises
        ------
        InputError
            If the power has no time, or is above the rated power.
        """
        asked = array("power", power, "W", low=0.0, high=self.rated_power * (1.0 + 1e-9), hint="give it per chip")
        if not isinstance(asked, xr.DataArray) or "time" not in asked.dims:
            raise InputError("power has no time: give a DataArray over time, W per chip")
        steps = intervals(asked)
        values = np.moveaxis(asked.values, asked.get_axis_num("time"), 0)
        drawn = np.maximum(values, self.floor * self.rated_power)
        for k in range(1, len(drawn)):
            most = self.ramp * steps[k - 1]
            drawn[k] = np.clip(drawn[k], drawn[k - 1] - most, drawn[k - 1] + most)
        smooth = asked.drop_attrs().copy(data=np.moveaxis(drawn, 0, asked.get_axis_num("time")))
        extra = smooth - asked.drop_attrs()
        result = {"power": smooth, "power_burnt": np.maximum(extra, 0.0), "power_withheld": np.maximum(-extra, 0.0)}
        return describe(xr.Dataset(result).assign_attrs(interval=float(steps[-1])))
