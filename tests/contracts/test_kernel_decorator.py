"""What `@kernel` refuses at definition, so that no kernel is slow or misses the cache unnoticed."""

import re

import numba
import numpy as np
import pytest

from thermal.physics.kernel import OPTIONS, _compile_lean, kernel


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ("@kernel\ndef f(x, y=1.0):\n    return x", "default"),
        ("@kernel\ndef f(x, *, y):\n    return x", "default or keyword-only"),
        ("def make(y):\n    @kernel\n    def f(x):\n        return x * y\n    return f\nmake(1.0)", "top-level"),
        ("def make():\n    @kernel\n    def f(x):\n        return x\n    return f\nmake()", "top-level"),
    ],
)
def test_refused_definitions(definition, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        exec(definition, {"kernel": kernel, "__name__": "somewhere"})


def reads(x: np.ndarray) -> float:
    return float(x[0] + x[1])


def makes(x: np.ndarray) -> float:
    made = np.zeros(2)
    made[1] = x[1]
    return float(made.sum())


def returns(x: np.ndarray) -> np.ndarray:
    return x[1:]


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
@pytest.mark.parametrize(("function", "counts", "answer"), [(reads, False, 3.0), (makes, True, 2.0),
                                                            (returns, True, [2.0])])  # fmt: skip
def test_references_are_counted_only_where_an_array_is_made_or_returned(function, counts, answer):
    """Counting them took nine tenths of a march whose tables are wide; what holds only the caller's has no need."""
    made = numba.njit(**OPTIONS)(function)
    _compile_lean(made, made.compile, (numba.float64[::1],))
    assert ("NRT_" in made.inspect_asm(made.signatures[0])) == counts
    np.testing.assert_array_equal(made(np.array([1.0, 2.0])), answer)
