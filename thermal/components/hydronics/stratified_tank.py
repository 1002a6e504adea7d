"""Storage in stratified tanks, marched in time: one tank or equal ones in series, with ports at any height."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from thermal.components.coolant import Coolant
from thermal.errors import InputError, listed
from thermal.inputs import affordable, array, no_others, number
from thermal.names import describe
from thermal.physics.machines.stratified_tank import march_stratified, mix
from thermal.quantity import Part, part, provenance, quantity
from thermal.timeline import intervals

__all__ = ["StratifiedTank"]

BALANCED = 1e-9  # of the largest flow, what ports may add up to


class StratifiedTank(Part):
    """Upright tanks of water in layers; where warm water lies under cold it mixes, as the plume of an inlet does.

    `Tank` moves a plant's load by a schedule; this one takes what flows at its ports.

    Examples
    --------
    >>> import thermal as th
    >>> tank = StratifiedTank(volume=10.0, height=3.0, coolant=th.load("coolants/water"))
    >>> day = tank.march(ports={"top": 1.0, "bottom": 0.0}, flow={"top": 1e-3, "bottom": -1e-3},
    ...                  T_in={"top": 80.0}, step=np.full(60, 60.0), T_start=40.0)
    >>> front = day.T_layer.isel(time=-1)  # 3.6 of 10 m³ are warm
    >>> bool(front.sel(height=0.9, method="nearest") > 79), bool(front.sel(height=0.4, method="nearest") < 41)
    (True, True)
    """

    volume: float = quantity("m3", "water in each tank", above=0)
    height: float = quantity("m", "of each tank", above=0)
    tanks: int = quantity("-", "equal tanks in series, the top of each to the bottom of the next", low=1, default=1)
    layers: int = quantity("-", "layers of each tank", low=1, high=1000, default=60)
    loss: float = quantity("W/K", "conductance of each tank to its surroundings", low=0, default=0.0)
    mixing: float = quantity(
        "-", "effective over molecular conductivity of the water, walls and stirring included", low=0, default=1.0
    )
    coolant: Coolant = part("what fills it")

    def march(
        self, *, ports: Mapping[str, float], flow: Mapping[str, Any], T_in: Mapping[str, Any], T_start: Any,
        step: Any = None, T_around: Any = 20.0,
    ) -> xr.Dataset:  # fmt: skip
        """Temperatures under the flows at the ports.

        Parameters
        ----------
        ports : mapping
            Height of each, in heights of a tank: 0 is the bottom of the first tank, 1 its top, 2 the top of the second.
        flow : mapping
            Into the tank at each port [m³/s], negative where it is drawn; at every time they add up to nothing.
        T_in : mapping
            Of what enters at a port [°C]; needed where something does.
        T_start : float or DataArray
            At the start [°C]; along ``height`` on straight lines between its values, held beyond them.
        step : float or array, optional
            How long each row lasts [s], where the flows have no times.
        T_around : float or array
            Of the surroundings [°C].

        Returns
        -------
        xarray.Dataset
            ``T_layer`` along ``height`` at the end of each row; ``T_port``, ``heat_lost``, ``energy_content_change``
            and ``energy_residual`` as means over it.

        Raises
        ------
        InputError
            If a port is not known, flows do not add up, or a temperature is missing or outside the coolant's range.
        """
        if not ports:
            raise InputError("stratified tank: ports has no port")
        no_others("flow of the stratified tank", flow, ports)
        no_others("T_in of the stratified tank", T_in, ports)
        height = {p: number(f"port {p}", h, "-", low=0.0, high=float(self.tanks)) for p, h in ports.items()}
        timed = next((v for v in flow.values() if isinstance(v, xr.DataArray) and "time" in v.coords), None)
        given = {f"flow of {p}": array(f"flow of {p}", flow.get(p, 0.0), "m3/s") for p in ports}
        water = {f"T_in of {p}": array(f"T_in of {p}", v, "degC") for p, v in T_in.items()}
        for name, value in water.items():
            self.coolant.require(np.asarray(value), name)
        around = array("T_around", T_around, "degC")
        lengths = intervals(timed) if timed is not None and step is None else array("step", step, "s", above=0.0)
        every = {**given, **water, "T_around": around, "step": lengths}
        rows = max(np.size(v) for v in every.values())
        odd = [name for name, v in every.items() if np.ndim(v) > 1 or np.size(v) not in (1, rows)]
        if odd:
            raise InputError(f"stratified tank: {listed(odd)} have other lengths than the {rows} rows of others")
        columns = {name: np.broadcast_to(np.asarray(v, float), rows) for name, v in every.items()}
        flows = np.stack([columns[f"flow of {p}"] for p in ports], axis=1)
        self._require_balance(flows)
        warm = np.stack([columns.get(f"T_in of {p}", np.full(rows, np.nan)) for p in ports], axis=1)
        for k, p in enumerate(ports):
            if (np.isnan(warm[:, k]) & (flows[:, k] > 0.0)).any():
                raise InputError(f"stratified tank: water enters at port {p!r}, so T_in needs its temperature")
        T = self._start(T_start)
        return self._marched(T, height, flows, warm, columns, timed)

    def _marched(
        self, T: np.ndarray, height: dict[str, float], flows: np.ndarray, warm: np.ndarray,
        columns: dict[str, np.ndarray], timed: xr.DataArray | None,
    ) -> xr.Dataset:  # fmt: skip
        n, rows = T.size, len(flows)
        p = self.coolant.properties(float(T.mean()))
        rho_cp, layer = p.density * p.heat_capacity, self.volume / self.layers
        area = self.volume / self.height
        conductance = self.mixing * p.conductivity * area * self.layers / self.height
        place = np.array([min(int(h * self.layers), n - 1) for h in height.values()])
        profile, T_port, lost = np.empty((rows, n)), np.empty((rows, len(height))), np.empty(rows)
        step = np.ascontiguousarray(columns["step"])
        first = T.mean()
        moved = np.abs(flows).sum(axis=1) + 2.0 * conductance / rho_cp + self.loss / self.layers / rho_cp
        parts = float((2.0 * moved * step / layer + 1.0).sum())
        affordable("stratified tank: the march", parts * n, "smaller flows, shorter steps, or fewer layers")
        march_stratified(
            T, self.tanks, layer, conductance / rho_cp, self.loss / self.layers / rho_cp, place,
            np.ascontiguousarray(flows), np.ascontiguousarray(warm), np.ascontiguousarray(columns["T_around"]), step,
            profile, T_port, lost,
        )  # fmt: skip
        content = np.concatenate([[first], profile.mean(axis=1)]) * n * layer * rho_cp
        change = np.diff(content) / step
        carried = rho_cp * np.where(flows != 0.0, flows * T_port, 0.0).sum(axis=1)
        result = xr.Dataset(
            {
                "T_layer": (("time", "height"), profile),
                "T_port": (("time", "port"), T_port),
                "heat_lost": ("time", rho_cp * lost),
                "energy_content_change": ("time", change),
                "energy_residual": ("time", carried - rho_cp * lost - change),
            },
            {"height": (np.arange(n) + 0.5) / self.layers, "port": list(height)},
        )
        if timed is not None:
            result = result.assign_coords(time=timed["time"])
        return describe(result).assign_attrs(provenance(self))

    def _start(self, given: Any) -> np.ndarray:
        """Layers at the start, mixed where they would not lie still."""
        n = self.tanks * self.layers
        centre = (np.arange(n) + 0.5) / self.layers
        T = array("T_start", given, "degC")
        if isinstance(T, xr.DataArray) and T.dims == ("height",):
            ordered = T.sortby("height")
            T = np.interp(centre, ordered["height"].values, ordered.values)
        else:
            T = np.full(n, number("T_start", given, "degC", hint="or a DataArray along height"))
        self.coolant.require(T, "T_start")
        scratch = np.empty(n), np.empty(n)
        for t in range(self.tanks):
            mix(T, t * self.layers, (t + 1) * self.layers, *scratch)
        return T

    def _require_balance(self, flows: np.ndarray) -> None:
        left = np.abs(flows.sum(axis=1))
        wrong = ~(left <= BALANCED * np.abs(flows).max())
        if wrong.any() and np.abs(flows).max() > 0.0:
            k = int(np.argmax(wrong))
            raise InputError(
                f"stratified tank: in row {k} the flows of its ports add up to {flows[k].sum():.4g} m3/s; a full tank "
                "gives as much as it takes: give the port through which the rest goes"
            )
