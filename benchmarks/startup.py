"""What a user waits for: the import, the first demo with its compilation, and the demo after that."""

import tempfile
from collections.abc import Iterator
from typing import Any

from benchmarks.measure import fresh, row

IMPORT = """
import json, sys, time
start = time.perf_counter()
import thermal
print(json.dumps([time.perf_counter() - start, sorted({"CoolProp", "matplotlib", "numba"} & set(sys.modules))]))
"""
# Seconds spent in Numba's compiler, outermost calls only, beside the JSON of the demo.
DEMO = """
import json, os, sys
import numba.core.event as event
from thermal.cli import main

listener = event.TimingListener()
event.register("numba:compile", listener)
os.chdir(os.environ["BENCHMARK_FOLDER"])
sys.argv = ["thermal", "demo", "--json"]
try:
    main()
except SystemExit as stop:
    if stop.code:
        raise
print()
print(json.dumps(listener.duration if listener.done else 0.0))
"""


def rows() -> Iterator[dict[str, Any]]:
    imports = [fresh(IMPORT) for _ in range(5)]
    seconds = min(said[0] for _, _, said in imports)
    clean = all(not said[1] for _, _, said in imports)
    yield row(
        "import", "import thermal, new process, best of 5", seconds, ours_peak_MB=imports[0][1],
        target="<= 0.6 s, without CoolProp, matplotlib, numba", met=seconds <= 0.6 and clean,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        settings = {"THERMAL_CACHE_DIR": f"{folder}/cache", "BENCHMARK_FOLDER": folder}
        cold, peak, compiling = fresh(DEMO, **settings)
        yield row("compile", "compilation in the first thermal demo", compiling, ours_peak_MB=peak,
                  target="<= 10 s", met=compiling <= 10)  # fmt: skip
        yield row("demo cold", "first thermal demo, figure included", cold, ours_peak_MB=peak,
                  target="<= 30 s", met=cold <= 30)  # fmt: skip
        warm, peak, _ = min(fresh(DEMO, **settings) for _ in range(3))
        yield row("demo warm", "thermal demo again, figure included, best of 3", warm, ours_peak_MB=peak,
                  target="<= 5 s", met=warm <= 5)  # fmt: skip
