"""`import thermal` is cheap: 0.6 s, nothing compiled, no CoolProp, no matplotlib, no Numba."""

import inspect
import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import thermal

ROOT = Path(__file__).parents[2]
BUDGET = 0.6  # seconds, from the first issue of the project
HEAVY = ["CoolProp", "matplotlib", "numba", "scipy", "dask"]
SCRIPT = f"""
import json, sys, time
start = time.perf_counter()
import thermal
seconds = time.perf_counter() - start
print(json.dumps([seconds, [m for m in {HEAVY} if m in sys.modules]]))
"""


def _fresh(script: str, tmp_path: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "THERMAL_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def test_import(tmp_path):
    seconds, heavy = zip(*(json.loads(_fresh(SCRIPT, tmp_path)) for _ in range(3)), strict=True)
    assert min(seconds) <= BUDGET
    assert heavy == ([], [], [])
    assert not list(tmp_path.iterdir())


def test_loading_a_model_does_not_import_coolprop_or_matplotlib(tmp_path):
    script = """
    import sys, thermal
    print(thermal.load("coolants/pg25").properties(40.0).density > 0, {"CoolProp", "matplotlib"} & set(sys.modules))
    """
    assert _fresh("if True:" + script, tmp_path).split() == ["True", "set()"]


def test_a_demo_does_not_wait_for_scipy(tmp_path):
    """Its optimisers and sparse matrices take 0.4 s to import, a fifth of a warm demo."""
    script = """
    import sys, thermal.demo, thermal.plots
    thermal.plots.overview
    print({"scipy.optimize", "scipy.sparse", "scipy.linalg"} & set(sys.modules))
    """
    assert _fresh("if True:" + script, tmp_path).split() == ["set()"]


@pytest.mark.parametrize("name", thermal.__all__)
def test_public_name_exists(name):
    assert getattr(thermal, name) is not None
    assert name in dir(thermal)


def test_no_public_function_is_called_like_a_module_beside_it():
    """Importing `thermal/x.py` puts the module at `thermal.x`, over a lazily exported function of that name."""
    modules = {m.name for m in pkgutil.iter_modules(thermal.__path__)}
    for name in modules & set(thermal.__all__):
        assert inspect.ismodule(getattr(thermal, name)), name


def test_unknown_public_name():
    with pytest.raises(AttributeError, match="colour_of_the_sky"):
        thermal.colour_of_the_sky
