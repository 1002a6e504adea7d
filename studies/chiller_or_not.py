"""Chiller or not?

Two 20 MW sites under four climates: GB200 rows on water of 28 °C from towers, economiser and chillers, or Vera Rubin
rows on water of 40 °C straight from dry coolers, without a chiller and without evaporation. The climates are synthetic.
"""

import thermal as th

sites = {"chillers": th.load("sites/generic_20mw"), "dry coolers": th.load("sites/warm_water_20mw")}


def choose(climate, plant):
    """A year of one site."""
    year = th.annual(sites[plant], weather=air[climate])
    book, sums = th.ledger(year), th.accounting.annual_sums(year)
    warm = (year.T_facility_supply - sites[plant].plant.T_supply).max()  # 0 or less where the set point always held
    return sums[["hours_free", "hours_above_set_point"]].assign(
        pue=th.pue(book), wue=th.wue(book), warmest=warm, energy=book.energy_site
    )


places = ["chicago", "dulles", "golden", "san_francisco"]
air = {name: th.weather(th.load(f"climates/{name}")) for name in places}
runs = th.sweep(choose, climate=places, plant=list(sites))
table = (
    runs[["pue", "wue", "hours_free", "hours_above_set_point", "warmest"]]
    .drop_vars("loop", errors="ignore")
    .to_dataframe()
)
print(table.round({"pue": 4, "wue": 2, "hours_free": 0, "hours_above_set_point": 0, "warmest": 1}).to_string())
print(
    "\nwarmest: highest facility water of the year over its set point [K]; wue in L/kWh of IT; free: without a chiller"
)
