"""How a time and a peak of memory are taken, so that all rows mean the same."""

import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
KEYS = ("name", "work", "ours_s", "ours_peak_MB", "peer", "peer_s", "ratio", "target", "met")


def row(
    name: str,
    work: str,
    ours_s: float | None,
    *,
    ours_peak_MB: float | None = None,
    peer: str | None = None,
    peer_s: float | None = None,
    target: str | None = None,
    met: bool | None = None,
) -> dict[str, Any]:
    """One row of the table; `ratio` says how many times the peer is slower.

    `target` states the limit in words; `met` is the verdict, and null where there is no target or no measurement.
    """
    ratio = peer_s / ours_s if peer_s is not None and ours_s else None
    values = (name, work, ours_s, ours_peak_MB, peer if peer_s is not None else None, peer_s, ratio, target, met)
    return dict(zip(KEYS, values, strict=True))


def best_of(function: Callable[[], Any], repeats: int = 5) -> float:
    """Least wall time [s] of one call, warm, in this process."""
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def peak_memory() -> float:
    """Largest resident size of this process so far [MB]; interpreter, libraries and compiled code included."""
    status = Path("/proc/self/status")
    if status.is_file():  # getrusage would give a child the peak of the parent that started it
        (line,) = (text for text in status.read_text().splitlines() if text.startswith("VmHWM"))
        return int(line.split()[1]) * 1024e-6
    scale = 1e-6 if sys.platform == "darwin" else 1024e-6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale


def fresh(script: str, **environment: str) -> tuple[float, float, Any]:
    """Run a script in a new process: wall time [s], peak memory [MB], and what its last line of JSON holds.

    The wall time is the user's: it includes the start of the interpreter.
    """
    tail = "\nfrom benchmarks.measure import peak_memory\nprint()\nprint(peak_memory())\n"
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", script + tail],
        # Bytecode is kept, as pip and make keep it for a user.
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "", **environment},
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "the process failed")
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    said = json.loads(lines[-2]) if len(lines) > 1 and lines[-2].lstrip()[:1] in '{["0123456789' else None
    return seconds, float(lines[-1]), said


def machine() -> str:
    """One line on what the figures were taken with."""
    import numba
    import numpy

    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        models = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        model = models[0] if models else model
    versions = f"Python {platform.python_version()}, NumPy {numpy.__version__}, Numba {numba.__version__}"
    return f"{model}, {os.cpu_count()} cores, {platform.system()}; {versions}"
