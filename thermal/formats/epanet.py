"""EPANET input files (.inp), the hydraulic part: text to plain data in SI and back; nothing is solved here."""

import math
from collections import defaultdict
from typing import NamedTuple

from thermal.errors import DataError

__all__ = ["EpanetModel", "EpanetPipe", "EpanetPump", "EpanetValve", "parse_inp", "write_inp"]

MAX_CHARACTERS = 200_000_000
FOOT, INCH, GALLON = 0.3048, 0.0254, 3.785411784e-3  # m, m, m³
METRIC = {"LPS": 1e-3, "LPM": 1e-3 / 60, "MLD": 1e3 / 86400, "CMH": 1 / 3600, "CMD": 1 / 86400, "CMS": 1.0}
AMERICAN = {
    "CFS": FOOT**3, "GPM": GALLON / 60, "MGD": 1e6 * GALLON / 86400, "IMGD": 4546.09 / 86400,
    "AFD": 43560 * FOOT**3 / 86400,
}  # fmt: skip
VISCOS = 1.1e-5 * FOOT**2  # m²/s, to which VISCOSITY is relative: 1.1e-5 ft²/s, about water at 20 °C
RELATIVE = 1e-3  # VISCOSITY above it is a multiple of that, below it the viscosity itself
WATER_DENSITY = 1000.0  # kg/m³, to which SPECIFIC GRAVITY is relative
SECTIONS = (
    "TITLE", "JUNCTIONS", "RESERVOIRS", "TANKS", "PIPES", "PUMPS", "VALVES", "EMITTERS", "CURVES", "PATTERNS", "ENERGY",
    "STATUS", "CONTROLS", "RULES", "DEMANDS", "QUALITY", "REACTIONS", "SOURCES", "MIXING", "OPTIONS", "TIMES", "REPORT",
    "COORDINATES", "VERTICES", "LABELS", "BACKDROP", "TAGS", "LEAKAGE", "END",
)  # fmt: skip
NOT_TAKEN = {
    "EMITTERS": "draws that follow pressure", "CONTROLS": "what a study does to a network", "LEAKAGE": "leaks of pipes",
    "RULES": "what a study does to a network",
}  # fmt: skip


class Measures(NamedTuple):
    """What one of a file's units is in SI."""

    flow: float  # m³/s
    length: float  # m
    diameter: float  # m
    roughness: float  # m


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
    speed: float = 1.0  # over that of the curve; 0 is closed


class EpanetValve(NamedTuple):
    """A throttle valve (TCV) by its loss coefficient."""

    name: str
    start: str
    end: str
    diameter: float  # m
    loss: float
    closed: bool = False


class EpanetModel(NamedTuple):
    """What the hydraulic sections say of time 0, in SI."""

    title: str
    elevation: dict[str, float]  # of junctions [m]
    demand: dict[str, float]  # of junctions [m³/s]
    head: dict[str, float]  # of reservoirs, and of tanks at their initial level [m]
    pipes: list[EpanetPipe]
    pumps: list[EpanetPump]
    valves: list[EpanetValve]
    density: float  # kg/m³
    viscosity: float  # kinematic [m²/s]


