"""Write the tables that the declarations imply: fields of parts, names of results, and a JSON Schema of model files.

``python docs/make_tables.py`` rewrites them, ``--check`` only says whether they are current.
"""

import inspect
import json
import sys
from pathlib import Path
from typing import Any

import thermal
from thermal.library import KINDS, SOURCE_KINDS, part_class
from thermal.names import NAMES
from thermal.quantity import Part, unit_of

HERE = Path(__file__).parent
NOTE = "<!-- Written by make_tables.py from the declarations; edit those. -->"


def parts() -> list[type[Part]]:
    """Classes of the model kinds, the public ones, and every part class that one of their fields may hold."""
    found: dict[str, type[Part]] = {}
    public = [getattr(thermal, name) for name in sorted(thermal._HOME)]
    waiting = [part_class(kind) for kind in KINDS] + [c for c in public if isinstance(c, type) and issubclass(c, Part)]
    while waiting:
        cls = waiting.pop(0)
        if found.setdefault(cls.__name__, cls) is cls:
            waiting += [c for f in cls.model_fields.values() for c in _classes(f.annotation) if c.__name__ not in found]
    return sorted(found.values(), key=lambda c: (c.__module__, c.__name__))


def _classes(annotation: Any) -> list[type[Part]]:
    """Part classes inside an annotation such as ``tuple[Rack, ...]`` or ``Pump | None``."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return [annotation]
    return [c for inner in getattr(annotation, "__args__", ()) for c in _classes(inner)]


def _range(cls: type[Part], name: str) -> str:
    limits = {
        key: getattr(m, key) for m in cls.model_fields[name].metadata for key in ("ge", "gt", "le") if hasattr(m, key)
    }
    signs = {"ge": "≥", "gt": ">", "le": "≤"}
    return ", ".join(f"{signs[key]} {value:g}" for key, value in limits.items())


def parts_table() -> str:
    """One section per part: field, unit, range, default, meaning."""
    lines = ["# Parts and their fields", "", NOTE]
    for cls in parts():
        lines += ["", f"## {cls.__name__}", "", (cls.__doc__ or "").split("\n")[0], ""]
        lines += ["| field | unit | range | default | meaning |", "|---|---|---|---|---|"]
        for name, field in cls.model_fields.items():
            default = "required" if field.is_required() else _short(field.default)
            row = [f"`{name}`", unit_of(cls, name), _range(cls, name), default, field.description or ""]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")
    return "\n".join(lines) + "\n"


def _short(value: Any) -> str:
    if isinstance(value, Part):
        return type(value).__name__
    return "none" if value is None else str(getattr(value, "name", value))


def public_table() -> str:
    """Every public name with its signature and the first line of its docstring."""
    lines = ["# What is in `th`", "", NOTE, "", "`import thermal as th`; `help(th.name)` says all, with an example."]
    for title, wanted in (("Functions", inspect.isroutine), ("Parts and other nouns", inspect.isclass)):
        lines += ["", f"## {title}", "", "| name | what it is |", "|---|---|"]
        for name in sorted(thermal._HOME):
            found = getattr(thermal, name)
            if wanted(found):
                takes = f"({', '.join(inspect.signature(found).parameters)})" if inspect.isroutine(found) else ""
                first = (found.__doc__ or "").split("\n")[0].replace("|", "\\|")
                lines.append(f"| `{name}{takes}` | {first} |")
    lines += ["", "## Modules", "", "| name | what it is |", "|---|---|"]
    lines += [f"| `{n}` | {(getattr(thermal, n).__doc__ or '').split(chr(10))[0]} |" for n in sorted(thermal._MODULES)]
    return "\n".join(lines) + "\n"


def stub() -> str:
    """What `thermal` holds, for editors and type checkers, which do not follow names loaded on first use."""
    lines = [
        '"""Written by docs/make_tables.py from `_HOME` and `_MODULES`."""',
        "",
        "from types import ModuleType",
        "",
    ]
    modules = sorted(thermal._MODULES)
    lines += [f"from thermal import {name} as {name}" for name in modules]
    lines += [f"from thermal.{home} import {name} as {name}" for name, home in sorted(thermal._HOME.items())]
    return "\n".join(["# ruff: noqa", *lines, "", "__version__: str", ""]).replace(
        "\nfrom types import ModuleType\n", ""
    )


def names_table() -> str:
    """Every result variable with its unit and meaning."""
    lines = ["# Nomenclature of results", "", NOTE, "", "| name | unit | meaning |", "|---|---|---|"]
    lines += [f"| `{name}` | {entry.units or '-'} | {entry.long_name} |" for name, entry in NAMES.items()]
    return "\n".join(lines) + "\n"


def schema() -> str:
    """JSON Schema of a model file, for editors that complete and check TOML."""
    text, number = {"type": "string"}, {"type": "number"}
    fact = {
        "type": "object",
        "required": ["value", "source"],
        "additionalProperties": False,
        "properties": {"value": {}, "unit": text, "source": text, "low": number, "high": number, "note": text},
    }
    inner = {
        "type": "object",
        "required": ["model", "source"],
        "properties": {"model": text, "source": text, "count": {"type": "integer", "minimum": 1}},
    }
    source = {
        "type": "object",
        "required": ["kind", "title"],
        "properties": {"kind": {"enum": sorted(SOURCE_KINDS)}, "title": text},
    }
    kinds = []
    for kind in KINDS:
        cls = part_class(kind)
        units = {name: unit_of(cls, name) for name in cls.model_fields}
        described = {n: cls.model_fields[n].description for n in units}
        values = {n: {**fact, "description": f"{described[n]} [{u}]"} for n, u in units.items() if u != "part"}
        inside = {n: {**inner, "description": described[n]} for n, u in units.items() if u == "part"}
        kinds.append(
            {
                "properties": {
                    "kind": {"const": kind},
                    "values": {"type": "object", "additionalProperties": False, "properties": values},
                    "parts": {"type": "object", "additionalProperties": False, "properties": inside},
                }
            }
        )
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Model file of thermal",
        "type": "object",
        "required": ["kind", "name", "sources"],
        "additionalProperties": False,
        "properties": {
            "kind": {"enum": list(KINDS)},
            "name": text,
            "note": text,
            "values": {"type": "object"},
            "parts": {"type": "object"},
            "sources": {"type": "object", "additionalProperties": source},
        },
        "oneOf": kinds,
    }
    return json.dumps(document, indent=1) + "\n"


FILES = {
    "public.md": public_table,
    "parts.md": parts_table,
    "nomenclature.md": names_table,
    "model.schema.json": schema,
    "../thermal/__init__.pyi": stub,
}


def main(arguments: list[str]) -> int:
    """Rewrite the tables, or with ``--check`` name those that are not current."""
    old = []
    for name, write in FILES.items():
        path, text = HERE / name, write()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            old.append(name)
            if "--check" not in arguments:
                path.write_text(text, encoding="utf-8")
    if old:
        print(("not current: " if "--check" in arguments else "rewritten: ") + ", ".join(old))
    return 1 if old and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
