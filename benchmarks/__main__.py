"""Collect the rows of every module of this folder that has ``rows()``, and print them as a table or as JSON."""

import argparse
import importlib
import json
import pkgutil
import sys
import traceback
from collections.abc import Iterator, Sequence
from typing import Any

import benchmarks
from benchmarks.measure import KEYS, machine, row


def modules() -> list[str]:
    names = [m.name for m in pkgutil.iter_modules(benchmarks.__path__)]
    return [n for n in names if n not in {"__main__", "measure"}]


def collect(only: str | None) -> Iterator[dict[str, Any]]:
    """Rows of all modules; a module that fails gives one row that says so, and is not met."""
    for name in modules():
        if only is not None and only not in name:
            continue
        try:
            for entry in importlib.import_module(f"benchmarks.{name}").rows():
                if tuple(entry) != KEYS:
                    raise ValueError(f"a row of benchmarks/{name}.py has the keys {tuple(entry)} instead of {KEYS}")
                yield entry
        except Exception as error:
            traceback.print_exc()
            yield row(name, f"failed: {error}", None, target="runs", met=False)


def _cell(key: str, value: Any) -> str:
    if value is None:
        return ""
    if key in {"ours_s", "peer_s"}:
        scale, unit = next(
            (s, u) for s, u in ((1, "s"), (1e3, "ms"), (1e6, "µs"), (1e9, "ns")) if value * s >= 1 or u == "ns"
        )
        return f"{value * scale:.3g} {unit}"
    if key == "met":
        return "yes" if value else "NO"
    if key == "ratio":
        return f"{value:.3g} ×"
    return f"{value:.0f}" if isinstance(value, float) else str(value)


def table(rows: Sequence[dict[str, Any]]) -> str:
    lines = [list(KEYS), *([_cell(k, r[k]) for k in KEYS] for r in rows)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(KEYS))]
    text = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([text[0], "─" * max(map(len, text)), *text[1:]])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=benchmarks.__doc__)
    parser.add_argument("--json", action="store_true", help="print a JSON list of rows")
    parser.add_argument("--only", metavar="NAME", help="only the modules whose name contains this")
    options = parser.parse_args(arguments)
    rows = list(collect(options.only))
    if not rows:
        parser.error(f"no benchmark is called {options.only!r}; there are {', '.join(modules())}")
    print(json.dumps(rows, indent=1, ensure_ascii=False) if options.json else f"{machine()}\n\n{table(rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
