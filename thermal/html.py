"""A part as a collapsible tree in a page: one string of HTML that needs nothing from elsewhere, and stays short."""

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

__all__ = ["LONGEST", "Leaf", "Node", "page"]

LONGEST = 3000  # letters that a reader sees with everything unfolded
MORE = "… print() shows the rest"


class Leaf(NamedTuple):
    """One number of a part: its name and text, the kind of its source, and the source in full."""

    name: str
    text: str
    kind: str = ""
    source: str = ""


class Node(NamedTuple):
    """A part: the field that holds it, its heading, and its numbers and parts in their order."""

    name: str
    heading: str
    items: tuple["Leaf | Node", ...]


def page(root: Node) -> str:
    """HTML of a tree: the outermost part unfolded, those inside folded, sources in brackets, in full under the mouse.

    What would take more than ``LONGEST`` letters stays away, the innermost parts first, and the page says so.

    Examples
    --------
    >>> page(Node("", "Pipe", (Leaf("length", "3 m", "datasheet", "datasheet: a <b> sheet"),)))[-99:]
    'et: a &lt;b&gt; sheet"><code>length</code> 3 m <small>[datasheet]</small></li></ul></details></div>'
    """
    shown = _within(root)
    return f'<div class="thermal-part">{_details(root, shown, " open")}</div>'


def _within(root: Node) -> dict[int, int]:
    """Which parts are unfolded, by identity, with how many of their items: the outer ones first, while they fit."""
    shown: dict[int, int] = {}
    left = LONGEST - len(_heading(root)) - len(MORE)
    waiting = [root]
    while waiting:
        node = waiting.pop(0)
        room = left - len(MORE)
        count = 0
        for item in node.items:
            room -= _letters(item)
            if room < 0:
                break
            count += 1
        if count < len(node.items) and node is not root:
            continue  # all of a part or nothing
        shown[id(node)] = count
        left -= sum(map(_letters, node.items[:count])) + (len(MORE) if count < len(node.items) else 0)
        waiting += [item for item in node.items[:count] if isinstance(item, Node)]
    return shown


def _letters(item: Leaf | Node) -> int:
    if isinstance(item, Node):
        return len(_heading(item)) + 2  # an ellipsis where it stays folded
    return len(item.name) + len(item.text) + 1 + (len(item.kind) + 3 if item.kind else 0)


def _heading(node: Node) -> str:
    return f"{node.name}: {node.heading}" if node.name else node.heading


def _details(node: Node, shown: dict[int, int], state: str = "") -> str:
    count = shown[id(node)]
    rows = "".join(_rows(node.items[:count], shown))
    rest = f"<li><small>{MORE}</small></li>" if count < len(node.items) else ""
    return f"<details{state}><summary>{_title(node)}</summary><ul>{rows}{rest}</ul></details>"


def _rows(items: tuple[Leaf | Node, ...], shown: dict[int, int]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Node):
            yield f"<li>{_details(item, shown) if id(item) in shown else _title(item) + ' …'}</li>"
            continue
        kind = f" <small>[{escape(item.kind)}]</small>" if item.kind else ""
        title = f' title="{escape(item.source)}"' if item.source else ""
        yield f"<li{title}><code>{escape(item.name)}</code> {escape(item.text)}{kind}</li>"


def _title(node: Node) -> str:
    name = f"<code>{escape(node.name)}</code>: " if node.name else ""
    return f"{name}{escape(node.heading)}"
