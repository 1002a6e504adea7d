"""Parts side by side between two headers: direct or reverse return, with the headers' own pipes, whole or unfolded."""

from collections.abc import Sequence
from typing import Any

from thermal.components.hall.package import CooledPackage
from thermal.components.hall.rack import Rack
from thermal.components.hydronics.pipe import Pipe
from thermal.components.hydronics.valve import QuickDisconnect, Resistance
from thermal.components.plate.geometry import ColdPlate
from thermal.errors import InputError
from thermal.inputs import number
from thermal.network.network import Branch

__all__ = ["manifold", "unfolded"]


def manifold(
    parts: Sequence[Any],
    supply: str,
    return_: str,
    *,
    pipe: Pipe | None = None,
    spacing: float | None = None,
    reverse_return: bool = False,
    unfold: bool = False,
    disconnect: QuickDisconnect | None = None,
    name: str = "rack",
) -> tuple[Branch, ...]:
    """Branches of parts in parallel between a supply and a return header.

    Parameters
    ----------
    parts : sequence of parts
        Racks, plates or whatever has a hydraulic law, in the order in which the supply header meets them; the first is
        called ``rack1``.
    supply, return_ : str
        Nodes where the headers begin.
    pipe : Pipe, optional
        Of the headers, one segment before each part; without it the headers lose nothing.
    spacing : float, optional
        Length of a segment [m]; the pipe's own length if not given.
    reverse_return : bool
        The return header runs on past the last part, so that every path is equally long.
    unfold : bool
        Every cold plate of a rack its own branch with its package, ``rack9/plate17``; what the rack loses beyond its
        plates is its hoses and manifold, ``rack9/hoses``, and its coolant is spread over the plates.
    disconnect : QuickDisconnect, optional
        A pair at the inlet of each part, ``rack9/disconnect``.
    name : str
        What the parts are called, before their number.

    Returns
    -------
    tuple of Branch
        Headers are ``rack_supply/1`` and so on, and ``rack_return/1``.

    Raises
    ------
    InputError
        If there are no parts, a spacing without pipe, or a rack that cannot be unfolded.

    Examples
    --------
    >>> import thermal as th
    >>> rack = th.load("racks/gb200_nvl72")
    >>> header = Pipe(length=0.6, diameter=0.1, roughness=4.5e-5)
    >>> row = manifold(2 * [rack], "supply", "return", pipe=header, reverse_return=True)
    >>> [b.name for b in row]
    ['rack_supply/1', 'rack_return/1', 'rack1', 'rack_supply/2', 'rack_return/2', 'rack2']
    """
    if not parts:
        raise InputError("manifold: there are no parts to place")
    if spacing is not None:
        spacing = number("spacing", spacing, "m", above=0.0, high=1e5)
        if pipe is None:
            raise InputError(f"manifold: spacing = {spacing:g} m needs the pipe of the headers")
    segment = pipe if pipe is None or spacing is None else pipe.replace(length=spacing)
    branches: list[Branch] = []
    count = len(parts)
    for i, item in enumerate(parts, 1):
        begin, finish = (f"{name}_supply/{i}", f"{name}_return/{i}") if segment else (supply, return_)
        if segment:
            before = supply if i == 1 else f"{name}_supply/{i - 1}"
            branches.append(Branch(f"{name}_supply/{i}", segment, before, begin))
            if reverse_return:
                after = return_ if i == count else f"{name}_return/{i + 1}"
            else:
                after = return_ if i == 1 else f"{name}_return/{i - 1}"
            branches.append(Branch(f"{name}_return/{i}", segment, finish, after))
        label = f"{name}{i}"
        if disconnect is not None:
            branches.append(Branch(f"{label}/disconnect", disconnect, begin, f"{label}/inlet"))
            begin = f"{label}/inlet"
        branches += unfolded(item, label, begin, finish) if unfold else [Branch(label, item, begin, finish)]
    return tuple(branches)


def unfolded(rack: Any, name: str, start: str, end: str) -> list[Branch]:
    """Branches of one rack, every plate its own: hoses and manifold, then plates and what else is on liquid.

    Raises
    ------
    InputError
        If the part is no rack, its plate has no pressure drop, or the plates alone lose more than the rack.
    """
    if not isinstance(rack, Rack):
        raise InputError(f"unfold: {name!r} is a {type(rack).__name__}; only a Rack has plates to unfold")
    plate = rack.cold_plate
    if isinstance(plate, ColdPlate):
        raise InputError(
            f"unfold: the plate of {name!r} is a geometry, which no branch takes: th.reduce(rack, coolant=..., "
            "T_in=...) makes a small model of it"
        )
    own = float(plate.pressure_drop(rack.plate_flow(rack.design_flow)))
    rest = rack.design_drop - own
    if not rest > 0.0:
        raise InputError(
            f"unfold: the plates of {name!r} lose {own / 1e3:.4g} kPa at design flow, all and more of the rack's "
            f"{rack.design_drop / 1e3:.4g} kPa; raise Rack.design_drop or choose another plate"
        )
    inlet = f"{name}/plates"
    hoses = Resistance(flow=rack.design_flow, drop=rest, exponent=rack.exponent)
    branches = [Branch(f"{name}/hoses", hoses, start, inlet)]
    package = CooledPackage(
        package=rack.package, cold_plate=plate, coolant_volume=rack.coolant_volume / rack.packages, rack=name,
        share=rack.package_fraction / rack.packages,
        other_share=(rack.liquid_fraction - rack.package_fraction) / rack.packages,
    )  # fmt: skip
    branches += [Branch(f"{name}/plate{k}", package, inlet, end) for k in range(1, rack.packages + 1)]
    if rack.flow_fraction < 1.0:
        flow = rack.design_flow * (1.0 - rack.flow_fraction)
        other = Resistance(flow=flow, drop=own, exponent=rack.exponent)
        branches.append(Branch(f"{name}/other", other, inlet, end))
    return branches
