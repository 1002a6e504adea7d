"""CDUs on a chiller-less plant in one loop or several: the flow and the tower water of least power in every state."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import xarray as xr

from thermal.components.coolant import Coolant
from thermal.components.cooling.tower import Tower
from thermal.components.hall.cdu import Cdu
from thermal.components.hydronics.exchanger import rho_cp
from thermal.errors import InputError
from thermal.inputs import array, number, part, whole
from thermal.names import describe
from thermal.physics.machines.exchanger import exchange
from thermal.physics.machines.pump import GRAVITY
from thermal.physics.media.moist_air import saturated_humidity_ratio
from thermal.plant.tower_plant import TowerPlant

__all__ = ["Subloops", "partitions"]

ROWS = 512  # states at a time: what is worked on stays in the cache
INFINITE = 1e12  # W: cannot be run so
REAL = 1e9  # W: more than this is INFINITE, or a part of it
MORE = (0.0, 0.5, 1.0)  # how many more trains run than the hot water needs, over those that could
RANGES = np.array([0.2, 1.0, 2.0, 3.0, 4.5, 6.0, 8.0, 11.0, 15.0, 20.0])  # K, of the tower water


def partitions(count: int, fewest: int, most: int) -> Iterator[tuple[int, ...]]:
    """Ways to write a number as a sum of `fewest` to `most` whole numbers, largest first.

    Examples
    --------
    >>> list(partitions(5, 2, 3))
    [(4, 1), (3, 2), (3, 1, 1), (2, 2, 1)]
    >>> sum(1 for _ in partitions(25, 2, 6))
    611
    """
    total, low, high = whole("count", count, low=1), whole("fewest", fewest, low=1), whole("most", most, low=1)

    def split(left: int, top: int, parts: int) -> Iterator[tuple[int, ...]]:
        if parts == 1:
            if left <= top:
                yield (left,)
            return
        for first in range(min(left - parts + 1, top), 0, -1):
            if first * parts < left:
                break
            for rest in split(left - first, first, parts - 1):
                yield (first, *rest)

    for parts in range(low, high + 1):
        yield from split(total, total, parts)


class Subloops:
    r"""Power of hot-water pumps, tower pumps and fans of groups of equal CDUs, over states of heat and weather.

    A group of n CDUs of N has its own hot-water loop, and n/N of all trains, exchangers, tower pumps and cells. Each of
    its CDUs gets the same flow q, the hot water needs the share s = n·q/V of all trains, and the share σ from s up to
    n/N runs, whichever takes least power. With heat Q_i of each CDU

        ΔT = Σ Q_i/(n·q·ρc),  T_supply − T_tower = ΔT·(1/ε − 1),
        T_racks,i = T_supply + Q_i/K(q) − Q_i/C_racks <= T_limit,

    K by the CDU's exchanger, ε by that of a train at the share s/σ of its design flow. For each q the tower water may
    be as warm as the worst CDU of the group allows; fans hold it, by the law of the tower. Pumps: Δp(q) of CDU, valve,
    piping and exchanger, as the parts state it.

    Parameters
    ----------
    heat : DataArray
        Heat of each CDU, W, over ``time`` and one further dimension; its columns are put in order of their mean.
    weather : Dataset
        Dry and wet bulb, humidity ratio and pressure over the same times.
    cdu, plant : Cdu, TowerPlant
        The machines; `plant` needs its coolant.
    tower : Tower
        All cells of the plant together.
    coolant : Coolant
        Of the racks.
    T_limit : float
        Warmest coolant to the racks, °C.
    flows : sequence of float
        Flows of one CDU to choose from, m³/s, rising.
    rack_flow : float
        Coolant of the racks through one CDU, m³/s.

    Notes
    -----
    Left out: staging by whole trains (their number is continuous here), pumps of the CDUs (their flow does not change),
    volumes: a state is at rest. Fans are tabulated over the range of the tower water, its temperature and the wet bulb,
    in saturated air at the mean pressure.
    """

    def __init__(
        self, heat: xr.DataArray, weather: xr.Dataset, *, cdu: Cdu, plant: TowerPlant, tower: Tower, coolant: Coolant,
        T_limit: float, flows: Sequence[float], rack_flow: float,
    ) -> None:  # fmt: skip
        given = array("heat", heat, "W", low=0.0)
        if not isinstance(given, xr.DataArray) or given.ndim != 2 or "time" not in given.dims:
            raise InputError("heat must be a DataArray over time and one dimension of CDUs")
        if weather.sizes.get("time") != given.sizes["time"]:
            raise InputError(f"weather has {weather.sizes.get('time')} times, heat has {given.sizes['time']}")
        part("tower", tower, Tower, "one of all cells together")
        if part("plant", plant, TowerPlant).coolant is None:
            raise InputError("plant leaves its coolant open: plant.completed(coolant=th.load('coolants/water'))")
        Q = given.transpose("time", ...).values
        self.order = np.argsort(Q.mean(axis=0))[::-1]
        self.heat, self.weather = Q[:, self.order], weather
        self.flows = np.asarray(array("flows", flows, "m3/s", above=0.0), float)
        if self.flows.size < 2 or not (np.diff(self.flows) > 0.0).all():
            raise InputError("flows needs two or more numbers that rise")
        self.plant, self.T_limit = plant, number("T_limit", T_limit, "degC")
        assert plant.coolant is not None
        self.rate = rho_cp(plant.coolant, 25.0)
        hot = number("rack_flow", rack_flow, "m3/s", above=0.0) * rho_cp(coolant, 30.0)
        law = cdu.exchanger.law(rho_cp(coolant, 30.0), self.rate)
        K = np.array([exchange(law, hot, q * self.rate) for q in self.flows])
        self.over = 1.0 / K - 1.0 / hot  # K/W: coolant to the racks over facility supply, per watt of a CDU
        self.all_trains = plant.trains * plant.train_hot_flow
        self.pump = self._pump(cdu)
        density = float(plant.coolant.properties(25.0).density)
        head = plant.tower_loop_drop + plant.tower_lift * GRAVITY * density
        pumps = plant.tower_pump
        self.tower_pumps = plant.trains * plant.train_tower_flow * head / (pumps.efficiency * pumps.drive_efficiency)
        self.needed = self.flows * self.heat.shape[1] / self.all_trains  # s over n/N
        run = self.needed + np.array(MORE)[:, None] * np.maximum(1.0 - self.needed, 0.0)
        train = plant.exchanger.law(self.rate, self.rate)
        hot_side, cold = plant.train_hot_flow * self.rate * self.needed / run, plant.train_tower_flow * self.rate
        met = np.array([[exchange(train, C, cold) for C in row] for row in hot_side])
        self.running = run / self.heat.shape[1]  # σ for each CDU
        self.approach, self.cooled = hot_side / met - 1.0, hot_side / cold  # of ΔT: supply over tower, tower range
        self.T_tower, self.T_wet_bulb, self.fans = self._fans(tower)

    def _pump(self, cdu: Cdu) -> np.ndarray:
        """Hot-water pump power of one CDU's flow [W], at the flows."""
        p, q = self.plant, self.flows
        share = q * self.heat.shape[1] / self.all_trains
        drop = (
            cdu.primary_linear * q
            + cdu.valve_drop * (q / cdu.valve_flow) ** 2
            + p.piping_drop * share**2
            + p.exchanger_hot_drop
        )
        return np.asarray(q * drop / (p.hot_pump.efficiency * p.hot_pump.drive_efficiency))

    def _fans(self, tower: Tower) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Power of all fans [W] over range, tower water and wet bulb; where they cannot hold it is kept in `missed`."""
        plant, water = self.plant, self.plant.coolant
        assert water is not None
        T = np.linspace(plant.T_low, plant.T_high, 13)
        wet = self.weather["T_wet_bulb"].values
        bulbs = np.linspace(float(wet.min()), float(wet.max()) + 1e-6, 33)
        pressure = float(self.weather["pressure"].mean())
        density = float(water.properties(25.0).density)
        found = tower.operate(
            coolant=water, T_in=T[:, None] + RANGES[:, None, None], T_set=T[:, None], T_dry_bulb=bulbs,
            T_wet_bulb=bulbs, humidity_ratio=[saturated_humidity_ratio(x, pressure) for x in bulbs], pressure=pressure,
            flow=plant.trains * plant.train_tower_flow * density, density=density,
        )  # fmt: skip
        self.missed = found["above_set_point"].values.astype(float)
        return T, bulbs, found["fan_power"].values

    def power(self, first: int, last: int, T_tower: Any = None) -> np.ndarray:
        """Power of the group of CDUs from `first` up to `last` (in order of heat), over time and flows, W.

        With `T_tower` (°C, over time) the tower water is that; without, as warm as the worst CDU allows.
        """
        n, rows = last - first, self.heat.shape[0]
        total = np.full((rows, self.flows.size), INFINITE)
        wet = self.weather["T_wet_bulb"].values
        for begin in range(0, rows, ROWS):
            at = slice(begin, min(begin + ROWS, rows))
            Q = self.heat[at, first:last]
            rise = Q.sum(axis=1)[:, None] / (n * self.flows * self.rate)
            worst = self.T_limit - Q.max(axis=1)[:, None] * self.over
            for running, approach, cooled in zip(self.running, self.approach, self.cooled, strict=True):
                highest = worst - rise * approach
                water = highest if T_tower is None else np.broadcast_to(np.asarray(T_tower)[at, None], highest.shape)
                fans = self._fan_power(rise * cooled, water, wet[at, None])
                power = n * (self.pump + running * (self.tower_pumps + fans))
                total[at] = np.minimum(total[at], np.where(water > highest + 1e-9, INFINITE, power))
        return np.where(total > REAL, INFINITE, total)

    def _fan_power(self, cooled: np.ndarray, T: np.ndarray, wet: np.ndarray) -> np.ndarray:
        """Fans of all cells at range, tower water and wet bulb, on straight lines in the table."""
        (r, a), (t, b), (w, c) = _place(RANGES, cooled), _place(self.T_tower, T), _place(self.T_wet_bulb, wet)
        power, missed = np.zeros(cooled.shape), np.zeros(cooled.shape)
        for dr, x in ((0, 1.0 - a), (1, a)):
            for dt, y in ((0, 1.0 - b), (1, b)):
                for dw, z in ((0, 1.0 - c), (1, c)):
                    place = (r + dr, t + dt, w + dw)
                    power += x * y * z * self.fans[place]
                    missed += x * y * z * self.missed[place]
        beyond = (missed > 0.5) | (self.T_tower[0] - 1e-9 > T) | (cooled > RANGES[-1])
        return np.where(beyond, INFINITE, power)

    def least(self) -> xr.Dataset:
        """Least power of each group of neighbours in order of heat: ``power_mean(first, last)``, NaN where none stands.

        A group that cannot hold the limit in some states takes infinite power; ``states_unmet`` is their share.
        """
        count = self.heat.shape[1]
        mean = np.full((count, count + 1), np.nan)
        unmet = np.zeros((count, count + 1))
        for first in range(count):
            for last in range(first + 1, count + 1):
                best = self.power(first, last).min(axis=1)
                lacks = best > REAL
                unmet[first, last] = lacks.mean()
                mean[first, last] = np.inf if lacks.any() else best.mean()
        dims = ("first", "last")
        return describe(xr.Dataset({"power_mean": (dims, mean), "states_unmet": (dims, unmet)}))

    def of(self, sizes: Sequence[int], table: xr.Dataset) -> float:
        """Mean power of a partition, W: its groups in order of heat, the first sizes the hottest."""
        if sum(sizes) != self.heat.shape[1]:
            raise InputError(f"sizes = {tuple(sizes)} do not add up to {self.heat.shape[1]} CDUs")
        edges = np.concatenate(([0], np.cumsum(sizes)))
        mean = table["power_mean"].values
        return float(sum(mean[a, b] for a, b in pairwise(edges)))


def _place(grid: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Interval of a grid in which numbers lie, and how far in it; the ends are held."""
    k = np.clip(np.searchsorted(grid, x) - 1, 0, grid.size - 2)
    return k, np.clip((x - grid[k]) / (grid[k + 1] - grid[k]), 0.0, 1.0)
