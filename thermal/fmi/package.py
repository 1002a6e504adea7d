"""A study written into a unit of FMI, and read again where the unit runs: models as files, signals as one table."""

import importlib
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from thermal import __version__
from thermal.asked import study_of, unfolded
from thermal.errors import InputError, ModelError
from thermal.fmi.archive import identifier, place, put
from thermal.fmi.raps import PROFILES
from thermal.fmi.signals import INPUTS, Signal, input_signals, output_signals
from thermal.fmi.unit import Setup, open_stepper
from thermal.inputs import no_others, number, whole
from thermal.library import load
from thermal.network.loop import Loop
from thermal.network.supply import Supply
from thermal.quantity import Part, provenance
from thermal.saving import save
from thermal.site.site import Site

__all__ = ["OUTPUTS", "export", "read_setup"]

OUTPUTS = (
    "T_case", "margin", "T_supply", "T_return", "flow", "heat_to_facility", "power", "site_power", "energy_residual",
    "mass_residual",
)  # fmt: skip
USUAL = {"T_dry_bulb": 20.0, "T_wet_bulb": 15.0, "pressure": 101325.0}  # where no start is given
TABLE, MODELS = "unit.json", "models"
FORMAT = 1
SCRIPT = '''"""Runs the study of this unit; needs Python with thermal-toolkit {version}."""

from {packager} import {slave}

from thermal.fmi.slave import {face}


class {name}({face}, {slave}):
    """{title}."""


# At every start pythonfmu 0.7 gives back a reference to these names that it never took: enough to spare.
SPARE = 10_000 * [globals()]
'''


def export(
    part: Loop | Sequence[Loop] | Site,
    path: str | Path,
    *,
    facility: Part | None = None,
    inputs: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    step: float = 15.0,
    longest_step: float = 5.0,
    start: dict[str, float] | None = None,
    profile: str | None = None,
    version: int = 2,
) -> Path:
    """Write loops, or a site, as a co-simulation unit (FMI 2.0 or 3.0) that other programs step.

    The unit needs Python with this package where it runs. It comes to rest under the inputs that hold when its first
    step begins; then each step is that of ``th.transient``: temperatures and openings are those at the end of a step,
    powers and flows of heat means over it. Its state can be saved, restored and written as bytes.

    Parameters
    ----------
    part : Loop, sequence of Loops, or Site
        What is stepped.
    path : path
        File to write, such as ``"row.fmu"``.
    facility : Supply, Plant or TowerPlant, optional
        What stands behind loops; a site brings its own.
    inputs : sequence of str, optional
        Of ``heat`` (of each rack) or ``heat_loop``, and what the facility takes: ``T``, ``flow``, ``T_supply``, or
        ``T_dry_bulb``, ``T_wet_bulb``, ``humidity_ratio``, ``pressure``. By default ``heat`` and all that the facility
        takes, the humidity from the wet bulb.
    outputs : sequence of str, optional
        Variables of the result; temperatures, flows, margins, powers and residuals if not given.
    step : float
        Of the master [s]: the only one that the unit takes.
    longest_step : float
        Of the solver inside [s].
    start : dict, optional
        Values of inputs at the start, and of weather that is no input, in units of this package. By default the design
        heat, what the facility was given, and air of 20 °C with a wet bulb of 15 °C.
    profile : {"raps"}, optional
        Names and units as another program asks for them, in place of `inputs`; `outputs` then come on top.
    version : {2, 3}
        Of FMI: 2.0 by pythonfmu, 3.0 by pythonfmu3.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    InputError
        If an input, output or start value is not known, or the packager is not installed.

    Examples
    --------
    >>> import thermal as th
    >>> row, water = th.load("loops/gb200_row"), th.Supply(T=26, flow=0.03)
    >>> th.fmi.export(row, "row.fmu", facility=water, inputs=["heat", "T"], outputs=["T_case"])  # doctest: +SKIP
    PosixPath('row.fmu')
    """
    target = place(path)
    words = {"packager": "pythonfmu", "slave": "Fmi2Slave", "face": "Face"}
    if whole("version", version, low=2, high=3) == 3:
        words = {"packager": "pythonfmu3", "slave": "Fmi3Slave", "face": "Face3"}
    builder = _packager(version).FmuBuilder
    setup = _setup(part, facility, inputs, outputs, step, longest_step, start, profile)
    name = identifier(target)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        script = root / f"thermal_{name}_{version}.py"  # a module of its own where both versions run in one process
        title = f"{len(setup.loops)} loops and what stands behind them, in steps of {setup.step:g} s"
        script.write_text(SCRIPT.format(version=__version__, name=name, title=title, **words), encoding="utf-8")
        (root / MODELS).mkdir()
        table = _table(setup, part, facility, root / MODELS) | {"name": name, "title": title}
        (root / TABLE).write_text(json.dumps(table, ensure_ascii=False, indent=1), encoding="utf-8")
        built = _build(builder, script, root / "built", [root / TABLE, root / MODELS])
        return put(target, built.read_bytes())


