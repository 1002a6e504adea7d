"""A stored kernel answers in a fresh process whatever it calls, and as the very first thing that runs there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIRST = """
import numpy as np
from thermal.physics.media.moist_air import saturation_pressures
print(*saturation_pressures(np.array([0.0, 20.0, 100.0])).round(4).tolist())
"""


@pytest.mark.compiled
def test_a_stored_kernel_that_calls_exp_runs_first_in_a_process(tmp_path):
    """Loaded without the symbols of the compiler's runtime it jumped to address 0."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "THERMAL_CACHE_DIR": str(tmp_path)}
    answers = []
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", FIRST], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        answers.append(done.stdout)
    assert answers[0] == answers[1]
    assert answers[0].startswith("611.2")
