"""A new model file to fill in: every field of its kind with unit, range and meaning, written from the declarations."""

import enum
import json
import typing
from pathlib import Path

from thermal.errors import ModelError
from thermal.library import KINDS, library_root, models, part_class, read
from thermal.quantity import Part, unit_of

__all__ = ["BLANK", "draft", "write_draft"]

BLANK = "fill in"  # what stands where the reader shall write; a check names each one that is left
# What data sheets use; any unit of the dimension will do.
USUAL = {"m3/s": "L/min", "Pa": "kPa", "W": "kW", "m3": "L"}
SHOWN = 6  # models named as candidates of one field


def write_draft(kind: str, name: str, root: Path) -> Path:
    """Write the draft of a model file under `root`, in the folder where the library keeps models of that kind.

    Raises
    ------
    ModelError
        If the kind is unknown, the name is no file name, or the file exists.
    """
    text = draft(kind, name.rpartition("/")[2])
    place = Path(name if "/" in name else f"{_folder(kind)}/{name}")
    if place.is_absolute() or ".." in place.parts or not place.name.isprintable() or place.name.startswith("."):
        raise ModelError(f"a model is named by folder and file, such as 'racks/mine', not {name!r:.60}")
    path = root / place.parent / f"{place.name.removesuffix('.toml')}.toml"
    if path.exists():
        raise ModelError(f"{path} exists; give another name")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def draft(kind: str, name: str) -> str:
    """Text of a model file of `kind` to fill in: required fields as blanks, all others as comments with their defaults.

    Raises
    ------
    ModelError
        If there is no such kind.
    """
    if kind not in KINDS:
        raise ModelError(f"no kind {kind!r:.60} of model; there are {', '.join(sorted(KINDS))}")
    cls = part_class(kind)
    summary = (cls.__doc__ or "").strip().splitlines()[0]
    lines = [
        f"# {cls.__name__}: {summary}",
        f'# Write over each "{BLANK}"; a line that starts with # is optional. Any unit of the dimension will do.',
        '# An estimate carries its range: { value = 2, unit = "kW", source = "estimate", low = 1.5, high = 3 }.',
        f"kind = {_text(kind)}",
        f"name = {_text(name)}  # of the machine, as it is printed",
    ]
    inner = [field for field in cls.model_fields if unit_of(cls, field) == "part"]
    values = [field for field in cls.model_fields if field not in inner]
    if inner:
        lines += ["", "[parts]"]
        for field in inner:
            lines += ["", *_part(cls, field)]
    if values:
        lines += ["", "[values]"]
        for field in values:
            lines += ["", *_value(cls, field)]
    return "\n".join([*lines, *_SOURCES])


_SOURCES = (
    "",
    "# Where the numbers come from; kind is measurement, datasheet, paper, standard, code or estimate.",
    "[sources.datasheet]",
    'kind = "datasheet"',
    f'title = "{BLANK}"  # maker, document and page',
    "",
    "[sources.estimate]",
    'kind = "estimate"',
    'title = "engineering judgement"',
    "",
)


def _value(cls: type[Part], field: str) -> list[str]:
    info, unit = cls.model_fields[field], unit_of(cls, field)
    usual = USUAL.get(unit, unit)
    chosen = unit == "choice"
    limits = "" if chosen else f" [{unit}]{_range(cls, field)}"
    many = "" if not _is_tuple(info.annotation) else "; a list, [1.0, 2.0]"
    lines = [f"# {info.description}{limits}{_choices(info.annotation)}{many}"]
    given = "" if chosen else f", unit = {_text(usual)}"
    if info.is_required():
        return [*lines, f'{field} = {{ value = "{BLANK}"{given}, source = "datasheet" }}']
    default = info.get_default(call_default_factory=True)
    if default is None or default == ():
        return [*lines, f'# {field} = {{ value = "{BLANK}"{given}, source = "datasheet" }}']
    shown = _plain(default)
    bare = chosen and (shown[0] in '"[' or shown in {"true", "false"})  # numbers carry a unit, even choices
    given = "" if bare else f", unit = {_text('-' if chosen else unit)}"  # the default is in the declared unit
    return [*lines, f'# {field} = {{ value = {shown}{given}, source = "datasheet" }}  # the default']


def _part(cls: type[Part], field: str) -> list[str]:
    info = cls.model_fields[field]
    classes = _classes(info.annotation)
    kinds = {kind for kind in KINDS if any(issubclass(part_class(kind), c) for c in classes)}
    found = [name for name in models() if read(name).kind in kinds]
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    lines = [f"# {info.description}"]
    lines += [f"# such as {', '.join(found[:SHOWN])}{more}"] if found else []
    if not kinds:
        names = " or ".join(c.__name__ for c in classes)
        return [*lines, f"# ({field}: a {names} has no model file, it is given in Python: .replace({field}=...))"]
    count = ", count = 1" if _is_tuple(info.annotation) else ""
    entry = f'{field} = {{ model = "{BLANK}", source = "datasheet"{count} }}'
    return [*lines, entry if info.is_required() else f"# {entry}"]


def _folder(kind: str) -> str:
    """Folder of the shipped models of a kind."""
    for name in models(root=library_root()):
        if read(name).kind == kind:
            return name.rpartition("/")[0]
    return f"{kind}s"


def _range(cls: type[Part], field: str) -> str:
    limits = [
        f"{sign} {getattr(limit, key):g}"
        for limit in cls.model_fields[field].metadata
        for key, sign in (("ge", ">="), ("gt", ">"), ("le", "<="))
        if getattr(limit, key, None) is not None
    ]
    return f", {' and '.join(limits)}" if limits else ""


def _choices(annotation: typing.Any) -> str:
    members = [str(m.value) for c in _leaves(annotation) if issubclass(c, enum.Enum) for m in c]
    return f": {', '.join(members)}" if members else ""


def _classes(annotation: typing.Any) -> list[type[Part]]:
    return [c for c in _leaves(annotation) if issubclass(c, Part)]


def _leaves(annotation: typing.Any) -> list[type]:
    """Classes inside an annotation such as ``tuple[Rack, ...]`` or ``Pump | None``."""
    inner = typing.get_args(annotation)
    if not inner:
        return [annotation] if isinstance(annotation, type) else []
    return [c for each in inner for c in _leaves(each)]


def _is_tuple(annotation: typing.Any) -> bool:
    origin = typing.get_origin(annotation)
    return origin is tuple or any(_is_tuple(each) for each in typing.get_args(annotation))


def _plain(value: typing.Any) -> str:
    if isinstance(value, enum.Enum):
        return _plain(value.value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_plain, value))}]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
