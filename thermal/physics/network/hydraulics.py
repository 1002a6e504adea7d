"""Flows and pressures of a network: Newton in pressure-correction form on one elimination plan, warm or cold."""

import math
from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.network.branches import Branches, losses, quadratic_loss
from thermal.physics.network.elimination import Plan, factorise_symmetric, substitute_symmetric

__all__ = ["Flows", "Topology", "Work", "alone", "closure", "solve_flows", "solve_valves"]

LIMIT = 300  # Newton steps
CLOSE = 5e-7  # largest change of a flow, relative to itself, after which what is left is its square
ROUND = 1e-10  # the same relative to the largest flow, for branches in which next to nothing flows
AT_REST = 1e-13  # the same for a start that needs no step at all
DIGITS, EXACT = 1e-15, 5e-12  # what a correction is rounded by, and what a flow may be
WORTH = 1e-3  # change of all flows together that is worth making before the first step
FARTHEST = 0.5
SHUT, AGAIN = 0.01, 5  # gap of pressure [Pa] that a flow which turned round in the last step may leave, and tries


class Topology(NamedTuple):
    """Which branch joins which nodes. Nodes are by place: unknown pressures in order of elimination, then held ones."""

    plan: Plan
    start: np.ndarray  # (k,) place of the node where a branch starts
    end: np.ndarray
    entry: np.ndarray  # (k,) of the plan, -1 where an end is held
    copies: np.ndarray  # (k,) equal branches in parallel that the row stands for
    rise: np.ndarray  # (k,) static pressure ρ g (z_end − z_start) [Pa]
    draw: np.ndarray  # (n,) mass flow taken out at each unknown node [kg/s]


class Flows(NamedTuple):
    """The state: mass flow of one of each row's branches, and pressure of each node by place."""

    m: np.ndarray  # (k,) [kg/s], positive from start to end
    p: np.ndarray  # (nodes,) [Pa]


class Work(NamedTuple):
    """Scratch of the solver."""

    diagonal: np.ndarray  # (n,)
    upper: np.ndarray  # (e,) the matrix is symmetric
    x: np.ndarray  # (n,)
    h: np.ndarray  # (k,)
    slope: np.ndarray
    change: np.ndarray
    trial: np.ndarray


@kernel
def solve_flows(net: Branches, web: Topology, flows: Flows, work: Work, floor: float) -> tuple[int, float, int]:
    """Bring `flows` to rest, from wherever they are; flow changes below `floor` [kg/s] count as none.

    A step solves Σ_k c (m + δm) = draw at each node with δm = (p_a − p_b − rise − h + δp_a − δp_b)/h', which is linear
    in the pressure corrections δp. The first whole step meets the mass balance, and the later ones keep it; each is
    shortened until the flows have not gone far past the least of the network's content Σ c ∫(h + rise − Δp) dm, which
    is convex, so that the method converges from any start.

    Source: Todini & Pilati, Computer Applications in Water Supply 1 (1988) 1-20; content: Cherry (1951), Phil. Mag. 42.

    Returns
    -------
    steps, change, worst : int, float, int
        Newton steps taken; the last change [kg/s], NaN where it did not converge; the branch that changed most, or
        minus one minus the place of the node that nothing ties down.
    """
    losses(net, flows.m, work.h, work.slope)
    biggest, worst, tries = math.nan, 0, 0
    for step in range(LIMIT):
        if step == 0 and _scaled(web, flows, work):
            losses(net, flows.m, work.h, work.slope)
        gap = _assemble(web, flows, work)
        if step == 0 and gap <= AT_REST * _largest(flows.m) + 1e-3 * floor:
            return 0, gap, 0
        bad = factorise_symmetric(web.plan, work.diagonal, work.upper)
        if bad >= 0:
            return step, math.nan, -1 - bad
        substitute_symmetric(web.plan, work.diagonal, work.upper, work.x)
        biggest, worst, power, settled = _correct(web, flows, work, ROUND * _largest(flows.m) + floor)
        if settled:
            turned = False
            for k in range(len(flows.m)):
                before = flows.m[k]
                flows.m[k] += work.change[k]
                turned = turned or before * flows.m[k] < 0.0
            if not turned or tries == AGAIN:
                return step + 1, biggest, worst
            losses(net, flows.m, work.h, work.slope)  # a check valve that shut is as stiff as it was soft
            if _widest(web, flows, work)[0] <= SHUT:
                return step + 1, biggest, worst
            tries += 1
            continue
        if math.isnan(biggest):
            break
        _advance(net, web, flows, work, power, step == 0)
    return LIMIT, math.nan, worst


