"""EPANET input files (.inp), the hydraulic part: text to plain data in SI and back; nothing is solved here."""

import math
from collections import defaultdict
from typing import NamedTuple

from thermal.errors import DataError

__all__ = ["EpanetModel", "EpanetPipe", "EpanetPump", "EpanetValve", "parse_inp", "write_inp"]

MAX_CHARACTERS = 200_000_000
FLOW_UNITS = {"LPS": 1e-3, "LPM": 1e-3 / 60, "MLD": 1e3 / 86400, "CMH": 1 / 3600, "CMD": 1 / 86400, "CMS": 1.0}
US_UNITS = {"CFS", "GPM", "MGD", "IMGD", "AFD"}
WATER_20 = 1.1e-5 * 0.3048**2  # m²/s, to which VISCOSITY is relative: 1.1e-5 ft²/s (EPANET's VISCOS)
WATER_DENSITY = 1000.0  # kg/m³, to which SPECIFIC GRAVITY is relative


class EpanetPipe(NamedTuple):
    """A pipe; ``closed`` by its status, ``check`` by CV."""

    name: str
    start: str
    end: str
    length: float  # m
    diameter: float  # m
    roughness: float  # m
    loss: float
    closed: bool = False
    check: bool = False


class EpanetPump(NamedTuple):
    """A pump by points of its head curve."""

    name: str
    start: str
    end: str
    flow: tuple[float, ...]  # m³/s
    head: tuple[float, ...]  # m
    slope: tuple[float, ...] = ()  # dH/dQ there [m s/m³], where the curve is a formula
    speed: float = 1.0


class EpanetValve(NamedTuple):
    """A throttle valve (TCV) by its loss coefficient."""

    name: str
    start: str
    end: str
    diameter: float  # m
    loss: float


class EpanetModel(NamedTuple):
    """What the hydraulic sections say, in SI."""

    title: str
    elevation: dict[str, float]  # of junctions [m]
    demand: dict[str, float]  # of junctions [m³/s]
    head: dict[str, float]  # of reservoirs [m]
    pipes: list[EpanetPipe]
    pumps: list[EpanetPump]
    valves: list[EpanetValve]
    density: float  # kg/m³
    viscosity: float  # kinematic [m²/s]


def parse_inp(text: str, where: str = "inp") -> EpanetModel:
    """Read the hydraulic part of an EPANET input file.

    Raises
    ------
    DataError
        If a line cannot be read, or the file asks for what is not taken over: units of the United States, another head
        loss than Darcy-Weisbach, tanks, demand-driven valves, pumps by power. The message names file and line.
    """
    sections = _sections(text, where)
    options = {" ".join(words[:-1]).upper(): words[-1] for _, words in sections["OPTIONS"] if len(words) > 1}
    flow = _flow_unit(options, where)
    if options.get("HEADLOSS", "").upper() not in {"D-W", "DW"}:
        raise DataError(f"{where}: HEADLOSS {options.get('HEADLOSS', 'H-W')} is not taken over; use D-W")
    for section in ("TANKS", "EMITTERS"):
        if sections[section]:
            raise DataError(
                f"{where}:{sections[section][0][0]}: [{section}] is not taken over, hydraulics at rest only"
            )
    read = _Reader(where)
    elevation, demand = {}, {}
    for line, words in sections["JUNCTIONS"]:
        elevation[words[0]] = read.number(line, words, 1, 0.0)
        demand[words[0]] = read.number(line, words, 2, 0.0) * flow
    head = {words[0]: read.number(line, words, 1) for line, words in sections["RESERVOIRS"]}
    status = {words[0]: words[1].upper() for _, words in sections["STATUS"] if len(words) > 1}
    pipes = []
    for line, words in sections["PIPES"]:
        read.need(line, words, 6)
        state = status.get(words[0], words[7].upper() if len(words) > 7 else "OPEN")
        numbers = [read.number(line, words, i) for i in (3, 4, 5)]
        loss = read.number(line, words, 6, 0.0)
        pipes.append(EpanetPipe(words[0], words[1], words[2], numbers[0], numbers[1] * 1e-3, numbers[2] * 1e-3, loss,
                                state == "CLOSED", state == "CV"))  # fmt: skip
    points: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for line, words in sections["CURVES"]:
        points[words[0]].append((read.number(line, words, 1) * flow, read.number(line, words, 2)))
    pumps = [_pump(read, line, words, points, status) for line, words in sections["PUMPS"]]
    valves = []
    for line, words in sections["VALVES"]:
        read.need(line, words, 6)
        if words[4].upper() != "TCV":
            raise DataError(f"{where}:{line}: valve {words[0]!r} is a {words[4]}; only TCV is taken over")
        valves.append(
            EpanetValve(words[0], words[1], words[2], read.number(line, words, 3) * 1e-3, read.number(line, words, 5))
        )
    density = WATER_DENSITY * _option(options, "SPECIFIC GRAVITY", where)
    viscosity = WATER_20 * _option(options, "VISCOSITY", where)
    title = " ".join(" ".join(words) for _, words in sections["TITLE"])
    return EpanetModel(title, elevation, demand, head, pipes, pumps, valves, density, viscosity)


