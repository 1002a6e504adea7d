"""The model library: ``load("racks/gb200_nvl72")`` builds a part from a TOML file, every number with its source."""

import difflib
import hashlib
import importlib
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from thermal.errors import InputError, ModelError
from thermal.quantity import Estimate, Origin, Part, unit_of
from thermal.units import to_si

__all__ = [
    "KINDS",
    "SOURCE_KINDS",
    "Fact",
    "ModelFile",
    "library_root",
    "load",
    "models",
    "part_class",
    "read",
    "read_document",
    "read_entry",
    "read_fact",
    "show",
]

KINDS = {
    "coolant": "thermal.components.coolant:Coolant",
    "material": "thermal.components.plate.material:Material",
    "package": "thermal.components.chip.package:Package",
    "leakage": "thermal.components.chip.leakage:Leakage",
    "throttling": "thermal.components.chip.throttling:Throttling",
    "power_smoothing": "thermal.components.chip.smoothing:PowerSmoothing",
    "plate_curve": "thermal.components.plate.curve:ColdPlateCurve",
    "pipe": "thermal.components.hydronics.pipe:Pipe",
    "hose": "thermal.components.hydronics.pipe:Hose",
    "valve": "thermal.components.hydronics.valve:Valve",
    "check_valve": "thermal.components.hydronics.valve:CheckValve",
    "pressure_independent_valve": "thermal.components.hydronics.valve:PressureIndependentValve",
    "expansion_vessel": "thermal.components.hydronics.vessel:ExpansionVessel",
    "strainer": "thermal.components.hydronics.valve:Strainer",
    "quick_disconnect": "thermal.components.hydronics.valve:QuickDisconnect",
    "pump": "thermal.components.hydronics.pump:Pump",
    "rack": "thermal.components.hall.rack:Rack",
    "exchanger": "thermal.components.hydronics.exchanger:Exchanger",
    "rated_exchanger": "thermal.components.hydronics.exchanger:RatedExchanger",
    "room_units": "thermal.components.hall.room:RoomUnits",
    "control": "thermal.components.hydronics.control:PiControl",
    "room_air": "thermal.components.hall.cdu:RoomAir",
    "cdu": "thermal.components.hall.cdu:Cdu",
    "workload": "thermal.components.workload:Workload",
    "ageing": "thermal.components.ageing:Ageing",
    "battery_ageing": "thermal.components.ageing:BatteryAgeing",
    "battery": "thermal.components.power.battery:Battery",
    "power_chain": "thermal.components.power.chain:PowerChain",
    "power_stage": "thermal.components.power.chain:PowerStage",
    "chiller": "thermal.components.cooling.chiller:Chiller",
    "tower": "thermal.components.cooling.tower:Tower",
    "dry_cooler": "thermal.components.cooling.dry_cooler:DryCooler",
    "loop": "thermal.network.loop:Loop",
    "fluid_cooler": "thermal.components.cooling.dry_cooler:FluidCooler",
    "economiser": "thermal.plant.plant:Economiser",
    "duty_pump": "thermal.components.hydronics.duty_pump:DutyPump",
    "plant": "thermal.plant.plant:Plant",
    "plant_dynamics": "thermal.plant.dynamics:PlantDynamics",
    "tower_plant": "thermal.plant.tower_plant:TowerPlant",
    "climate": "thermal.outdoors.climate:Climate",
    "site": "thermal.site.site:Site",
    "pod": "thermal.site.modules:Pod",
    "plant_block": "thermal.site.modules:PlantBlock",
    "power_block": "thermal.site.modules:PowerBlock",
    "modular_site": "thermal.site.modules:ModularSite",
}
SOURCE_KINDS = {"measurement", "datasheet", "paper", "standard", "code", "estimate"}
MAX_BYTES = 2_000_000
MAX_COUNT = 10_000  # equal parts


class Fact(NamedTuple):
    """One value of a model file as written: number or list, unit, source key, and the range of an estimate."""

    value: Any
    unit: str
    source: str
    low: float | None
    high: float | None
    note: str


class ModelFile(NamedTuple):
    """A model file as read: nothing converted, nothing built."""

    name: str
    kind: str
    title: str
    facts: dict[str, Fact]
    parts: dict[str, dict[str, Any]]
    sources: dict[str, dict[str, Any]]
    path: Path
    sha256: str


