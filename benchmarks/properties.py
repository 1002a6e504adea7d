"""Coolant properties inside a kernel beside CoolProp called one by one, and how far the tables are from it."""

from collections.abc import Iterator
from typing import Any

import numpy as np

import thermal as th
from benchmarks.measure import best_of, peak_memory, row
from thermal.physics.kernel import kernel
from thermal.physics.media.properties import evaluate

CALLS = 200_000
PEER_CALLS = 2_000
FLUIDS = {"coolants/water": "Water", "coolants/pg25": "INCOMP::MPG[0.25]"}


@kernel
def sweep(table, low, step, n):
    """Sum of all four properties over `n` temperatures, each evaluation depending on its own temperature."""
    total = 0.0
    for i in range(n):
        density, heat_capacity, conductivity, viscosity = evaluate(table, low + step * i)
        total += density + heat_capacity + conductivity + viscosity
    return total


def rows() -> Iterator[dict[str, Any]]:
    from CoolProp.CoolProp import PT_INPUTS as PT
    from CoolProp.CoolProp import AbstractState, PropsSI

    for name, fluid in FLUIDS.items():
        coolant = th.load(name)
        low, step = 5.0, 75.0 / CALLS
        ours = best_of(lambda table=coolant.table, low=low, step=step: sweep(table, low, step, CALLS)) / CALLS
        state = AbstractState("HEOS", "Water") if fluid == "Water" else AbstractState("INCOMP", "MPG")
        if fluid != "Water":
            state.set_mass_fractions([0.25])
        temperatures = np.linspace(278.15, 353.15, PEER_CALLS)

        def peer(state=state, temperatures=temperatures):
            for T in temperatures:
                state.update(PT, 101325.0, T)
                state.rhomass(), state.cpmass(), state.conductivity(), state.viscosity()

        theirs = best_of(peer, repeats=3) / PEER_CALLS
        yield row(
            f"properties {name.split('/')[1]}",
            "four properties at one temperature, inside a kernel",
            ours,
            ours_peak_MB=peak_memory(),
            peer="CoolProp AbstractState",
            peer_s=theirs,
            target="<= 50 ns",
            met=ours <= 50e-9,
        )
        T = np.linspace(5.0, 80.0, 301)
        exact = np.array([[PropsSI(q, "T", t + 273.15, "P", 101325.0, fluid) for t in T] for q in "DCLV"])
        error = float(np.abs(np.array(coolant.properties(T)) / exact - 1).max())
        yield row(
            f"accuracy {name.split('/')[1]}", f"5..80 degC, largest relative difference {error:.1e}", None,
            target="<= 1e-8 of CoolProp", met=error <= 1e-8,
        )  # fmt: skip
