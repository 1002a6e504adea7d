"""Machines that are several branches, written out: a CDU as its pumps, its own loss, exchanger and facility side."""

from typing import Any, NamedTuple, Self

from thermal.components.coolant import Coolant, Properties
from thermal.components.hall.cdu import Cdu, dry_air
from thermal.components.hydronics.law import BranchLaw, square_law
from thermal.components.hydronics.valve import QuadraticLoss
from thermal.errors import InputError
from thermal.network.network import Branch, Network, Node
from thermal.quantity import Part, part, quantity

__all__ = ["BASE", "Expanded", "PrimarySide", "Side", "expanded", "header_drop"]

NEGLIGIBLE = 1.0  # Pa s/m³, of a CDU that states no loss of its own: 0.02 Pa at 20 L/s
BASE = 2e5  # Pa, at the facility's return header: only its difference to the supply header counts


class PrimarySide(Part):
    """Facility side of a CDU: exchanger and open control valve, with the facility's coolant.

    Examples
    --------
    >>> import thermal as th
    >>> side = PrimarySide(coolant=th.load("coolants/water"), T=25, linear=4e6, valve_flow=0.02, valve_drop=84e3)
    >>> side.branch_law(side.coolant.properties(25.0)).kind.name
    'QUADRATIC'
    """

    coolant: Coolant | None = part("facility coolant, where it is not that of its network", default=None)
    T: float = quantity("degC", "temperature of the properties of such a coolant", low=-20, high=100, default=25.0)
    linear: float = quantity("Pa s/m3", "linear pressure loss without the valve", low=0)
    valve_flow: float = quantity("m3/s", "flow through the open valve at its reference pressure drop", above=0)
    valve_drop: float = quantity("Pa", "reference pressure drop of the open valve", above=0)
    volume: float = quantity("m3", "coolant inside", low=0, default=0.0)

    @classmethod
    def of(cls, cdu: Cdu) -> Self:
        """The primary side of a CDU, to be placed in the network that cools it; see ``th.network.join``."""
        return cls(
            linear=cdu.primary_linear, valve_flow=cdu.valve_flow, valve_drop=cdu.valve_drop, volume=cdu.primary_volume
        )

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """A line and a square, of its own coolant."""
        density = coolant.density if self.coolant is None else self.coolant.properties(self.T).density
        law = square_law(self.valve_drop / (self.valve_flow * density) ** 2, self.linear / density, self.volume)
        return law._replace(density=density)


class Side(NamedTuple):
    """Where the branches of a CDU are, by name."""

    name: str
    cdu: Cdu
    start: str
    end: str
    pumps: tuple[str, ...]
    loss: str
    primary: str  # "" where the facility is not there
    cold: str  # branch of what cools it, of a facility or of another network, with the valve that it moves
    air: bool = False  # whether that is room air


class Expanded(NamedTuple):
    """A network of single branches, its CDUs, and nodes that are thermally one with another."""

    network: Network
    sides: tuple[Side, ...]
    alias: dict[str, str]


def header_drop(cdu: Cdu, share: Any) -> Any:
    """Difference of pressure [Pa] at which a CDU with its valve open draws `share` [m³/s] of facility water."""
    return cdu.primary_linear * share + cdu.valve_drop / cdu.valve_flow**2 * share**2


def expanded(network: Network, facility: Any = None, water: Coolant | None = None) -> Expanded:
    """Write machines out as branches; with a `facility` of ``flow`` and ``T`` also the CDUs' primary sides.

    The facility offers a difference of pressure at which each CDU draws its share of the flow with its valve open.

    Raises
    ------
    InputError
        If one branch stands for several CDUs.
    """
    branches: list[Branch] = []
    nodes = list(network.nodes)
    sides: list[Side] = []
    alias: dict[str, str] = {}
    height = {node.name: node.elevation for node in nodes}
    joined = {joint.hot: joint.cold for joint in network.joints}
    cdus = sum(isinstance(b.part, Cdu) and b.part.air is None and b.name not in joined for b in network.branches)
    for b in network.branches:
        if not isinstance(b.part, Cdu):
            branches.append(b)
            continue
        if b.count > 1:
            raise InputError(
                f"branch {b.name!r} stands for {b.count} CDUs; each has controllers of its own: give each a branch"
            )
        cdu, middle = b.part, f"{b.name}/discharge"
        pumps = tuple(f"{b.name}/pump_{i}" for i in range(1, len(cdu.pumps) + 1))
        branches += [
            Branch(name, pump, b.start, middle, coolant=b.coolant) for name, pump in zip(pumps, cdu.pumps, strict=True)
        ]
        linear = cdu.inner_linear if cdu.inner_linear + cdu.inner_quadratic > 0.0 else NEGLIGIBLE
        loss = QuadraticLoss(linear=linear, quadratic=cdu.inner_quadratic)
        branches.append(Branch(f"{b.name}/loss", loss, middle, b.end, coolant=b.coolant))
        alias[middle] = b.start
        if height.get(b.start):  # pumps stand where they draw from
            nodes.append(Node(middle, elevation=height[b.start]))
        primary = ""
        if cdu.air is not None:
            if b.name in joined:
                raise InputError(f"joint of {b.name!r}: room air cools this CDU, no other network; take its air away")
            primary = f"{b.name}/primary"
            side = PrimarySide(
                coolant=dry_air(),
                T=30.0,
                linear=cdu.primary_linear,
                valve_flow=cdu.valve_flow,
                valve_drop=cdu.valve_drop,
            )
            drop = cdu.primary_linear * cdu.valve_flow + cdu.valve_drop
            branches.append(Branch(primary, side, *_facility_ends(b.name)))
            nodes += _facility_nodes(b.name, drop)
        elif facility is not None and water is not None and b.name not in joined:
            primary = f"{b.name}/primary"
            T = min(max(25.0, water.T_low), water.T_high)
            side = PrimarySide(
                coolant=water, T=T, linear=cdu.primary_linear, valve_flow=cdu.valve_flow, valve_drop=cdu.valve_drop
            )
            drop = header_drop(cdu, facility.flow / cdus)
            branches.append(Branch(primary, side, *_facility_ends(b.name)))
            nodes += _facility_nodes(b.name, drop)
        cold = joined.get(b.name, primary)
        air = cdu.air is not None
        sides.append(Side(b.name, cdu, b.start, b.end, pumps, f"{b.name}/loss", primary, cold, air))
    if not sides:
        return Expanded(network, (), {})
    return Expanded(network.replace(branches=tuple(branches), nodes=tuple(nodes)), tuple(sides), alias)


def _facility_ends(name: str) -> tuple[str, str]:
    return f"{name}/facility_supply", f"{name}/facility_return"


def _facility_nodes(name: str, drop: float) -> list[Node]:
    """Headers of what cools a CDU, with the difference on offer [Pa]."""
    supply, back = _facility_ends(name)
    return [Node(supply, pressure=BASE + drop), Node(back, pressure=BASE)]
