"""Bill of quantities: what a site of modules is made of, by number, length and volume."""

from collections import Counter
from math import pi

import pandas as pd

from thermal.components.cooling.tower import Tower
from thermal.components.hydronics.pipe import Pipe
from thermal.errors import InputError
from thermal.quantity import Part
from thermal.site.modules import ModularSite

__all__ = ["bill_of_quantities"]


def bill_of_quantities(site: ModularSite) -> pd.DataFrame:
    """Modules, machines, pipes, liquids and storage of a site, spare ones included.

    Volumes of liquid are those inside racks, CDUs and the pipes of the modules; machines of the plant and pipes outside
    the modules come on top.

    Parameters
    ----------
    site : ModularSite
        The site.

    Returns
    -------
    pandas.DataFrame
        ``item``, ``of`` (which make), ``amount`` and ``unit``.

    Examples
    --------
    >>> import thermal as th
    >>> bill = bill_of_quantities(th.load("modular_sites/warm_water_100mw"))
    >>> int(bill[bill["item"] == "racks"].amount.sum())
    440
    """
    if not isinstance(site, ModularSite):
        raise InputError(f"bill_of_quantities needs a ModularSite, not {type(site).__name__}")
    pod, block = site.pod, site.plant_block
    rows: list[tuple[str, str, float, str]] = [("pods", _title(pod), site.pods, "-")]
    loops = Counter(pod.loops)
    for loop, n in loops.items():
        rows += [("CDUs", _title(loop.cdu), site.pods * n, "-"),
                 ("CDU pumps", _title(loop.cdu.pump), site.pods * n * len(loop.cdu.pumps), "-")]  # fmt: skip
        for rack, racks in Counter(loop.racks).items():
            rows += [("racks", _title(rack), site.pods * n * racks, "-"),
                     ("packages", _title(rack.package), site.pods * n * racks * rack.packages, "-")]  # fmt: skip
    rows.append(("plant blocks", _title(block), site.plant_blocks, "-"))
    rows += [(item, of, site.plant_blocks * amount, unit) for item, of, amount, unit in _machines(site)]
    rows.append(("branch pipe", _title(pod.branch), site.pods * len(pod.loops) * pod.branch.length, "m"))
    rows.append(("main pipe", _title(block.main), site.plant_blocks * block.main.length, "m"))
    rows += _liquids(site)
    if site.power_block is not None:
        rows += _electrical(site)
    return pd.DataFrame(rows, columns=["item", "of", "amount", "unit"])


def _title(part: Part) -> str:
    """What a part is, as its model file says."""
    return part.origin.title if part.origin else type(part).__name__


def _machines(site: ModularSite) -> list[tuple[str, str, float, str]]:
    """Machines of one block of the plant."""
    plant = site.plant_block.plant
    found = [("plant pumps", _title(plant.pump), plant.pump.power, "W")]
    if plant.chiller is not None:
        found.append(("chillers", _title(plant.chiller), plant.chillers, "-"))
    if plant.lag_chiller is not None:
        found.append(("chillers", _title(plant.lag_chiller), plant.lag_chillers, "-"))
    if plant.economiser is not None:
        found.append(("economisers", _title(plant.economiser), 1, "-"))
    if isinstance(plant.rejection, Tower):
        found.append(("tower cells", _title(plant.rejection), plant.rejection.cells, "-"))
    elif plant.rejection is not None:
        found.append(("coolers", _title(plant.rejection), 1, "-"))
    return found


def _liquids(site: ModularSite) -> list[tuple[str, str, float, str]]:
    pod, block = site.pod, site.plant_block
    amounts: Counter[str] = Counter()
    for loop in pod.loops:
        own = sum(rack.coolant_volume for rack in loop.racks) + loop.cdu.secondary_volume + loop.cdu.return_volume
        amounts[_title(loop.coolant)] += site.pods * own  # type: ignore[assignment]
    water = site.pods * sum(loop.cdu.primary_volume + _inside(pod.branch) for loop in pod.loops)
    water += site.plant_blocks * _inside(block.main)
    found = [("coolant", of, amount, "m3") for of, amount in amounts.items()]
    of = _title(block.plant.coolant) if block.plant.coolant is not None else "facility water"
    return [*found, ("facility water", of, water, "m3")]


def _inside(pipe: Pipe) -> float:
    return 0.25 * pi * pipe.diameter**2 * pipe.length


def _electrical(site: ModularSite) -> list[tuple[str, str, float, str]]:
    block, n = site.power_block, site.power_blocks
    assert block is not None
    found: list[tuple[str, str, float, str]] = [("power blocks", _title(block), n, "-")]
    for stage, units in block.chain.units.items():
        found.append((f"{stage} units", _title(getattr(block.chain, stage)), n * units, "-"))
    if block.battery is not None:
        found.append(("batteries", _title(block.battery), n * block.battery.energy, "J"))
    return found
