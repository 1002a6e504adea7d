"""A reduced cold plate as a unit of FMI 2.0 that needs no Python where it runs: C source, its numbers, and a binary."""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np

from thermal import __version__
from thermal.components.plate.reduced import ReducedPlate
from thermal.errors import InputError
from thermal.fmi.archive import identifier, place, put
from thermal.inputs import number, part
from thermal.names import NAMES

__all__ = ["export_plate"]

SOURCE = Path(__file__).with_name("plate.c")
BINARIES = {"linux": ("linux64", ".so"), "darwin": ("darwin64", ".dylib"), "win32": ("win64", ".dll")}
FLAGS = ["-std=c99", "-O2", "-ffp-contract=off", "-fPIC", "-shared"]


class Variable(NamedTuple):
    """One number that goes in or comes out."""

    name: str
    units: str
    meaning: str
    start: float | None  # of an input


def export_plate(plate: ReducedPlate, path: str | Path, *, step: float) -> Path:
    """Write a reduced cold plate as a self-contained co-simulation unit (FMI 2.0): no Python where it runs.

    In go the heat of each block [W], the flow [m³/s] and the inlet temperature [°C], out come mean and highest
    temperature of each block, case and outlet [°C]. It starts in equilibrium with the first inlet temperature and gives
    the numbers of ``ReducedPlate.march`` under flows that change, where the matrices of a step are linear between
    tabulated flows. C source and coefficients lie in the unit beside the binary, which runs on the kind of machine that
    it was made on. Its state can be saved, restored and written as bytes.

    Parameters
    ----------
    plate : ReducedPlate
        Of ``th.reduce``.
    path : path
        File to write, such as ``"plate.fmu"``.
    step : float
        Length of a step [s], made into the coefficients; the master takes whole multiples of it.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    InputError
        If there is no C compiler (``cc``, or what the variable CC of the environment names) or it fails.

    Examples
    --------
    >>> import thermal as th
    >>> plate = th.ColdPlate(length=0.04, breadth=0.04, channel_width=4e-4, fin_width=4e-4, channel_depth=2e-3,
    ...                      base=1e-3, metal=th.load("materials/copper"), homogenised=True)
    >>> small = th.reduce(plate, package=th.load("packages/h100"), coolant=th.load("coolants/pg25"), heat=700.0,
    ...                   flows=[1.2e-5, 2.4e-5], T_in=40.0, cells=th.Cells(slices=6, base=1, fin=2, cover=1))
    >>> export_plate(small, "plate.fmu", step=0.1)  # doctest: +SKIP
    PosixPath('plate.fmu')
    """
    part("plate", plate, ReducedPlate, "th.reduce makes one")
    step = number("step", step, "s", above=0)
    target = place(path)
    name = identifier(target)
    numbers = _coefficients(plate, step)
    content = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as unit:
        root = Path(folder)
        shutil.copyfile(SOURCE, root / SOURCE.name)
        (root / "coefficients.h").write_text(numbers, encoding="utf-8")
        system, suffix = BINARIES.get(sys.platform, (sys.platform, ".so"))
        binary = _compiled(root, root / f"{name}{suffix}")
        unit.writestr("modelDescription.xml", _description(plate, name, step))
        for file in (SOURCE.name, "coefficients.h"):
            unit.write(root / file, f"sources/{file}")
        unit.write(binary, f"binaries/{system}/{binary.name}")
    return put(target, content.getvalue())


def _compiled(root: Path, binary: Path) -> Path:
    """The shared library of the source under `root`."""
    compiler = os.environ.get("CC") or "cc"
    if shutil.which(compiler) is None:
        raise InputError(
            f"a self-contained unit needs a C compiler, and there is no {compiler!r} here: install one "
            "(Debian: apt-get install gcc libc6-dev), or name yours in the environment variable CC"
        )
    call = [compiler, *FLAGS, str(root / SOURCE.name), "-o", str(binary), "-lm"]
    done = subprocess.run(call, capture_output=True, text=True)
    if done.returncode:
        raise InputError(f"{compiler} could not compile the unit: {done.stderr.strip()[-300:]}")
    return binary


