"""A test that takes long is named while it runs, and none that is quick."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CONFTEST = """
import sys
sys.path.insert(0, {here!r})
from still_running import StillRunning

def pytest_configure(config):
    config.pluginmanager.register(StillRunning(after=0.5), "still running")
"""
TESTS = """
import time

def test_quick():
    pass

def test_long():
    time.sleep(1.3)
"""


def test_a_long_test_is_named_again_and_again(tmp_path):
    (tmp_path / "conftest.py").write_text(CONFTEST.format(here=str(HERE)))
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr.count("in test_it.py::test_long") == 2
    assert "in test_it.py::test_quick" not in done.stderr
    assert "2 passed" in done.stdout
