"""Controllers as one sets them: gain, reset time, dead band, output range, and how they see and act in time."""

from typing import Self

from pydantic import model_validator

from thermal.errors import InputError
from thermal.quantity import Part, quantity

__all__ = ["PiControl"]


class PiControl(Part):
    """A PI controller in velocity form, acting on the error divided by its span.

    What it sees may come late (`sensor_lag`, `dead_time`), it may act at times (`sample`) and no faster than `rate`;
    of these four a network in time knows all, a loop and a tower plant none.

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
    rate: float | None = quantity("1/s", "fastest change of the output; without it, any", above=0, default=None)
    sample: float = quantity("s", "time between two actions; 0 acts in every step", low=0, high=3600, default=0.0)
    sensor_lag: float = quantity("s", "time constant of its sensor", low=0, high=3600, default=0.0)
    dead_time: float = quantity("s", "time by which it sees late", low=0, high=3600, default=0.0)

    @model_validator(mode="after")
    def _range(self) -> Self:
        if not self.low <= self.high:
            raise ValueError(f"low = {self.low:g} is above high = {self.high:g}")
        return self

    @property
    def plain(self) -> bool:
        """Whether it sees at once and acts in every step, however fast."""
        return self.rate is None and self.sample == self.sensor_lag == self.dead_time == 0.0

    def require_plain(self, user: str) -> None:
        """Raise unless it is `plain`, for a solver that takes it so.

        Raises
        ------
        InputError
            If it has a rate limit, a sample time, a lag or a dead time.
        """
        if not self.plain:
            raise InputError(
                f"{user} takes controllers that see at once and act in every step, this one has rate = {self.rate}, "
                f"sample = {self.sample:g} s, sensor_lag = {self.sensor_lag:g} s, dead_time = {self.dead_time:g} s: "
                "march a network, row.network() of a loop"
            )

    def row(self) -> tuple[float, float, float, float, float]:
        """The settings in the order of the kernels."""
        return self.gain, self.reset, self.dead_band, self.low, self.high
