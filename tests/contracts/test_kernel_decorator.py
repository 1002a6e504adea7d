"""What `@kernel` refuses at definition, so that no kernel is slow or misses the cache unnoticed."""

import re

import pytest

from thermal.physics.kernel import kernel


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
