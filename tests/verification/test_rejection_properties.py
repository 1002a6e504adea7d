"""What every machine that rejects heat obeys, whatever its rating and the hour; run as a script, 10 000 of each law.

Water leaves no colder than the wet bulb (dry cooler: the air); fans keep to their range and cost what is finite; more
heat, a colder set point and a warmer wet bulb never take less air; a set point out of reach is said to be.
"""

import sys
from collections import Counter

import numpy as np
import pytest

import thermal as th
from thermal.components.cooling.rejection import HELD
from thermal.errors import InputError
from thermal.physics.media.moist_air import humidity_ratio, humidity_ratio_of_wet_bulb, wet_bulb
from thermal.physics.rejection.rejection import Air, leaving, stream, turns

WATER = th.load("coolants/water")
FANS = ("variable", "floating", "two_speed", "one_speed")
CURVES = ((0.0, 0.0, 0.0, 1.0), (0.02, 0.0, 0.0, 0.98), (0.0, 0.1, 0.2, 0.7))
LAWS = ("merkel", "yorkcalc", "cooltools", "dry", "wet")
T_WORST, SHARE_WORST = 1e-6, 1e-6  # K, and of full fan power or air


def rated(law, rng):
    """A machine of a random rating, or an InputError that says why there is none."""
    fans = {
        "fan": str(rng.choice(FANS)), "air_flow": rng.uniform(10, 80), "fan_power": 12e3,
        "fan_power_low": rng.uniform(0.5e3, 4e3), "fan_curve": CURVES[rng.integers(len(CURVES))],
    }  # fmt: skip
    if law in ("dry", "wet"):
        UA = np.exp(rng.uniform(np.log(2e4), np.log(5e5)))
        low = rng.uniform(0.1, 0.9)
        kind = {"dry": th.DryCooler, "wet": th.FluidCooler}[law]
        more = {"water_flow": rng.uniform(0.02, 0.15)} if law == "wet" else {}
        return kind(
            UA=UA, UA_low=UA * low ** rng.uniform(0.3, 1.0), air_flow_low=low * fans["air_flow"], **fans, **more
        )
    UA = np.exp(rng.uniform(np.log(2e4), np.log(5e5)))
    air_low = rng.uniform(0.1, 0.5)
    return th.Tower(
        law=law, water_flow=rng.uniform(0.02, 0.15), T_wet_bulb=rng.uniform(15, 28), approach=rng.uniform(2, 8),
        range=rng.uniform(3, 12), UA=UA, UA_free=rng.uniform(0, 0.1) * UA, air_free=rng.uniform(0.02, 0.1),
        air_low=air_low, free_capacity=rng.uniform(0.0, 0.2), cells=int(rng.integers(1, 7)), **fans,
    )  # fmt: skip


def hour(law, machine, rng):
    """One hour and three neighbours: more heat, a warmer set point, a warmer wet bulb (dry cooler: warmer air)."""
    pressure = rng.uniform(55e3, 105e3)
    T = rng.uniform(-30.0, 55.0)
    w = min(humidity_ratio(T, rng.uniform(0.05, 1.0), pressure), 0.04)  # wetter air than anywhere is refused
    T_wb = wet_bulb(T, w, pressure)
    sink = T if law == "dry" else T_wb
    T_in = min(max(sink + np.exp(rng.uniform(np.log(0.01), np.log(40.0))), 1.0), 90.0)
    T_set = rng.uniform(max(sink - 5.0, 0.5), T_in + 2.0) if T_in + 2.0 > max(sink - 5.0, 0.5) else T_in
    d = np.exp(rng.uniform(np.log(1e-3), np.log(3.0)))
    if law == "dry":
        warmer = (T + d, wet_bulb(T + d, w, pressure), w)
    else:
        up = min(T_wb + d, T)
        up = T_wb if humidity_ratio_of_wet_bulb(T, up, pressure) > 0.05 else up
        if up * T_wb < 0.0:  # over ice and over water the wet bulb is not the same
            up = T_wb
        warmer = (T, up, humidity_ratio_of_wet_bulb(T, up, pressure) if up > T_wb else w)
    states = [(T, T_wb, w)] * 3 + [warmer]
    T_dry, T_wet, humid = (np.array(column) for column in zip(*states, strict=True))
    flow = rng.uniform(0.3, 1.5) * 1000.0 * getattr(machine, "water_flow", 0.08)
    return {
        "T_in": np.array([T_in, T_in + d, T_in, T_in]), "T_set": np.array([T_set, T_set, T_set + d, T_set]),
        "T_dry_bulb": T_dry, "T_wet_bulb": T_wet, "humidity_ratio": humid, "pressure": pressure, "flow": flow,
    }  # fmt: skip


