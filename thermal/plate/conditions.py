"""What a cold plate is asked: package, coolant, heat, flow, inlet and grid, checked once where they enter."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self, cast

from thermal import inputs
from thermal.components.chip.package import Package
from thermal.components.chip.stack import Stack
from thermal.components.coolant import Coolant
from thermal.components.plate.geometry import ColdPlate
from thermal.plate.grid import Cells, PlateGrid, checked_cells, heated_area, plate_grid
from thermal.plate.power import Heat, checked_heat
from thermal.plate.warmth import Warmth

__all__ = ["LARGEST_FLOW", "Conditions", "checked_flow", "checked_tolerance"]

LARGEST_FLOW = 0.1  # of a cold plate [m³/s], far above any: larger numbers are of another unit


@dataclass(frozen=True)
class Conditions:
    """One operating point of a plate by its geometry; ``of`` makes it from what a user hands in."""

    plate: ColdPlate
    package: Stack | Package
    coolant: Coolant
    heat: Heat
    flow: float  # [m³/s]
    T_in: float  # [°C]
    cells: Cells
    tolerance: float

    @cached_property
    def warmth(self) -> Warmth:
        """What the coolant carries over its inlet temperature."""
        return Warmth.of(self.coolant, self.T_in)

    @classmethod
    def of(
        cls,
        plate: Any,
        package: Any,
        coolant: Any,
        heat: Any,
        flow: Any,
        T_in: Any,
        cells: Any,
        tolerance: Any,
    ) -> Self:
        """Check a user's arguments: parts of the right kind, numbers in the units that labelled arrays name.

        Raises
        ------
        InputError
            The message names the argument, its value and its limit.

        Examples
        --------
        >>> import thermal as th
        >>> from thermal.plate.grid import USUAL_CELLS
        >>> plate = ColdPlate(length=0.04, breadth=0.04, channel_width=2e-4, fin_width=2e-4, channel_depth=2e-3,
        ...                   base=1e-3, metal=th.load("materials/copper"))
        >>> package, coolant = th.load("packages/h100"), th.load("coolants/pg25")
        >>> Conditions.of(plate, package, coolant, 700, 1.2, 40, USUAL_CELLS, 1e-8)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        thermal.errors.InputError: flow = 1.2 m3/s must be above 0 to 0.1 m3/s; ...
        """
        coolant = inputs.part("coolant", coolant, Coolant, "such as th.load('coolants/pg25')")
        T_in = inputs.number("T_in", T_in, "degC")
        coolant.require(T_in, "T_in")
        hint = "such as th.load('packages/h100')"
        return cls(
            inputs.part("plate", plate, ColdPlate, "such as th.ColdPlate(...)"),
            cast("Stack | Package", inputs.part("package", package, (Stack, Package), hint)),
            coolant,
            checked_heat("heat", heat),
            checked_flow("flow", flow),
            T_in,
            checked_cells(cells),
            checked_tolerance(tolerance),
        )

    def at(self, **changes: Any) -> Self:
        """The same with some of it changed, by who has checked the change."""
        return replace(self, **changes)

    def grid(self) -> PlateGrid:
        """Return the cells of the plate on its package.

        Raises
        ------
        InputError
            If a block is off the plate, or the grid would not fit in memory.
        """
        if isinstance(self.package, Stack):
            return plate_grid(self.plate, self.package, self.package.blocks[0], self.cells)
        return plate_grid(self.plate, None, heated_area(self.plate, self.package), self.cells)


def checked_flow(name: str, flow: Any) -> float:
    """Return a plate's volume flow [m³/s].

    Raises
    ------
    InputError
        If it is not above zero, or so large that it is of another unit.
    """
    hint = "without flow a cold plate has no steady state, and one in L/min is written 1.2 * lpm"
    return inputs.number(name, flow, "m3/s", above=0, high=LARGEST_FLOW, hint=hint)


def checked_tolerance(tolerance: Any) -> float:
    """Return the relative residual at which a solver stops.

    Raises
    ------
    InputError
        If it is below what double precision reaches, or so large that nothing is solved.
    """
    return inputs.number("tolerance", tolerance, "-", low=1e-14, high=0.1, hint="it is a relative residual")
