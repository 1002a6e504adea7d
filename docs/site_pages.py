"""Pages of the site that the declarations imply: API by room, laws, model catalogue, tables of contents."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import thermal
from thermal.library import models, read

PACKAGE = Path(thermal.__file__).parent
ROOMS = {  # public rooms, in the order of the site: title and modules whose __all__ is the room
    "verbs": ("Verbs", ["verbs", "many"]),
    "parts": ("Library and parts", ["library", "saving", "components"]),
    "network": ("Loops and networks", ["network"]),
    "plate": ("Cold plates", ["plate"]),
    "plant": ("Plants and sites", ["plant", "site", "power"]),
    "accounting": ("Accounting", ["accounting"]),
    "outdoors": ("Outdoors", ["outdoors"]),
    "traces": ("Traces and telemetry", ["traces"]),
    "study": ("Studies", ["study"]),
    "plots": ("Figures", ["plots"]),
    "formats": ("Files of other programs", ["formats"]),
    "fmi": ("Co-simulation", ["fmi"]),
}
TITLES = {
    "tutorials": "Tutorials", "howto": "How to", "theory": "Theory", "studies": "Studies", "api": "API by room",
    "laws": "Laws", "models": "Model catalogue",
}  # fmt: skip
SAID = {  # before the list of a folder's pages
    "tutorials": "Notebooks, run as this site was built: from a first answer to a year of a site. Begin with the quick "
    "start.",
    "howto": "One job a page, from the question to the lines that answer it.",
    "theory": "What each solver solves, how, with which order of accuracy, and what it neglects.",
    "studies": "Questions that owners ask, each answered by one file that runs in under a minute: copy it, and put in "
    "your own numbers.",
    "api": "What is in each room of the package, from its docstrings.",
    "laws": "Every law with its equation, symbols, range and source.",
    "models": "The machines and materials that come with the package, each number with unit and source.",
}
THEORY = ["plate", "loops", "network", "plant", "accounting"]


def api_pages() -> dict[str, str]:
    """One page for each public room: signature and docstring of all that it exports."""
    pages = {}
    for room, (title, modules) in ROOMS.items():
        lines = [f"# {title}", ""]
        found = {name: item for place in modules for name, item in _exported(place)}
        home = {name: getattr(thermal, name) for name, at in thermal._HOME.items() if at.partition(".")[0] in modules}
        for name, item in sorted((found | {f"th.{name}": item for name, item in home.items()}).items()):
            lines += _entry(name, item)
        pages[f"api/{room}.md"] = "\n".join(lines) + "\n"
    return pages


def _exported(place: str) -> Iterator[tuple[str, object]]:
    """Public functions and classes of a module or of a room with its sub-rooms, with the name a user writes."""
    module = importlib.import_module(f"thermal.{place}")
    for name in sorted(getattr(module, "__all__", ())):
        item = getattr(module, name)
        if inspect.ismodule(item):
            yield from _exported(f"{place}.{name}")
        elif inspect.isfunction(item) or inspect.isclass(item):
            short = name in thermal._HOME and getattr(thermal, name) is item
            yield (f"th.{name}" if short else f"th.{place}.{name}"), item


def _entry(name: str, item: object) -> list[str]:
    """Heading, signature, and the docstring by its sections: prose, tables of parameters, examples."""
    text = inspect.getdoc(item) or ""
    taken = f"{name}{_signature(item)}"
    return [f"## {name}", "", "```python", taken, "```", "", *_docstring(text), ""]


def _signature(item: object) -> str:
    try:
        parameters = inspect.signature(item).parameters.values()  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return "(...)"
    shown = []
    for p in parameters:
        star = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        default = "" if p.default is p.empty or star else f"={_short(p.default)}"
        shown.append(f"{star}{p.name}{default}")
    whole = f"({', '.join(shown)})"
    return whole if len(whole) < 90 else "(\n    " + ",\n    ".join(shown) + ",\n)"


def _short(value: object) -> str:
    text = getattr(value, "__name__", None) or repr(value)
    return text if len(text) < 40 else "..."


def _docstring(text: str) -> list[str]:
    """A numpydoc docstring as Markdown: sections as bold lines, parameters as lists, examples as code."""
    parts = re.split(r"^([A-Z][\w ]+)\n-{3,}\n", text, flags=re.MULTILINE)
    lines = [*_prose(parts[0])]
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        lines += ["", f"**{title}**", ""]
        lines += ["```pycon", body.strip(), "```"] if title == "Examples" else _fields(body)
    return lines


def _prose(text: str) -> list[str]:
    """Paragraphs; what is indented, as equations are, and examples stand as they are written."""
    lines: list[str] = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        if re.match(r"\s*>>>", block):
            lines += ["```pycon", inspect.cleandoc(block), "```", ""]
        elif any(line.startswith("    ") for line in block.splitlines()):
            lines += ["```text", block, "```", ""]
        elif block.strip():
            lines += [_escaped(block), ""]
    return lines


def _fields(body: str) -> list[str]:
    """Entries of a section of parameters: name and type, then what it is."""
    lines: list[str] = []
    for entry in re.split(r"\n(?=\S)", body.strip("\n")):
        head, _, rest = entry.partition("\n")
        if rest.startswith(" "):
            said = " ".join(inspect.cleandoc(rest).split())
            lines.append(f"- `{head.strip()}`: {_escaped(said)}")
        else:
            lines.append(_escaped(" ".join(entry.split())))
    return lines


def _escaped(text: str) -> str:
    """Markdown in which signs of formulas are signs; double backquotes become single ones."""
    pieces = re.split(r"(``.+?``|`[^`\n]+`)", text, flags=re.DOTALL)
    for k in range(0, len(pieces), 2):
        pieces[k] = re.sub(r"([*_\[\]<>|$#{}])", r"\\\1", pieces[k])
    return "".join(re.sub(r"^``(.+)``$", r"`\1`", p, flags=re.DOTALL) if k % 2 else p for k, p in enumerate(pieces))


def laws() -> dict[str, str]:
    """One page for each subject of physics: every law with its passport."""
    pages = {}
    for folder in sorted(p for p in (PACKAGE / "physics").iterdir() if (p / "__init__.py").is_file()):
        lines = [f"# {folder.name.capitalize()}", "", *_prose(_doc_of(folder / "__init__.py"))]
        for path in sorted(folder.glob("[!_]*.py")):
            lines += [f"## {path.stem}", "", *_prose(_doc_of(path))]
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in tree.body:
                text = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
                if text and not node.name.startswith("_"):  # type: ignore[attr-defined]
                    takes = ", ".join(a.arg for a in node.args.args)  # type: ignore[attr-defined]
                    name = node.name  # type: ignore[attr-defined]
                    lines += [f"### {name}", "", f"```text\n{name}({takes})\n\n{text}\n```", ""]
        pages[f"laws/{folder.name}.md"] = "\n".join(lines) + "\n"
    return pages


def _doc_of(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def catalogue() -> dict[str, str]:
    """One page for each shelf of the library: every number of every model with its source."""
    shelves: dict[str, list[str]] = {}
    for name in models():
        found = read(name)
        lines = shelves.setdefault(name.partition("/")[0], [])
        lines += [f"## {_escaped(found.title)}", "", f"`th.load({name!r})`, a `{found.kind}`", ""]
        if found.facts:
            lines += ["| field | value | source | note |", "|---|---|---|---|"]
        for field, fact in found.facts.items():
            span = "" if fact.low is None else f" ({fact.low:g} to {fact.high:g})"
            values = [f"{_number(fact.value)} {'' if fact.unit == '-' else fact.unit}{span}", fact.source, fact.note]
            lines.append("| " + " | ".join([f"`{field}`", *(_escaped(str(v or "")) for v in values)]) + " |")
        for field, part in found.parts.items():
            many = f"{part['count']} × " if "count" in part else ""
            lines += ["", f"- `{field}`: {many}`{part['model']}` ({_escaped(str(part['source']))})"]
        lines += ["", "Sources", ""]
        for key, source in found.sources.items():
            more = " ".join(str(source[k]) for k in ("doi", "url", "note") if k in source)
            lines.append(f"- **{_escaped(key)}** ({source['kind']}): {_escaped(source['title'])} {_escaped(more)}")
        lines.append("")
    return {
        f"models/{shelf}.md": "\n".join([f"# {_shelf(shelf)}", "", *lines]) + "\n" for shelf, lines in shelves.items()
    }


def _shelf(name: str) -> str:
    return "CDUs" if name == "cdus" else name.replace("_", " ").capitalize()


def _number(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_number(v) for v in value[:8]) + (", ..." if len(value) > 8 else "")
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def validation(readme: Path) -> str:
    """The table of verdicts, as ``make validate`` wrote it."""
    return re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]*\)", r"\1", readme.read_text(encoding="utf-8"))


def studies(folder: Path) -> dict[str, str]:
    """Each one-file study as a page: its question, its text, and what it prints when it is run."""
    pages = {}
    for path in sorted(folder.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        question, _, said = (ast.get_docstring(ast.parse(text)) or path.stem).partition("\n")
        call = f'import runpy\n\n_ = runpy.run_path({str(path)!r}, run_name="__main__")'
        run = f"```{{code-cell}} ipython3\n:tags: [remove-input]\n\n{call}\n```"
        pages[f"studies/{path.stem}.md"] = (
            f"---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n# {question}\n{said}\n\n"
            f"## What it finds\n\n{run}\n\n## The study\n\n`studies/{path.name}`\n\n```python\n{text}```\n"
        )
    return pages


def contents(target: Path) -> dict[str, str]:
    """One index for each folder of pages."""
    found = {}
    for folder, title in TITLES.items():
        pages = sorted(p.stem for p in (target / folder).glob("*.*") if p.suffix in {".md", ".ipynb"})
        if folder == "api":
            pages = list(ROOMS)
        if folder == "theory":
            pages.sort(key=THEORY.index)
        listed = "\n".join(pages)
        found[f"{folder}/index.md"] = f"# {title}\n\n{SAID[folder]}\n\n```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n"
    return found
