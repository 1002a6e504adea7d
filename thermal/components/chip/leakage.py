"""Leakage: the part of a chip's power that grows with its junction temperature."""

from typing import Any

import numpy as np

from thermal.inputs import array
from thermal.quantity import Part, quantity

__all__ = ["Leakage"]

HOTTEST = 150.0  # °C: the law is not asked beyond it; silicon fails


class Leakage(Part):
    r"""Power against junction temperature: P(T) = P_ref·[1 − s + s·exp((T − T_ref)/θ)].

    s is the share of leakage in the power P_ref at T_ref, θ the rise that multiplies it by e. Off unless asked for.
    Measured exponential from 20 to 85 °C; used up to the limit of a package it is an extrapolation.

    Notes
    -----
    Form: K. De Vogeleer et al., Modeling the Temperature Bias of Power Consumption for Nanometer-Scale CPUs in
    Application Processors, 2014, arXiv 1404.3381: exponential over 20 to 85 °C by measurement. Share and θ of a present
    accelerator are not published: model files carry them as estimates.

    Examples
    --------
    >>> law = Leakage(share=0.2, T_reference=60.0, rise=40.0)
    >>> round(float(law.power(100.0, 1000.0)), 3)  # 800 + 200·e
    1343.656
    """

    share: float = quantity("-", "s: leakage over power at the reference temperature", low=0, high=0.6)
    T_reference: float = quantity("degC", "junction temperature at which power is given", low=0, high=HOTTEST)
    rise: float = quantity("K", "θ: rise of temperature that multiplies leakage by e", low=15, high=500)

    def factor(self, T_junction: Any) -> Any:
        """Power over power at the reference temperature (a number or an array)."""
        return 1.0 - self.share + self.leaking(T_junction)

    def leaking(self, T_junction: Any) -> Any:
        """Leakage over power at the reference temperature (a number or an array)."""
        T = array("T_junction", T_junction, "degC", low=-50.0, high=HOTTEST)
        return self.share * np.exp((T - self.T_reference) / self.rise)

    def power(self, T_junction: Any, power: Any) -> Any:
        """Power [W] at a junction temperature [°C], of a chip that draws `power` at the reference temperature."""
        return array("power", power, "W", low=0.0) * self.factor(T_junction)
