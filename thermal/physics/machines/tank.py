"""A tank of facility water between plant and load: mixed (one layer) or stratified (many)."""

import numpy as np

from thermal.physics.kernel import kernel

__all__ = ["march_tank"]


@kernel
def march_tank(
    load: np.ndarray, flow: np.ndarray, T_supply: float, T_return: float, T_around: float, loss: float, capacity: float,
    step: float, T: np.ndarray, out: np.ndarray,
) -> None:  # fmt: skip
    """March the layers `T` (°C, from the bottom up) and fill `out` (row: plant load, bottom, top, loss; column: time).

    C/n·dT_k/dt = c·(T_upstream - T_k) - U/n·(T_k - T_around)

    Symbols: C `capacity` of the tank (J/K) in n layers, c `flow` as heat capacity rate (W/K), positive when charging:
    water of T_supply enters at the bottom and the top returns to the plant; negative when discharging: return water of
    T_return enters at the top and the bottom serves the load. U `loss` conductance (W/K). First-order upwind in as
    many sub-steps as keep every layer between its neighbours; the numerical mixing of n layers stands for the
    thermocline. Discharge never exceeds the load; charging stops where the top is as cold as the supply. The plant's
    load is load + charge or load - discharge, with the layers of each sub-step. Source: energy balance of each layer; a
    mixed tank (n = 1) without loss relaxes as e^(-c·t/C).

    >>> T, out = np.array([20.0]), np.empty((4, 1))
    >>> march_tank(np.zeros(1), np.array([1.0]), 10.0, 20.0, 10.0, 0.0, 1000.0, 1000.0, T, out)
    >>> abs(float(T[0]) - 13.68) < 0.02  # 10 + 10/e
    True
    """
    n = T.size
    layer = capacity / n
    for i in range(load.size):
        parts = int(abs(flow[i]) * step / layer * 2.0) + int(loss / n * step / layer * 2.0) + (200 if n == 1 else 4)
        dt = step / parts
        plant, lost = 0.0, 0.0
        for _ in range(parts):
            c = flow[i]
            if c > 0.0 and not T[n - 1] > T_supply:
                c = 0.0
            if c < 0.0:
                able = -c * (T_return - T[0])
                if not able > 0.0:
                    c = 0.0
                elif able > load[i]:
                    c *= load[i] / able
            for k in range(n):
                lost += loss / n * (T[k] - T_around)
            if c >= 0.0:
                plant += load[i] + c * (T[n - 1] - T_supply)
                for k in range(n - 1, -1, -1):
                    above = T_supply if k == 0 else T[k - 1]
                    T[k] += dt / layer * (c * (above - T[k]) - loss / n * (T[k] - T_around))
            else:
                plant += load[i] + c * (T_return - T[0])
                for k in range(n):
                    above = T_return if k == n - 1 else T[k + 1]
                    T[k] += dt / layer * (-c * (above - T[k]) - loss / n * (T[k] - T_around))
        out[0, i] = plant / parts
        out[1, i] = T[0]
        out[2, i] = T[n - 1]
        out[3, i] = lost / parts
