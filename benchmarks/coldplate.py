"""Conjugate cold plates: a million cells, a 3D-ICE stack, a transient step, scaling, variants, and a reduced plate.

Peer times of 3D-ICE and pyamg were measured beforehand on one core of a machine like this one; ``coldplate_peers`` runs
those that can be installed beside it.
"""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

import thermal as th
from benchmarks.measure import best_of, peak_memory, row
from thermal.components.plate.geometry import ColdPlate
from thermal.components.plate.material import Material
from thermal.formats.ice import read_ice
from thermal.network.plates import reduce_rack
from thermal.physics.conjugate.assembly import Body, Channels, assemble, layout, to_stored
from thermal.physics.conjugate.implicit import Method, advance, at_rest, prepare
from thermal.physics.conjugate.krylov import norm, solve
from thermal.physics.conjugate.lattice import residual
from thermal.physics.conjugate.multigrid import hierarchy
from thermal.physics.machines.reduced_plate import march_reduced
from thermal.plate.grid import Cells
from thermal.plate.ice import ice_body, ice_heat
from thermal.plate.reduction import reduce_plate

TOLERANCE = 1e-8
COPPER = Material(conductivity=390.0, density=8960.0, heat_capacity=385.0)


def rows() -> Iterator[dict[str, Any]]:
    yield from _scaling()
    yield from _ice()
    yield _step()
    yield _variants()
    yield _reduced()
    yield _racks()


