"""How many CDUs may a reference hall lose?

Schneider Electric's reference design RD113 (R1, July 2026, as quoted in RGoharimehr/liquid-cooling-rd-studio): 42 racks
of 227 kW, eight 2.5 MW CDUs on one secondary, a strainer and a pressure-independent valve at each rack, facility water
40/50 °C, racks 45/55 °C, an approach of 4 K. Its headers are not published: here they lose nothing.
"""

import thermal as th
from thermal.components.hydronics.valve import PressureIndependentValve, Strainer
from thermal.units import kPa, kW, minute

CDUS, RACKS = 8, 42
cdu, rack = th.load("cdus/motivair_mcdu70"), th.load("racks/vera_rubin_nvl72")
strainer = Strainer(Kv=30 / 3600)  # of 50 mm: 41 kPa at 320 L/min, an estimate (20 to 45 m³/h)
valve = PressureIndependentValve(flow=rack.design_flow, drop_low=30 * kPa, drop_high=400 * kPa)
cdu = cdu.replace(differential_pressure=rack.design_drop + 90 * kPa)
water = th.Supply(T=40, flow=CDUS * cdu.valve_flow, coolant=th.load("coolants/water"))


def hall(cdus):
    """The hall with so many CDUs in it."""
    machines = [th.Branch(f"cdu{i}", cdu, "return", "supply") for i in range(1, cdus + 1)]
    places = []
    for i in range(1, RACKS + 1):
        places += [
            th.Branch(f"rack{i}/strainer", strainer, "supply", f"rack{i}/filtered"),
            th.Branch(f"rack{i}/valve", valve, f"rack{i}/filtered", f"rack{i}/inlet"),
            th.Branch(f"rack{i}", rack, f"rack{i}/inlet", "return"),
        ]
    return th.Network(
        coolant=th.load("coolants/pg25"), branches=machines + places, nodes=[th.network.Node("return", pressure=2.5e5)]
    )


def left(cdus):
    """The hall at full heat on the CDUs that are left; each has its own share of the facility's water."""
    share = water.replace(flow=cdus * cdu.valve_flow)
    point = th.steady(hall(cdus), heat=227 * kW, facility=share)
    return point[["T_facility_return", "flow_facility"]].assign(
        supply=point.T_supply.mean(), back=point.T_return.mean(), unheld=point.supply_unheld.any(),
        pressure_unheld=point.pressure_unheld.any(), speed=point.pump_speed.max(), opening=point.valve_opening.max(),
        rack_flow=60e3 * point.flow.sel(branch="rack1"), margin=point.margin.min(),
        pumps=point.power.sel(end_use="cdu_pumps") / 1e3,
    )  # fmt: skip


runs = th.sweep(left, cdus=[8, 7, 6, 5, 4, 3])
table = runs.drop_vars(["status", "error", "converged", "end_use", "branch"], errors="ignore").to_dataframe()
print(table.round(2).T.to_string())
print(
    "\nthe design says 45/55 degC at the racks and 40/50 at the facility; eight CDUs at half of their rating come\n"
    "closer than 4 K, so their valves throttle and the water comes back warmer than 50"
)

found = th.network.select_cdus(
    {"motivair_mcdu70": cdu}, heat=RACKS * 227 * kW * rack.liquid_fraction, flow=RACKS * rack.design_flow,
    differential_pressure=cdu.differential_pressure, T_supply=45, T_facility=40, coolant=th.load("coolants/pg25"),
    facility_coolant=th.load("coolants/water"),
)  # fmt: skip
print(f"\nN = {int(found.cdus_needed[0])}: one fewer would lack {found.lacks.values[0]}; eight are installed")

for lost in (2, 4, 5, 8):
    trips = [th.stop(f"cdu{i}", at=minute) for i in range(1, lost + 1)]
    run = th.transient(hall(CDUS), heat=227 * kW, facility=water, events=trips, until=4 * minute, step=1, save=1)
    limit = float(th.time_to_limit(run).min()) - minute
    told = f"a case passes its limit after {limit:.0f} s" if limit > 0 else "none passes its limit in 3 minutes"
    print(f"{lost} CDUs stop at once: {told}")
