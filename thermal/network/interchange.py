"""Networks from and to EPANET files: pipes, pumps by curve, reservoirs, junctions with demand, throttle valves."""

import math
from pathlib import Path

from thermal.components.coolant import Coolant
from thermal.components.hydronics.pipe import Pipe
from thermal.components.hydronics.pump import Pump
from thermal.components.hydronics.valve import CheckValve, Valve, kv_quadratic
from thermal.errors import DataError, InputError
from thermal.formats.epanet import EpanetModel, EpanetPipe, EpanetPump, EpanetValve, parse_inp, write_inp
from thermal.network.network import Branch, Network, Node
from thermal.physics.machines.pump import GRAVITY
from thermal.physics.network.friction import Friction

__all__ = ["read_epanet", "to_epanet"]

EPANET_GRAVITY = 32.2 * 0.3048  # m/s²: its losses in metres are made with 32.2 ft/s², so its heads mean that much
# A loss coefficient K there means 0.02517 K/d⁴ [ft, cfs] (EPANET 2.2 user manual, chapter 12): 1e-4 less than K V²/2g
EPANET_LOSS = 0.02517 * 2.0 * 32.2 * (0.25 * math.pi) ** 2
OPEN_KV = 1.0  # m³/s, of a check valve that EPANET takes as part of a pipe and without a loss


def read_epanet(path: str | Path, *, friction: Friction = Friction.CHURCHILL) -> Network:
    """Read an EPANET input file (.inp) as a network, its fluid as a coolant of constant properties.

    It stands as at time 0: demands with the first value of their patterns, tanks at their initial level, pumps at their
    speed. What is closed has a shut valve behind it, ``"p7/valve"``.

    Parameters
    ----------
    path : path
        The file, or its text where it has line breaks.
    friction : Friction
        Law of the pipes; ``Friction.SWAMEE_JAIN`` is EPANET's own.

    Raises
    ------
    DataError
        If the file cannot be read, or asks for what is not taken over.

    Examples
    --------
    >>> still = read_epanet('''
    ... [JUNCTIONS]
    ...  b 0 1
    ... [RESERVOIRS]
    ...  a 10
    ... [PIPES]
    ...  p a b 100 50 0.01 0
    ... [OPTIONS]
    ...  UNITS LPS
    ...  HEADLOSS D-W
    ... ''')
    >>> still.branches[0].part.diameter
    0.05
    """
    text = str(path) if "\n" in str(path) else _text(Path(path))
    where = "inp" if "\n" in str(path) else Path(path).name
    model = parse_inp(text, where)
    weight = model.density * EPANET_GRAVITY
    branches: list[Branch] = []
    for p in model.pipes:
        part = Pipe(length=p.length, diameter=p.diameter, roughness=p.roughness, loss_coefficient=p.loss * EPANET_LOSS,
                    friction=friction)  # fmt: skip
        branches += _behind(Branch(p.name, part, p.start, p.end), check=p.check, closed=p.closed)
    for pump in model.pumps:
        n = pump.speed or 1.0
        machine = Pump(
            flow=tuple(n * q for q in pump.flow),
            head_curve=tuple(n**2 * h * EPANET_GRAVITY / GRAVITY for h in pump.head),
            slope_curve=tuple(n * s * EPANET_GRAVITY / GRAVITY for s in pump.slope),
            efficiency=0.75,
            drive_efficiency=0.9,
        )  # a curve at another speed by affinity
        branches += _behind(Branch(pump.name, machine, pump.start, pump.end), closed=pump.speed == 0.0)
    for valve in model.valves:
        area = 0.25 * math.pi * valve.diameter**2
        Kv = area * math.sqrt(2.0 * 1e5 / (1000.0 * max(valve.loss * EPANET_LOSS, 1e-6)))
        branches.append(Branch(valve.name, Valve(Kv=Kv, opening=0.0 if valve.closed else 1.0), valve.start, valve.end))
    nodes = [Node(name, pressure=weight * head) for name, head in model.head.items()]
    nodes += [
        Node(name, elevation=z, draw=model.demand.get(name, 0.0))
        for name, z in model.elevation.items()
        if z != 0.0 or model.demand.get(name, 0.0) != 0.0
    ]
    return Network(coolant=_fluid(model), branches=tuple(branches), nodes=tuple(nodes))


