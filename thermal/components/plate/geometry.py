"""Cold plates described by their geometry: channels or pins between a base and a cover."""

import math
from enum import StrEnum
from typing import Any, Self

import numpy as np
from pydantic import ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from thermal.components.plate.material import Material
from thermal.physics.convection.channel import Entry
from thermal.physics.convection.pin_fin import PinLaw
from thermal.quantity import Part, choice, part, quantity

__all__ = ["ColdPlate", "Manifold", "Pattern"]

WIDEST = 0.05  # channel or fin [m]


class Pattern(StrEnum):
    """How the coolant crosses the plate.

    Examples
    --------
    >>> Pattern("split").name
    'SPLIT'
    """

    PARALLEL = "parallel"  # straight through
    SPLIT = "split"  # in at mid-length, out at both ends
    SERPENTINE = "serpentine"  # in passes, side by side, back and forth
    PINS_IN_LINE = "pins in line"
    PINS_STAGGERED = "pins staggered"


class Manifold(StrEnum):
    """How the manifolds along the ends of the channels are fed and drained.

    Examples
    --------
    >>> Manifold("U").value
    'U'
    """

    EVEN = "even"  # wide: one pressure all along
    U = "U"  # in and out on the same side
    Z = "Z"  # in on one side, out on the other


class ColdPlate(Part):
    """A cold plate: base, channels (or round pins) over its whole area, cover. Coolant flows along `length`.

    Pins have the diameter `fin_width` and gaps of `channel_width` across and along the flow. Channels may differ:
    `channel_width` is then the width of each from x = 0 on, `fin_width` that of each fin between two of them, one less.
    The walls at both sides share what is left of the breadth.

    Examples
    --------
    >>> copper = Material(conductivity=390.0, density=8960.0, heat_capacity=385.0)
    >>> plate = ColdPlate(length=0.04, breadth=0.04, channel_width=2e-4, fin_width=1.5e-4, channel_depth=2e-3,
    ...                   base=1e-3, metal=copper)
    >>> plate.channels
    113
    >>> plate.replace(breadth=1.5e-3, channel_width=(2e-4, 4e-4, 2e-4), fin_width=(1.5e-4, 1.5e-4)).side_wall
    0.0002
    """

    length: float = quantity("m", "length along the flow", above=0, high=1)
    breadth: float = quantity("m", "breadth across the flow", above=0, high=1)
    channel_width: float | tuple[float, ...] = quantity("m", "width of a channel, or of each; or gap between pins")
    fin_width: float | tuple[float, ...] = quantity("m", "thickness of a fin, or of each; or diameter of a pin")
    channel_depth: float = quantity("m", "depth of the channels, height of the fins", above=0, high=0.1)
    base: float = quantity("m", "thickness between the channels and the package", above=0, high=0.1)
    metal: Material = part("material of base and fins")
    cover: float = quantity("m", "thickness of the cover", above=0, high=0.1, default=1e-3)
    cover_metal: Material | None = part("material of the cover, where it differs", default=None)
    pattern: Pattern = choice("how the coolant crosses the plate", default=Pattern.PARALLEL)
    passes: int = quantity("-", "passes of a serpentine", low=2, high=50, default=2)
    heated_walls: int = quantity(
        "-", "heated walls of a channel: 4, or 3 under an adiabatic cover", low=3, high=4, default=4
    )
    entry: Entry = choice("what develops along a channel", default=Entry.SIMULTANEOUS)
    pin_law: PinLaw = choice("whose films and friction pins have", default=PinLaw.ZUKAUSKAS)
    bend_loss: float = quantity("-", "loss of a turn between passes, in dynamic heads", low=0, high=10, default=2.2)
    port: float = quantity("m", "bore of the inlet and outlet ports", above=0, high=0.1, default=8e-3)
    port_loss: float = quantity(
        "-", "loss of both ports and manifolds, in dynamic heads of the port", low=0, high=20, default=1.5
    )
    manifold: Manifold = choice("how the manifolds divide the flow among the channels", default=Manifold.EVEN)
    manifold_area: float | None = quantity(
        "m2", "cross-section of each manifold, needed for U and Z", above=0, high=1, default=None
    )
    homogenised: bool = choice("treat fins as a porous body instead of resolving each", default=False)

    @field_validator("channel_width", "fin_width", mode="plain")
    @classmethod
    def _one_or_each(cls, value: Any, info: ValidationInfo) -> float | tuple[float, ...]:
        value = cls._number(value, info)
        many = isinstance(value, tuple | list)
        for i, width in enumerate(value if many else (value,)):
            if not (isinstance(width, int | float) and 0.0 < width <= WIDEST):
                shown = f"{width:g} m" if isinstance(width, int | float) else f"{width!r:.40}"
                text = (
                    f"{cls.__name__}.{info.field_name}{f'[{i}]' if many else ''} = {shown} is outside (0, {WIDEST:g}] m"
                )
                raise PydanticCustomError("door", "{text}", {"text": text})
        return tuple(map(float, value)) if many else float(value)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.channels < 1:
            if self.uneven:
                raise ValueError("channel_width is empty; a plate has one channel or more")
            raise ValueError(
                f"no channel fits: fin and channel take {self.mean_fin + self.mean_channel:g} m, "
                f"the plate is {self.breadth:g} m broad"
            )
        if self.uneven:
            self._uneven_fits()
        if self.pattern == Pattern.SERPENTINE and self.channels < self.passes:
            raise ValueError(f"{self.passes} passes need as many channels, {self.channels} fit")
        if self.manifold != Manifold.EVEN:
            if self.manifold_area is None:
                raise ValueError(f"manifold {self.manifold} needs manifold_area, the cross-section of each manifold")
            if self.pattern in {Pattern.SPLIT, Pattern.SERPENTINE}:
                raise ValueError(f"manifold {self.manifold} is known for channels straight through, not {self.pattern}")
        return self

    def _uneven_fits(self) -> None:
        """Raise unless channels and fins of their own widths alternate and leave room for the walls at the sides."""
        if self.has_pins or self.homogenised:
            kind = "pins" if self.has_pins else "homogenised fins"
            raise ValueError(f"{kind} have one width and one gap; widths of each channel need fins that are resolved")
        if self.used_channels < self.channels:
            raise ValueError(
                f"{self.channels} channels of their own widths do not divide into {self.passes} equal passes"
            )
        if isinstance(self.fin_width, tuple) and len(self.fin_width) != self.channels - 1:
            raise ValueError(
                f"{self.channels} channels have {self.channels - 1} fins between them, "
                f"fin_width has {len(self.fin_width)}"
            )
        if not self.side_wall > 0.0:
            raise ValueError(
                f"channels and the fins between them take {self.widths.sum() + self.fins.sum():g} m of a plate "
                f"{self.breadth:g} m broad, which leaves {self.side_wall:g} m to the wall at each side"
            )

    @property
    def has_pins(self) -> bool:
        """Whether the coolant flows among pins."""
        return self.pattern in {Pattern.PINS_IN_LINE, Pattern.PINS_STAGGERED}

    @property
    def uneven(self) -> bool:
        """Whether channels or fins have widths of their own."""
        return isinstance(self.channel_width, tuple) or isinstance(self.fin_width, tuple)

    @property
    def mean_channel(self) -> float:
        """Width of a channel, or gap between pins, on average [m]."""
        return float(np.mean(self.channel_width))

    @property
    def mean_fin(self) -> float:
        """Thickness of a fin between two channels, or diameter of a pin, on average [m]."""
        return float(np.mean(self.fin_width))

    @property
    def channels(self) -> int:
        """Channels (or gaps between rows of pins) side by side."""
        if isinstance(self.channel_width, tuple):
            return len(self.channel_width)
        if isinstance(self.fin_width, tuple):
            return len(self.fin_width) + 1
        return int((self.breadth - self.fin_width) / (self.fin_width + self.channel_width) + 1e-9)

    @property
    def widths(self) -> np.ndarray:
        """Width of each channel that carries coolant (channels,) [m]."""
        return np.broadcast_to(np.asarray(self.channel_width, float), self.used_channels)

    @property
    def fins(self) -> np.ndarray:
        """Thickness of each fin between two of them (channels − 1,) [m]."""
        return np.broadcast_to(np.asarray(self.fin_width, float), self.used_channels - 1)

    @property
    def side_wall(self) -> float:
        """Thickness of the wall at each side [m]."""
        return float(self.breadth - self.widths.sum() - self.fins.sum()) / 2

    @property
    def streams(self) -> int:
        """Channels that share the flow: those of one pass."""
        return self.channels // self.passes if self.pattern == Pattern.SERPENTINE else self.channels

    @property
    def used_channels(self) -> int:
        """Channels that carry coolant: all, or as many as divide evenly into passes."""
        return self.streams * self.passes if self.pattern == Pattern.SERPENTINE else self.channels

    @property
    def solid_share(self) -> float:
        """Share of a level cut through the fins that is metal."""
        if self.has_pins:
            return math.pi / 4 * (self.mean_fin / (self.mean_fin + self.mean_channel)) ** 2
        return 1.0 - self.used_channels * self.mean_channel / self.breadth

    @property
    def height(self) -> float:
        """Height of base, channels and cover [m]."""
        return self.base + self.channel_depth + self.cover

    def _summary(self) -> dict[str, str]:
        return {"channels": f"{self.channels}, {self.channel_depth / self.mean_channel:.3g} times as deep as wide"}
