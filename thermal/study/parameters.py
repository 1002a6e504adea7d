"""A parameter of a fit: bounds, start, prior, and the scale on which it is moved."""

from typing import Any, NamedTuple

import numpy as np

from thermal.errors import InputError
from thermal.quantity import Part, unit_of
from thermal.study.tree import places, value_at

__all__ = ["Parameter", "parameter"]

DECADE = 10.0  # ratio of positive bounds from which the logarithm is fitted
NORMAL_95 = 1.959964


class Parameter(NamedTuple):
    """Bounds [low, high] and start in the unit of the parameter; a prior as mean and standard deviation."""

    name: str
    low: float
    high: float
    start: float
    prior: tuple[float, float] | None
    unit: str

    @property
    def logarithmic(self) -> bool:
        """Whether the logarithm is fitted: where the bounds are positive and a decade or more apart."""
        return self.low > 0 and np.isfinite(self.high) and self.high / self.low >= DECADE

    def scaled(self, value: float) -> float:
        """Value on the scale of the fit, 0 to 1 between the bounds."""
        low, width = self._scale()
        return float(((np.log(value) if self.logarithmic else value) - low) / width)

    def value(self, z: float) -> float:
        """Value from its place on the scale, never beyond a bound."""
        low, width = self._scale()
        x = low + width * z
        return float(np.clip(np.exp(x) if self.logarithmic else x, self.low, self.high))

    def slope(self, value: float) -> float:
        """Change of the value along the scale."""
        width = self._scale()[1]
        return width * value if self.logarithmic else width

    def at_bound(self, value: float) -> bool:
        """Whether a value lies at a bound, to a millionth of the range."""
        z = self.scaled(value)
        return not 1e-6 < z < 1 - 1e-6 if np.isfinite([self.low, self.high]).all() else False

    def limits(self) -> tuple[float, float]:
        """Bounds on the scale of the fit."""
        return (self.scaled(self.low) if np.isfinite(self.low) else -np.inf,
                self.scaled(self.high) if np.isfinite(self.high) else np.inf)  # fmt: skip

    def _scale(self) -> tuple[float, float]:
        if self.logarithmic:
            return float(np.log(self.low)), float(np.log(self.high / self.low))
        if np.isfinite([self.low, self.high]).all():
            return self.low, self.high - self.low
        mean, width = self.prior if self.prior is not None else (self.start, max(abs(self.start), 1.0))
        return mean, 4.0 * width


def parameter(name: str, given: Any, part: Part | None) -> Parameter:
    """Read what was said of a parameter: (low, high), (low, start, high), or None for what the model file says.

    Raises
    ------
    InputError
        If bounds or start are no numbers in order, or the model file gives no range.
    """
    now = value_at(part, name) if part is not None else None
    unit = _unit(part, name) if part is not None else ""
    if now is not None and (isinstance(now, bool) or not isinstance(now, int | float)):
        raise InputError(f"{name} = {now!r} is no single number and cannot be fitted")
    if given is None:
        return _from_file(name, part, now, unit)
    values = tuple(given) if isinstance(given, tuple | list) else ()
    numbers = all(isinstance(v, int | float | np.number) and not isinstance(v, bool) for v in values)
    if len(values) not in {2, 3} or not numbers or not np.isfinite([float(v) for v in values]).all():
        raise InputError(
            f"{name} = {given!r} must be (low, high), (low, start, high), or None for the model file's range"
        )
    low, high = float(values[0]), float(values[-1])
    start = float(values[1]) if len(values) == 3 else float(now) if now is not None and low <= now <= high else None
    if not low < high or (start is not None and not low <= start <= high):
        raise InputError(f"{name} = {given!r}: bounds must rise, with the start between them")
    found = Parameter(name, low, high, low, None, unit)
    return found._replace(start=found.value(0.5) if start is None else start)


def _from_file(name: str, part: Part | None, now: Any, unit: str) -> Parameter:
    if part is None:
        raise InputError(f"{name} = None takes its range from a model file: give part=, or bounds (low, high)")
    holder, field = _holder(part, name)
    found = next((p.estimate for p in places(holder) if p.path == field and p.estimate.low is not None), None)
    if found is None or found.low is None or found.high is None:
        raise InputError(f"{name}: the model file gives no range for it; give bounds (low, high)")
    low, high = _declared(type(holder), field)
    spread = (found.high - found.low) / (2.0 * NORMAL_95)
    if not spread > 0:
        raise InputError(f"{name}: the model file's range {found.low:g} .. {found.high:g} leaves nothing to fit")
    return Parameter(name, low, high, float(now), (float(now), spread), unit)


def _holder(part: Any, path: str) -> tuple[Part, str]:
    """The part that has the field itself."""
    outer, _, field = path.rpartition(".")
    holder = value_at(part, outer) if outer else part
    return (holder[0] if isinstance(holder, tuple) else holder), field


def _unit(part: Any, path: str) -> str:
    holder, field = _holder(part, path)
    return unit_of(type(holder), field)


def _declared(cls: type[Part], field: str) -> tuple[float, float]:
    """Admissible range of a field as it is declared; an exclusive limit is approached to a millionth."""
    low, high = -np.inf, np.inf
    for limit in cls.model_fields[field].metadata:
        low = limit.ge if getattr(limit, "ge", None) is not None else low
        low = limit.gt + 1e-6 * max(abs(limit.gt), 1e-6) if getattr(limit, "gt", None) is not None else low
        high = limit.le if getattr(limit, "le", None) is not None else high
    return float(low), float(high)