def parse_inp(text: str, where: str = "inp") -> EpanetModel:
    """Read the hydraulic part of an EPANET input file, as it stands at time 0.

    Demands have the first value of their patterns, tanks their initial level, links what [STATUS] says of them.

    Raises
    ------
    DataError
        If a line cannot be read, or the file asks for what is not taken over: another head loss than Darcy-Weisbach,
        emitters, controls, valves that follow pressure or flow, pumps by power. The message names file and line.
    """
    sections = _sections(text, where)
    read = _Reader(where)
    options = {" ".join(words[:-1]).upper(): words[-1] for _, words in sections["OPTIONS"] if len(words) > 1}
    unit = _measures(options, where)
    if options.get("HEADLOSS", "").upper() not in {"D-W", "DW"}:
        raise DataError(f"{where}: HEADLOSS {options.get('HEADLOSS', 'H-W')} is not taken over; use D-W")
    if options.get("DEMAND MODEL", "DDA").upper() != "DDA":
        raise DataError(f"{where}: DEMAND MODEL {options['DEMAND MODEL']} is not taken over; use DDA")
    for section, what in NOT_TAKEN.items():
        if sections[section]:
            line = sections[section][0][0]
            raise DataError(f"{where}:{line}: [{section}], {what}, is not taken over; take it out")
    first = _patterns(read, sections)
    elevation = {words[0]: read.number(line, words, 1, 0.0) * unit.length for line, words in sections["JUNCTIONS"]}
    demand = _demands(read, sections, options, first)
    head = {words[0]: read.number(line, words, 1) * unit.length * first.get(words[2] if len(words) > 2 else "", 1.0)
            for line, words in sections["RESERVOIRS"]}  # fmt: skip
    for line, words in sections["TANKS"]:
        head[words[0]] = (read.number(line, words, 1) + read.number(line, words, 2)) * unit.length
    links = [(line, words) for name in ("PIPES", "PUMPS", "VALVES") for line, words in sections[name]]
    for line, words in links:
        read.need(line, words, 3)
        unknown = next((node for node in words[1:3] if node not in elevation and node not in head), None)
        if unknown is not None:
            raise DataError(f"{where}:{line}: {words[0]!r} is at {unknown!r}, which is no junction, reservoir or tank")
    status = _status(read, sections, {words[0] for _, words in links})
    pipes = [_pipe(read, line, words, unit, status) for line, words in sections["PIPES"]]
    points: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for line, words in sections["CURVES"]:
        points[words[0]].append((read.number(line, words, 1), read.number(line, words, 2)))
    pumps = [_pump(read, line, words, unit, points, status, first) for line, words in sections["PUMPS"]]
    valves = [_valve(read, line, words, unit, status) for line, words in sections["VALVES"]]
    density = WATER_DENSITY * _option(options, "SPECIFIC GRAVITY", where)
    given = _option(options, "VISCOSITY", where)
    viscosity = given * VISCOS if given > RELATIVE else given * unit.length**2
    title = " ".join(" ".join(words) for _, words in sections["TITLE"])
    demand = {name: value * unit.flow for name, value in demand.items()}
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
    """Words of each line by section, comments left out; four letters name a section, as in EPANET."""
    if len(text) > MAX_CHARACTERS:
        raise DataError(f"{where}: larger than {MAX_CHARACTERS / 1e6:g} MB")
    sections: defaultdict[str, list[tuple[int, list[str]]]] = defaultdict(list)
    name = ""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        words = line.split(";")[0].split()
        if words and words[0].startswith("["):
            said = words[0].strip("[]").upper()
            name = next((known for known in SECTIONS if said and known.startswith(said[:4])), "")
            if not name:
                raise DataError(f"{where}:{number}: [{said}] is no section of EPANET; known: {', '.join(SECTIONS)}")
            if name == "END":
                break
        elif words:
            if not name:
                raise DataError(f"{where}:{number}: text before the first [SECTION]")
            sections[name].append((number, words))
    if not sections["PIPES"] and not sections["PUMPS"] and not sections["VALVES"]:
        raise DataError(f"{where}: no [PIPES], [PUMPS] or [VALVES], so this is no EPANET network")
    return sections


def _measures(options: dict[str, str], where: str) -> Measures:
    unit = options.get("UNITS", "GPM").upper()
    if unit in METRIC:
        return Measures(METRIC[unit], 1.0, 1e-3, 1e-3)
    if unit in AMERICAN:
        return Measures(AMERICAN[unit], FOOT, INCH, 1e-3 * FOOT)
    raise DataError(f"{where}: UNITS {unit} are unknown; use one of {', '.join([*METRIC, *AMERICAN])}")


def _patterns(read: "_Reader", sections: dict[str, list[tuple[int, list[str]]]]) -> dict[str, float]:
    """First value of each pattern, which holds at time 0."""
    first: dict[str, float] = {}
    for line, words in sections["PATTERNS"]:
        first.setdefault(words[0], read.number(line, words, 1))
    for line, words in sections["TIMES"]:
        if first and " ".join(words[:2]).upper() == "PATTERN START" and any(c in "123456789" for c in words[-1]):
            raise DataError(f"{read.where}:{line}: patterns that start later than time 0 are not taken over")
    return first


def _demands(
    read: "_Reader",
    sections: dict[str, list[tuple[int, list[str]]]],
    options: dict[str, str],
    first: dict[str, float],
) -> dict[str, float]:
    """Demand of each junction at time 0, in the unit of the file; [DEMANDS] stand in place of [JUNCTIONS]."""
    usual = first.get(options.get("PATTERN", "1"), 1.0)
    factor = _option(options, "DEMAND MULTIPLIER", read.where, least=0.0)

    def at_first(words: list[str], index: int) -> float:
        return first.get(words[index], usual) if len(words) > index else usual

    found = {words[0]: read.number(line, words, 2, 0.0) * at_first(words, 3) for line, words in sections["JUNCTIONS"]}
    replaced: dict[str, float] = {}
    for line, words in sections["DEMANDS"]:
        if words[0] not in found:
            raise DataError(f"{read.where}:{line}: demand of {words[0]!r}, which is no junction")
        replaced[words[0]] = replaced.get(words[0], 0.0) + read.number(line, words, 1) * at_first(words, 2)
    return {name: value * factor for name, value in (found | replaced).items()}


def _status(
    read: "_Reader", sections: dict[str, list[tuple[int, list[str]]]], links: set[str]
) -> dict[str, tuple[int, str]]:
    """Line and word of each link that has a status of its own."""
    status: dict[str, tuple[int, str]] = {}
    for line, words in sections["STATUS"]:
        read.need(line, words, 2)
        if words[0] not in links or len(words) > 2:
            raise DataError(f"{read.where}:{line}: {' '.join(words)!r} names no link and its status")
        status[words[0]] = line, words[1].upper()
    return status