def _variables(plate: ReducedPlate) -> list[Variable]:
    """Inputs, then outputs, in the order of their value references."""
    shares = zip(plate.blocks, plate.shares, strict=True)
    ins = [Variable(f"heat[{block}]", "W", f"{NAMES['heat'].long_name}: {block}", 0.0) for block, _ in shares]
    ins += [
        Variable("flow", "m3/s", NAMES["flow"].long_name, plate.flows[-1]),
        Variable("T_in", "degC", NAMES["T_in"].long_name, plate.T_in),
    ]
    outs = [
        Variable(f"{name}[{block}]", "degC", f"{NAMES[name].long_name}: {block}", None)
        for name in ("T_block", "T_block_highest")
        for block in plate.blocks
    ]
    return [*ins, *outs, *(Variable(name, "degC", NAMES[name].long_name, None) for name in ("T_case", "T_out"))]


def _token(plate: ReducedPlate, step: float) -> str:
    return hashlib.sha256(f"{plate.digest} {step.hex()} {__version__}".encode()).hexdigest()


def _description(plate: ReducedPlate, name: str, step: float) -> bytes:
    """The model description of FMI 2.0."""
    root = Element(
        "fmiModelDescription", fmiVersion="2.0", modelName=name, guid=_token(plate, step), version=__version__,
        description=str(plate), generationTool=f"thermal {__version__}", variableNamingConvention="flat",
    )  # fmt: skip
    able = dict.fromkeys(("canGetAndSetFMUstate", "canSerializeFMUstate"), "true")
    unit = SubElement(root, "CoSimulation", {"modelIdentifier": name} | able)
    SubElement(SubElement(unit, "SourceFiles"), "File", name=SOURCE.name)
    found = _variables(plate)
    definitions = SubElement(root, "UnitDefinitions")
    for units in sorted({v.units for v in found}):
        SubElement(definitions, "Unit", name=units)
    categories = SubElement(root, "LogCategories")
    SubElement(categories, "Category", name="logStatusError")
    SubElement(root, "DefaultExperiment", startTime="0.0", stopTime=f"{100 * step!r}", stepSize=f"{step!r}")
    variables = SubElement(root, "ModelVariables")
    for k, v in enumerate(found):
        cause = "output" if v.start is None else "input"
        scalar = SubElement(
            variables, "ScalarVariable", name=v.name, valueReference=f"{k}", causality=cause, description=v.meaning,
            variability="continuous",
        )  # fmt: skip
        SubElement(scalar, "Real", {"unit": v.units} | ({} if v.start is None else {"start": f"{v.start!r}"}))
    structure = SubElement(root, "ModelStructure")
    for place_of in ("Outputs", "InitialUnknowns"):
        listed = SubElement(structure, place_of)
        for k, v in enumerate(found):
            if v.start is None:
                SubElement(listed, "Unknown", index=f"{k + 1}")
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _coefficients(plate: ReducedPlate, step: float) -> str:
    """The numbers of the source, to the last bit."""
    table = plate.step_table(step)
    sizes = {
        "STATES": plate.read.shape[1], "BLOCKS": len(plate.blocks), "POINTS": plate.read.shape[0],
        "OUTPUTS": len(plate.first), "FLOWS": table.matrix.shape[0],
    }  # fmt: skip
    texts = {
        "STEP": step.hex(), "STEP_TEXT": f'"{step:g}"', "TOKEN": f'"{_token(plate, step)}"',
        "RANGE_TEXT": f'"{plate.flows[0]:g} to {plate.flows[-1]:g}"',
    }  # fmt: skip
    plain = {"table_start": table.start, "table_spacing": table.spacing, "flow_low": plate.flows[0]}
    plain |= {"flow_high": plate.flows[-1]}
    start = [v.start for v in _variables(plate) if v.start is not None]
    arrays = {
        "given_at_start[BLOCKS + 2]": np.array(start), "table[FLOWS][STATES][STATES + BLOCKS + 1]": table.matrix,
        "read_out[POINTS][STATES]": plate.read, "through[POINTS][BLOCKS + 1]": plate.through,
    }  # fmt: skip
    lines = [f"/* {plate}; step {step:g} s. */", *(f"#define {n} {v}" for n, v in (sizes | texts).items())]
    lines += [f"static const double {name} = {float(value).hex()};" for name, value in plain.items()]
    lines += [f"static const double {name} = {_braced(values)};" for name, values in arrays.items()]
    lines.append(f"static const int first[OUTPUTS] = {{{', '.join(map(str, plate.first))}}};")
    return "\n".join(lines) + "\n"


def _braced(values: np.ndarray) -> str:
    if values.ndim > 1:
        return "{" + ",\n".join(_braced(row) for row in values) + "}"
    return "{" + ", ".join(float(value).hex() for value in values) + "}"
