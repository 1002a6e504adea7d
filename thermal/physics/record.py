"""Structured records: wide parameter sets as one argument, read by name, and several times faster to compile."""

from typing import Any

import numpy as np

__all__ = ["zero_record"]


def zero_record(dtype: np.dtype) -> Any:
    """Make a record of `dtype` with all fields zero, to be filled by name."""
    return np.zeros((), dtype).view(np.recarray)[()]
