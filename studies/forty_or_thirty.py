"""40 °C or 30 °C?

A 20 MW site of GB200 rows, its coolant at 30 °C or at 40 °C, the facility water 4 K below: what the warmer coolant
saves in a year, and what it costs at the chips. The climates are synthetic, built from monthly normals.
"""

import thermal as th
from thermal.units import kW

site = th.load("sites/generic_20mw")


def choose(climate, T_coolant):
    """A year of the plant, and the chips at full load."""
    row = site.loops[0]
    row = row.replace(cdu=row.cdu.replace(T_supply=T_coolant))
    low = T_coolant - 8  # water of the towers, as cold as is of use
    plant = site.plant.replace(T_supply=T_coolant - 4, T_condenser_low=low, T_condenser_high=max(30, low))
    year = th.annual(site.replace(plant=plant, loops=len(site.loops) * [row]), weather=air[climate])
    full = th.steady(row, heat=120 * kW, facility=th.Supply(T=T_coolant - 4, flow=row.cdu.valve_flow))
    book, sums = th.ledger(year), th.accounting.annual_sums(year)
    return sums[["hours_free", "hours_partial"]].assign(
        pue=th.pue(book), wue=th.wue(book), T_case=full.T_case.max(), margin=full.margin.min()
    )


places = ["chicago", "dulles", "san_francisco"]
air = {name: th.weather(th.load(f"climates/{name}")) for name in places}
runs = th.sweep(choose, climate=places, T_coolant=[30, 40])
if not (runs.status == "done").all():
    raise SystemExit(str(runs.error.values))
table = (
    runs[["pue", "wue", "hours_free", "hours_partial", "T_case", "margin"]]
    .drop_vars("loop", errors="ignore")
    .to_dataframe()
)
print(table.round({"pue": 4, "wue": 2, "hours_free": 0, "hours_partial": 0, "T_case": 1, "margin": 1}).to_string())
saved = (runs.pue.sel(T_coolant=30) - runs.pue.sel(T_coolant=40)) * site.it_power * 8.76 / 1e6  # GWh
print("\nsaved by 40 °C [GWh a year]:", {str(n): round(float(saved.sel(climate=n)), 2) for n in places})
