"""How machines age: fouling of exchangers, clogging of filters, wear of pumps, loss of inhibitor and of capacity."""

from typing import Any

import numpy as np

from thermal.inputs import array
from thermal.quantity import Part, quantity
from thermal.units import year

__all__ = ["Ageing", "BatteryAgeing"]

R_GAS = 8.314462618  # J/(mol K)
ZERO = 273.15


class BatteryAgeing(Part):
    r"""Loss of a battery's capacity by time and by throughput.

    Share lost = k_t·√(t/year)·exp(−E/R·(1/Θ − 1/298.15)) + k_c·n^z with n full cycles; it is not let below 0.

    Notes
    -----
    Square root of time with Arrhenius' law for storage, and a power of throughput near one half for cycles: J. Wang et
    al., Cycle-life model for graphite-LiFePO4 cells, J. Power Sources 196 (2011) 3942 (z = 0.55, E = 31.7 kJ/mol less
    0.37 kJ/mol per C). Factors of a present product are estimates.

    Examples
    --------
    >>> law = BatteryAgeing(calendar=0.02, activation=3e4, cycle=0.0, exponent=0.55)
    >>> round(float(law.capacity(4 * year, 25.0, 0.0)), 12)  # 1 - 0.02·√4
    0.96
    """

    calendar: float = quantity("-", "k_t: share lost in the first year at 25 degC", low=0, high=0.3)
    activation: float = quantity("J/mol", "E: activation energy of that loss", low=0, high=1e5)
    cycle: float = quantity("-", "k_c: share lost by the first full cycle", low=0, high=0.1)
    exponent: float = quantity("-", "z: exponent of full cycles", above=0, high=1)

    def capacity(self, age: Any, T: Any, cycles: Any) -> Any:
        """Capacity over that when new, after an age [s] at a temperature [°C] with so many full cycles."""
        seconds, warm = array("age", age, "s", low=0.0), array("T", T, "degC", low=-30.0, high=80.0)
        count = array("cycles", cycles, "-", low=0.0)
        rate = np.exp(-self.activation / R_GAS * (1.0 / (warm + ZERO) - 1.0 / 298.15))
        lost = self.calendar * np.sqrt(seconds / year) * rate + self.cycle * count**self.exponent
        return np.maximum(1.0 - lost, 0.0)


class Ageing(Part):
    r"""How a site ages between cleanings, and how often it is cleaned.

    Fouling approaches its asymptote, R_f(t) = R*·(1 − e^(−t/τ)), since the last cleaning: Kern and Seaton, British
    Chemical Engineering 4 (1959) 258. It is given as share of the clean resistance. Filters clog in proportion to time
    until they are changed, pumps lose efficiency in proportion to time until they are overhauled, inhibitor decays
    exponentially until the coolant is treated.

    Notes
    -----
    The rate at which inhibitor is lost is one number, an estimate, whatever the temperature of the coolant, and neither
    pH, reserve alkalinity nor the loss of glycol is followed. Warm coolant and air in it age glycol faster, copper too:
    W. J. Rossiter et al. (National Bureau of Standards, 1980s) found lactic acid in propylene glycol and glycolic acid
    in ethylene glycol, more of both with copper. Rates by temperature that could stand here were looked for and not
    found: tests are made at 75 to 190 °C, mostly without inhibitor and with air blown in, and makers state no figures.

    Examples
    --------
    >>> law = Ageing(exchanger=0.2, plate=0.1, rejection=0.1, fouling_time=year, filter=0.5, pump=0.01, inhibitor=0.3,
    ...              cleaning=2 * year, filter_change=0.5 * year, overhaul=5 * year, treatment=year)
    >>> round(float(law.fouled(0.2, year)), 6)  # 0.2·(1 - 1/e)
    0.126424
    """

    exchanger: float = quantity("-", "fouling of plate exchangers in the end, over the clean resistance", low=0, high=3)
    plate: float = quantity("-", "fouling of cold plates in the end, over the clean resistance", low=0, high=3)
    rejection: float = quantity(
        "-", "fouling of towers and coolers in the end, over the clean resistance", low=0, high=3
    )
    fouling_time: float = quantity("s", "τ: time in which fouling reaches 63 % of its end", above=0)
    filter: float = quantity("-", "rise of a CDU's inner pressure loss until its filter is changed", low=0, high=5)
    pump: float = quantity("-", "share of efficiency that pumps lose in a year", low=0, high=0.1)
    inhibitor: float = quantity("-", "share of inhibitor lost in a year", low=0, high=0.95)
    cleaning: float = quantity(
        "s", "between cleanings of exchangers, towers and coolers; plates are not cleaned", above=0
    )
    filter_change: float = quantity("s", "between changes of filters", above=0)
    overhaul: float = quantity("s", "between overhauls of pumps", above=0)
    treatment: float = quantity("s", "between treatments of the coolant", above=0)

    def fouled(self, end: float, since: Any) -> Any:
        """Fouling over the clean resistance, a time [s] after it was clean; `end` is what it approaches."""
        return end * -np.expm1(-array("since", since, "s", low=0.0) / self.fouling_time)

    def mean(self, law: Any, begin: float, end: float, interval: float, points: int = 24) -> float:
        """Mean over a span of time of a law of the time since the last event, events every `interval` from 0 on."""
        times = begin + (np.arange(points) + 0.5) / points * (end - begin)
        return float(np.mean([law(t % interval) for t in times]))

    def events(self, begin: float, end: float) -> dict[str, int]:
        """Cleanings, filter changes, overhauls and treatments after `begin` up to `end` [s]."""
        names = ("cleaning", "filter_change", "overhaul", "treatment")
        return {name: int(_times(end, getattr(self, name)) - _times(begin, getattr(self, name))) for name in names}


def _times(t: float, interval: float) -> float:
    return float(np.floor(t / interval + 1e-9))
