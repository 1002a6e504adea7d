"""What a function depends on, as a digest: its code, its defaults, its closure, and the globals that it names."""

import functools
import hashlib
from collections.abc import Iterator
from enum import Enum
from pathlib import PurePath
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import xarray as xr

__all__ = ["fingerprint"]

PLAIN = (bool, int, float, complex, str, bytes, type(None), type(...), np.generic, PurePath)
DEPTH = 1  # functions that the function calls are followed by as many steps


def fingerprint(value: Any) -> str:
    """Digest of a function or a value: equal in every process as long as what it depends on is equal.

    Numbers, texts, tuples, arrays, xarray objects and parts (with the file they came from) count by content, functions
    by code, defaults, closure and globals. Modules and classes count by name. Anything else, lists and dictionaries
    among it, may change while the sweep runs and counts by type only; so does what a function reads from files.

    Examples
    --------
    >>> fingerprint((1, "a")) == fingerprint((1, "a"))
    True
    >>> fingerprint(lambda x: 2 * x) == fingerprint(lambda x: 3 * x)
    False
    """
    return hashlib.sha256(_text(value, DEPTH).encode()).hexdigest()


def _text(value: Any, depth: int) -> str:
    kind = type(value).__name__
    if isinstance(value, (Enum, *PLAIN)):
        return f"{kind} {value!r}"
    if isinstance(value, tuple):
        return f"{kind} ({', '.join(_text(v, depth) for v in value)})"
    if isinstance(value, frozenset):
        return f"{kind} {sorted(_text(v, depth) for v in value)}"
    if isinstance(value, np.ndarray):
        return f"{kind} {value.dtype} {value.shape} {_content(value)}"
    if isinstance(value, xr.DataArray):
        return f"{kind} {_text(value.to_dataset(name='value'), depth)}"
    if isinstance(value, xr.Dataset):
        inside = sorted(f"{name} {v.dims} {_text(np.asarray(v.values), depth)}" for name, v in value.variables.items())
        return f"{kind} {inside}"
    if isinstance(value, CodeType):
        return f"{value.co_code.hex()} {value.co_names} {_text(value.co_consts, depth)}"
    if isinstance(value, functools.partial):
        return _text((value.func, value.args, tuple(sorted(value.keywords.items()))), depth)
    if isinstance(value, MethodType):
        return _text((value.__func__, value.__self__), depth)
    if isinstance(value, FunctionType):
        return _function(value, depth)
    if isinstance(value, ModuleType | type):
        return f"{kind} {value.__name__}"
    fields = getattr(type(value), "model_fields", None)  # a part, known by its form: studies import no part
    if fields is not None:
        origin = getattr(getattr(value, "origin", None), "sha256", "")
        return f"{kind} {origin} {[(name, _text(getattr(value, name), depth)) for name in fields]}"
    return kind


def _function(f: FunctionType, depth: int) -> str:
    own = _text((f.__code__, f.__defaults__, tuple(sorted((f.__kwdefaults__ or {}).items()))), depth)
    if depth < 0:
        return f"{f.__qualname__} {own}"
    names = sorted(set(_names(f.__code__)) & set(f.__globals__))
    used = [(name, _text(f.__globals__[name], depth - 1)) for name in names]
    cells = [_cell(cell, depth - 1) for cell in f.__closure__ or ()]
    return f"{f.__qualname__} {own} {used} {cells}"


def _cell(cell: Any, depth: int) -> str:
    try:
        return _text(cell.cell_contents, depth)
    except ValueError:  # not yet assigned
        return "empty"


def _names(code: CodeType) -> Iterator[str]:
    """Names that the code and the code inside it may look up among the globals."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _content(values: np.ndarray) -> str:
    content = repr(values.tolist()).encode() if values.dtype.hasobject else np.ascontiguousarray(values).tobytes()
    return hashlib.sha256(content).hexdigest()
