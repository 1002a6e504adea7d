"""Networks with coolants of their own put together by exchangers, to be marched as one."""

from collections.abc import Mapping, Sequence
from typing import Any

from thermal.errors import InputError
from thermal.network.network import Branch, Joint, Network, unknown

__all__ = ["join"]


def join(networks: Mapping[str, Network], joints: Sequence[Joint]) -> Network:
    """Networks as one, with every name behind that of its network, as ``"row:cdu"``.

    Flows and pressures of each are its own; heat passes where a joint is, in the same implicit step as everywhere, so
    that the energy of all together closes to round-off. Where the hot side is a CDU the joint is its exchanger, and the
    cold side a ``PrimarySide.of(cdu)`` in the other network, whose valve it moves.

    Parameters
    ----------
    networks : mapping
        Networks by name; properties of each are held at its CDUs' set point, or at the temperature that it is sent.
    joints : sequence of Joint
        Exchangers, their sides as ``"network:branch"``.

    Raises
    ------
    InputError
        If a name is unknown or surroundings differ; of the joints as ``Network`` says.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.network import Joint, Node, PrimarySide
    >>> cdu = th.load("cdus/vertiv_xdu1350")
    >>> row = Network(coolant=th.load("coolants/pg25"), nodes=[Node("return", pressure=2e5)], branches=[
    ...     Branch("cdu", cdu, "return", "supply"),
    ...     *th.manifold(8 * [th.load("racks/gb200_nvl72")], "supply", "return")])
    >>> hall = Network(coolant=th.load("coolants/water"), nodes=[Node("basin", pressure=2e5, T=26)], branches=[
    ...     Branch("pump", th.load("pumps/frontier_cdu"), "basin", "header"),
    ...     Branch("cdu", PrimarySide.of(cdu), "header", "basin")])
    >>> both = join({"row": row, "hall": hall}, [Joint("exchanger", hot="row:cdu", cold="hall:cdu")])
    >>> round(float(th.steady(both, heat=100e3).T_supply.sel(cdu="row:cdu")), 2)
    32.0
    """
    if len(networks) < 2:
        raise InputError(f"join: {len(networks)} network is nothing to put together; a network alone needs no joint")
    around = {name: network.T_ambient for name, network in networks.items()}
    if len(set(around.values())) > 1:
        raise InputError(f"join: T_ambient differs, {around} degC; networks that are joined have one surroundings")
    inner = [name for name, network in networks.items() if network.joints]
    if inner:
        raise InputError(f"join: {inner[0]!r} has joints already; put all networks together at once")
    coolant = next(iter(networks.values())).coolant
    branches: list[Branch] = []
    nodes: list[Any] = []
    for name, network in networks.items():
        if not name or ":" in name:
            raise InputError(f"join: {name!r} cannot be the name of a network: text without colons")
        own = None if network.coolant == coolant else network.coolant
        branches += [
            Branch(f"{name}:{b.name}", _placed(b.part, name), f"{name}:{b.start}", f"{name}:{b.end}", b.count,
                   b.coolant or own)
            for b in network.branches
        ]  # fmt: skip
        nodes += [node.replace(name=f"{name}:{node.name}") for node in network.nodes]
    known = {b.name for b in branches}
    for joint in joints:
        for side in (joint.hot, joint.cold):
            if side not in known:
                raise unknown(f"side of joint {joint.name!r}", side, known)
    return Network(
        coolant=coolant, branches=tuple(branches), nodes=tuple(nodes), joints=tuple(joints),
        T_ambient=next(iter(around.values())),
    )  # fmt: skip


def _placed(part: Any, name: str) -> Any:
    """A part that knows its rack by name knows it by its new one."""
    return part.replace(rack=f"{name}:{part.rack}") if getattr(part, "rack", "") else part
