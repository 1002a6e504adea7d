"""N+1 or N+2?

How many pumps a CDU needs at full load, and how many hours a year each spare buys. A pump fails at random, on its own,
once in 30 000 h (15 000 to 60 000 are told) and is back after 48 h (24 to 120): estimates, not this maker's figures.
What strikes all pumps at once (power, controls, dirt) is not in it, and sets the floor of any N+x.
"""

from math import comb

import thermal as th
from thermal.units import kW, minute, second

LEAST = 5.0  # K of margin to the case limit that must be left
row = th.load("loops/gb200_row")
water = th.Supply(T=26, flow=row.cdu.valve_flow)


def running(pumps):
    """The row at full load on so many pumps."""
    loop = row.replace(cdu=row.cdu.replace(pumps=pumps * [row.cdu.pumps[0]]))
    point = th.steady(loop, heat=120 * kW, facility=water)
    past = point.flow > pumps * row.cdu.pumps[0].flow[-1]  # more than the maker's curve says: extrapolated
    return point[["pump_speed", "T_supply", "T_return"]].assign(margin=point.margin.min(), past_curve=past)


runs = th.sweep(running, pumps=[1, 2, 3, 4])
print(runs.drop_vars(["status", "error", "converged", "loop"]).to_dataframe().round(2).to_string())
need = int(runs.pumps[runs.margin >= LEAST][0])
print(f"\nfor {LEAST:g} K of margin the row needs {need}; without any:")
trips = [th.stop(row.cdu.pumps[0], at=minute), th.stop(row.cdu.pumps[0], at=minute)]
dark = th.transient(row, heat=120 * kW, facility=water, events=trips, until=4 * minute, step=second, save=second)
over = dark.time[(dark.margin < 0).any("rack")]
print(f"  the case passes its limit {float(over[0]) - minute:.0f} s after the last pump has stopped\n")

print("hours a year with fewer than needed, by pumps installed [repair 24, 48, 120 h of 30 000 h]:")
for spares in (0, 1, 2):
    n, hours = need + spares, []
    for repair in (24, 48, 120):
        q = repair / (30_000 + repair)
        hours.append(8760 * sum(comb(n, k) * q**k * (1 - q) ** (n - k) for k in range(spares + 1, n + 1)))
    print(f"  N+{spares} ({n} pumps): " + ", ".join(f"{h:.2g}" for h in hours))
