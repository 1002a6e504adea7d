"""Fixtures shared by all tests."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from thermal import datasets

settings.register_profile("thermal", deadline=None)  # machines are shared; time has tests of its own
settings.load_profile("thermal")


@pytest.fixture(scope="session")
def data() -> Callable[[str], Path]:
    """``data("weather/x.epw")`` is a checked file of the reference data; without THERMAL_DATA the test is skipped."""

    def find(name: str) -> Path:
        if not os.environ.get("THERMAL_DATA"):
            pytest.skip(f"THERMAL_DATA is not set: {name} is not at hand")
        return datasets.path(name)

    return find
