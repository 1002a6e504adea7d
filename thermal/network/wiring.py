"""Whether branches make a network: names once each, no loose ends, every part of it tied to a held pressure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["directed_cycle", "require_connected", "require_joints", "require_unmixed", "some_names"]


def some_names(names: Iterable[str], most: int = 5) -> str:
    """A few names for a message."""
    found = list(names)
    return ", ".join(map(repr, found[:most])) + (f" and {len(found) - most} more" if len(found) > most else "")


def require_connected(
    branches: Sequence[tuple[str, str, str]], nodes: Sequence[str], held: set[str], open_ends: set[str]
) -> None:
    """Refuse what is no network; `branches` are (name, start, end), `held` the nodes of known pressure.

    Raises
    ------
    ValueError
        The message names branches and nodes.
    """
    if not branches:
        raise ValueError("branches: a network needs at least one")
    for what, names in (("branches", [b[0] for b in branches]), ("nodes", nodes)):
        twice = [name for name, n in Counter(names).items() if n > 1]
        if twice:
            raise ValueError(f"{what}: duplicate names {some_names(twice)}; each must be given once")
    circular = [name for name, start, end in branches if start == end]
    if circular:
        raise ValueError(f"branches: {some_names(circular)} starts and ends at the same node")
    touching: defaultdict[str, list[str]] = defaultdict(list)
    for name, start, end in branches:
        touching[start].append(name)
        touching[end].append(name)
    strange = [name for name in nodes if name not in touching]
    if strange:
        raise ValueError(f"nodes: {some_names(strange)} is at no end of any branch")
    loose = [node for node, names in touching.items() if len(names) == 1 and node not in open_ends]
    if loose:
        node = loose[0]
        raise ValueError(
            f"branch {touching[node][0]!r} is not connected: nothing else touches its end {node!r}"
            + (f" (and so at {some_names(loose[1:])})" if loose[1:] else "")
            + "; join it to another branch, or give the node a pressure or a draw"
        )
    adrift = _adrift(branches, held)
    if adrift:
        raise ValueError(
            f"no pressure reference: nothing holds the pressure of {some_names(adrift)}; add "
            f"Node({adrift[0]!r}, pressure=...), an expansion vessel say, to nodes"
        )


def require_unmixed(branches: Sequence[Any]) -> None:
    """Refuse branches of different coolants at one node.

    Raises
    ------
    ValueError
        The message names them.
    """
    if all(b.coolant is None for b in branches):
        return
    first: dict[str, Any] = {}
    for b in branches:
        for node in (b.start, b.end):
            other = first.setdefault(node, b)
            if other.coolant != b.coolant:
                raise ValueError(
                    f"node {node!r}: {other.name!r} and {b.name!r} have different coolants, which would mix"
                )


def require_joints(joints: Sequence[Any], branches: Mapping[str, Any]) -> None:
    """Refuse joints that make no sense, of those whose sides are both there.

    Raises
    ------
    ValueError
        The message names the joint.
    """
    taken: dict[str, str] = {}
    for joint in joints:
        if not {joint.hot, joint.cold} <= branches.keys():
            continue
        hot, cold = branches[joint.hot], branches[joint.cold]
        for side in (hot, cold):
            if taken.setdefault(side.name, joint.name) != joint.name or hot is cold:
                raise ValueError(f"joint {joint.name!r}: {side.name!r} is a side of {taken[side.name]!r} already")
            if side.count != 1:
                raise ValueError(
                    f"joint {joint.name!r}: {side.name!r} stands for {side.count} branches; write them out"
                )
        if hasattr(cold.part, "exchanger"):
            raise ValueError(f"joint {joint.name!r}: {cold.name!r} is a CDU, which gives heat: it is a hot side")
        own = hasattr(hot.part, "exchanger")
        if own == (joint.exchanger is not None):
            what = "is a CDU with plates of its own" if own else "and its cold side need an exchanger between them"
            raise ValueError(f"joint {joint.name!r}: {hot.name!r} {what}; Joint.exchanger = {joint.exchanger!r:.40}")
        if own and not hasattr(cold.part, "valve_flow"):
            raise ValueError(
                f"joint {joint.name!r}: {cold.name!r} has no valve for {hot.name!r} to hold its supply temperature by: "
                "place PrimarySide.of(cdu) there"
            )


def _adrift(branches: Sequence[tuple[str, str, str]], held: set[str]) -> list[str]:
    """Nodes that no path of branches joins to a held one."""
    beside: defaultdict[str, list[str]] = defaultdict(list)
    for _, start, end in branches:
        beside[start].append(end)
        beside[end].append(start)
    reached, waiting = set(held), list(held)
    while waiting:
        for other in beside[waiting.pop()]:
            if other not in reached:
                reached.add(other)
                waiting.append(other)
    return [node for node in beside if node not in reached]


def directed_cycle(branches: Sequence[tuple[str, str, str]]) -> list[str]:
    """Names of branches that lead in a circle from start to end; empty where none do."""
    leaving: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, start, end in branches:
        leaving[start].append((name, end))
    state: dict[str, int] = {}
    for root in list(leaving):
        if root in state:
            continue
        path: list[str] = []
        names: list[str] = []
        stack = [(root, "", iter(leaving[root]))]
        state[root] = 1
        path.append(root)
        while stack:
            _, _, rest = stack[-1]
            step = next(rest, None)
            if step is None:
                stack.pop()
                state[path.pop()] = 2
                if names:
                    names.pop()
                continue
            name, node = step
            if state.get(node) == 1:
                return [*names[path.index(node) :], name]
            if node not in state:
                state[node] = 1
                path.append(node)
                names.append(name)
                stack.append((node, name, iter(leaving.get(node, ()))))
    return []
