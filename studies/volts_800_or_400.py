"""800 V or 400 V?

17 MW of chips fed by a central rectifier and an 800 V busway, or by alternating current of 400 V class with power
shelves in the racks, its UPS in double conversion or in eco mode. The losses of every stage are estimates with ranges,
told in the model files; none is taken from a maker's claim.
"""

import thermal as th
from thermal.units import MW

plant = th.load("plants/generic_20mw")
air = th.weather(th.load("climates/chicago"))
year = th.annual(plant, it_power=17 * MW, weather=air)  # the power that the chips' boards draw
chains = {"400 V AC": "generic", "400 V AC, eco mode": "generic_eco", "800 V DC": "dc_800v"}


def fed(chain):
    """The year behind one chain."""
    whole = th.power.with_power_chain(year, th.load(f"power_chains/{chains[chain]}"))
    book = th.ledger(whole)
    lost = book.energy.sel(end_use=[use for use in book.end_use.values if use not in set(year.end_use.values)])
    return book[["energy_site"]].assign(loss=lost.sum("end_use"), pue=th.pue(book))


runs = th.sweep(fed, chain=list(chains))
table = runs[["pue"]].assign(
    site_GWh=runs.energy_site / 3.6e12, loss_GWh=runs.loss / 3.6e12, loss_percent=100 * runs.loss / runs.energy_site
)
print(table.to_dataframe().round(4).to_string())
gain = (runs.energy_site.sel(chain="400 V AC") - runs.energy_site.sel(chain="800 V DC")) / 3.6e12
print(f"\n800 V saves {float(gain):.1f} GWh a year of {float(table.site_GWh.sel(chain='400 V AC')):.0f}")
