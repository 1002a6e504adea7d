"""Random networks of every kind of branch, in every condition; run as a script for ten thousand of them."""

import sys
import time
from collections import Counter

import numpy as np

import thermal as th
from thermal.components.hydronics.pipe import Hose, Pipe
from thermal.components.hydronics.valve import CheckValve, QuickDisconnect, Resistance, SampledDrop, Strainer, Valve
from thermal.errors import ThermalError
from thermal.network.hydraulics import steady_flows
from thermal.network.network import Branch, Network, Node

COOLANTS = [th.load("coolants/water"), th.load("coolants/pg25")]
PUMPS = [th.load("pumps/vertiv_xdu1350"), th.load("pumps/frontier_cdu"), th.load("pumps/google_deschutes")]


def random_part(rng):
    """A part of any kind, over decades of size."""
    size = 10.0 ** rng.uniform(-1, 1)
    kind = rng.integers(9)
    if kind <= 1:
        D = 0.02 * size
        return Pipe(length=10.0 ** rng.uniform(-1, 3), diameter=D, roughness=D * 10.0 ** rng.uniform(-6, -1.5),
                    loss_coefficient=rng.uniform(0, 20))  # fmt: skip
    return [
        lambda: Hose(length=rng.uniform(0.3, 5), bore=0.012 * size),
        lambda: Valve(Kv=5e-3 * size, opening=rng.choice([1.0, rng.uniform(0, 1), 0.0], p=[0.6, 0.35, 0.05])),
        lambda: QuickDisconnect(Kv=2e-3 * size, linear=rng.choice([0.0, 1e6])),
        lambda: Strainer(Kv=5e-3 * size, clogged=rng.uniform(0, 0.9)),
        lambda: Resistance(flow=2e-3 * size, drop=10.0 ** rng.uniform(3, 5.5), exponent=rng.uniform(1, 2.2)),
        lambda: SampledDrop(flow=(1e-3 * size, 2e-3 * size), drop=(2e4, 7e4)),
        lambda: CheckValve(Kv=5e-3 * size, opening_pressure=rng.choice([0.0, 2e3])),
    ][kind - 2]()


def random_network(rng, most):
    """A random tree with chords, pumps among the branches, one or several held nodes, draws and heights."""
    nodes = int(rng.integers(2, max(3, most // 2)))
    chords = int(rng.integers(0, max(1, most - nodes)))
    pairs = [
        (int(rng.integers(max(0, i - 3), i)) if rng.random() < 0.5 else int(rng.integers(i)), i)
        for i in range(1, nodes)
    ]
    pairs += [tuple(rng.choice(nodes, 2, replace=False)) for _ in range(chords)]
    if rng.random() < 0.3:  # several in parallel
        pairs += [pairs[int(rng.integers(len(pairs)))]] * 3
    branches = []
    for k, (a, b) in enumerate(pairs):
        a, b = (a, b) if rng.random() < 0.5 else (b, a)
        if rng.random() < 0.1:
            pump = PUMPS[rng.integers(3)].replace(check_valve=bool(rng.random() < 0.5))
            branches.append(Branch(f"pump{k}", pump, f"n{a}", f"n{b}", int(rng.integers(1, 4))))
        else:
            branches.append(Branch(f"part{k}", random_part(rng), f"n{a}", f"n{b}", int(rng.choice([1, 1, 1, 72]))))
    degree = Counter(name for b in branches for name in (b.start, b.end))
    held = set(rng.choice(nodes, int(rng.integers(1, 1 + max(1, nodes // 10))), replace=False))
    special = []
    for i in range(nodes):
        elevation = rng.uniform(0, 20) if rng.random() < 0.2 else 0.0
        if i in held:
            special.append(Node(f"n{i}", pressure=rng.uniform(1e5, 4e5), elevation=elevation))
        elif degree[f"n{i}"] == 1 or rng.random() < 0.05:
            draw = rng.uniform(-1e-4, 1e-4)
            special.append(Node(f"n{i}", draw=draw if draw else 1e-5, elevation=elevation))
        elif elevation:
            special.append(Node(f"n{i}", elevation=elevation))
    return Network(coolant=COOLANTS[rng.integers(2)], branches=branches, nodes=special)


def conditions(network, rng):
    """Speeds, faults and temperatures by name."""
    names = [b.name for b in network.branches]
    pumps = [name for name in names if name.startswith("pump")]
    draws = any(node.draw for node in network.nodes)
    found = {"T": float(rng.uniform(10, 60)), "backwards": "flag"}
    found["speed"] = {name: float(rng.choice([0.0, rng.uniform(0, 1), 1.0])) for name in pumps}
    if not draws and rng.random() < 0.3:  # what is drawn behind a closed valve has nowhere to come from
        found["closed"] = list(rng.choice(names, min(3, len(names)), replace=False))
    if rng.random() < 0.3:
        found["clog"] = {str(rng.choice(names)): float(rng.uniform(0.1, 1))}
    return found


def solve_random(network, rng):
    """Solve and check; return the Newton steps, or the kind of an error that was said in words."""
    given = conditions(network, rng)
    try:
        point = steady_flows(network, **given)
    except ThermalError as error:
        words = [word for word in ("cycle without resistance", "shut off") if word in str(error)]
        return words[0] if words else f"unnamed: {error}"
    assert np.isfinite(point.flow).all()
    assert np.isfinite(point.pressure_node).all()
    assert bool(point.converged)
    scale = float(np.abs(point.flow * [b.count for b in network.branches]).max()) * 1000 + 1e-4
    still = scale - 1e-4 <= 10.0 * point.attrs["tolerance"]  # all shut: no flow by the solver's own count
    assert float(np.abs(point.mass_residual).max()) <= (10.0 * point.attrs["tolerance"] if still else 1e-9 * scale)
    assert point.attrs["pressure_residual"] <= 1e-6 * max(1e5, float(np.abs(point.pressure_difference).max()))
    return point.attrs["newton_steps"]


if __name__ == "__main__":
    count, most = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, 2000
    steps: Counter = Counter()
    begin = time.perf_counter()
    failures = []
    for seed in range(count):
        size = int(np.exp(np.random.default_rng(seed).uniform(np.log(4), np.log(most))))
        try:
            steps[solve_random(random_network(np.random.default_rng(seed), size), np.random.default_rng(seed))] += 1
        except Exception as error:
            failures.append((seed, size, f"{type(error).__name__}: {str(error)[:120]}"))
    sys.stdout.write(
        f"{count} networks in {time.perf_counter() - begin:.0f} s; {len(failures)} failed {failures[:10]}\n"
    )
    sys.stdout.write(f"Newton steps: {sorted(steps.items(), key=str)}\n")
