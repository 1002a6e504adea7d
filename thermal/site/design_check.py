"""The design check of a site of modules: every component against its rating, with margins, whole and one unit short."""

from collections.abc import Sequence
from math import inf, pi

import pandas as pd

from thermal.components.hydronics.pipe import Pipe
from thermal.errors import InputError
from thermal.network.case import Study
from thermal.network.loop import Loop
from thermal.network.steady import steady_loops
from thermal.network.supply import Supply
from thermal.physics.media.moist_air import saturation_pressure
from thermal.physics.network.branches import churchill
from thermal.site.check import COLD, HOT, Row, check_site
from thermal.site.modules import ModularSite
from thermal.site.scaling import scaled_plant

__all__ = ["design_check", "table"]

FASTEST = 3.0  # m/s in steel pipes of that size: noise and erosion, an estimate
STEEPEST = 400.0  # Pa/m: the upper end of the usual range of pipe sizing
ATMOSPHERE = 101325.0  # Pa
GRAVITY = 9.81  # m/s2


def design_check(site: ModularSite, *, hot: tuple[float, float] = HOT, cold: float = COLD) -> tuple[Row, ...]:
    """Walk every component of a site of modules against its rating.

    First the whole with its working blocks alone (`thermal.site.check.check_site`): heat, flow, Δp and temperatures of
    racks, CDUs, plant and rooms. Then classes, pipes, suction of the pumps, the voltage path, and each with one unit
    less: a CDU pump, a block of the plant in the hottest hour, a unit of each stage of the power chain, a power block.

    Parameters
    ----------
    site : ModularSite
        The site.
    hot, cold
        As for ``check_site``.

    Returns
    -------
    tuple of Row
        With ``holds`` and ``margin``; `table` makes a table of them.

    Notes
    -----
    Limits of pipes: 100 to 400 Pa/m, ASHRAE Handbook Fundamentals 2021, ch. 22; the velocity is an estimate. Suction:
    NPSH = (p_fill + p_atm − p_sat(T_return))/(ρ·g) with the vapour of water, of which glycol has less.

    Examples
    --------
    >>> import thermal as th
    >>> rows = design_check(th.load("modular_sites/warm_water_100mw"))
    >>> [row.name for row in rows if not row.holds]
    []
    """
    working = site.plant_blocks - site.spare_plant_blocks
    whole = site.site.replace(plant=scaled_plant(site.plant_block.plant, working))
    rows = [*check_site(whole, hot=hot, cold=cold), *_classes(site)]
    for loop in dict.fromkeys(site.pod.loops):
        rows += _loop(site, loop)
    rows += [*_main(site), *_power(site)]
    short = whole.replace(plant=scaled_plant(site.plant_block.plant, site.plant_blocks - 1))
    if site.plant_blocks > 1:
        names = {"hot hour", "hot supply"}
        found = [row for row in check_site(short, hot=hot, cold=cold) if row.name in names]
        rows += [row._replace(name=f"{row.name} N-1", words=f"{row.words}, one block short") for row in found]
    else:
        rows.append(Row("plant blocks", 1.0, 2.0, inf, "", "one block alone has no N-1"))
    return tuple(rows)


def table(rows: Sequence[Row]) -> pd.DataFrame:
    """Rows of a check as a table: figure, range, margin, verdict.

    Examples
    --------
    >>> table([Row("CDU heat", 0.8, 0.3, 1.0, "", "of its rating")]).loc["CDU heat", "margin"].round(3)
    np.float64(0.2)
    """
    if not rows or not all(isinstance(row, Row) for row in rows):
        raise InputError("table needs rows of design_check or check_site")
    columns = [(r.name, r.value, r.low, r.high, r.unit, r.margin, r.holds, r.words) for r in rows]
    names = ["name", "value", "low", "high", "unit", "margin", "holds", "what"]
    return pd.DataFrame(columns, columns=names).set_index("name")


def _classes(site: ModularSite) -> list[Row]:
    warmest = max(loop.cdu.T_held for loop in site.pod.loops)
    return [
        Row("W class", site.plant_block.plant.T_supply, 2.0, site.pod.T_water_high, "degC",
            "facility water against the pod's class"),
        Row("S class", warmest, 2.0, site.pod.T_coolant_high, "degC", "coolant to the racks against their class"),
    ]  # fmt: skip


