"""c5: two-speed dry cooler alone, water at 40 °C, in Chicago and at the altitude of Golden.

The reference states UA for its own closed form of crossflow (Incropera et al., eq. 11.32), which is up to 3.7 % below
the exact series of `thermal`. One coil then has two UA: ours is the one that passes the same heat at the rating, 50 °C
water and 35 °C air, found from that closed form alone and from no result of the reference.
"""

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

from scipy.optimize import brentq

import thermal as th
from thermal.physics.machines.exchanger import crossflow_effectiveness
from thermal.units import MW, kPa, kW
from validation.energyplus import reference as e

MODEL = "energyplus/c5_drycooler_2speed.idf"
SITES = ("chicago", "golden")
LIMITS: dict[str, Any] = {
    **{f"c5 {site} {name} of the year": e.YEAR for site in SITES for name in ("fans", "pumps")},
    **{f"c5 {site} fan": {"max": 0.002 * 22 * kW, "unit": "W"} for site in SITES},
}


FLOW = 0.0241  # m³/s of water
AIR = 101325.0 / (287.042 * 308.15) * 1006.0  # heat capacity of the rating's air, J/m³K


@cache
def cooler() -> th.DryCooler:
    """The cooler of the reference, its conductances put from the closed form to the exact law at the rating."""
    stated = th.load("dry_coolers/two_speed_700kw")
    water = FLOW * 988.0 * 4181.0  # W/K at 50 °C

    def exact(UA: float, air_flow: float) -> float:
        C_min, C_max = sorted((water, air_flow * AIR))
        C_r, NTU = C_min / C_max, UA / C_min
        reached = 1.0 - math.exp(math.expm1(-C_r * NTU**0.78) * NTU**0.22 / C_r)
        return C_min * float(brentq(lambda N: crossflow_effectiveness(N, C_r) - reached, 0.5 * NTU, 2.0 * NTU))

    UA, UA_low = exact(stated.UA, stated.air_flow), exact(stated.UA_low, stated.air_flow_low)
    return stated.replace(UA=UA, UA_low=UA_low, density_exponent=0.0)  # there UA follows the volume flow


def plant() -> th.Plant:
    return th.Plant(
        design_load=1 * MW, T_supply=40.0, coolant=e.WATER, pump=e.facility_pump(FLOW, 200 * kPa), rejection=cooler(),
    )  # fmt: skip


def rows() -> Iterator[dict[str, Any]]:
    for site in SITES:
        table = e.hours(f"c5_drycooler_2speed_{site}")
        yield from e.annual_sums(f"c5 {site}", e.run(plant(), site, table), plant(), table, LIMITS)
        yield from e.cooler(f"c5 {site}", plant().rejection, plant().T_supply, table, LIMITS)
