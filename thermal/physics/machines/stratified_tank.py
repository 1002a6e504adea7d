"""Stratified tanks: layers of water with ports anywhere, wall loss, and mixing where warm water lies under cold."""

import math

import numpy as np

from thermal.physics.kernel import kernel

__all__ = ["face", "march_stratified", "mix"]


@kernel
def mix(T: np.ndarray, first: int, last: int, size: np.ndarray, mean: np.ndarray) -> None:
    """Mix the layers from `first` to `last` (exclusive, bottom up, of one size) until none is warmer than one above.

    A layer that is warmer than the one above is one with it, at their mean, and so on: the stable profile of the same
    heat that is nearest to the given one (pool of adjacent violators: Best and Chakravarti, Mathematical Programming 47
    (1990) 425). `size` and `mean` are scratch of as many layers.

    >>> T = np.array([10.0, 40.0, 20.0, 30.0, 50.0])
    >>> mix(T, 0, 5, np.empty(5), np.empty(5))
    >>> T.tolist()
    [10.0, 30.0, 30.0, 30.0, 50.0]
    """
    blocks = 0
    for k in range(first, last):
        size[blocks], mean[blocks] = 1.0, T[k]
        blocks += 1
        while blocks > 1 and mean[blocks - 2] > mean[blocks - 1]:
            whole = size[blocks - 2] + size[blocks - 1]
            mean[blocks - 2] = (size[blocks - 2] * mean[blocks - 2] + size[blocks - 1] * mean[blocks - 1]) / whole
            size[blocks - 2] = whole
            blocks -= 1
    k = first
    for b in range(blocks):
        for _ in range(int(size[b])):
            T[k] = mean[b]
            k += 1


@kernel
def face(T: np.ndarray, k: int, courant: float, bottom: int, top: int) -> float:
    """Temperature of what passes the face below layer `k` at a Courant number, upwards positive.

    T_f = T_up + (1 - |C|)/2 φ(r) (T_down - T_up), r = (T_up - T_upup)/(T_down - T_up), with Roe's superbee
    φ = max(0, min(2 r, 1), min(r, 2)): second order where smooth, between its neighbours everywhere, and a front stays
    as sharp as layers allow, so that what widens it is conduction and not the scheme. First order at the faces next to
    the ends of a tank, layers `bottom` to `top` (exclusive). Source: Sweby, SIAM J. Numer. Anal. 21 (1984) 995.

    >>> T = np.array([0.0, 1.0, 2.0, 3.0])
    >>> [float(face(T, 2, C, 0, 4)) for C in (0.0, 1.0, -1.0)]
    [1.5, 1.0, 2.0]
    """
    forward = courant >= 0.0
    near, far, behind = (k - 1, k, k - 2) if forward else (k, k - 1, k + 1)
    rise = T[far] - T[near]
    if k == bottom or behind < bottom or behind >= top or rise == 0.0:
        return T[near]
    r = (T[near] - T[behind]) / rise
    limited = max(0.0, min(2.0 * r, 1.0), min(r, 2.0))
    return T[near] + 0.5 * (1.0 - abs(courant)) * limited * rise


@kernel
def march_stratified(
    T: np.ndarray, tanks: int, volume: float, exchange: float, loss: float, place: np.ndarray, flow: np.ndarray,
    T_in: np.ndarray, T_around: np.ndarray, step: np.ndarray, profile: np.ndarray, T_port: np.ndarray, lost: np.ndarray,
) -> None:  # fmt: skip
    """March the layers `T` [°C], from the bottom up, of equal tanks in series over intervals of `step` [s].

    V dT_k/dt = + u_(k-1) (T_up - T_k)       upwards through the lower face, T_up of it (`face`)
                + u_k (T_k - T_up)           through the upper face
                + Σ_p V_p (T_p - T_k)        ports into the layer; those out of it take T_k
                + g (T_(k-1) - 2 T_k + T_(k+1)) - U (T_k - T_around)

    Symbols: V `volume` of a layer (m³), u_k the sum of what ports bring below the face (m³/s), g `exchange` of
    neighbours in one tank by conduction and U `loss` of a layer (m³/s, conductances over ρ c_p). Between tanks water
    passes from the top of one to the bottom of the next, without conduction or buoyancy. After each sub-step water that
    is warmer than what lies above mixes (`mix`), which is also how an inlet plunges or rises to its level. Sub-steps
    turn over at most half a layer. Source: balance of each layer; Duffie and Beckman, Solar Engineering of Thermal
    Processes (2013), section 8.4, with plume entrainment as complete mixing.

    Parameters
    ----------
    place : layer of each port; `flow` (time, port) into the tank positive, whose rows add up to nothing
    profile : (time, layer) ends of intervals; `T_port` (time, port) means of what a port carries, of the layer where
        nothing flows; `lost` (time) mean loss (m³ K/s, times ρ c_p a power)
    """
    n, ports = T.size, place.size
    per = n // tanks
    up, change, size, mean = np.zeros(n + 1), np.zeros(n), np.zeros(n), np.zeros(n)
    for i in range(step.size):
        up[:] = 0.0
        turned = 0.0
        for p in range(ports):
            for k in range(place[p], n):
                up[k + 1] += flow[i, p]
            turned = max(turned, abs(flow[i, p]))
        up[n] = 0.0  # nothing passes the top
        for k in range(n):
            turned = max(turned, abs(up[k]))
        rate = (turned + 2.0 * exchange + loss) / volume
        parts = max(1, math.ceil(2.0 * rate * step[i]))
        dt = step[i] / parts
        lost[i] = 0.0
        T_port[i, :] = 0.0
        for _ in range(parts):
            for k in range(n):
                lost[i] += loss * (T[k] - T_around[i]) / parts
                change[k] = -loss * (T[k] - T_around[i])
            for k in range(1, n):  # the face below layer k
                bottom = k - k % per
                carried = up[k] * face(T, k, up[k] * dt / volume, bottom, bottom + per)
                if k != bottom:
                    carried += exchange * (T[k - 1] - T[k])
                change[k - 1] -= carried
                change[k] += carried
            for p in range(ports):
                k = place[p]
                carried = T_in[i, p] if flow[i, p] > 0.0 else T[k]
                change[k] += flow[i, p] * carried
                T_port[i, p] += carried / parts
            for k in range(n):
                T[k] += dt / volume * change[k]
            for t in range(tanks):
                mix(T, t * per, (t + 1) * per, size, mean)
        profile[i, :] = T
