"""The cache of compiled solvers: where it is, filling it beforehand, and emptying it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import thermal as th
from thermal.machine import cores
from thermal.physics.kernel import cache_directory
from thermal.units import kW, lpm

__all__ = ["clear", "root_of", "size_of", "warm", "year_beside"]


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
    """Solve what compiles the solvers that most studies use: loops at rest and in time, networks, a year, a plate."""
    row = th.load("loops/gb200_row")
    water = th.Supply(T=26, flow=1900 * lpm)
    th.steady(row, heat=100 * kW, facility=water)
    th.transient(row, heat=100 * kW, facility=water, until=60)
    supply = water.replace(coolant=th.load("coolants/water"))
    th.network.fault_table(row.network(), heat=100 * kW, facility=supply, until=1.0)
    warm_year()
    plate = th.ColdPlate(
        length=0.04, breadth=0.04, channel_width=4e-4, fin_width=4e-4, channel_depth=2e-3, base=1e-3,
        metal=th.load("materials/copper"), homogenised=True,
    )  # fmt: skip
    th.steady(
        plate, package=th.load("packages/gb200_gpu"), coolant=th.load("coolants/pg25"), heat=1 * kW, flow=1 * lpm,
        T_in=40, cells=th.Cells(6, 1, 2, 1),
    )  # fmt: skip


def warm_year() -> None:
    """Solve a day of a plant's year: half of what the demo compiles."""
    air = th.weather(th.load("climates/chicago"))
    th.annual(th.load("plants/generic_20mw"), it_power=20e6, weather=air.isel(time=slice(0, 24)))


@contextmanager
def year_beside() -> Iterator[None]:
    """Where nothing is compiled yet and another core is free, let another process compile the year meanwhile.

    Whoever needs it before it is done waits for it; a process that fails or is stopped leaves nothing behind, and then
    the year is compiled where it is needed.
    """
    if size_of(cache_directory())[0] or cores() < 2:
        yield
        return
    script = "from thermal.cli.kernels import warm_year; warm_year()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as beside:
        try:
            yield
        finally:
            beside.terminate()
