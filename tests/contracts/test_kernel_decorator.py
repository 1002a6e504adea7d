"""What `@kernel` refuses at definition, so that no kernel is slow or misses the cache unnoticed."""

import operator
import re

import numba
import numpy as np
import pytest
from numba.core.types.functions import Function

from thermal.physics.compiling import operators_typed_once
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


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_what_an_operator_gives_is_remembered_by_its_arguments_and_only_while_a_kernel_is_compiled():
    """Integers stay integers though the same operator was met with floats before; and Numba's own comes back after."""
    plain = Function.get_call_type
    context = numba.core.registry.cpu_target.typing_context
    add = context.resolve_value_type(operator.add)
    with operators_typed_once():
        assert Function.get_call_type is not plain
        for _ in range(2):
            for kind in (numba.float64, numba.int64, numba.float64):
                assert context.resolve_function_type(add, (kind, kind), {}).return_type == kind
            assert context.resolve_function_type(add, (numba.int64, numba.float64), {}).return_type == numba.float64
    assert Function.get_call_type is plain
