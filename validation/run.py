"""Run the validation cases, print their table, write it into README.md and a page, and exit 1 on a broken limit.

A case is a folder with a ``case.py`` that has ``LIMITS`` (by quantity, written before the run), ``TUNED`` (what was
fitted on that reference) and ``rows()``. Without its data or its peer program a case is skipped, and says why.
"""

import argparse
import ast
import importlib.util
import json
import math
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent
if str(HERE.parent) not in sys.path:  # as a script, so that a case may import validation.verdict
    sys.path.insert(0, str(HERE.parent))

from thermal.errors import DataError  # noqa: E402
from validation.page import write  # noqa: E402
from validation.verdict import KEYS, skipped  # noqa: E402

INSTALL = 'pip install ".[validation]" in a checkout brings the peers'
BEGIN, END = "<!-- table -->", "<!-- end of table -->"


def cases(folder: Path = HERE) -> list[str]:
    return sorted(p.parent.name for p in folder.glob("*/case.py"))


def load(case: str, folder: Path = HERE) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"validation.{case}.case", folder / case / "case.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(case: str, folder: Path = HERE) -> Iterator[dict[str, Any]]:
    """Rows of one case, checked: the right keys, and every limit judged.

    Raises
    ------
    ValueError
        If a row has other keys, or a limit was left out or added on the way.
    """
    tuned: list[str] = []
    try:
        module = load(case, folder)
        tuned = list(module.TUNED)
        found = list(module.rows())
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in {"thermal", "validation"}:
            raise
        found = [skipped(case, f"needs {error.name}: {INSTALL}", tuned)]
    except DataError as error:
        if "THERMAL_DATA" in os.environ:
            raise
        found = [skipped(case, str(error), tuned)]
    else:
        judged = {entry.get("quantity") for entry in found}
        if judged != set(module.LIMITS):
            raise ValueError(f"{case}: LIMITS names {sorted(module.LIMITS)}, the rows {sorted(map(str, judged))}")
    for entry in found:
        if tuple(entry) != KEYS or entry["case"] != case or entry["tuned"] != tuned:
            raise ValueError(f"{case}: a row must have the keys {KEYS}, this case's name and its TUNED; found {entry}")
        verdict = entry["verdict"]
        if verdict not in {"pass", "fail"} and not verdict.startswith("skipped: "):
            raise ValueError(f"{case}: verdict {verdict!r} is neither pass, fail nor skipped with a reason")
    yield from found


def _cell(key: str, value: Any) -> str:
    if value is None or value == []:
        return "nothing" if key == "tuned" else ""
    if isinstance(value, float):
        return f"{value:.3g}" if math.isfinite(value) else "not finite"
    return ", ".join(value) if isinstance(value, list) else str(value)


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    lines = [list(KEYS), ["---"] * len(KEYS), *([_cell(k, r[k]) for k in KEYS] for r in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def readable(rows: Sequence[dict[str, Any]]) -> str:
    lines = [list(KEYS), *([_cell(k, r[k]) for k in KEYS] for r in rows)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(KEYS))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def write_table(rows: Sequence[dict[str, Any]], readme: Path, known: Sequence[str]) -> None:
    """Replace the rows of the cases that were run to their end between the two markers; those of others stay."""
    head, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    old, _, tail = rest.partition(END)
    if not tail:
        raise ValueError(f"{readme} has no {BEGIN} … {END}")
    lines = {case: [line for line in old.splitlines() if line.startswith(f"| {case} |")] for case in known}
    whole = {c for c in known if all(r["verdict"] in {"pass", "fail"} for r in rows if r["case"] == c)}
    lines |= {
        c: markdown([r for r in rows if r["case"] == c]).splitlines()[2:] for c in whole & {r["case"] for r in rows}
    }
    table = "\n".join([*markdown([]).splitlines(), *(line for case in known for line in lines[case])])
    readme.write_text(f"{head}{BEGIN}\n{table}\n{END}{tail}", encoding="utf-8")


def main(arguments: Sequence[str] | None = None, folder: Path = HERE) -> int:
    """Run, print, write; 1 if a limit is broken, else 0.

    The rows of cases that were run, none of it skipped, are renewed in the table of README.md. Table, figures and one
    page go to ``build/validation``.
    """
    parser = argparse.ArgumentParser(prog="validation/run.py", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print a JSON list of rows")
    parser.add_argument("--table", action="store_true", help="print the table as Markdown")
    parser.add_argument("--only", metavar="CASE", help="run this case alone")
    parser.add_argument(
        "--out", metavar="FOLDER", type=Path, help="of the table, the figures and index.html (build/validation)"
    )
    options = parser.parse_args(arguments)
    chosen = [c for c in cases(folder) if options.only in {None, c}]
    if not chosen:
        parser.error(f"no case {options.only!r}; there are {', '.join(cases(folder)) or 'none'}")
    rows = [entry for case in chosen for entry in run(case, folder)]
    write_table(rows, folder / "README.md", cases(folder))
    shown = json.dumps(rows, indent=1) if options.json else markdown(rows) if options.table else readable(rows)
    print(shown)
    sources = {case: (folder / case / "case.py").read_text(encoding="utf-8") for case in chosen}
    words = {case: ast.get_docstring(ast.parse(source)) or "" for case, source in sources.items()}
    out = options.out or folder.parent / "build" / "validation"
    where = write(rows, words, markdown(rows), out)
    print(f"page: {where}", file=sys.stderr)
    return int(any(entry["verdict"] == "fail" for entry in rows))


if __name__ == "__main__":
    sys.exit(main())
