"""Controllers as one sets them: gain, reset time, dead band and output range."""

from typing import Self

from pydantic import model_validator

from thermal.quantity import Part, quantity

__all__ = ["PiControl"]


class PiControl(Part):
    """A PI controller in velocity form, acting on the error divided by its span.

    Examples
    --------
    >>> import thermal as th
    >>> th.components.hydronics.PiControl(gain=0.2, reset=60, low=1.1)
    Traceback (most recent call last):
    ...
    thermal.errors.InputError: PiControl: low = 1.1 is above high = 1
    """

    gain: float = quantity("-", "change of output per change of relative error", low=0, high=100)
    reset: float = quantity("s", "integral time", above=0)
    dead_band: float = quantity(
        "-", "half-width of the relative error in which the output rests", low=0, high=1, default=0.0
    )
    low: float = quantity("-", "lowest output", low=0, high=1.2)
    high: float = quantity("-", "highest output", above=0, high=1.2, default=1.0)

    @model_validator(mode="after")
    def _range(self) -> Self:
        if not self.low <= self.high:
            raise ValueError(f"low = {self.low:g} is above high = {self.high:g}")
        return self

    def row(self) -> tuple[float, float, float, float, float]:
        """The settings in the order of the kernels."""
        return self.gain, self.reset, self.dead_band, self.low, self.high
