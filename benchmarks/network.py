"""Networks: flows of large loops cold and warm, planning, and coolant loops in time beside the one-CDU kernel."""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import xarray as xr

import thermal as th
from benchmarks.measure import best_of, peak_memory, row
from thermal.components.hydronics.pipe import Pipe
from thermal.components.hydronics.pump import Pump
from thermal.network.loads import network_heat
from thermal.network.network import Branch, Network, Node
from thermal.network.opening import open_network
from thermal.network.topology import Hydraulics, lower_hydraulics
from thermal.physics.network.elimination import make_plan
from thermal.physics.network.hydraulics import solve_flows

BRANCHES = 5000
PEERS = {"pandapipes 0.16": 1.35, "EPANET 2.2 engine": 0.014}  # s, of the loop of 5000 branches, as told beforehand


def loop(branches: int) -> Network:
    """Cold plates with hoses between two headers, one CDU: two header segments, a plate and a hose for each."""
    bore, flow = 0.005, 2.5e-5
    header = 0.0046066 * math.sqrt(branches)  # m, so that its velocity stays
    rng = np.random.default_rng(0)
    supply = Pipe(length=0.05, diameter=header, roughness=1.5e-6, loss_coefficient=0.1)
    hose = Pipe(length=1.0, diameter=bore, roughness=1.5e-6, loss_coefficient=15.0)
    out: list[Branch] = []
    for i in range(branches):
        plate = Pipe(length=0.1, diameter=bore, roughness=1.5e-6, loss_coefficient=float(rng.uniform(22, 38)))
        out += [Branch(f"plate{i}", plate, f"s{i}", f"m{i}"), Branch(f"hose{i}", hose, f"m{i}", f"r{i}")]
        if i:
            out += [
                Branch(f"supply{i}", supply, f"s{i - 1}", f"s{i}"),
                Branch(f"return{i}", supply, f"r{i}", f"r{i - 1}"),
            ]
    V = branches * flow * np.linspace(0, 2, 65)
    head = 105e3 / (1010 * 9.80665) * (4 - (V / (branches * flow)) ** 2) / 3
    pump = Pump(flow=tuple(V), head_curve=tuple(head), efficiency=0.7, drive_efficiency=0.9)
    cdu = Pipe(length=2.0, diameter=header, roughness=1.5e-6, loss_coefficient=40.0)
    out += [Branch("pump", pump, "suction", "s0"), Branch("cdu", cdu, "r0", "suction")]
    return Network(coolant=th.load("coolants/pg25"), branches=out, nodes=[Node("suction", pressure=2e5)])


def _solve(h: Hydraulics, cold: bool, speed: float) -> None:
    h.branches.pumps.speed[:] = speed
    if cold:
        h.flows.m[:] = h.guess
        h.flows.p[:] = 2e5
    assert np.isfinite(solve_flows(h.branches, h.web, h.flows, h.work, h.floor)[1])


def rows() -> Iterator[dict[str, Any]]:
    h = lower_hydraulics(loop(BRANCHES), 30.0)
    links, unknowns = len(h.web.copies), len(h.web.draw)
    inner = h.web.entry >= 0
    seconds = best_of(lambda: make_plan(unknowns, h.web.start[inner], h.web.end[inner]), 3)
    yield row(f"network plan, {links} links", f"{unknowns} unknown pressures, once for a topology, in Python", seconds)
    cold = best_of(lambda: _solve(h, True, 1.0), 7)
    for peer, peer_s in PEERS.items():
        yield row(
            f"network flows, {links} links, cold", "hydraulics from no knowledge, one core", cold,
            ours_peak_MB=peak_memory(), peer=f"{peer} (told)", peer_s=peer_s, target="<= 10 ms", met=cold <= 0.010,
        )  # fmt: skip
    speeds = iter(np.resize([0.97, 1.0], 1000))
    warm = best_of(lambda: _solve(h, False, float(next(speeds))), 7)
    yield row(
        f"network flows, {links} links, warm", "pump speed changed by 3 %", warm, target="<= 2 ms", met=warm <= 0.002
    )
    yield _march("loops/frontier_group", 25, "Frontier day, 25 CDU groups", 5760, 0.2)
    yield _march("loops/gb200_row", 1, "GB200 row, a day at 15 s", 5760, None)
    yield _pod()
    yield _campus()


def _march(name: str, copies: int, title: str, steps: int, limit: float | None) -> dict[str, Any]:
    """One group marched and scaled by the number of equal ones, each a network of its own."""
    group = th.load(name)
    network = group.network()
    heat = group.design_heat * np.random.default_rng(0).uniform(0.5, 1.0, (steps, len(group.racks)))
    stepper = open_network(network, facility=th.Supply(T=26, flow=0.02), water=th.load("coolants/water"))
    seconds = copies * best_of(lambda: stepper.advance(heat, 15.0, 1), 5)
    return row(
        title, f"{steps} steps of 15 s, all saved; one group measured, times {copies}", seconds,
        target=f"<= {limit:g} s" if limit else None, met=seconds <= limit if limit else None,
    )  # fmt: skip


def _pod() -> dict[str, Any]:
    """Eight racks, each of 72 plates its own branch with its own power: an hour at 1 s, times 24."""
    network = th.load("loops/gb200_row").network(unfold=True)
    stepper = open_network(network, facility=th.Supply(T=26, flow=0.03), water=th.load("coolants/water"))
    rng = np.random.default_rng(0)
    power = xr.DataArray(rng.uniform(600, 1100, (8, 72)), dims=("rack", "package"))
    load = network_heat(stepper.heat, power)
    stepper.load = load
    stepper.settle(load.heat[0])
    heat = load.heat * rng.uniform(0.5, 1.0, (3600, 1))
    day = 24 * best_of(lambda: stepper.advance(heat, 1.0, 1, 60), 3)
    return row(
        "pod of 8 x 72 plates, a day at 1 s", "one hour measured, times 24; a row saved each minute", day,
        target="<= 8 s", met=day <= 8.0,
    )  # fmt: skip


def _campus() -> dict[str, Any]:
    """800 racks of 72 packages, each package of each second of a day: 100 pods, two at a time, two of them measured."""
    network = th.load("loops/gb200_row").network(unfold=True)
    water = th.Supply(T=26, flow=0.03, coolant=th.load("coolants/water"))

    def day(pod: int) -> float:
        rng = np.random.default_rng(pod)
        share = rng.uniform(0.8, 1.2, (8, 72))
        wave = np.sin(2.0 * np.pi * np.arange(86400.0) / (300.0 + 10.0 * pod))  # the valves follow it at every step
        power = 1e5 * (0.7 + 0.3 * wave[:, None] * rng.uniform(0.5, 1.0, 8))
        heat = xr.Dataset(
            {"heat": (("time", "rack"), power), "share": (("rack", "package"), share / share.sum(axis=1)[:, None])},
            {"time": np.arange(86400.0)},
        )
        run = th.transient(network, heat=heat, facility=water, step=1.0, save=60.0)
        return float(run.T_case_peak.max())

    def both() -> list[float]:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(day, range(2)))

    seconds = 50 * best_of(both, 2)
    return row(
        "campus of 57 600 packages, a day at 1 s", "100 pods on two cores, two measured, times 50; minutes kept",
        seconds, ours_peak_MB=peak_memory(), target="<= 120 s and 2 GB", met=seconds <= 120.0 and peak_memory() <= 2e3,
    )  # fmt: skip