def library_root() -> Path:
    """Directory of the shipped models: inside the installed package, or beside it in a checkout."""
    inside = Path(__file__).parent / "models"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "models"


def models(folder: str | None = None, *, root: str | Path | None = None) -> list[str]:
    """Names of all models under `root` (default: the shipped library), or of one folder of it, as ``load`` takes them.

    Parameters
    ----------
    folder : str, optional
        Such as ``"coolants"``; all folders if not given.
    root : path, optional
        Directory of the user's own models.

    Raises
    ------
    ModelError
        If there is no such folder.

    Examples
    --------
    >>> import thermal as th
    >>> [name for name in th.models("coolants") if "water" in name]
    ['coolants/water']
    """
    base = _root(root)
    names = sorted(p.relative_to(base).with_suffix("").as_posix() for p in base.rglob("*.toml"))
    if folder is None:
        return names
    found = [name for name in names if name.startswith(f"{str(folder).rstrip('/')}/")]
    if not found:
        known = sorted({name.rpartition("/")[0] for name in names} - {""})
        raise ModelError(f"no folder {str(folder)!r} of models; there are {', '.join(known) or 'none'}")
    return found


def load(name: str, root: str | Path | None = None) -> Any:
    """Build a part from its model file.

    Parameters
    ----------
    name : str
        Such as ``"racks/gb200_nvl72"``; ``thermal models`` lists them.
    root : path, optional
        Directory of the user's own models; parts it refers to may lie there or in the shipped library.

    Returns
    -------
    Part
        The frozen part of the file's kind, with its origin recorded.

    Raises
    ------
    ModelError
        If the model is unknown, or the file does not say what its kind needs.

    Examples
    --------
    >>> import thermal as th
    >>> th.load("coolants/pg25").fraction
    0.25
    """
    _named(name)
    return _shipped(name) if root is None else _build(name, Path(root), ())


def read(name: str, root: str | Path | None = None) -> ModelFile:
    """Read a model file and check its form, without building the part."""
    _named(name)
    path = _find(name, Path(root) if root is not None else None)
    document, digest = read_document(path)
    unknown = set(document) - {"kind", "name", "values", "parts", "sources", "note"}
    if unknown or not {"kind", "name"} <= set(document):
        raise ModelError(
            f"{path.name}: needs kind and name, then values, parts, sources; unknown: {_some(unknown) or 'none'}"
        )
    for key in ("kind", "name"):
        if not isinstance(document[key], str):
            raise ModelError(f"{path.name}: {key} = {document[key]!r:.60} must be a text")
    if document["kind"] not in KINDS:
        raise ModelError(f"{path.name}: kind {document['kind']!r:.60} is unknown; {_near(document['kind'], KINDS)}")
    values, inner, sources = (_table(path, document, key) for key in ("values", "parts", "sources"))
    facts = {key: read_fact(f"{path.name}: {key}", entry) for key, entry in values.items()}
    parts = {key: read_entry(f"{path.name}: {key}", entry) for key, entry in inner.items()}
    _check_sources(path, facts, parts, sources)
    return ModelFile(name, document["kind"], document["name"], facts, parts, sources, path, digest)


def read_document(path: Path) -> tuple[dict[str, Any], str]:
    """The tables of a model file as TOML has them, and the digest of the file."""
    if path.stat().st_size > MAX_BYTES:
        raise ModelError(f"{path.name} is larger than {MAX_BYTES / 1e6:g} MB; model files hold facts, tables go to CSV")
    content = path.read_bytes()
    try:
        document = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, OverflowError, ValueError) as error:
        raise ModelError(f"{path.name}: not valid TOML: {error!s:.200}") from None
    return document, hashlib.sha256(content).hexdigest()


