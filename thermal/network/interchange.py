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
    closed: list[str] = []
    for p in model.pipes:
        part = Pipe(length=p.length, diameter=p.diameter, roughness=p.roughness, loss_coefficient=p.loss * EPANET_LOSS,
                    friction=friction)  # fmt: skip
        end = f"{p.name}/check" if p.check else p.end
        branches.append(Branch(p.name, part, p.start, end))
        if p.check:
            branches.append(Branch(f"{p.name}/valve", CheckValve(Kv=OPEN_KV), end, p.end))
        closed += [p.name] if p.closed else []
    if closed:
        raise DataError(
            f"{where}: pipes {closed[:5]} are closed; take them out or open them, and close them in the study"
        )
    for pump in model.pumps:
        head_curve = tuple(h * EPANET_GRAVITY / GRAVITY for h in pump.head)
        slope = tuple(s * EPANET_GRAVITY / GRAVITY for s in pump.slope)
        machine = Pump(flow=pump.flow, head_curve=head_curve, slope_curve=slope, efficiency=0.75, drive_efficiency=0.9)
        branches.append(Branch(pump.name, machine, pump.start, pump.end))
    for valve in model.valves:
        area = 0.25 * math.pi * valve.diameter**2
        Kv = area * math.sqrt(2.0 * 1e5 / (1000.0 * max(valve.loss * EPANET_LOSS, 1e-6)))
        branches.append(Branch(valve.name, Valve(Kv=Kv), valve.start, valve.end))
    nodes = [Node(name, pressure=weight * head) for name, head in model.head.items()]
    nodes += [
        Node(name, elevation=z, draw=model.demand.get(name, 0.0))
        for name, z in model.elevation.items()
        if z != 0.0 or model.demand.get(name, 0.0) != 0.0
    ]
    return Network(coolant=_fluid(model), branches=tuple(branches), nodes=tuple(nodes))


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
        elif isinstance(b.part, Valve) and b.part.opening > 0.0:
            quadratic = kv_quadratic(b.part.Kv * b.part.share(b.part.opening), p.density)
            diameter = 0.05  # only its ratio to the loss counts
            loss = quadratic * 2.0 * p.density * (0.25 * math.pi * diameter**2) ** 2 / EPANET_LOSS
            valves.append(EpanetValve(*place, diameter, loss))
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
