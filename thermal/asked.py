"""What each kind of part may be asked: its conditions, those that may be left out, and what stands in for them."""

from collections.abc import Sequence
from typing import Any

import thermal.plant.in_time  # its water, and what follows, register themselves
import thermal.plant.trains
import thermal.site.in_time  # noqa: F401
from thermal.components.chip.throttling import Throttling
from thermal.components.coolant import Coolant
from thermal.errors import InputError
from thermal.inputs import member, no_others
from thermal.library import load
from thermal.network.case import OnLimit, Study
from thermal.plant.plant import Plant
from thermal.plant.tower_plant import TowerPlant
from thermal.quantity import Part
from thermal.site.site import Site

__all__ = [
    "CURVE", "ICE", "IN_TIME", "LOOPS", "NETWORK", "NETWORK_IN_TIME", "PLATE", "PLATE_IN_TIME", "REDUCED", "all_are",
    "conditions_of", "given_of", "not_known", "study_of", "unfolded", "water",
]  # fmt: skip

LOOPS = ("heat", "facility", "weather")
IN_TIME = (*LOOPS, "events", "until", "step", "save", "on_limit")
NETWORK = LOOPS
NETWORK_IN_TIME = (*NETWORK, "events", "until", "step", "save", "on_limit")
CURVE = ("package", "coolant", "heat", "flow", "T_in")
PLATE = (*CURVE, "cells", "tolerance")
PLATE_IN_TIME = (*PLATE, "until", "step", "start", "accuracy")
ICE = ("as_3dice", "cells_over_fin", "tolerance")
REDUCED = ("coolant", "T_in", "flows", "cells", "states")
OPTIONAL = {
    "weather", "events", "until", "step", "save", "cells", "tolerance", "start", "accuracy", "on_limit", "flows",
    "states", "as_3dice", "cells_over_fin", "slices",
}  # fmt: skip


def unfolded(part: Any, given: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """A site as its loops or its network, with itself behind them; all else as it is."""
    if isinstance(given.get("facility"), Site):
        raise InputError("facility = Site must be a th.Supply or a plant; a whole site is the first argument")
    if not isinstance(part, Site):
        return part, given
    if "facility" in given:
        raise InputError("a site brings its own plant; for another pass site.loops and facility=...")
    if part.network is not None:
        return part.network, given | {"facility": part}
    if not part.loops:
        raise InputError("the site has no loops: through time it needs site.replace(loops=...), or a network")
    return part.loops, given | {"facility": part}


def not_known(verb: str, known: str, part: Any) -> InputError:
    """The error of a part that a verb does not know, with what to give in its place."""
    if isinstance(part, str):
        after = f"; th.load({part!r}) gives the part of that name"
    elif isinstance(getattr(part, "site", None), Site):
        after = f"; it is a site of modules: say {verb} of its .site"
    elif isinstance(part, Site):
        after = " without a plant: site.replace(plant=th.load('plants/...')) has one"
    elif isinstance(part, Plant | TowerPlant):
        after = "; a plant stands behind loops as facility=..., th.annual gives its year"
    elif isinstance(part, Part) and verb != "annual":
        after = "; machines stand in a th.Loop or a th.Network"
    else:
        after = ""
    return InputError(f"{verb} knows {known}, not {type(part).__name__}{after}")


def study_of(loops: Any, given: dict[str, Any]) -> Study:
    """A study of loops, the facility completed by what stands in for open fields."""
    facility = given.get("facility")
    if isinstance(facility, Part):
        facility = facility.completed(coolant=water(), dynamics=load("plant_dynamics/typical"))
    step = given.get("step")
    return Study(
        loops, given["heat"], facility, given.get("weather"), given.get("events") or (), given.get("until"),
        5.0 if step is None else step, given.get("save"), *_answer(given.get("on_limit", OnLimit.FLAG)),
    )  # fmt: skip


def _answer(on_limit: Any) -> tuple[OnLimit, Throttling | None]:
    """What a limit brings, and the law where that is less heat."""
    if isinstance(on_limit, Throttling):
        return OnLimit.THROTTLE, on_limit
    chosen = member("on_limit", on_limit, OnLimit)
    return chosen, load("throttlings/accelerator") if chosen == OnLimit.THROTTLE else None


def water() -> Coolant:
    """Plain water, where a part does not say what it is filled with."""
    plain = load("coolants/water")
    assert isinstance(plain, Coolant)
    return plain


def given_of(**conditions: Any) -> dict[str, Any]:
    """Conditions that were given."""
    return {name: value for name, value in conditions.items() if value is not None}


def conditions_of(
    part: Any, given: dict[str, Any], known: Sequence[str], *also: str, spare: Sequence[str] = ()
) -> dict[str, Any]:
    """Conditions of a part: one that it does not know, or that is missing and not spare, is named."""
    several = isinstance(part, list | tuple) and not hasattr(part, "_fields")
    kind = f"a {type(part[0]).__name__} among several" if several else f"a {type(part).__name__}"
    no_others(kind, given, known)
    missing = [name for name in known if name not in given and (name not in OPTIONAL | set(spare) or name in also)]
    if missing:
        raise InputError(f"{kind} also needs {', '.join(missing)}")
    return given


def all_are(kind: type, part: Any) -> bool:
    """Whether a part is a sequence of one kind of parts."""
    return isinstance(part, Sequence) and len(part) > 0 and all(isinstance(item, kind) for item in part)