def show(name: str, root: str | Path | None = None) -> str:
    """Text of one model with the source of every number, as ``thermal models NAME`` prints it."""
    model = read(name, root)
    lines = [f"{model.name} · {model.title} [{model.kind}]", ""]
    for key, fact in model.facts.items():
        value = fact.value
        if isinstance(value, list):
            value = (
                f"{len(value)} values, {min(value):g} .. {max(value):g}"
                if _numbers(value)
                else ", ".join(map(str, value))
            )
        spread = f" ({fact.low:g} .. {fact.high:g})" if fact.low is not None else ""
        note = f"; {fact.note}" if fact.note else ""
        lines.append(f"  {key:28s} {value} {fact.unit}{spread}   [{fact.source}]{note}")
    for key, entry in model.parts.items():
        count = f"{entry['count']} × " if "count" in entry else ""
        lines.append(f"  {key:28s} {count}{entry['model']}   [{entry['source']}]")
    lines += ["", "Sources:"]
    for key, source in model.sources.items():
        rest = ", ".join(f"{k} {v}" for k, v in source.items() if k not in {"kind", "title"})
        lines.append(f"  [{key}] {source['kind']}: {source['title']}{' (' + rest + ')' if rest else ''}")
    return "\n".join(lines)


@cache
def _shipped(name: str) -> Any:
    """Part of the shipped library, built once; a user's own models may change and are built at each call."""
    return _build(name, None, ())


def _build(name: str, root: Path | None, inside: tuple[str, ...]) -> Any:
    if name in inside:
        raise ModelError(f"{' > '.join((*inside, name))}: a model cannot be a part of itself")
    model = read(name, root)
    cls = part_class(model.kind)
    values: dict[str, Any] = {}
    for key, fact in model.facts.items():
        _known(cls, key, model.path)
        _require_kind(cls, key, fact.value, model.path)
        value = to_si(fact.value, fact.unit, _target(cls, key), f"{model.path.name}: {key}")
        values[key] = tuple(value) if isinstance(value, list) else value
    for key, entry in model.parts.items():
        _known(cls, key, model.path)
        inner = _shipped(entry["model"]) if root is None else _build(entry["model"], root, (*inside, name))
        values[key] = entry["count"] * (inner,) if "count" in entry else inner
    try:
        built = cls(**values)
    except InputError as error:
        raise ModelError(f"{model.path.name}: {error}") from None
    sources = {key: f"{source['kind']}: {source['title']}" for key, source in model.sources.items()}
    built._origin = Origin(
        model=name,
        title=model.title,
        sha256=model.sha256,
        estimates=_estimates(cls, model),
        sources=tuple((key, sources[fact.source]) for key, fact in model.facts.items()),
    )
    return built


def _estimates(cls: type[Part], model: ModelFile) -> tuple[Estimate, ...]:
    """What the file does not know for certain: every number with a range, and tables that are estimated without one."""
    found = []
    for key, fact in model.facts.items():
        source, target = model.sources[fact.source], _target(cls, key)
        ranged = fact.low is not None and fact.high is not None
        if not ranged and not (source["kind"] == "estimate" and _numbers(fact.value)):
            continue
        limits = (
            to_si([fact.low, fact.high], fact.unit, target, f"{model.path.name}: {key}") if ranged else (None, None)
        )
        words = f"{source['kind']}: {source['title']}{'; ' + fact.note if fact.note else ''}"
        found.append(Estimate(field=key, low=limits[0], high=limits[1], source=words, fitted="fit" in source))
    return tuple(found)


def _named(name: Any) -> None:
    if not isinstance(name, str):
        raise ModelError(f"a model is named by text, such as 'racks/gb200_nvl72', not by {name!r}")


def part_class(kind: str) -> type[Part]:
    """Class that a kind of model file builds."""
    module, _, name = KINDS[kind].partition(":")
    cls = getattr(importlib.import_module(module), name)
    assert issubclass(cls, Part)
    return cls


def _target(cls: type[Part], key: str) -> str:
    unit = unit_of(cls, key)
    return "" if unit in {"choice", "part"} else unit


def _known(cls: type[Part], key: str, path: Path) -> None:
    if key not in cls.model_fields:
        raise ModelError(f"{path.name}: {cls.__name__} has no field {key!r}; {_near(key, cls.model_fields)}")


def _root(root: str | Path | None) -> Path:
    base = Path(root) if root is not None else library_root()
    if not base.is_dir():
        raise ModelError(f"model directory {base} does not exist")
    return base