OPTIONS = {
    "canHandleVariableCommunicationStepSize": False,
    "canGetAndSetFMUstate": True,
    "canSerializeFMUstate": True,
    "canGetAndSetFMUState": True,  # so written in FMI 3.0; a packager takes those that it knows
    "canSerializeFMUState": True,
}


def _build(builder: Any, script: Path, folder: Path, files: list[Path]) -> Path:
    """Pack the unit; what the packager leaves behind in this process is taken away."""
    before = list(sys.path)
    folder.mkdir()
    try:
        return Path(builder.build_FMU(script, dest=folder, project_files=files, **OPTIONS))
    finally:
        sys.path[:] = before
        sys.modules.pop(script.stem, None)


def _packager(version: int) -> Any:
    try:
        return importlib.import_module("pythonfmu") if version == 2 else importlib.import_module("pythonfmu3")
    except ImportError as error:
        raise InputError(
            f"a unit of FMI needs {error.name}, which is not installed: pip install thermal-toolkit[fmi]"
        ) from None


def _setup(
    part: Any, facility: Any, inputs: Any, outputs: Any, step: Any, longest_step: Any, start: Any, profile: Any
) -> Setup:
    """What the unit is made of, every name checked."""
    given: dict[str, Any] = {} if facility is None else {"facility": facility}
    loops, given = unfolded(part, given)
    loops = (loops,) if isinstance(loops, Loop) else tuple(loops)
    if "facility" not in given:
        raise InputError("loops need a facility = th.Supply(...) or a plant; a site brings its own")
    behind = study_of(loops, {"heat": 0.0, **given}).facility
    start = {} if start is None else dict(start)
    no_others("start", start, INPUTS)
    values = {
        name: number(f"start: {name}", value, INPUTS[name][0].replace("kg/kg", "-")) for name, value in start.items()
    }
    step = number("step", step, "s", above=0)
    air = USUAL | {name: value for name, value in values.items() if name in (*USUAL, "humidity_ratio")}
    setup = Setup(loops, behind, (), (), (), air, step, number("longest_step", longest_step, "s", above=0))
    case = open_stepper(setup, {})
    takes = dict(case.inputs)
    weather = takes.pop("weather", {})
    air = {name: air[name] for name in weather if name in air}
    known = ["heat", "heat_loop", *takes, *weather]
    if profile is not None:
        no_others("profile", [profile], PROFILES)
        if inputs is not None:
            raise InputError("the profile names the inputs: leave inputs out")
        ins, outs = PROFILES[profile](loops)
    else:
        names = ["heat", *takes, *(name for name in weather if name in USUAL and name != "pressure")]
        ins, outs = input_signals(_listed(names if inputs is None else inputs), loops), []
    no_others(f"a unit of {type(behind).__name__}", [s.variable for s in ins], known)
    no_others(f"start of a unit of {type(behind).__name__}", values, known)
    if {"heat"} <= {s.variable for s in ins} and len({len(loop.racks) for loop in loops}) > 1:
        raise InputError("inputs: loops of different numbers of racks take heat_loop, not heat")
    case.march(case.case.every)
    row = case.row()
    wanted = _listed(((*OUTPUTS,) if profile is None else ()) if outputs is None else outputs)
    outs = [*outs, *output_signals(wanted, row)]
    missing = sorted({s.variable for s in outs if s.variable} - set(row))
    if missing:
        raise InputError(f"profile {profile} asks for {', '.join(missing)}, which this study does not have")
    starts = tuple(_start(s, values, loops, takes | USUAL | weather) for s in ins)
    return setup._replace(inputs=tuple(ins), outputs=tuple(outs), start=starts, air=air)