def _loop(site: ModularSite, loop: Loop) -> list[Row]:
    """Of one kind of loop: branch of facility water, suction of its pumps, and one pump less."""
    plant = site.plant_block.plant
    full = Supply(T=plant.T_supply, flow=2.0 * loop.cdu.valve_flow, coolant=plant.coolant)
    point = steady_loops(Study(loop, loop.design_heat.tolist(), full, None, (), None, 1.0, None))
    pipe = site.pod.branch
    rows = _pipe("branch", pipe, float(point["flow_primary"]), plant.coolant.properties(plant.T_supply))
    T = float(point["T_return"])
    rho = float(loop.coolant.properties(T).density)
    head = (site.pod.fill_pressure + ATMOSPHERE - float(saturation_pressure(T))) / (rho * GRAVITY)
    rows.append(Row("NPSH", head, site.pod.NPSH_required, inf, "m", "suction head of the CDU pumps over the vapour's"))
    pumps = loop.cdu.pumps
    if len(pumps) == 1:
        return [*rows, Row("CDU pumps N-1", 1.0, 2.0, inf, "", "one pump alone has no N-1")]
    one = loop.replace(cdu=loop.cdu.replace(pumps=pumps[:-1]))
    short = steady_loops(Study(one, loop.design_heat.tolist(), full, None, (), None, 1.0, None))
    share = float(short["flow"]) / float(point["flow"])
    return [
        *rows,
        Row("flow N-1", share, 0.5, inf, "", "racks' coolant with one CDU pump less, over that with all"),
        Row("packages N-1", float(short["margin"].min()), 0.0, inf, "K", "case below its limit with one CDU pump less"),
    ]


def _main(site: ModularSite) -> list[Row]:
    plant = site.plant_block.plant
    return _pipe("main", site.plant_block.main, plant.pump.flow, plant.coolant.properties(plant.T_supply))


def _pipe(name: str, pipe: Pipe, flow: float, water: object) -> list[Row]:
    """Velocity and friction gradient of a pipe."""
    rho, mu = float(water.density), float(water.viscosity)  # type: ignore[attr-defined]
    velocity = flow / (0.25 * pi * pipe.diameter**2)
    friction, _ = churchill(rho * velocity * pipe.diameter / mu, pipe.roughness / pipe.diameter)
    gradient = float(friction) / pipe.diameter * 0.5 * rho * velocity**2
    return [
        Row(f"{name} velocity", velocity, 0.3, FASTEST, "m/s", "facility water in the pipe"),
        Row(f"{name} gradient", gradient, 0.0, STEEPEST, "Pa/m", "friction of the pipe"),
    ]


def _power(site: ModularSite) -> list[Row]:
    """The voltage path: load of each stage whole and one unit less, one block less, and its battery."""
    block = site.power_block
    if block is None:
        return []
    chain, count = block.chain, site.power_blocks - site.spare_power_blocks
    each = site.pods * site.pod.it_power / count
    rows = []
    for stage, share in chain.load_share(each).items():
        units, load = chain.units[stage], float(share)
        rows.append(Row(f"{stage} load", load, 0.0, 1.0, "", f"of each of {units} in a block, working blocks alone"))
    spare = site.power_blocks - 1
    if spare:
        share = site.pods * site.pod.it_power / (spare * chain.rated_power)
        rows.append(Row("power blocks N-1", share, 0.0, 1.0, "", "IT power over the rating of all blocks but one"))
    else:
        rows.append(Row("power blocks N-1", 1.0, 2.0, inf, "", "one block alone has no N-1"))
    if block.battery is not None:
        b = block.battery
        drawn = min(chain.rated_power, b.power)
        time = b.usable * float(b.efficiency(drawn)) / chain.rated_power
        rows += [
            Row("battery power", chain.rated_power / b.power, 0.0, 1.0, "", "of a block over that of its battery"),
            Row("battery time", time, block.ride_through, inf, "s", "a block at rated power on its battery"),
        ]
    return rows
