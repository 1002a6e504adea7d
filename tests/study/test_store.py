"""A store survives a kill, a full disk and a second sweep: nothing twice, nothing lost, the same Dataset."""

import signal
import subprocess
import sys
import textwrap
import time

import pytest
import xarray as xr

from thermal.errors import DataError, InputError
from thermal.study import sweep
from thermal.study.lock import Lock

SCRIPT = """
import resource, sys, time
from pathlib import Path
import thermal.study.run as run
run.FLUSH = {flush}
log, folder = Path(sys.argv[1]), Path(sys.argv[2])
def case(a, b):
    time.sleep({seconds})
    with open(log, "a") as file:
        file.write(f"{{a}} {{b}}\\n")
    return {{"x": a * 0.5 + b, "n": a * b}}
{before}
if __name__ == "__main__":
    runs = run.sweep(case, a=range({a}), b=range({b}), save=folder, workers=2, progress=False)
    runs.to_netcdf(log.with_suffix(".nc"), engine="h5netcdf")
"""


@pytest.fixture
def study(tmp_path):
    """Write a script of a sweep; the command that runs it, its log of calls, its folder and its result."""

    def write(name="study", folder="saved", **settings):
        settings = {"a": 50, "b": 40, "seconds": 1e-3, "flush": 0.1, "before": "", **settings}
        script = tmp_path / f"{name}.py"
        script.write_text(textwrap.dedent(SCRIPT).format(**settings))
        log, folder = tmp_path / f"{name}.log", tmp_path / folder
        return [sys.executable, str(script), str(log), str(folder)], log, folder, log.with_suffix(".nc")

    return write


def _chunks(folder):
    count = 0
    for file in folder.glob("cases-*.nc"):
        count += int(file.stem.rsplit("-", 1)[1])
    return count


def _wait(reached, process):
    started = time.monotonic()
    while not reached() and process.poll() is None and time.monotonic() - started < 100:
        time.sleep(0.005)


def test_a_kill_at_half_of_two_thousand_cases(study):
    command, log, folder, result = study()
    process = subprocess.Popen(command)
    _wait(lambda: _chunks(folder) >= 1000, process)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    saved, before = _chunks(folder), log.read_text().splitlines()
    assert 1000 <= saved < 2000
    subprocess.run(command, check=True, timeout=100)
    after = log.read_text().splitlines()[len(before) :]
    assert len(after) == 2000 - saved  # what was on disk is not run again, what was not is
    assert len(set(after)) == len(after)
    fresh = sweep(lambda a, b: {"x": a * 0.5 + b, "n": a * b}, a=range(50), b=range(40), progress=False)
    with xr.open_dataset(result, engine="h5netcdf") as resumed:
        xr.testing.assert_equal(resumed.load(), fresh)


def test_a_second_sweep_reads_who_has_the_store(study, tmp_path):
    command, _, folder, _ = study(seconds=0.05)
    process = subprocess.Popen(command)
    try:
        _wait(lambda: (folder / "sweep.json").exists(), process)
        with pytest.raises(InputError, match=rf"is being written by process {process.pid} on .* since 20"):
            sweep(lambda a: a, a=[1], save=folder)
    finally:
        process.kill()
        process.wait()
    lock = Lock(folder)  # the system took it back from the killed process
    lock.release()


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"axes": {"a": ["1", "2"]}, "values": {"a": "0f"}, "function": "0f"}']
)
def test_a_manifest_that_cannot_be_read_is_named(tmp_path, text):
    """Cut short, of another kind, or of an earlier version."""
    (tmp_path / "sweep.json").write_text(text)
    for _ in range(2):  # and the lock is let go
        with pytest.raises(DataError, match=r"sweep.json cannot be read .*name another folder"):
            sweep(lambda a: a, a=[1, 2], save=tmp_path, progress=False)


def test_threads_of_one_process_cannot_share_a_store(tmp_path):
    def inner(a):
        sweep(lambda b: b, b=[1], save=tmp_path / "s", progress=False)

    with pytest.raises(InputError, match=r"all 1 cases failed.*is being written by process"):
        sweep(inner, a=[1], save=tmp_path / "s", progress=False)
    assert sweep(lambda a: {"x": a}, a=[1], save=tmp_path / "t", progress=False).x.item() == 1


def test_a_full_disk_loses_nothing_that_was_written(study):
    """A limit on the size of a file stands for the full disk: the second chunk does not fit, the first stays."""
    limit = "import threading\nresource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))"
    wide = limit + '\nnarrow = case\ndef case(a, b):\n    return {**narrow(a, b), "s": "x" * 300 * (a > 0)}'
    command, log, folder, result = study(a=6, b=100, before=wide)
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert done.returncode == 1
    assert "DataError" in done.stderr
    assert "make room or name another folder" in done.stderr
    saved = _chunks(folder)
    assert not list(folder.glob("*.part"))
    command, *_ = study(a=6, b=100, before=wide.replace("60_000", "60_000_000"))
    before = len(log.read_text().splitlines())
    again = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert again.returncode == 0, again.stderr
    assert len(log.read_text().splitlines()) - before == 600 - saved
    with xr.open_dataset(result, engine="h5netcdf") as resumed:
        assert resumed.attrs["cases_done"] == 600