def _listed(names: Any) -> list[str]:
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise InputError(f"{names!r:.60} must be a list of names")
    return list(dict.fromkeys(names))


def _start(signal: Signal, values: dict[str, float], loops: Sequence[Loop], held: dict[str, Any]) -> float:
    if signal.variable in values:
        return values[signal.variable]
    if signal.variable == "heat":
        return float(loops[signal.place[0]].design_heat[signal.place[1]])
    if signal.variable == "heat_loop":
        return float(loops[signal.place[0]].design_heat.sum())
    return float(held[signal.variable])


def _table(setup: Setup, part: Any, facility: Any, root: Path) -> dict[str, Any]:
    """The unit as one table, its parts written as model files under `root`."""
    table: dict[str, Any] = {"format": FORMAT, "thermal": __version__}
    if isinstance(part, Site):
        save(part, "unit/site", root=root)
        table["site"] = "unit/site"
    else:
        different = list(dict.fromkeys(setup.loops))
        for k, loop in enumerate(different):
            save(loop, f"unit/loop{k}", root=root)
        table["loops"] = [f"unit/loop{different.index(loop)}" for loop in setup.loops]
        if isinstance(facility, Supply):
            table["supply"] = {"T": facility.T, "flow": facility.flow}
            if facility.coolant is not None:
                save(facility.coolant, "unit/water", root=root)
                table["supply"]["coolant"] = "unit/water"
        else:
            save(facility, "unit/plant", root=root)
            table["plant"] = "unit/plant"
    table["models"] = _digest(setup)
    table["inputs"] = [s._asdict() for s in setup.inputs]
    table["outputs"] = [s._asdict() for s in setup.outputs]
    return table | {"start": setup.start, "air": setup.air, "step": setup.step, "longest": setup.longest}


def _digest(setup: Setup) -> str:
    return provenance(setup.loops, setup.facility)["models"]


def read_setup(folder: str | Path) -> tuple[Setup, dict[str, Any]]:
    """Setup of a unit from its resources, and its table.

    Raises
    ------
    ModelError
        If the table is of another format, or the models are not those that the unit was made of.
    """
    table = json.loads((Path(folder) / TABLE).read_text(encoding="utf-8"))
    if table.get("format") != FORMAT:
        raise ModelError(f"the unit's table is of format {table.get('format')!r}, this version reads {FORMAT}")
    root = Path(folder) / MODELS
    given: dict[str, Any] = {}
    if "site" in table:
        part: Any = load(table["site"], root=root)
    else:
        part = [load(name, root=root) for name in table["loops"]]
        if "supply" in table:
            supply = dict(table["supply"])
            water = load(supply.pop("coolant"), root=root) if "coolant" in supply else None
            given["facility"] = Supply(**supply, coolant=water)
        else:
            given["facility"] = load(table["plant"], root=root)
    loops, given = unfolded(part, given)
    facility = study_of(loops, {"heat": 0.0, **given}).facility
    signals = {
        kind: tuple(Signal(**{**entry, "place": tuple(entry["place"])}) for entry in table[kind])
        for kind in ("inputs", "outputs")
    }
    setup = Setup(
        tuple(loops), facility, signals["inputs"], signals["outputs"], tuple(table["start"]), dict(table["air"]),
        float(table["step"]), float(table["longest"]),
    )  # fmt: skip
    return setup, table
