"""Random coolant networks in time: CDUs, racks, pipes, meshes, heights, faults; a script runs thousands of them."""

import glob
import sys
import time
from collections import Counter

import numpy as np
import xarray as xr
from hydraulic_cases import random_part

import thermal as th
from thermal.components.hydronics.pipe import Pipe
from thermal.errors import ThermalError
from thermal.network import drift, freeze, leak, reopen, set_point, starve, warm
from thermal.network.network import Branch, Network, Node

COOLANTS = [th.load("coolants/water"), th.load("coolants/pg25")]
CDUS = [th.load(f"cdus/{name}") for name in ("vertiv_xdu1350", "frontier", "google_deschutes")]
RACKS = [th.load(f"racks/{name}") for name in ("gb200_nvl72", "gb300_nvl72", "frontier_cabinet")]
STEEL = th.load("materials/carbon_steel")
MARCH = 60.0  # s


def random_row(rng, most):
    """CDUs side by side, racks on a header of some kind, some unfolded, and a mesh of odd parts across the supply."""
    coolant = COOLANTS[rng.integers(2)]
    cdus = [Branch(f"cdu{i}", CDUS[rng.integers(3)], "return", "supply") for i in range(int(rng.integers(1, 4)))]
    pipe = None
    if rng.random() < 0.7:
        D = rng.uniform(0.05, 0.2)
        pipe = Pipe(length=rng.uniform(0.3, 60), diameter=D, roughness=4.5e-5, wall=0.004,
                    metal=STEEL if rng.random() < 0.5 else None, outer_film=rng.choice([0.0, 8.0]))  # fmt: skip
    count = int(rng.integers(1, max(2, most // 6)))
    racks = [RACKS[rng.integers(3)] for _ in range(count)]
    unfold = count * 75 < most and rng.random() < 0.5
    row = list(
        th.manifold(racks, "supply", "return", pipe=pipe, reverse_return=bool(rng.random() < 0.5), unfold=unfold)
    )
    mesh = ["supply", "m1", "m2", "return"]
    for k in range(int(rng.integers(0, 6))):
        a, b = rng.choice(4, 2, replace=False)
        row.append(Branch(f"odd{k}", random_part(rng), mesh[a], mesh[b]))
    ends = Counter(name for b in row for name in (b.start, b.end))
    nodes = [Node("return", pressure=rng.uniform(1.5e5, 4e5))]
    if ends["m1"] + ends["m2"]:
        tie = Pipe(length=5, diameter=0.03, roughness=1e-5)
        row += [
            Branch("tie1", tie, "m1", "m2"),
            Branch("tie2", tie, "m1", "return"),
            Branch("tie3", tie, "m2", "supply"),
        ]
    return Network(coolant=coolant, nodes=nodes, branches=[*cdus, *row], T_ambient=rng.uniform(-10, 40))


def random_events(network, rng):
    """Some of everything that can happen, at random times."""
    branches = [b.name for b in network.branches]
    cdus = [name for name in branches if name.startswith("cdu")]

    def any_of(names):
        return str(rng.choice(names))

    def control(kind):
        return f"{any_of(cdus)}/{kind}"

    makers = [
        lambda at: th.stop(any_of(cdus), at=at),
        lambda at: th.restart(any_of(cdus), at=at),
        lambda at: th.stop(control("pump_1"), at=at),
        lambda at: th.close(any_of(branches), at=at),
        lambda at: reopen(any_of(branches), at=at),
        lambda at: th.clog(any_of(branches), to=rng.uniform(0.05, 1), at=at),
        lambda at: warm(any_of(cdus), to=rng.uniform(5, 45), at=at),
        lambda at: starve(any_of(cdus), to=rng.random(), at=at),
        lambda at: freeze(control("valve"), at=at),
        lambda at: leak("supply", flow=10.0 ** rng.uniform(-6, -3), at=at),
        lambda at: drift(control("valve"), by=rng.normal(), at=at),
        lambda at: set_point(control("valve"), to=rng.uniform(20, 45), at=at),
    ]
    return [makers[rng.integers(len(makers))](float(rng.uniform(0, MARCH))) for _ in range(int(rng.integers(0, 6)))]


def march_random(rng, most):
    """March a random network and check it; return how it ended."""
    network = random_row(rng, most)
    if rng.random() < 0.3:
        network = network.raised({glob.escape(name): rng.uniform(-8.0, 8.0) for name in network.node_names})
    racks = sum(1 for b in network.branches if b.name.startswith("rack") and b.name[4:].isdigit())
    racks = racks or len({b.name.partition("/")[0] for b in network.branches if b.name.endswith("/hoses")})
    cdus = sum(b.name.startswith("cdu") for b in network.branches)
    design = min(8e4, 4e5 * cdus / racks)
    heat = xr.DataArray(
        design * rng.choice([0.0, 0.1, 1.0], (4, racks)), dims=("time", "rack"), coords={"time": 15.0 * np.arange(4)}
    )
    if rng.random() < 0.15:
        heat = 0.0 * heat
    try:
        run = th.transient(
            network, heat=heat, facility=th.Supply(T=rng.uniform(8, 35), flow=rng.uniform(0.002, 0.08)),
            step=float(rng.choice([0.5, 1.0, 5.0])), save=5.0, events=random_events(network, rng),
        )  # fmt: skip
    except ThermalError as error:
        words = [word for word in ("no steady state", "cycle without resistance") if word in str(error)]
        return words[0] if words else f"unnamed: {error}"
    for name in ("flow", "pressure_node", "energy_residual", "mass_residual", "site_power", "heat_to_facility"):
        assert np.isfinite(run[name]).all(), name
    watched = run.T_case.notnull().any("time")
    assert np.isfinite(run.T_case.where(watched, drop=True)).all()
    scale = float(heat.sum("rack").max()) + float(run.power.sel(end_use="cdu_pumps").max()) + 1e4
    worst = float(np.abs(run.energy_residual).max())
    assert worst <= 1e-7 * scale, f"energy residual {worst:g} W of {scale:g} W"
    assert float(run.mass_residual.max()) <= 1e-8, f"mass residual {float(run.mass_residual.max()):g} kg/s"
    return "boils" if bool(run.boils.any()) else "well"


if __name__ == "__main__":
    count, most = int(sys.argv[1]) if len(sys.argv) > 1 else 1000, 2000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    ends: Counter = Counter()
    begin = time.perf_counter()
    failures = []
    for seed in range(first, first + count):
        size = int(np.exp(np.random.default_rng(seed).uniform(np.log(6), np.log(most))))
        try:
            ends[march_random(np.random.default_rng(seed), size)] += 1
        except Exception as error:
            failures.append((seed, size, f"{type(error).__name__}: {str(error)[:120]}"))
    seconds = time.perf_counter() - begin
    sys.stdout.write(f"{count} networks in {seconds:.0f} s; {len(failures)} failed {failures[:10]}\n{dict(ends)}\n")
