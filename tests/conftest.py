"""Fixtures shared by all tests."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from still_running import StillRunning

from thermal import datasets

collect_ignore = ["mutate.py", "reached.py"]  # scripts that run the package as plain Python, in a process of their own

# The first example compiles, so there is no deadline; the same examples are drawn on every machine.
settings.register_profile("same everywhere", deadline=None, derandomize=True, database=None)
settings.load_profile("same everywhere")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(StillRunning(), "still running")


@pytest.fixture(scope="session")
def data() -> Callable[[str], Path]:
    """``data("weather/x.epw")`` is a checked file of the reference data; without THERMAL_DATA the test is skipped."""

    def find(name: str) -> Path:
        if not os.environ.get("THERMAL_DATA"):
            pytest.skip(f"THERMAL_DATA is not set: {name} is not at hand")
        return datasets.path(name)

    return find
