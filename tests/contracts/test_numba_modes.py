"""The quick tests again without compilation, and again with every array index checked, each in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOLVING = ["physics", "components", "system", "plant"]
TESTS = [*(f"tests/{room}" for room in SOLVING), "tests/verification"]
EXAMPLES = ["thermal/physics", "thermal/components"]  # those of system and plant are whole studies


@pytest.mark.parametrize(
    ("mode", "left_out"),
    [("NUMBA_DISABLE_JIT", "slow or compiled"), ("NUMBA_BOUNDSCHECK", "slow")],
    ids=["plain Python", "checked indices"],
)
def test_suite_passes(mode, left_out, tmp_path):
    """Tests marked `compiled` would take minutes in plain Python, and are left out of that run."""
    settings = {mode: "1", "THERMAL_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    subjects = [s for s in TESTS + EXAMPLES if any((ROOT / s).glob("*.py"))]
    assert [s for s in subjects if s.startswith("tests/")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--maxfail=5", "-m", f"not ({left_out})", *subjects],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, "\n".join(done.stdout.splitlines()[-60:]) + done.stderr
    assert " passed" in done.stdout
