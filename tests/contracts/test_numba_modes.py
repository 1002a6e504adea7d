"""The kernels again without compilation, and again with every array index checked, each in a process of its own.

`make test` reads them once as plain Python, over the quickest rooms; `make validate` takes every room that solves, in
both ways (each compiles or interprets for minutes).
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ["thermal/physics", "thermal/components"]  # those of the wings are whole studies
QUICK = ["tests/components"]
SOLVING = [*QUICK, "tests/network", "tests/plate", "tests/plant", "tests/power", "tests/verification"]
PLAIN, CHECKED = "NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK"


@pytest.mark.parametrize(
    ("mode", "rooms", "left_out"),
    [
        pytest.param(PLAIN, QUICK, "slow or compiled", id="plain Python"),
        pytest.param(PLAIN, SOLVING, "slow or compiled", id="plain Python, every room", marks=pytest.mark.slow),
        pytest.param(CHECKED, SOLVING, "slow", id="checked indices", marks=pytest.mark.slow),
    ],
)
def test_suite_passes(mode, rooms, left_out, tmp_path):
    """Tests marked `compiled` would take minutes in plain Python, and are left out of that run."""
    settings = {mode: "1", "THERMAL_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    subjects = [*EXAMPLES, *rooms]
    assert all(any((ROOT / s).glob("*.py")) for s in subjects), "a room has moved"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--maxfail=5", "-m", f"not ({left_out})", *subjects],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, "\n".join(done.stdout.splitlines()[-60:]) + done.stderr
    assert " passed" in done.stdout
