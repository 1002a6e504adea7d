"""The cache of compiled solvers: where it is, filling it beforehand, and emptying it."""

import shutil
from pathlib import Path

import thermal as th
from thermal.physics.kernel import cache_directory
from thermal.units import kW, lpm

__all__ = ["clear", "root_of", "size_of", "warm"]


def root_of() -> Path:
    """Directory of all compiled solvers, of this version and of earlier ones."""
    return cache_directory().parent


def size_of(folder: Path) -> tuple[int, int]:
    """Number of files and bytes under a folder."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    return len(sizes), sum(sizes)


def clear() -> tuple[int, int]:
    """Remove the compiled solvers; number of files and bytes that are gone."""
    root = root_of()
    gone = size_of(root)
    if root.is_dir():
        shutil.rmtree(root)
    return gone


def warm() -> None:
    """Solve what compiles the solvers that most studies use: loops at rest and in time, a plant, its year, a plate."""
    row, plant = th.load("loops/gb200_row"), th.load("plants/generic_20mw")
    air = th.weather(th.load("climates/chicago"))
    water = th.Supply(T=26, flow=1900 * lpm)
    th.steady(row, heat=100 * kW, facility=water)
    th.transient(row, heat=100 * kW, facility=water, until=60)
    th.annual(plant, it_power=20e6, weather=air.isel(time=slice(0, 24)))
    plate = th.ColdPlate(
        length=0.04, breadth=0.04, channel_width=4e-4, fin_width=4e-4, channel_depth=2e-3, base=1e-3,
        metal=th.load("materials/copper"), homogenised=True,
    )  # fmt: skip
    th.steady(
        plate, package=th.load("packages/gb200_gpu"), coolant=th.load("coolants/pg25"), heat=1 * kW, flow=1 * lpm,
        T_in=40, cells=th.Cells(6, 1, 2, 1),
    )  # fmt: skip