class _Reader:
    """Numbers of a line, or an error that says which line."""

    def __init__(self, where: str) -> None:
        self.where = where

    def need(self, line: int, words: list[str], count: int) -> None:
        if len(words) < count:
            raise DataError(f"{self.where}:{line}: {' '.join(words)!r} has {len(words)} entries, {count} are needed")

    def number(self, line: int, words: list[str], index: int, default: float | None = None) -> float:
        if index >= len(words) and default is not None:
            return default
        self.need(line, words, index + 1)
        try:
            value = float(words[index])
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise DataError(f"{self.where}:{line}: {words[index]!r} is not a finite number")
        return value


def _sections(text: str, where: str) -> defaultdict[str, list[tuple[int, list[str]]]]:
    """Words of each line by section, comments left out."""
    if len(text) > MAX_CHARACTERS:
        raise DataError(f"{where}: larger than {MAX_CHARACTERS / 1e6:g} MB")
    sections: defaultdict[str, list[tuple[int, list[str]]]] = defaultdict(list)
    name = ""
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split(";")[0].split()
        if words and words[0].startswith("["):
            name = words[0].strip("[]").upper()
        elif words and name != "END":
            if not name:
                raise DataError(f"{where}:{number}: text before the first [SECTION]")
            sections[name].append((number, words))
    if not sections["PIPES"] and not sections["PUMPS"]:
        raise DataError(f"{where}: no [PIPES] and no [PUMPS], so this is no EPANET network")
    return sections


def _flow_unit(options: dict[str, str], where: str) -> float:
    unit = options.get("UNITS", "GPM").upper()
    if unit in US_UNITS or unit not in FLOW_UNITS:
        raise DataError(f"{where}: UNITS {unit} are not taken over; use one of {', '.join(FLOW_UNITS)}")
    return FLOW_UNITS[unit]


def _option(options: dict[str, str], name: str, where: str) -> float:
    try:
        value = float(options.get(name, "1"))
    except ValueError:
        value = math.nan
    if not value > 0:
        raise DataError(f"{where}: {name} {options.get(name)!r} must be a number above zero")
    return value


