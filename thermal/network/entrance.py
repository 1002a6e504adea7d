"""Networks as a user gives them, opened; refused where a side or what cools them is missing, or beyond a range."""

from collections.abc import Sequence

import numpy as np

from thermal.errors import ConvergenceError, InputError
from thermal.network.changes import Change
from thermal.network.marching import NetworkStepper
from thermal.network.network import Network
from thermal.network.opening import open_network
from thermal.network.supply import Supply
from thermal.network.water import Water

__all__ = ["first_beyond", "opened", "require_range"]


def opened(network: Network, water: Water | None, events: Sequence[Change] = ()) -> NetworkStepper:
    """A network before facility water, ready to be brought to rest.

    Raises
    ------
    InputError
        If a joint has a side that is not there, CDUs have no facility water, or it has no CDU.
    """
    _require_both_sides(network)
    march = open_network(network, facility=_offered(water), events=events)
    sides = [side for side in march.whole.sides if side.cold == side.primary and not side.air]
    if water is not None and not sides and march.whole.sides:
        raise InputError("facility: no CDU is left for it, every one has a joint or room air; leave it out")
    if water is None and sides and all(node.T is None for node in network.nodes):
        raise InputError(
            f"the CDUs, such as {sides[0].name!r}, have no facility water to give their heat to: "
            "facility = th.Supply(T=..., flow=...) or a plant, or a node of held temperature"
        )
    return march


def _require_both_sides(network: Network) -> None:
    """Refuse joints to what is not there.

    Raises
    ------
    InputError
        With the way to put networks together.
    """
    known = {b.name for b in network.branches}
    for joint in network.joints:
        away = [side for side in (joint.hot, joint.cold) if side not in known]
        if away:
            raise InputError(
                f"joint {joint.name!r}: its side {away[0]!r} is no branch of this network: th.network.join puts "
                "networks together, and their names as 'network:branch'"
            )


def _offered(water: Water | None) -> Supply | None:
    """What a network finds of facility water when it opens."""
    return None if water is None else Supply(T=water.T, flow=water.flow, coolant=water.coolant)


def first_beyond(march: NetworkStepper, T: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """For each row of temperatures by place (s, places) the first node outside its range, or -1; and their names."""
    fill, names = march.filling, [n for n in march.whole.network.node_names if n in march.heat.place]
    places = [march.heat.place[name] for name in names]
    coolants = [fill.coolants[fill.number[fill.beside[name]]] for name in names]
    low, high = (np.array([getattr(coolant, name) for coolant in coolants]) for name in ("T_low", "T_high"))
    found = ~((T[:, places] >= low) & (T[:, places] <= high))
    return np.where(found.any(axis=1), found.argmax(axis=1), -1), names


def require_range(march: NetworkStepper) -> None:
    """Refuse a state in which coolant is outside its range.

    Raises
    ------
    ConvergenceError
        The message names the node.
    """
    where, names = first_beyond(march, march.heat.T[None])
    if where[0] < 0:
        return
    name = names[int(where[0])]
    coolant = march.filling.coolants[march.filling.number[march.filling.beside[name]]]
    raise ConvergenceError(
        f"no steady state inside the range of the coolant: node {name!r} would be at "
        f"{march.heat.T[march.heat.place[name]]:.4g} degC, the range is {coolant.T_low:g} to {coolant.T_high:g} degC; "
        "more or colder facility water, or less heat"
    )