def _pipe(
    read: "_Reader", line: int, words: list[str], unit: Measures, status: dict[str, tuple[int, str]]
) -> EpanetPipe:
    """A pipe; its status may stand in place of its loss coefficient."""
    read.need(line, words, 6)
    length, diameter, roughness = (read.number(line, words, i) for i in (3, 4, 5))
    said = words[6:]
    loss = 0.0
    if said and said[0].upper() not in {"OPEN", "CLOSED", "CV"}:
        loss, said = read.number(line, words, 6), said[1:]
    state = said[0].upper() if said else "OPEN"
    line, state = (line, state) if state == "CV" else status.get(words[0], (line, state))
    if state not in {"OPEN", "CLOSED", "CV"}:
        raise DataError(f"{read.where}:{line}: status {state!r} of {words[0]!r} is none of OPEN, CLOSED, CV")
    return EpanetPipe(words[0], words[1], words[2], length * unit.length, diameter * unit.diameter,
                      roughness * unit.roughness, loss, state == "CLOSED", state == "CV")  # fmt: skip


def _valve(
    read: "_Reader", line: int, words: list[str], unit: Measures, status: dict[str, tuple[int, str]]
) -> EpanetValve:
    """A throttle valve; open by its status it has its minor loss, by a number that loss coefficient."""
    read.need(line, words, 6)
    if words[4].upper() != "TCV":
        raise DataError(f"{read.where}:{line}: valve {words[0]!r} is a {words[4]}; only TCV is taken over")
    diameter, setting = read.number(line, words, 3) * unit.diameter, read.number(line, words, 5)
    at, state = status.get(words[0], (line, "ACTIVE"))
    if state == "OPEN":
        setting = read.number(line, words, 6, 0.0)
    elif state not in {"ACTIVE", "CLOSED"}:
        setting = read.number(at, [state], 0)
    return EpanetValve(words[0], words[1], words[2], diameter, setting, state == "CLOSED")


def _option(options: dict[str, str], name: str, where: str, least: float = 1e-99) -> float:
    try:
        value = float(options.get(name, "1"))
    except ValueError:
        value = math.nan
    if not least <= value < math.inf:
        raise DataError(
            f"{where}: {name} {options.get(name)!r} must be a number {'from' if least == 0.0 else 'above'} zero"
        )
    return value


def _pump(
    read: "_Reader",
    line: int,
    words: list[str],
    unit: Measures,
    points: dict[str, list[tuple[float, float]]],
    status: dict[str, tuple[int, str]],
    first: dict[str, float],
) -> EpanetPump:
    """A pump with its curve; one point stands for the parabola that EPANET makes of it."""
    said = words[3:]
    odd = len(said) % 2 or [w for w in said[::2] if w.upper() not in {"HEAD", "SPEED", "PATTERN", "POWER"}]
    if odd:
        raise DataError(f"{read.where}:{line}: pump {words[0]!r} has {' '.join(said)!r}; write HEAD curve SPEED number")
    pairs = {word.upper(): value for word, value in zip(said[::2], said[1::2], strict=True)}
    found = points.get(pairs.get("HEAD", ""), [])
    curve: list[tuple[float, ...]] = [(q * unit.flow, h * unit.length) for q, h in found]
    if not curve:
        raise DataError(f"{read.where}:{line}: pump {words[0]!r} has no HEAD curve; POWER is not taken over")
    if len(curve) == 1:  # 4/3 of the head at no flow, none at twice the flow
        (q, h) = curve[0]
        curve = _power_curve([(0.0, 4.0 * h / 3.0), (q, h), (2.0 * q, 0.0)])
    elif len(curve) == 3 and curve[0][0] == 0.0:
        curve = _power_curve(curve)
    at, state = status.get(words[0], (line, pairs.get("SPEED", "1")))
    speed = {"OPEN": 1.0, "CLOSED": 0.0}.get(state.upper())
    if speed is None:
        speed = read.number(at, [state], 0)
    if "PATTERN" in pairs and state.upper() != "CLOSED":
        if pairs["PATTERN"] not in first:
            raise DataError(f"{read.where}:{line}: pump {words[0]!r} follows pattern {pairs['PATTERN']!r}, not there")
        speed = first[pairs["PATTERN"]]
    if speed < 0.0:
        raise DataError(f"{read.where}:{at}: speed {speed:g} of pump {words[0]!r} is below zero")
    flow, head, *slope = zip(*sorted(curve), strict=True)
    return EpanetPump(words[0], words[1], words[2], flow, head, slope[0] if slope else (), speed)


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
    shut = [v.name for v in model.valves if v.closed]
    lines += ["", "[STATUS]", *(f" {name} Closed" for name in shut)] if shut else []
    lines += ["", "[CURVES]"]
    for pump in model.pumps:
        lines += [f" {pump.name} {q * 1e3:.12g} {h:.12g}" for q, h in zip(pump.flow, pump.head, strict=True)]
    gravity, viscosity = model.density / WATER_DENSITY, model.viscosity / VISCOS
    lines += ["", "[OPTIONS]", "UNITS LPS", "HEADLOSS D-W", f"SPECIFIC GRAVITY {gravity:.12g}",
              f"VISCOSITY {viscosity:.12g}", "TRIALS 200", "ACCURACY 1e-08", "", "[END]", ""]  # fmt: skip
    return "\n".join(lines)