def plate(channels: int, slices: int) -> tuple[Body, Channels, np.ndarray]:
    """A GPU-like plate: 500 W into silicon under 20 mm of copper channels, 2 channels + 1 by 16 by `slices` cells."""
    nx, fin = 2 * channels, 6
    dz = np.array([2.58e-4] * 3 + [5e-5] + [2.5e-4] * 4 + [1e-3 / fin] * fin + [2.5e-4] * 2)
    kinds = np.array([1] * 3 + [2] + [3] * (dz.size - 4))
    material = np.empty((slices, dz.size, nx), dtype=np.uint8)
    material[:] = kinds[:, None]
    stream = np.full(nx, -1)
    stream[1::2] = np.arange(channels)
    material[:, 8 : 8 + fin, 1::2] = 0
    k = np.array([0.0, 130.0, 20.0, 390.0])
    body = Body(
        np.full(nx, 1e-4), np.full(slices, 0.02 / slices), dz, material, np.stack([k] * 3, 1), np.full(4, 3e6),
        np.zeros(dz.size), False,
    )  # fmt: skip
    rate = np.full(channels, 69.3 / channels)
    legs = np.array([[c, 0, slices, 1, 0, -1] for c in range(channels)])
    channels_ = Channels(
        8, 8 + fin, stream, np.full((3, slices, channels), 22392.0), np.zeros((dz.size, nx)), np.ones(nx), rate, legs,
        np.zeros(channels, dtype=int), 0,
    )  # fmt: skip
    heat = np.zeros(material.shape)
    heat[:, 0] = 500.0 / (slices * nx)
    heat[slices // 3 : slices // 2, 0, nx // 3 : nx // 2] *= 3.0
    return body, channels_, heat * 500.0 / heat.sum()


def _solved(body: Body, channels: Channels, heat: np.ndarray) -> tuple[float, float]:
    """Seconds and relative residual of grids, factors and solution; the conductances are given."""
    problem, b = assemble(body, channels, None), to_stored(heat)
    arrangement = layout(body, channels)
    best, left = np.inf, np.nan
    for _ in range(3):
        start = time.perf_counter()
        T = np.zeros_like(b)
        outcome = solve(
            problem, hierarchy(problem, arrangement), T, b, np.zeros(problem.hold.size), 0.0, TOLERANCE, 100
        )
        best, left = min(best, time.perf_counter() - start), outcome.residual
    return best, left


def _scaling() -> Iterator[dict[str, Any]]:
    sizes = [(32, 98), (64, 196), (128, 256), (256, 256), (256, 512)]
    _solved(*plate(8, 8))
    cells, seconds, memory, base = [], [], [], peak_memory()
    for channels, slices in sizes:
        case = plate(channels, slices)
        n = case[2].size
        used, left = _solved(*case)
        cells.append(n)
        seconds.append(used)
        million = n == 1_048_576
        after = peak_memory()
        memory.append((after - base) * 1e6)
        light = memory[-1] <= 250 * n
        yield row(
            f"conjugate plate, {n} cells",
            f"to a relative residual of {left:.0e}, one core; {1e6 * (after - base) / n:.0f} bytes per cell",
            used,
            ours_peak_MB=after,
            peer="pyamg" if million else None,
            peer_s=3.9 if million else None,
            target="<= 1.0 s, <= 250 B" if million else None,
            met=used <= 1.0 and light if million else None,
        )
    slope, growth = (float(np.polyfit(np.log(cells), np.log(v), 1)[0]) for v in (seconds, memory))
    yield row(
        "conjugate plate, growth", f"log-log slope of time {slope:.2f}, of memory {growth:.2f}", None,
        target="<= 1.1", met=max(slope, growth) <= 1.1,
    )  # fmt: skip
    body, channels_, heat = plate(256, 512)
    problem, b = assemble(body, channels_, None), to_stored(heat)
    wall = np.zeros(3 * int(problem.table[0, 2]))
    r, still = np.zeros_like(b), np.zeros(problem.hold.size)
    sweep = best_of(lambda: residual(problem, 0, b, b, still, wall, r))
    copy = best_of(lambda: np.copyto(r, b))  # 35 MB each: memory, not cache
    streams = 7 * b.nbytes + problem.own.nbytes * 3  # T, b, r, x, y, z, sink and three films, each once
    share = streams / sweep / (2 * b.nbytes / copy)
    yield row(
        "residual sweep",
        f"{sweep / heat.size * 1e9:.1f} ns and {streams / heat.size:.0f} B per cell, {share:.0%} of a copy's bandwidth "
        f"({2e-9 * b.nbytes / copy:.0f} GB/s); norm {norm(r):.0f}",
        sweep,
    )


def _ice() -> Iterator[dict[str, Any]]:
    for stack, unknowns in (("cp4rm_200", 180_900), ("cp4rm_100", 361_800)):
        path = th.datasets.path(f"coldplate/3dice/{stack}.stk")
        ice = read_ice(path)
        body, channels = ice_body(ice, True, 1, round(ice.breadth / ice.cell_breadth))
        used, left = _solved(body, channels, ice_heat(ice, body, 0))
        big = unknowns == 361_800
        yield row(
            f"3D-ICE stack {stack}",
            f"{unknowns} unknowns, to {left:.0e}, same equations",
            used,
            peer="3D-ICE 4.0",
            peer_s=31.5 if big else 10.6,
            target="<= 0.3 s" if big else None,
            met=used <= 0.3 if big else None,
        )


def _step() -> dict[str, Any]:
    ice = read_ice(th.datasets.path("coldplate/3dice/cp4rm_200.stk"))
    body, channels = ice_body(ice, False, 1, 100)
    content = np.full((100, channels.rate.size), ice.channel.heat_capacity * 1e-4 * 1e-3 * body.dy[0])
    stepper = prepare(body, channels, content, 2e-3, Method.SDIRK2)
    q = to_stored(ice_heat(ice, body, 0))
    typical, last = {}, {}
    for tolerance in (1e-6, 1e-8):
        now, times = at_rest(stepper), []
        for _ in range(40):
            start = time.perf_counter()
            now = advance(stepper, now, np.stack([q, q]), 0.0, tolerance)
            times.append(time.perf_counter() - start)
        typical[tolerance], last[tolerance] = float(np.median(times[10:])), now
    return row(
        "transient step, 180900 unknowns",
        f"second order, two stages, 2 ms, to 1e-6 in {last[1e-6].iterations} iterations, {last[1e-6].residual:.0e} W "
        f"of 500 W left; to 1e-8 {1e3 * typical[1e-8]:.0f} ms, {last[1e-8].residual:.0e} W",
        typical[1e-6],
        peer="3D-ICE 4.0 (first order)",
        peer_s=0.083,
        target="<= 0.03 s",
        met=typical[1e-6] <= 0.03,
    )


def small(width: float) -> ColdPlate:
    return ColdPlate(
        length=0.04, breadth=0.04, channel_width=width, fin_width=1.5e-4, channel_depth=2e-3, base=1e-3, metal=COPPER,
        homogenised=True,
    )  # fmt: skip


def _variants() -> dict[str, Any]:
    """Forty widths of channel by twenty-five flows, films and flow split solved too, on two threads of `th.sweep`."""
    package, coolant, cells = th.load("packages/h100"), th.load("coolants/pg25"), Cells(slices=28)

    def operate(width: float, flow: float) -> Any:
        return th.steady(
            small(width), package=package, coolant=coolant, heat=700.0, flow=flow, T_in=40.0, cells=cells,
            tolerance=1e-6,
        )[["T_case", "R_case", "pressure_drop"]]  # fmt: skip

    axes = {"width": np.linspace(1.5e-4, 3e-4, 40), "flow": np.linspace(0.8, 1.6, 25) * 1e-3 / 60}
    found = operate(2e-4, 1e-3 / 60).attrs["cells"]
    start = time.perf_counter()
    runs = th.sweep(operate, workers=2, progress=False, **axes)
    seconds = time.perf_counter() - start
    failed = runs.attrs["cases_failed"] + runs.attrs["cases_not_converged"]
    return row(
        "1000 variants of a plate", f"about {found} cells each, through th.sweep on two threads; {failed} failed",
        seconds, target="<= 20 s", met=seconds <= 20.0 and failed == 0,
    )  # fmt: skip


def _reduced() -> dict[str, Any]:
    flows = np.geomspace(0.6, 2.4, 4) * 1e-3 / 60
    model = reduce_plate(
        small(2e-4), package=th.load("packages/h100"), coolant=th.load("coolants/pg25"), heat=700.0, flows=flows,
        T_in=40.0, cells=Cells(slices=24, fin=6),
    )  # fmt: skip
    decay, drive = model.at(1e-3 / 60, 1.0)
    n = 100_000
    u, y = np.ones((n, drive.shape[1])), np.zeros((n, model.read.shape[0]))
    seconds = (
        best_of(lambda: march_reduced(np.zeros((2, decay.shape[0])), decay, drive, model.read, model.through, u, y)) / n
    )
    return row(
        "reduced plate, one step",
        f"{decay.shape[0]} states, largest error {model.error:.2%} of the rise",
        seconds,
        target="<= 1 us",
        met=seconds <= 1e-6,
    )


def _racks() -> dict[str, Any]:
    """Ten hours of a row at 1 s steps whose eight racks have reduced plates: thread time of the march by plate step."""
    row_of_racks = th.load("loops/gb200_row")
    rack = row_of_racks.racks[0].replace(cold_plate=small(4e-4))
    loop = row_of_racks.replace(racks=8 * [reduce_rack(rack, row_of_racks.coolant, row_of_racks.cdu.T_supply)])
    seconds = []
    for _ in range(4):  # the first compiles
        start = time.thread_time()
        th.transient(loop, heat=9e4, facility=th.Supply(T=26, flow=1.9 / 60), until=36e3, step=1.0, save=600.0)
        seconds.append((time.thread_time() - start) / (36e3 * 8))
    return row(
        "reduced plates in racks, one step",
        f"all of the loop's march included, {rack.packages} plates a rack as one",
        min(seconds),
        target="<= 1 us",
        met=min(seconds) <= 1e-6,
    )
