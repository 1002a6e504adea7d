"""A cold plate as a small state space over a range of flow: what racks and day-long studies march instead of cells."""

import zlib
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import xarray as xr
from pydantic_core import core_schema

from thermal.errors import DataError, InputError
from thermal.names import describe
from thermal.physics.machines.plate_curve import PLATE_POINTS, PlateTable
from thermal.physics.machines.reduced_plate import FlowTable, march_between, march_reduced

__all__ = ["ReducedPlate"]

POINTS = 33  # flows at which the matrices of one step are tabulated; linear between them
STENCIL = 4  # samples that share in a generator


@dataclass(frozen=True, eq=False)
class ReducedPlate:
    """A linear model dx/dt = A(flow) x + B(flow) u, y = D x + E u, in rises over a reference inlet temperature.

    x is scaled so that its square is the stored heat times temperature; with that, A was found to lose it at every flow
    of the range (A + Aᵀ negative definite), so that the model is stable however the flow varies within the range.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.units import kW, lpm, mm, um
    >>> plate = th.ColdPlate(
    ...     length=40 * mm, breadth=40 * mm, channel_width=400 * um, fin_width=400 * um, channel_depth=2 * mm,
    ...     base=1 * mm, metal=th.load("materials/copper"), homogenised=True)
    >>> package, coolant = th.load("packages/h100"), th.load("coolants/pg25")
    >>> small = plate.reduce(package=package, coolant=coolant, heat=0.7 * kW, flows=[0.8 * lpm, 1.6 * lpm], T_in=40.0,
    ...                      cells=th.Cells(slices=10))
    >>> small.error < 0.05
    True
    >>> warm = 40.0 + 5.0 * (np.arange(60) > 29)  # the inlet 5 K warmer from half a minute on
    >>> minute = small.march(np.full((60, 1), 700.0), 1.2 * lpm, warm, 1.0)
    >>> round(float(minute.T_out[-1] - minute.T_out[29]), 1)
    5.0
    """

    flows: np.ndarray  # sampled, ascending [m³/s]
    generator: np.ndarray  # (flows, n, n) [1/s]
    drive: np.ndarray  # (flows, n, inputs): blocks [W], then the inlet's rise [K]
    read: np.ndarray  # (points, n): block means, block hot spots, case, outlet; several points where the hottest moves
    through: np.ndarray  # (points, inputs): from the middle of a heated cell to its face, and on to the junction [K/W]
    first: np.ndarray  # (outputs,) first of the points of each output, whose highest it is
    shares: np.ndarray  # (blocks,) of the heat where only its sum is known
    T_in: float  # reference inlet temperature [°C]
    rho_cp: float  # of the coolant there [J/m³ K]
    heat_capacity: float  # of plate and coolant, without the package [J/K]
    error: float  # largest difference from the full model in the trials, over the largest rise
    blocks: tuple[str, ...]

    def __post_init__(self) -> None:
        for flow in np.geomspace(self.flows[0], self.flows[-1], 2 * POINTS):
            A = self.matrices(flow)[0]
            worst = float(np.linalg.eigvalsh(A + A.T).max())
            if not worst < 0:
                raise InputError(
                    f"reduced plate: not stable at a flow of {flow:g} m3/s (growth {worst:.3g} 1/s); "
                    "sample more flows, or a narrower range"
                )

    def matrices(self, flow: float) -> tuple[np.ndarray, np.ndarray]:
        """Return A and B at a flow, interpolated in ln flow.

        Raises
        ------
        InputError
            If the flow lies outside the sampled range.
        """
        if not (self.flows[0] * (1 - 1e-9) <= flow <= self.flows[-1] * (1 + 1e-9)):
            raise InputError(
                f"flow = {flow:g} m3/s is outside the reduced plate's {self.flows[0]:g} to {self.flows[-1]:g} m3/s"
            )
        nodes = np.log(self.flows)
        near = int(np.clip(np.searchsorted(nodes, np.log(flow)) - STENCIL // 2, 0, max(0, nodes.size - STENCIL)))
        near_nodes = nodes[near : near + STENCIL]
        weight = _lagrange(near_nodes, np.log(flow))
        inside = slice(near, near + near_nodes.size)
        return np.tensordot(weight, self.generator[inside], 1), np.tensordot(weight, self.drive[inside], 1)

    def at(self, flow: float, step: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the matrices of one step at a flow: x ← decay x + drive u.

        Raises
        ------
        InputError
            If the flow lies outside the sampled range, or the step is not above zero.
        """
        if isinstance(step, bool) or not isinstance(step, int | float | np.number) or not 0 < step < np.inf:
            raise InputError(f"step = {step!r} s must be a number above 0 s")
        A, B = self.matrices(flow)
        n = A.shape[0]
        whole = np.zeros((n + B.shape[1],) * 2)
        whole[:n, :n], whole[:n, n:] = A, B
        from scipy.linalg import expm  # a tenth of a second to import

        exponential = expm(whole * step)
        return np.ascontiguousarray(exponential[:n, :n]), np.ascontiguousarray(exponential[:n, n:])

    def step_table(self, step: float) -> FlowTable:
        """Matrices of one step on an even grid of ln flow over the whole range, as the kernels take them."""
        grid = np.linspace(np.log(self.flows[0]), np.log(self.flows[-1]), POINTS)
        rows = [np.hstack(self.at(float(flow), step)) for flow in np.clip(np.exp(grid), *self.flows[[0, -1]])]
        return FlowTable(float(grid[0]), float(grid[1] - grid[0]), np.array(rows))

    def gain(self, flow: float) -> np.ndarray:
        """Return the steady rise of each point per unit of each input, (points, inputs) [K/W, K/K]."""
        A, B = self.matrices(flow)
        return np.asarray(self.through - self.read @ np.linalg.solve(A, B))

    def resistance(self, flow: float) -> float:
        """Case-to-inlet resistance [K/W] at a flow [m³/s], the heat shared among the blocks as at the nominal point."""
        return float(self.highest(self.gain(flow)[:, :-1] @ self.shares)[-2])

    def highest(self, y: np.ndarray) -> np.ndarray:
        """Return the outputs from the points along the last axis: block means, block hot spots, case, outlet."""
        return np.maximum.reduceat(y, self.first, axis=-1)

    @cached_property
    def table(self) -> PlateTable:
        """The steady case-to-inlet resistance as the loop's kernels take it: ln UA on an even grid of ln flow.

        UA = −C ln(1 − 1/(C R)), as for a measured curve.
        """
        grid = np.linspace(np.log(self.flows[0]), np.log(self.flows[-1]), PLATE_POINTS)
        flow = np.clip(np.exp(grid), *self.flows[[0, -1]])
        C = self.rho_cp * flow
        R = np.array([self.resistance(float(v)) for v in flow])
        return PlateTable(float(grid[0]), float(grid[1] - grid[0]), np.log(-C * np.log1p(-1.0 / (C * R))))

    def march(self, heat: np.ndarray, flow: Any, T_in: Any, step: float) -> xr.Dataset:
        """Temperatures at the end of each step of constant block powers.

        Parameters
        ----------
        heat : ndarray
            Power of each block in each step, (steps, blocks) [W].
        flow : float or ndarray
            Volume flow, constant or of each step [m³/s].
        T_in : float or ndarray
            Inlet temperature, constant or of each step [°C].
        step : float
            Length of a step [s].

        Returns
        -------
        xarray.Dataset
            Mean and hot-spot temperature of each block, case and outlet, from equilibrium with the first inlet
            temperature on.

        Raises
        ------
        InputError
            If sizes do not match, a value is not a number or a heat negative, or a flow lies outside the range.
        """
        heat = self._series("heat", heat, (None, len(self.blocks)))
        steps = heat.shape[0]
        if not steps:
            raise InputError("heat has no step; give one row of block powers for each")
        flow, T_in = (self._series(name, v, (steps,)) for name, v in (("flow", flow), ("T_in", T_in)))
        if (heat < 0).any():
            i, j = np.argwhere(heat < 0)[0]
            raise InputError(f"heat of block {self.blocks[j]!r} in step {i} = {heat[i, j]:g} W must be from 0 W on")
        for end in (flow.min(), flow.max()):
            self.matrices(float(end))
        u = np.column_stack([heat, T_in - T_in[0]])
        state, y = np.zeros((2, self.read.shape[1])), np.zeros((steps, self.read.shape[0]))
        if flow.min() == flow.max():
            march_reduced(state, *self.at(float(flow[0]), step), self.read, self.through, u, y)
        else:
            march_between(state, self.step_table(step), self.read, self.through, np.ascontiguousarray(flow), u, y)
        n, y = len(self.blocks), T_in[0] + self.highest(y)
        data = {
            "T_block": (("time", "block"), y[:, :n]),
            "T_block_highest": (("time", "block"), y[:, n : 2 * n]),
            "T_case": ("time", y[:, -2]),
            "T_out": ("time", y[:, -1]),
        }
        result = describe(xr.Dataset(data, {"block": list(self.blocks), "time": step * np.arange(1, steps + 1)}))
        result.time.attrs["units"] = "s"
        return result.assign_attrs(error=self.error)

    def save(self, path: str | Path) -> Path:
        """Write the arrays to a NumPy ``.npz`` file, without pickle."""
        path = Path(path).with_suffix(".npz")
        arrays: dict[str, Any] = {f.name: np.asarray(getattr(self, f.name)) for f in fields(self)}
        np.savez(path, **arrays)
        return path

    @classmethod
    def load(cls, path: str | Path) -> "ReducedPlate":
        """Read what ``save`` wrote.

        Raises
        ------
        DataError
            If the file cannot be read or is none of a reduced plate.
        """
        try:
            with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as found:
                arrays: dict[str, Any] = {f.name: found[f.name] for f in fields(cls)}
            arrays |= {name: float(arrays[name]) for name in ("T_in", "rho_cp", "heat_capacity", "error")}
        except (OSError, EOFError, TypeError, ValueError, KeyError, BadZipFile, zlib.error) as error:
            raise DataError(f"{path}: not a whole file of a reduced plate ({error})") from None
        return cls(**arrays | {"blocks": tuple(map(str, arrays["blocks"]))})

    def __str__(self) -> str:
        low, high = self.flows[[0, -1]] * 6e4
        return (
            f"ReducedPlate: {self.read.shape[1]} states, {len(self.blocks)} blocks, {low:.3g} to {high:.3g} L/min, "
            f"error {self.error:.1%} of the rise"
        )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        """Let parts hold a reduced plate as it is."""
        return core_schema.is_instance_schema(cls)

    def _series(self, name: str, given: Any, shape: tuple[int | None, ...]) -> np.ndarray:
        """Numbers of each step in the shape wanted; one number serves all steps."""
        try:
            values = np.asarray(given, dtype=float)
        except (TypeError, ValueError):
            raise InputError(f"{name} = {given!r} must be numbers") from None
        if values.ndim == 0 and len(shape) == 1:
            values = np.full(shape[0] or 0, float(values))
        if values.ndim != len(shape) or any(n not in (None, m) for n, m in zip(shape, values.shape, strict=True)):
            wanted = ", ".join("steps" if n is None else str(n) for n in shape)
            raise InputError(f"{name} of shape {values.shape} must be one of ({wanted})")
        if not np.isfinite(values).all():
            raise InputError(f"{name} in step {int(np.argwhere(~np.isfinite(values))[0][0])} is not a number")
        return values


def _lagrange(nodes: np.ndarray, x: float) -> np.ndarray:
    """Weights of the polynomial through all nodes."""
    return np.array([np.prod((x - np.delete(nodes, i)) / (nodes[i] - np.delete(nodes, i))) for i in range(nodes.size)])
