"""What validation found, as files: a table, a figure of each case, and one page of HTML that needs nothing else."""

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import thermal
from validation.verdict import KEYS, Row

__all__ = ["figure_of", "limits_used", "page", "write"]

PANELS = 12  # quantities of a case that are drawn
POINTS = 2000  # drawn of one quantity, evenly taken from all
COLOURS = {"pass": "#2a7f4f", "fail": "#b3261e", "skipped": "#8a8a8a"}
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:75em;margin:2em auto;padding:0 1em;color:#1c1c1c}
table{border-collapse:collapse;font-size:13px}td,th{border-bottom:1px solid #ddd;padding:.25em .7em;text-align:left;
vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}pre{white-space:pre-wrap;background:#f6f6f6;
padding:.8em}img{max-width:100%}.pass{color:#2a7f4f}.fail{color:#b3261e;font-weight:bold}.skipped{color:#777}
details{margin:.6em 0}summary{cursor:pointer;font-weight:600}
"""


def write(rows: Sequence[dict[str, Any]], words: dict[str, str], table: str, folder: Path) -> Path:
    """Write ``table.md``, a picture of each case that has series, and ``index.html`` with all of it; return the page.

    Parameters
    ----------
    rows : sequence of Row
        What was found.
    words : dict
        What each case says of itself.
    table : str
        The rows as Markdown.
    folder : Path
        Where to; made if absent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.md").write_text(table + "\n", encoding="utf-8")
    pictures = {"": _png(limits_used(rows))}
    for case in dict.fromkeys(entry["case"] for entry in rows):
        figure = figure_of([entry for entry in rows if entry["case"] == case])
        if figure is not None:
            pictures[case] = _png(figure)
            (folder / f"{case}.png").write_bytes(pictures[case])
    (folder / "limits.png").write_bytes(pictures[""])
    (folder / "index.html").write_text(page(rows, words, pictures), encoding="utf-8")
    return folder / "index.html"


def page(rows: Sequence[dict[str, Any]], words: dict[str, str], pictures: dict[str, bytes]) -> str:
    """The page: verdicts in one line, how much of each limit is used, and of each case words, figure and rows."""
    counts = {kind: sum(_kind(entry) == kind for entry in rows) for kind in COLOURS}
    said = ", ".join(f'<span class="{kind}">{n} {kind}</span>' for kind, n in counts.items() if n)
    sections = []
    for case in dict.fromkeys(entry["case"] for entry in rows):
        own = [entry for entry in rows if entry["case"] == case]
        worst = next((kind for kind in ("fail", "skipped") if any(_kind(e) == kind for e in own)), "pass")
        picture = f"<p>{_image(pictures[case], case)}</p>" if case in pictures else ""
        sections.append(
            f'<details{" open" if worst == "fail" else ""} id="{escape(case)}"><summary>{escape(case)}: '
            f'<span class="{worst}">{worst}</span>, {len(own)} rows</summary><pre>{escape(words.get(case, ""))}</pre>'
            f"{picture}{_table(own)}</details>"
        )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Validation of thermal</title>'
        f"<style>{STYLE}</style><h1>Validation of thermal {thermal.__version__}</h1><p>{said}. Limits were written "
        "before the runs; what was fitted on a reference stands in its last column.</p>"
        f"<p>{_image(pictures[''], 'limits used')}</p>{''.join(sections)}</html>"
    )


def limits_used(rows: Sequence[dict[str, Any]]) -> Figure:
    """How much of its limit each quantity uses, on a logarithmic axis: beyond 1 it is broken."""
    judged = [entry for entry in rows if isinstance(entry, Row) and entry.used is not None]
    cases = list(dict.fromkeys(entry["case"] for entry in judged))
    figure = Figure(figsize=(9.0, 1.2 + 0.25 * len(cases)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for k, case in enumerate(cases):
        own = [entry for entry in judged if entry["case"] == case]
        used = np.clip([1e3 if e.used is None or not np.isfinite(e.used) else e.used for e in own], 1e-4, 1e3)
        axes.scatter(used, np.full(len(own), k), s=18, c=[COLOURS[_kind(e)] for e in own], alpha=0.7, linewidths=0)
    axes.axvline(1.0, color="#555", linewidth=1)
    axes.set(xscale="log", xlabel="share of the limit that is used (1: broken)", yticks=range(len(cases)))
    axes.set_yticklabels(cases, fontsize=8)
    axes.invert_yaxis()
    return figure


def figure_of(rows: Sequence[dict[str, Any]]) -> Figure | None:
    """Ours against the reference, a panel for each quantity of several points; None where there is none."""
    shown = [entry for entry in rows if isinstance(entry, Row) and entry["n"] > 1][:PANELS]
    if not shown:
        return None
    wide = min(len(shown), 4)
    high = -(-len(shown) // wide)
    figure = Figure(figsize=(3.1 * wide, 3.2 * high), layout="constrained")
    FigureCanvasAgg(figure)
    for entry, axes in zip(shown, np.ravel(figure.subplots(high, wide, squeeze=False)), strict=False):
        pick = np.unique(np.linspace(0, entry["n"] - 1, min(entry["n"], POINTS)).astype(int))
        theirs, ours = entry.reference[pick], entry.model[pick]
        axes.scatter(theirs, ours, s=5, color=COLOURS[_kind(entry)], alpha=0.5, linewidths=0)
        both = np.concatenate([theirs, ours])
        ends = (np.nanmin(both), np.nanmax(both)) if np.isfinite(both).any() else (0.0, 1.0)
        axes.plot(ends, ends, color="#555", linewidth=0.8)
        axes.set_title("\n".join(_cut(entry["quantity"])), fontsize=8)
        axes.set_xlabel("reference", fontsize=7)
        axes.set_ylabel("ours", fontsize=7)
        axes.tick_params(labelsize=7)
    for axes in figure.axes[len(shown) :]:
        axes.set_axis_off()
    return figure


def _cut(text: str, width: int = 34) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > width and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines[:3]


def _png(figure: Figure) -> bytes:
    into = io.BytesIO()
    with mpl.rc_context({"font.family": "DejaVu Sans"}):
        figure.savefig(into, dpi=110, format="png")
    return into.getvalue()


def _image(picture: bytes, words: str) -> str:
    return f'<img alt="{escape(words)}" src="data:image/png;base64,{base64.b64encode(picture).decode()}">'


def _kind(entry: dict[str, Any]) -> str:
    return entry["verdict"] if entry["verdict"] in COLOURS else "skipped"


def _table(rows: Sequence[dict[str, Any]]) -> str:
    shown = [key for key in KEYS if key != "case"]
    head = "".join(f"<th>{key}</th>" for key in shown)
    body = "".join(f'<tr class="{_kind(e) if _kind(e) != "pass" else ""}">{_cells(e, shown)}</tr>' for e in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _cells(entry: dict[str, Any], shown: Sequence[str]) -> str:
    cells = []
    for key in shown:
        value = entry[key]
        text = f"{value:.3g}" if isinstance(value, float) else ", ".join(value) if isinstance(value, list) else value
        kind = ' class="n"' if isinstance(value, float | int) else ""
        cells.append(f"<td{kind}>{escape('' if text is None else str(text))}</td>")
    return "".join(cells)