def _find(name: str, root: Path | None) -> Path:
    bases = [_root(root), library_root()] if root is not None else [library_root()]
    for base in bases:
        path = base / f"{name}.toml"
        if path.is_file() and path.resolve().is_relative_to(base.resolve()):
            return path
    known = [m for base in bases for m in models(root=base)]
    raise ModelError(f"no model {name!r} in {' or '.join(b.name + '/' for b in bases)}; {_near(name, known)}")


def _near(name: str, known: Any) -> str:
    close = difflib.get_close_matches(str(name), list(known), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(map(repr, close))}?" if close else "`thermal models` lists all of them"


def _require_kind(cls: type[Part], key: str, value: Any, path: Path) -> None:
    """Numbers where the field is a quantity; no table where it is not."""
    if unit_of(cls, key) not in {"choice", "part"} and not _numbers(value):
        raise ModelError(f"{path.name}: {key} = {value!r:.60} must be a number, not a text; write it without quotes")


def _table(path: Path, document: dict[str, Any], key: str) -> dict[str, Any]:
    table = document.get(key, {})
    if not isinstance(table, dict):
        raise ModelError(f"{path.name}: {key} = {table!r:.60} must be a table, [{key}]")
    return table


def _some(names: Any) -> list[str]:
    """The first few of many names."""
    return sorted(map(str, names))[:8]


def read_fact(where: str, entry: Any) -> Fact:
    """One value of a model file, its form checked; `where` names it in errors."""
    if not isinstance(entry, dict) or not {"value", "source"} <= set(entry):
        raise ModelError(f"{where} must be written as {{ value = ..., unit = ..., source = ... }}")
    unknown = set(entry) - {"value", "unit", "source", "low", "high", "note"}
    if unknown:
        raise ModelError(f"{where}: unknown keys {_some(unknown)}")
    if _numbers(entry["value"]) and "unit" not in entry:
        raise ModelError(f'{where} = {entry["value"]!r:.60} has no unit; write unit = "-" for a ratio')
    for key in ("unit", "source", "note"):
        if not isinstance(entry.get(key, ""), str):
            raise ModelError(f"{where}: {key} = {entry[key]!r:.60} must be a text")
    low, high = entry.get("low"), entry.get("high")
    for key, limit in (("low", low), ("high", high)):
        if limit is not None and (isinstance(limit, list) or not _numbers(limit)):
            raise ModelError(f"{where}: {key} = {limit!r:.60} must be a number")
    return Fact(entry["value"], entry.get("unit", ""), entry["source"], low, high, entry.get("note", ""))


def read_entry(where: str, entry: Any) -> dict[str, Any]:
    """A part of a model file: another model, how many of it, and why."""
    if not isinstance(entry, dict) or not {"model", "source"} <= set(entry) <= {"model", "source", "count", "note"}:
        raise ModelError(f'{where} must be written as {{ model = "...", source = "..." }}, with count if several')
    for key in ("model", "source", "note"):
        if not isinstance(entry.get(key, ""), str):
            raise ModelError(f"{where}: {key} = {entry[key]!r:.60} must be a text")
    count = entry.get("count", 1)
    if not (isinstance(count, int) and not isinstance(count, bool) and 1 <= count <= MAX_COUNT):
        raise ModelError(f"{where}: count = {count!r:.60} must be a whole number from 1 to {MAX_COUNT}")
    return entry


def _numbers(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return bool(items) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in items)


def _check_sources(path: Path, facts: dict[str, Fact], parts: dict[str, Any], sources: dict[str, Any]) -> None:
    for key, source in sources.items():
        if not isinstance(source, dict) or str(source.get("kind")) not in SOURCE_KINDS or "title" not in source:
            raise ModelError(f"{path.name}: source {key!r:.60} needs a title and a kind out of {sorted(SOURCE_KINDS)}")
    cited = [(key, fact.source) for key, fact in facts.items()] + [(key, p.get("source")) for key, p in parts.items()]
    for key, source in cited:
        if source not in sources:
            raise ModelError(f"{path.name}: {key} cites source {source!r}, which the file does not define")
    for key, fact in facts.items():
        estimate = (
            sources[fact.source]["kind"] == "estimate" and _numbers(fact.value) and not isinstance(fact.value, list)
        )
        if estimate and (fact.low is None or fact.high is None or not fact.low <= fact.value <= fact.high):
            raise ModelError(f"{path.name}: {key} is an estimate and must carry low <= value <= high")
