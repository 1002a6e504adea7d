"""What does a clogged filter cost?

The strainer of a CDU fills up. Its pumps hold the pressure across the racks by running faster, until they can no more;
from there on the racks lose flow. With two pumps, and with one of them down.
"""

import thermal as th
from thermal.units import kW

row, strainer = th.load("loops/gb200_row"), th.load("strainers/y_dn100")
pump, density = row.cdu.pumps[0], row.coolant.properties(32.0).density
water = th.Supply(T=26, flow=row.cdu.valve_flow)


def clogged(pumps, share):
    """The row at full load, the strainer's free area less by a share."""
    loss = 1e5 * density / 1000 / (strainer.Kv * (1 - share)) ** 2  # Pa/(m³/s)²: Kv is the flow of water at 1 bar
    cdu = row.cdu.replace(inner_quadratic=row.cdu.inner_quadratic + loss, pumps=pumps * [pump])
    point = th.steady(row.replace(cdu=cdu), heat=120 * kW, facility=water)
    return point[["pump_speed", "pump_power"]].assign(
        flow=60e3 * point.flow,
        strainer_kPa=loss * point.flow**2 / 1e3,
        margin=point.margin.min(),
        past_curve=point.flow > pumps * pump.flow[-1],
    )


runs = th.sweep(clogged, pumps=[2, 1], share=[0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9])
columns = ["flow", "strainer_kPa", "pump_speed", "pump_power", "margin", "past_curve"]
print(runs.to_dataframe()[columns].round(2).to_string())
print(
    "flow in L/min, power in W; past_curve: a pump gives more than its maker's curve says, its power is extrapolated\n"
)
two = runs.sel(pumps=2)
extra = 8.76 * float(two.pump_power.sel(share=0.5) - two.pump_power.sel(share=0.0))  # kWh a year
held = two.share[two.pump_speed < 0.999]
print(f"half clogged costs {extra:.0f} kWh a year and CDU; two pumps hold the pressure up to {100 * held.max():.0f} %")