@kernel
def alone(web: Topology, k: int) -> bool:
    """Whether row `k` lies between held pressures, so that no other flow minds it."""
    n = len(web.draw)
    return bool(web.start[k] >= n and web.end[k] >= n)


@kernel
def solve_valves(net: Branches, web: Topology, flows: Flows) -> tuple[int, float]:
    """Bring the flow of every quadratic law that is alone to where its loss is the pressure difference it lies between.

    Newton on p_a − p_b − rise − h(m) = 0; h is odd, and convex above zero, so that it converges from anywhere.

    Returns
    -------
    steps, change : int, float
        The most steps that one took, and the largest last change [kg/s], NaN where one did not converge.
    """
    most, largest = 0, 0.0
    for i in range(len(net.quadratics)):
        k = len(net.pipes) + len(net.powers) + i
        if not alone(web, k):
            continue
        lift, change = flows.p[web.start[k]] - flows.p[web.end[k]] - web.rise[k], math.inf
        for step in range(LIMIT):
            h, slope = quadratic_loss(net.quadratics[i], flows.m[k])
            h, slope = net.factor[k] * h + net.block[k] * flows.m[k], net.factor[k] * slope + net.block[k]
            change = (lift - h) / slope
            flows.m[k] += change
            most = max(most, step + 1)
            if not abs(change) > CLOSE * abs(flows.m[k]):  # NaN ends it, too
                break
        if largest == largest and not (abs(change) <= largest):
            largest = abs(change)
        if abs(change) > CLOSE * abs(flows.m[k]):
            largest = math.nan
    return most, largest


@kernel
def _widest(web: Topology, flows: Flows, work: Work) -> tuple[float, int]:
    """Largest gap of pressure over a branch [Pa], NaN if there is one, and the branch."""
    widest, at = 0.0, 0
    for k in range(len(flows.m)):
        left = abs(flows.p[web.start[k]] - flows.p[web.end[k]] - web.rise[k] - work.h[k])
        if widest == widest and not (left <= widest):
            widest, at = left, k
    return widest, at


@kernel
def _scaled(web: Topology, flows: Flows, work: Work) -> bool:
    """Scale all flows by one factor where that leaves less of the network's content; return whether it was done.

    A Newton step on a line, Σ c m (h + rise − Δp) = 0: pumps that change speed together have changed all flows by
    nearly one factor, which then is found without solving a system. Draws do not scale.
    """
    rate, bend, out = 0.0, 0.0, 0.0
    for i in range(len(web.draw)):
        out += abs(web.draw[i])
    for k in range(len(flows.m)):
        q = web.copies[k] * flows.m[k]
        rate -= q * (flows.p[web.start[k]] - flows.p[web.end[k]] - web.rise[k] - work.h[k])
        bend += q * flows.m[k] * work.slope[k]
    factor = -rate / bend if bend > 0.0 else 0.0
    if out > 0.0 or not WORTH < abs(factor) < FARTHEST:
        return False
    for k in range(len(flows.m)):
        flows.m[k] *= 1.0 + factor
    return True