def turning(machine, point, k, x):
    """Whether the law of Merkel towers and wet coolers is beyond its range, which their results flag as outside."""
    air = Air(
        *(float(np.broadcast_to(point[n], 4)[k]) for n in ("T_dry_bulb", "T_wet_bulb", "humidity_ratio", "pressure"))
    )
    r, T_in = machine.lower(998.2), float(point["T_in"][k])
    s = stream(r, air, point["flow"], 4180.0)
    speeds = (0.0, min(max(x, r.air_low), 1.0), 1.0)
    return any(turns(r, air, s, T_in, leaving(r, air, s, T_in, speed), speed) for speed in speeds)


def broken(law, machine, point, run):
    """Names of the rules that a run of four neighbours breaks."""
    out, x, fan = (run[k].to_numpy() for k in ("T_out", "air_ratio", "fan_power"))
    above, T_in, T_set = run.above_set_point.to_numpy(), point["T_in"], point["T_set"]
    sink = point["T_dry_bulb"] if law == "dry" else point["T_wet_bulb"]
    turned = law in ("merkel", "wet") and any(turning(machine, point, k, x[k]) for k in range(4))
    full = machine.fan_power
    water = np.maximum(out, T_set) if machine.fan == "floating" else out  # at rest or at the lowest speed: cold enough
    more, warmer_set, warmer_air = (np.array([v[k] - v[0] for v in (water, x, fan / full)]) for k in (1, 2, 3))
    rules = {
        "finite": all(np.isfinite(run[k].to_numpy()).all() for k in run.data_vars),
        "outlet above the sink": (out >= np.minimum(sink, T_in) - 1e-9).all(),
        "no warming": (out <= np.maximum(T_in, sink) + 1e-9).all(),
        "air within the fan": ((x >= 0.0) & (x <= 1.0 + 1e-12)).all(),
        "fan within its power": ((fan >= 0.0) & (fan <= full * (1.0 + 1e-12))).all(),
        "out of reach is said": (above == (out > T_set + HELD)).all(),
        "out of reach is full fan": (x[above] == 1.0).all(),
        "more heat": turned or (more[0] >= -T_WORST and min(more[1:]) >= -SHARE_WORST),
        "warmer set point": warmer_set[0] >= -T_WORST and max(warmer_set[1:]) <= SHARE_WORST,
        "warmer air": turned or (warmer_air[0] >= -T_WORST and min(warmer_air[1:]) >= -SHARE_WORST),
    }
    return [name for name, kept in rules.items() if not kept]


def survey(law, ratings, seed):
    """Broken rules, with the case, over a number of random ratings; and how many ratings were refused."""
    rng = np.random.default_rng(seed)
    found, seen = [], Counter()
    for _ in range(ratings):
        try:
            machine = rated(law, rng)
        except InputError as error:
            seen["refused" if "approach goes from" in str(error) else "refused without a reason"] += 1
            continue
        point = hour(law, machine, rng)
        run = machine.operate(coolant=WATER, **point)
        seen["above" if bool(run.above_set_point[0]) else "reached"] += 1
        seen["freezes"] += int(run.freezes[0])
        seen["outside"] += int(run.outside_rejection[0])
        for rule in broken(law, machine, point, run):
            found.append((rule, machine, {k: np.round(v, 4) for k, v in point.items()}, run))
    return found, seen


@pytest.mark.parametrize("law", LAWS)
def test_every_machine_obeys(law):
    found, seen = survey(law, 150, seed=20)
    assert not found, f"{found[0][0]}: {found[0][1]!r} at {found[0][2]} gives {found[0][3]}"
    assert min(seen["above"], seen["reached"]) > 5
    assert not seen["refused without a reason"]


if __name__ == "__main__":
    ratings = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for name in sys.argv[2:] or LAWS:
        broken_rules, outcome = survey(name, ratings, seed=1)
        sys.stdout.write(f"{name}: {dict(outcome)}, broken {dict(Counter(b[0] for b in broken_rules))}\n")
        for rule, machine, point, run in broken_rules[:3]:
            values = {k: run[k].to_numpy().round(5).tolist() for k in ("T_out", "air_ratio", "fan_power")}
            sys.stdout.write(f"  {rule}: {machine!r}\n  {point}\n  {values}\n")
