"""Coolant networks as one writes them: parts placed by named branches between named nodes, joints between networks."""

import difflib
import fnmatch
from collections.abc import Iterable, Mapping
from typing import Any, Self

from pydantic import field_validator, model_validator

from thermal.components.coolant import Coolant
from thermal.components.hall.cdu import Cdu
from thermal.components.hydronics.exchanger import Exchanger, RatedExchanger
from thermal.components.hydronics.vessel import ExpansionVessel
from thermal.errors import InputError
from thermal.inputs import number
from thermal.network.wiring import require_connected, require_joints, require_unmixed
from thermal.quantity import Part, choice, part, quantity

__all__ = ["Branch", "Joint", "Network", "Node", "unknown"]


def unknown(what: str, name: Any, known: Iterable[str]) -> InputError:
    """Error for a name that nothing bears, with the nearest that exist."""
    names = list(known)
    close = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    some = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    hint = f"did you mean {' or '.join(map(repr, close))}?" if close else f"there are {some or 'none'}"
    return InputError(f"no {what} is called {name!r}; {hint}")


def _clean(name: str) -> str:
    if not name or name != name.strip() or name.startswith("/") or name.endswith("/"):
        raise ValueError("a name is text such as 'row3/cdu/pump_b', without blanks or strokes at its ends")
    return name


class Branch(Part):
    """A part placed between two nodes. Flow counts positive from `start` to `end`; pumps push that way.

    Examples
    --------
    >>> import thermal as th
    >>> Branch("cdu/pump_a", th.load("pumps/frontier_cdu"), "return", "supply", count=2).count
    2
    """

    name: str = choice("name, by which events, heat and results know it")
    coolant: Coolant | None = part("coolant in it, where it is not that of the network", default=None)
    part: Any = part("what is placed: any part with a hydraulic law")
    start: str = choice("name of the node it starts from")
    end: str = choice("name of the node it ends at")
    count: int = quantity("-", "equal branches in parallel that it stands for", low=1, high=1_000_000, default=1)

    def __init__(
        self, name: str, part: Any, start: str, end: str, count: int = 1, coolant: Coolant | None = None
    ) -> None:
        super().__init__(name=name, part=part, start=start, end=end, count=count, coolant=coolant)

    @field_validator("name", "start", "end")
    @classmethod
    def _named(cls, name: str) -> str:
        return _clean(name)

    @field_validator("part")
    @classmethod
    def _placeable(cls, value: Any) -> Any:
        if not (hasattr(value, "branch_law") or isinstance(value, Cdu)):
            raise ValueError(f"{type(value).__name__} has no hydraulic law (branch_law), so it cannot be a branch")
        return value


class Node(Part):
    """A node that is more than a name: held at a pressure, raised, drawn from, or with a volume of its own.

    Examples
    --------
    >>> Node("return", pressure=2e5).pressure
    200000.0
    """

    name: str = choice("name of the node, as the branches have it")
    pressure: float | None = quantity(
        "Pa", "absolute pressure held there, by an expansion vessel or another network", low=0, high=1e8, default=None
    )
    elevation: float = quantity("m", "height above the network's zero level", low=-1e4, high=1e4, default=0.0)
    draw: float = quantity("m3/s", "volume flow taken out of the network; negative where it is fed", default=0.0)
    volume: float = quantity("m3", "coolant that mixes there", low=0, default=0.0)
    T: float | None = quantity(
        "degC", "temperature held there, of what another network sends", low=-60, high=200, default=None
    )

    vessel: ExpansionVessel | None = part("expansion vessel behind its pressure, which is that of the fill",
                                          default=None)  # fmt: skip

    def __init__(self, name: str, **values: Any) -> None:
        super().__init__(name=name, **values)

    @model_validator(mode="after")
    def _vessel_holds(self) -> Self:
        if self.vessel is not None and self.pressure is None:
            raise ValueError("vessel needs pressure, that of its fill")
        return self

    @field_validator("name")
    @classmethod
    def _named(cls, name: str) -> str:
        return _clean(name)


class Joint(Part):
    """An exchanger with one side in each of two networks, named after the branches that its sides are.

    Examples
    --------
    >>> Joint("cdu/exchanger", hot="row1:cdu/plates", cold="plant:cdu1/plates").cold
    'plant:cdu1/plates'
    """

    name: str = choice("name of the joint")
    hot: str = choice("network and branch of the side that gives heat, as 'network:branch'")
    cold: str = choice("network and branch of the side that takes it")
    exchanger: Exchanger | RatedExchanger | None = part(
        "the plates between them; where the hot side is a CDU it has its own", default=None
    )

    def __init__(self, name: str, hot: str, cold: str, exchanger: Exchanger | RatedExchanger | None = None) -> None:
        super().__init__(name=name, hot=hot, cold=cold, exchanger=exchanger)


