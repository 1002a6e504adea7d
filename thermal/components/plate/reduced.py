"""A cold plate as a small state space over a range of flow: what racks and day-long studies march instead of cells."""

import hashlib
import zlib
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np
import xarray as xr
from pydantic import Field, InstanceOf, model_validator

from thermal import inputs
from thermal.components.coolant import Properties
from thermal.components.hydronics.law import BranchLaw, Kind
from thermal.components.hydronics.valve import SampledDrop
from thermal.errors import DataError, InputError
from thermal.names import describe
from thermal.physics.machines.plate_curve import PLATE_POINTS, PlateTable
from thermal.physics.machines.pump import PumpCurve
from thermal.physics.machines.reduced_plate import FlowTable, march_between, march_reduced
from thermal.quantity import Origin, Part, choice, quantity

__all__ = ["ReducedPlate"]

POINTS = 33  # flows at which the matrices of one step are tabulated; linear between them
STENCIL = 4  # samples that share in a generator


def _table(meaning: str) -> Any:
    """Declare an array, not shown where the part is printed."""
    return Field(..., description=meaning, json_schema_extra={"unit": "choice", "shown": False})


class ReducedPlate(Part):
    """A linear model dx/dt = A(flow) x + B(flow) u, y = D x + E u, in rises over a reference inlet temperature.

    x is scaled so that its square is the stored heat times temperature; with that, A was found to lose it at every flow
    of the range (A + Aᵀ negative definite), so that the model is stable however the flow varies within the range.
    ``thermal.plate.reduction.reduce_plate`` makes one. Its origin names grid, stated error and a digest of its numbers,
    so that a result of a loop with it says from what it was made.

    Examples
    --------
    >>> import thermal as th
    >>> plate = th.ColdPlate(length=0.04, breadth=0.04, channel_width=4e-4, fin_width=4e-4, channel_depth=2e-3,
    ...                      base=1e-3, metal=th.load("materials/copper"), homogenised=True)
    >>> package, coolant = th.load("packages/h100"), th.load("coolants/pg25")
    >>> small = th.reduce(plate, package=package, coolant=coolant, heat=700.0, flows=[1.2e-5, 2.4e-5], T_in=40.0,
    ...                   cells=th.Cells(slices=6, base=1, fin=2, cover=1))
    >>> th.steady(plate, package=package, coolant=coolant, heat=700.0, flow=1.2e-5, T_in=40.0,
    ...           cells=th.Cells(slices=6, base=1, fin=2, cover=1)).R_case.round(4).item() == round(
    ...           small.resistance(1.2e-5), 4)  # exact at sampled flows
    True
    >>> [origin.model for origin in small.made_from]
    ['coolants/pg25', 'materials/copper', 'packages/h100']
    """

    flows: tuple[float, ...] = quantity("m3/s", "sampled volume flows, ascending")
    drops: tuple[float, ...] = quantity("Pa", "pressure drop of the plate at those flows, nominal heat")
    generator: InstanceOf[np.ndarray] = _table("(flows, n, n) of the states [1/s]")
    drive: InstanceOf[np.ndarray] = _table("(flows, n, inputs): by blocks [W], then by the inlet's rise [K]")
    read: InstanceOf[np.ndarray] = _table("(points, n): block means, hot spots, case, outlet; points that compete")
    through: InstanceOf[np.ndarray] = _table("(points, inputs): from a heated cell's middle to the junction [K/W]")
    first: InstanceOf[np.ndarray] = _table("(outputs,) first of the points of each output, whose highest it is")
    shares: tuple[float, ...] = quantity("-", "shares of the heat of blocks, where only its sum is known")
    blocks: tuple[str, ...] = choice("names of the blocks")
    T_in: float = quantity("degC", "reference inlet temperature", low=-100, high=300)
    rho_cp: float = quantity("J/m3/K", "heat capacity of the coolant per volume there", above=0)
    heat_capacity: float = quantity("J/K", "heat capacity of plate and coolant, without the package", above=0)
    error: float = quantity("-", "largest difference from the full model in trials, over the largest rise", low=0)
    grid: str = choice("grid of the full model")
    made_from: tuple[Origin, ...] = choice("models that the full one was made from", default=())

    @model_validator(mode="after")
    def _stable(self) -> Self:
        sizes = (len(self.drops), *(table.shape[0] for table in (self.generator, self.drive)))
        if len(self.flows) < 2 or any(size != len(self.flows) for size in sizes) or not np.all(np.diff(self.flows) > 0):
            raise ValueError("needs two or more flows, ascending, with as many drops, generators and drives")
        if not (self.flows[0] > 0 and min(self.drops) > 0 and min(self.shares) >= 0):
            raise ValueError("flows and pressure drops must be above zero, shares from zero on")
        for name in ("generator", "drive", "read", "through"):
            if not np.isfinite(getattr(self, name)).all():
                raise ValueError(f"{name} has values that are not finite numbers")
        for flow in np.geomspace(self.flows[0], self.flows[-1], 2 * POINTS):
            A = self.matrices(flow)[0]
            worst = float(np.linalg.eigvalsh(A + A.T).max())
            if not worst < 0:
                raise ValueError(
                    f"reduced plate: not stable at a flow of {flow:g} m3/s (growth {worst:.3g} 1/s); "
                    "sample more flows, or a narrower range"
                )
        text = f"reduced plate of {self.grid}, error {self.error:.2%}"
        self._origin = Origin(model=text, title=text, sha256=self.digest)
        return self

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything the model computes with."""
        seal = hashlib.sha256()
        for name in type(self).model_fields:
            value = getattr(self, name)
            seal.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
        return seal.hexdigest()

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, checked again and signed anew."""
        return type(self)(**{**{name: getattr(self, name) for name in type(self).model_fields}, **changes})

    def __eq__(self, other: object) -> bool:
        """Equal in every number."""
        return isinstance(other, ReducedPlate) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def pressure_drop(self, flow: Any) -> Any:
        """Pressure drop [Pa] at a volume flow [m³/s], coolant as at the nominal point: a line in logarithms between
        the sampled flows, beyond them continued.
        """
        x, knots, drops = np.log(np.asarray(flow, float)), np.log(self.flows), np.log(self.drops)
        k = np.clip(np.searchsorted(knots, x) - 1, 0, knots.size - 2)
        slope = (drops[k + 1] - drops[k]) / (knots[k + 1] - knots[k])
        return np.exp(drops[k] + slope * (x - knots[k]))

    @cached_property
    def drop_curve(self) -> PumpCurve:
        """The pressure drop as the kernels of networks take it."""
        return SampledDrop(flow=self.flows, drop=self.drops).curve

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """The pressure drop as sampled, at the same volume flow."""
        return BranchLaw(
            Kind.DROP, {"density": coolant.density}, self.flows[-1] * coolant.density, curve=self.drop_curve
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
        step = inputs.number("step", step, "s", above=0)
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
        rows = [np.hstack(self.at(float(flow), step)) for flow in np.clip(np.exp(grid), self.flows[0], self.flows[-1])]
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
        flow = np.clip(np.exp(grid), self.flows[0], self.flows[-1])
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
        heat = np.asarray(inputs.array("heat", heat, "W"))
        steps = heat.shape[0] if heat.ndim else 0
        if heat.shape != (steps, len(self.blocks)):
            raise InputError(f"heat of shape {heat.shape} must be one of (steps, {len(self.blocks)})")
        if not steps:
            raise InputError("heat has no step; give one row of block powers for each")
        inputs.array("heat", xr.DataArray(heat, {"block": list(self.blocks)}, ("step", "block")), "W", low=0)
        flow = self._series("flow", inputs.array("flow", flow, "m3/s", above=0), steps)
        T_in = self._series("T_in", inputs.array("T_in", T_in, "degC"), steps)
        step = inputs.number("step", step, "s", above=0)
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
        """Write the arrays to a NumPy ``.npz`` file, without pickle; where the model comes from is in it."""
        path = Path(path).with_suffix(".npz")
        arrays: dict[str, Any] = {name: np.asarray(getattr(self, name)) for name in type(self).model_fields}
        arrays["made_from"] = np.asarray([origin.model_dump_json() for origin in self.made_from], dtype=str)
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
                arrays: dict[str, Any] = {name: found[name] for name in cls.model_fields}
            tables = {name for name, field in cls.model_fields.items() if field.annotation is np.ndarray}
            plain = {name: value if name in tables else value.tolist() for name, value in arrays.items()}
            lists = {name: tuple(value) for name, value in plain.items() if isinstance(value, list)}
            lists["made_from"] = tuple(Origin.model_validate_json(text) for text in lists["made_from"])
            return cls(**plain | lists)
        except (OSError, EOFError, TypeError, ValueError, KeyError, BadZipFile, zlib.error) as error:
            raise DataError(f"{path}: not a whole file of a reduced plate ({error})") from None

    def __str__(self) -> str:
        low, high = self.flows[0] * 6e4, self.flows[-1] * 6e4
        return (
            f"ReducedPlate: {self.read.shape[1]} states, {len(self.blocks)} blocks, {low:.3g} to {high:.3g} L/min, "
            f"error {self.error:.1%} of the rise, {self.grid}"
        )

    @staticmethod
    def _series(name: str, given: Any, steps: int) -> np.ndarray:
        """Numbers of each step; one number serves all steps."""
        values = np.asarray(given)
        if values.shape not in {(), (steps,)}:
            raise InputError(f"{name} of shape {values.shape} must be one number, or one for each of {steps} steps")
        return np.ascontiguousarray(np.broadcast_to(values, (steps,)))


def _lagrange(nodes: np.ndarray, x: float) -> np.ndarray:
    """Weights of the polynomial through all nodes."""
    return np.array([np.prod((x - np.delete(nodes, i)) / (nodes[i] - np.delete(nodes, i))) for i in range(nodes.size)])