def _behind(branch: Branch, *, check: bool = False, closed: bool = False) -> list[Branch]:
    """A branch with the check or shut valve behind it that EPANET takes as part of it."""
    if not check and not closed:
        return [branch]
    part = CheckValve(Kv=OPEN_KV) if check else Valve(Kv=OPEN_KV, opening=0.0)
    between = f"{branch.name}/{'check' if check else 'shut'}"
    return [branch.replace(end=between), Branch(f"{branch.name}/valve", part, between, branch.end)]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read ({error.strerror})") from None


def _fluid(model: EpanetModel) -> Coolant:
    """A coolant of constant density and viscosity; its heat is water's."""
    return Coolant(
        fluid="EPANET", T_low=0.0, T_high=100.0, T_freeze=0.0, density=(model.density,), heat_capacity=(4182.0,),
        conductivity=(0.6,), log_viscosity=(math.log(model.viscosity * model.density),),
    )  # fmt: skip


def to_epanet(network: Network, *, T: float = 20.0, title: str = "") -> str:
    """Write the hydraulics of a network as EPANET input, the coolant at `T` [°C] and all pumps at nominal speed.

    Pipes stay pipes; a valve becomes a throttle valve with the same loss; pumps keep the points of their curve. A node
    held at a pressure becomes a reservoir of that head.

    Raises
    ------
    InputError
        If a branch has no counterpart there, or stands for several; the message names it.
    """
    other = [b.name for b in network.branches if b.coolant is not None]
    if other:
        raise InputError(
            f"branch {other[0]!r} has a coolant of its own: EPANET has one fluid, write each network by itself"
        )
    p = network.coolant.properties(T)
    weight = p.density * EPANET_GRAVITY
    pipes: list[EpanetPipe] = []
    pumps: list[EpanetPump] = []
    valves: list[EpanetValve] = []
    names = {name: _identifier(name) for name in [*network.node_names, *(b.name for b in network.branches)]}
    for b in network.branches:
        place = names[b.name], names[b.start], names[b.end]
        if b.count != 1:
            raise InputError(f"branch {b.name!r} stands for {b.count}: EPANET has no counted links, write them out")
        if isinstance(b.part, Pipe):
            loss = b.part.loss_coefficient / EPANET_LOSS
            pipes.append(EpanetPipe(*place, b.part.length, b.part.diameter, b.part.roughness, loss))
        elif isinstance(b.part, Pump):
            head = tuple(h * GRAVITY / EPANET_GRAVITY for h in b.part.head_curve)
            pumps.append(EpanetPump(*place, b.part.flow, head))
        elif isinstance(b.part, Valve):
            shut = b.part.opening == 0.0
            quadratic = kv_quadratic(b.part.Kv * b.part.share(1.0 if shut else b.part.opening), p.density)
            diameter = 0.05  # only its ratio to the loss counts
            loss = quadratic * 2.0 * p.density * (0.25 * math.pi * diameter**2) ** 2 / EPANET_LOSS
            valves.append(EpanetValve(*place, diameter, loss, shut))
        else:
            raise InputError(f"branch {b.name!r} is a {type(b.part).__name__}, which EPANET cannot say")
    nodes = {node.name: node for node in network.nodes}
    elevation, demand, heads = {}, {}, {}
    for name in network.node_names:
        node = nodes.get(name, Node(name))
        if node.pressure is not None:
            heads[names[name]] = node.pressure / weight + node.elevation
        else:
            elevation[names[name]], demand[names[name]] = node.elevation, node.draw
    return write_inp(
        EpanetModel(title, elevation, demand, heads, pipes, pumps, valves, p.density, p.viscosity / p.density)
    )


def _identifier(name: str) -> str:
    """Name as EPANET takes it.

    Raises
    ------
    InputError
        If it has more than 31 characters or blanks.
    """
    if len(name) > 31 or any(c in name for c in ' ;"'):
        raise InputError(f"name {name!r} cannot be an EPANET identifier: at most 31 characters, no blanks or quotes")
    return name