class Network(Part):
    """Branches that share a coolant: any topology, one or several pumps, loops, trees and meshes.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.components.hydronics.valve import Resistance
    >>> loop = Network(coolant=th.load("coolants/pg25"), branches=[
    ...     Branch("pump", th.load("pumps/frontier_cdu"), "return", "supply"),
    ...     Branch("rack", Resistance(flow=0.02, drop=2e5), "supply", "return")],
    ...     nodes=[Node("return", pressure=2e5)])
    >>> loop.node_names
    ('return', 'supply')
    """

    coolant: Coolant = part("coolant of all branches")
    branches: tuple[Branch, ...] = part("branches between named nodes")
    nodes: tuple[Node, ...] = part("nodes that are more than a name; at least one holds a pressure", default=())
    joints: tuple[Joint, ...] = part("exchangers shared with other networks", default=())
    T_ambient: float = quantity("degC", "surroundings of pipes that lose heat", low=-60, high=80, default=25.0)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        held = {node.name for node in self.nodes if node.pressure is not None}
        open_ends = held | {node.name for node in self.nodes if node.draw != 0.0}
        require_connected(
            [(b.name, b.start, b.end) for b in self.branches], [node.name for node in self.nodes], held, open_ends
        )
        require_unmixed(self.branches)
        require_joints(self.joints, {b.name: b for b in self.branches})
        return self

    @property
    def node_names(self) -> tuple[str, ...]:
        """Names of all nodes, in the order in which the branches mention them."""
        return tuple(dict.fromkeys(name for b in self.branches for name in (b.start, b.end)))

    @property
    def parts(self) -> tuple[Any, ...]:
        """All that it is made of, each once: coolants first, then what is placed."""
        coolants = [self.coolant, *(b.coolant for b in self.branches if b.coolant is not None)]
        placed = [*(b.part for b in self.branches), *(joint.exchanger for joint in self.joints if joint.exchanger)]
        return tuple({id(item): item for item in (*coolants, *placed)}.values())

    def branch(self, name: str) -> Branch:
        """Branch of that name.

        Raises
        ------
        InputError
            If there is none.
        """
        for found in self.branches:
            if found.name == name:
                return found
        raise unknown("branch", name, [b.name for b in self.branches])

    def with_branch(self, name: str, **changes: Any) -> Self:
        """Return the network with fields of one branch changed: another part, count or place.

        Raises
        ------
        InputError
            If there is no such branch, or it no longer fits.
        """
        old = self.branch(name)
        new = Branch(**{**{field: getattr(old, field) for field in Branch.model_fields}, **changes})
        return self.replace(branches=tuple(new if b is old else b for b in self.branches))

    def raised(self, heights: Mapping[str, float]) -> Self:
        """Return the network with nodes at heights [m], by name or by a pattern such as ``"rack*"`` of several.

        Names of nodes that machines have inside, such as ``"cdu/discharge"``, follow by themselves.

        Raises
        ------
        InputError
            If a name or pattern fits no node, or a height is no number.

        Examples
        --------
        >>> import thermal as th
        >>> low = th.load("loops/gb200_row").network().raised({"supply": 3.0, "return": 3.0})
        >>> [node.elevation for node in low.nodes]
        [3.0, 3.0]
        """
        nodes = {node.name: node for node in self.nodes}
        for pattern, height in heights.items():
            found = fnmatch.filter(self.node_names, pattern)
            if not found:
                raise unknown("node", pattern, self.node_names)
            z = number(f"height of {pattern!r}", height, "m")
            nodes |= {name: nodes.get(name, Node(name)).replace(elevation=z) for name in found}
        return self.replace(nodes=tuple(nodes.values()))

    def __str__(self) -> str:
        return "\n".join(_network_tree(self))

    def to_graph(self) -> Any:
        """Multigraph of networkx: nodes with their fields, edges by branch name with their part and count.

        Raises
        ------
        InputError
            If networkx is not installed.
        """
        try:
            import networkx  # type: ignore[import-untyped, unused-ignore]
        except ModuleNotFoundError:
            raise InputError("to_graph needs networkx: pip install networkx") from None
        graph = networkx.MultiDiGraph()
        graph.add_nodes_from(self.node_names)
        for node in self.nodes:
            graph.add_node(node.name, pressure=node.pressure, elevation=node.elevation, draw=node.draw)
        for b in self.branches:
            graph.add_edge(b.start, b.end, key=b.name, part=b.part, count=b.count)
        return graph


def _network_tree(network: Network) -> list[str]:
    """Names as a tree by their strokes, neighbours that differ in their last digits alone on one line."""
    filled = {id(c): c for c in (network.coolant, *(b.coolant for b in network.branches)) if c is not None}
    title = " and ".join(c.origin.title if c.origin else c.fluid for c in filled.values())
    total = sum(b.count for b in network.branches)
    lines = [f"Network · {total} branches in {len(network.branches)} rows, {len(network.node_names)} nodes · {title}"]
    groups: list[tuple[tuple[str, ...], list[Branch]]] = []
    for b in network.branches:
        *path, last = b.name.split("/")
        key = (*path, last.rstrip("0123456789"), type(b.part).__name__, str(b.part.origin and b.part.origin.title))
        if groups and groups[-1][0] == key and groups[-1][1][-1].part == b.part:
            groups[-1][1].append(b)
        else:
            groups.append((key, [b]))
    for i, (_, found) in enumerate(groups):
        first, final = found[0], found[-1]
        many = f"{first.name} … {final.name.rpartition('/')[2]}" if len(found) > 1 else first.name
        count = f"{first.count} × " if first.count > 1 else ""
        kind = type(first.part).__name__ + (f" · {first.part.origin.title}" if first.part.origin else "")
        places = f"{first.start} → {first.end}" + (" …" if len(found) > 1 else "")
        lines.append(f"{'└─' if i == len(groups) - 1 and not network.nodes else '├─'} {many}: {count}{kind}, {places}")
    for joint in network.joints:
        lines.append(f"├─ joint {joint.name}: {joint.hot} → {joint.cold}")
    for i, node in enumerate(network.nodes):
        facts = [f"{node.pressure / 1e3:g} kPa"] if node.pressure is not None else []
        facts += [f"at {node.elevation:g} m"] if node.elevation else []
        facts += [f"draws {node.draw:g} m3/s"] if node.draw else []
        lines.append(f"{'└─' if i == len(network.nodes) - 1 else '├─'} node {node.name}: {', '.join(facts) or 'plain'}")
    return lines