def _pump(
    read: _Reader,
    line: int,
    words: list[str],
    points: dict[str, list[tuple[float, float]]],
    status: dict[str, str],
) -> EpanetPump:
    """A pump with its curve; one point stands for the parabola that EPANET makes of it."""
    pairs = {words[i].upper(): words[i + 1] for i in range(3, len(words) - 1, 2)}
    curve: list[tuple[float, ...]] = [*points.get(pairs.get("HEAD", ""), [])]
    if not curve:
        raise DataError(f"{read.where}:{line}: pump {words[0]!r} has no HEAD curve; POWER is not taken over")
    if len(curve) == 1:  # 4/3 of the head at no flow, none at twice the flow
        (q, h) = curve[0]
        curve = _power_curve([(0.0, 4.0 * h / 3.0), (q, h), (2.0 * q, 0.0)])
    elif len(curve) == 3 and curve[0][0] == 0.0:
        curve = _power_curve(curve)
    text = status.get(words[0], pairs.get("SPEED", "1"))
    speed = {"OPEN": 1.0, "CLOSED": 0.0}.get(text.upper())
    value = speed if speed is not None else read.number(line, [text], 0)
    flow, head, *slope = zip(*sorted(curve), strict=True)
    return EpanetPump(words[0], words[1], words[2], flow, head, slope[0] if slope else (), value)


def _power_curve(curve: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """Sample H = A − B Q^C through three points, as EPANET fits it, with its slope, so closely that a cubic follows.

    As there, it goes on past the last point, to no head.
    """
    (_, h0), (q1, h1), (q2, h2) = curve
    if not (h0 > h1 > h2 and 0 < q1 < q2):
        return [*curve]
    C = math.log((h0 - h2) / (h0 - h1)) / math.log(q2 / q1)
    B = (h0 - h1) / q1**C
    last = max(q2, (h0 / B) ** (1.0 / C))
    grid = [last * i / 64 for i in range(65)]
    return [(q, h0 - B * q**C, -B * C * q ** (C - 1.0) if q else (-B if C == 1.0 else 0.0)) for q in grid]


def write_inp(model: EpanetModel) -> str:
    """Write a model as EPANET input, flows in L/s, Darcy-Weisbach.

    Examples
    --------
    >>> one = EpanetPipe("p", "a", "b", 10.0, 0.05, 1e-5, 0.0)
    >>> still = EpanetModel("", {}, {}, {"a": 10.0, "b": 9.0}, [one], [], [], 1000.0, 1e-6)
    >>> parse_inp(write_inp(still)).pipes[0].diameter
    0.05
    """
    lines = ["[TITLE]", model.title, "", "[JUNCTIONS]"]
    lines += [f" {name} {z:.12g} {model.demand.get(name, 0.0) * 1e3:.12g}" for name, z in model.elevation.items()]
    lines += ["", "[RESERVOIRS]", *(f" {name} {head:.12g}" for name, head in model.head.items()), "", "[PIPES]"]
    for p in model.pipes:
        state = "CV" if p.check else "Closed" if p.closed else "Open"
        lines.append(f" {p.name} {p.start} {p.end} {p.length:.12g} {p.diameter * 1e3:.12g} {p.roughness * 1e3:.12g} "
                     f"{p.loss:.12g} {state}")  # fmt: skip
    lines += ["", "[PUMPS]"]
    lines += [f" {p.name} {p.start} {p.end} HEAD {p.name} SPEED {p.speed:.12g}" for p in model.pumps]
    lines += ["", "[VALVES]"]
    lines += [f" {v.name} {v.start} {v.end} {v.diameter * 1e3:.12g} TCV {v.loss:.12g} 0" for v in model.valves]
    lines += ["", "[CURVES]"]
    for pump in model.pumps:
        lines += [f" {pump.name} {q * 1e3:.12g} {h:.12g}" for q, h in zip(pump.flow, pump.head, strict=True)]
    gravity, viscosity = model.density / WATER_DENSITY, model.viscosity / WATER_20
    lines += ["", "[OPTIONS]", "UNITS LPS", "HEADLOSS D-W", f"SPECIFIC GRAVITY {gravity:.12g}",
              f"VISCOSITY {viscosity:.12g}", "TRIALS 200", "ACCURACY 1e-08", "", "[END]", ""]  # fmt: skip
    return "\n".join(lines)