@kernel
def _assemble(web: Topology, flows: Flows, work: Work) -> float:
    """Fill matrix and right-hand side; return the largest gap of an equation, as a flow [kg/s]."""
    n, gap = len(work.x), 0.0
    for i in range(n):
        work.x[i] = -web.draw[i]
        work.diagonal[i] = 0.0
    for e in range(len(work.upper)):
        work.upper[e] = 0.0
    for k in range(len(flows.m)):
        a, b = web.start[k], web.end[k]
        g = web.copies[k] / work.slope[k]
        work.change[k] = flows.p[a] - flows.p[b] - web.rise[k] - work.h[k]
        left = work.change[k] * g
        q = web.copies[k] * flows.m[k]
        gap = abs(left) if gap == gap and not (abs(left) <= gap) else gap
        if a < n:
            work.x[a] -= q + left
            work.diagonal[a] += g
        if b < n:
            work.x[b] += q + left
            work.diagonal[b] += g
        e = web.entry[k]
        if e >= 0:
            work.upper[e] -= g
    for i in range(n):
        gap = abs(work.x[i]) if gap == gap and not (abs(work.x[i]) <= gap) else gap
    return gap


@kernel
def _largest(m: np.ndarray) -> float:
    """Largest magnitude of a flow."""
    largest = 0.0
    for k in range(len(m)):
        largest = max(largest, abs(m[k]))
    return largest


@kernel
def _correct(web: Topology, flows: Flows, work: Work, none: float) -> tuple[float, int, float, bool]:
    """Correct the pressures and fill the changes of flow; return the largest, its branch, Σ c h' δm², and whether all
    are so small that the next ones would be nothing; changes below `none` [kg/s] are. Large corrections that hardly
    change a flow have rounded it, too, so that another step is due.

    The changes come from the corrections, not from the sums: a pressure of 2 bar is rounded to 3e-11 Pa, which would be
    a part in a million of the flow in the last segment of a wide header.
    """
    n = len(work.x)
    for i in range(n):
        flows.p[i] += work.x[i]
    biggest, worst, power, settled = 0.0, 0, 0.0, True
    for k in range(len(flows.m)):
        a, b = web.start[k], web.end[k]
        x, y = work.x[a] if a < n else 0.0, work.x[b] if b < n else 0.0
        left = work.change[k] + x - y
        change = left / work.slope[k]
        work.change[k] = change
        power += web.copies[k] * left * change
        settled = settled and abs(change) <= CLOSE * abs(flows.m[k]) + none
        settled = settled and DIGITS * (abs(x) + abs(y)) <= work.slope[k] * (EXACT * abs(flows.m[k]) + 1e-3 * none)
        if biggest == biggest and not (abs(change) <= biggest):
            biggest, worst = abs(change), k
    return biggest, worst, power, settled


@kernel
def _advance(net: Branches, web: Topology, flows: Flows, work: Work, power: float, whole: bool) -> None:
    """Move the flows along their change, as far as the content falls, and find the losses there."""
    share = 1.0
    for _ in range(30):
        for k in range(len(flows.m)):
            work.trial[k] = flows.m[k] + share * work.change[k]
        losses(net, work.trial, work.h, work.slope)
        if whole:
            break
        rise = 0.0  # of the content along the change, −power at the start
        for k in range(len(flows.m)):
            left = flows.p[web.start[k]] - flows.p[web.end[k]] - web.rise[k] - work.h[k]
            rise -= web.copies[k] * left * work.change[k]
        if not rise > 0.5 * power:
            break
        share *= min(max(power / (power + rise), 0.1), 0.7)
    for k in range(len(flows.m)):
        flows.m[k] = work.trial[k]


@kernel
def closure(net: Branches, web: Topology, flows: Flows, work: Work, mass: np.ndarray) -> tuple[float, int]:
    """Fill the mass balance of each unknown node, in less out [kg/s]; return the worst pressure gap [Pa], its branch.

    Found from flows and pressures alone, whoever solved them.
    """
    losses(net, flows.m, work.h, work.slope)
    n = len(work.x)
    for i in range(n):
        mass[i] = -web.draw[i]
    for k in range(len(flows.m)):
        a, b, q = web.start[k], web.end[k], web.copies[k] * flows.m[k]
        if a < n:
            mass[a] -= q
        if b < n:
            mass[b] += q
    return _widest(web, flows, work)
