"""Parameters of a kernel as one record: wide parameter sets compile several times faster than nested tuples."""

from typing import Any

import numpy as np

__all__ = ["blank"]


def blank(dtype: np.dtype[Any]) -> Any:
    """Record of zeros, whose fields are attributes inside and outside a kernel.

    Examples
    --------
    >>> r = blank(np.dtype((np.record, [("UA", "f8")])))
    >>> r.UA = 2.0
    >>> float(r.UA)
    2.0
    """
    return np.zeros((), dtype).view(np.recarray)[()]
