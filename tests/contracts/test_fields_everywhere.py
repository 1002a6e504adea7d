"""One door for parts: each field is obeyed in the unit that a number names, or refused by name."""

import functools
from typing import Any

import numpy as np
import pytest
from calls import _geometry
from test_inputs_everywhere import _fields, asked, odd_ones, relabelled

import thermal as th
from thermal.quantity import Part, unit_of


@functools.cache
def parts() -> dict[str, Part]:
    """One part of each kind that the library builds, and of those that it has inside."""
    found: dict[str, Part] = {}
    stack: list[Any] = [th.load(name) for name in th.models()]
    stack += [
        th.Supply(T=26, flow=0.01),
        th.components.hydronics.Tank(volume=50.0, coolant=th.load("coolants/water")),
        _geometry(),
        _stack(),
    ]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            stack += item
        elif isinstance(item, Part):
            found.setdefault(type(item).__name__, item)
            stack += [getattr(item, name) for name in type(item).model_fields]
    return found


def _stack() -> th.Stack:
    place = {"x": 0.0, "y": 0.0, "length": 0.01, "breadth": 0.01}
    whole = (th.Region(material=th.load("materials/silicon"), **place),)
    return th.Stack(
        layers=(th.Layer(name="die", thickness=3e-4, regions=whole, blocks=(th.Block(name="a", **place),)),)
    )


PARTS = [name for name in sorted(parts()) if _fields(type(parts()[name]))]


@pytest.mark.parametrize("name", PARTS)
def test_each_field_of_a_part_passes_the_door(name):
    part = parts()[name]
    for field in _fields(type(part)):
        value, unit = getattr(part, field), unit_of(type(part), field)
        if value is not None and not isinstance(value, int):
            labelled = relabelled(value, unit)
            assert labelled is not None, f"no other unit of {unit!r} is known: add one to OTHER"
            found = asked(lambda field=field, x=labelled: part.replace(**{field: x}), field)
            assert found is not None, field
            np.testing.assert_allclose(getattr(found, field), value, rtol=1e-9, atol=1e-9, err_msg=field)
        for what, odd in odd_ones(value).items():
            found = asked(lambda field=field, x=odd: part.replace(**{field: x}), field)
            assert what in {"negative", "absurd"} or found is None, f"{name}.{field} = {odd!r} was taken"
            if found is not None:
                assert np.isfinite(np.asarray(getattr(found, field), float)).all()
