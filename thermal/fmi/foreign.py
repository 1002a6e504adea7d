"""A co-simulation unit of somebody else (FMI 2.0 or 3.0), opened and stepped through FMPy, its numbers in our units."""

import importlib
import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from thermal.errors import ConvergenceError, InputError
from thermal.inputs import no_others
from thermal.units import to_si

__all__ = ["Foreign"]


class Foreign:
    """One unit, instantiated again at each ``start``.

    Parameters
    ----------
    path : path
        File of the unit.
    inputs, outputs : mapping
        Names of its variables, each with the unit of this package that its numbers have here.

    Raises
    ------
    InputError
        If FMPy is not installed, the file is no co-simulation unit of FMI 2.0 or 3.0, or a variable is not there, not
        of that causality, no real number, or of another dimension.
    """

    def __init__(self, path: str | Path, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> None:
        self._fmpy = _fmpy()
        if not Path(path).is_file():
            raise InputError(f"path = {path}: there is no such file")
        self.name = Path(path).name
        try:
            self._described: Any = self._fmpy.read_model_description(str(path))
        except Exception as error:  # FMPy raises whatever a broken file makes it trip over
            raise InputError(f"{self.name} is no unit of FMI that can be read: {str(error)[:200]}") from None
        version = str(self._described.fmiVersion).partition(".")[0]
        if version not in {"2", "3"} or self._described.coSimulation is None:
            raise InputError(f"{self.name} must be a co-simulation unit of FMI 2.0 or 3.0")
        self._calls = _CALLS[version]
        self._scales = {name: self._scale(name, unit, "input") for name, unit in inputs.items()}
        self._scales |= {name: self._scale(name, unit, "output") for name, unit in outputs.items()}
        self._folder = tempfile.mkdtemp(prefix="thermal_unit_")
        self._open: list[Any] = []  # the one that is instantiated
        weakref.finalize(self, _close, self._open, self._folder)
        self._fmpy.extract(str(path), self._folder)
        self._said: list[str] = []

    def start(self, values: Mapping[str, float]) -> None:
        """Make a fresh one that begins at 0 s with these values of its variables."""
        _close(self._open)
        said = self._said = []
        self._open.append(self._made(lambda *told: _hear(said, told[-1])))
        if self._described.fmiVersion.startswith("2"):
            self._do("be set up", self._unit.setupExperiment, startTime=0.0)
        self._do("be initialised", self._unit.enterInitializationMode)
        self.put(values)
        self._do("be initialised", self._unit.exitInitializationMode)

    def _made(self, hear: Callable[..., None]) -> Any:
        """An instance that tells what it logs.

        Not by ``fmpy.instantiate_fmu``: what that puts between formats messages, but stands once for the whole process,
        and would go on calling this logger for every other unit when it is gone.
        """
        identifier = self._described.coSimulation.modelIdentifier
        where = {"guid": self._described.guid, "unzipDirectory": self._folder, "modelIdentifier": identifier}
        if self._described.fmiVersion.startswith("3"):
            made = importlib.import_module("fmpy.fmi3").FMU3Slave(**where, instanceName=identifier)
            made.instantiate(logMessage=hear)
            return made
        fmi2 = importlib.import_module("fmpy.fmi2")
        callbacks, usual = fmi2.fmi2CallbackFunctions(), fmi2.defaultCallbacks
        callbacks.logger = fmi2.fmi2CallbackLoggerTYPE(hear)
        callbacks.allocateMemory, callbacks.freeMemory = usual.allocateMemory, usual.freeMemory
        made = fmi2.FMU2Slave(**where, instanceName=identifier)
        made.instantiate(callbacks=callbacks)
        return made

    def put(self, values: Mapping[str, float]) -> None:
        """Set variables, numbers in the units of this package."""
        numbers = [(value - self._scales[name][1]) / self._scales[name][0] for name, value in values.items()]
        if numbers:
            self._do("take its inputs", getattr(self._unit, self._calls["put"]), self._references(values), numbers)

    def take(self, names: Sequence[str]) -> list[float]:
        """Read variables, in the units of this package."""
        found = self._do("give its outputs", getattr(self._unit, self._calls["take"]), self._references(names))
        return [self._scales[n][0] * float(value) + self._scales[n][1] for n, value in zip(names, found, strict=True)]

    def step(self, time: float, length: float) -> None:
        """March."""
        given = {"currentCommunicationPoint": time, "communicationStepSize": length}
        self._do(f"do its step from {time:g} s on", self._unit.doStep, **given)

    def state(self) -> bytes:
        """Everything that will be needed to come back.

        Raises
        ------
        InputError
            If the unit says that it cannot give it.
        """
        able = self._described.coSimulation
        if not (able.canGetAndSetFMUstate and able.canSerializeFMUstate):
            raise InputError(f"{self.name} can be stepped but not saved: it says that it cannot give its state")
        kept = self._do("give its state", getattr(self._unit, self._calls["keep"]))
        found = bytes(self._do("write its state", getattr(self._unit, self._calls["write"]), kept))
        self._do("forget its state", getattr(self._unit, self._calls["forget"]), kept)
        return found

    def restore(self, state: bytes) -> None:
        """Come back to what ``state`` gave."""
        kept = self._do("read its state", getattr(self._unit, self._calls["read"]), state)
        self._do("take its state", getattr(self._unit, self._calls["back"]), kept)
        self._do("forget its state", getattr(self._unit, self._calls["forget"]), kept)

    def _do(self, what: str, call: Any, *given: Any, **named: Any) -> Any:
        try:
            return call(*given, **named)
        except Exception as error:
            said = "; ".join(self._said[-2:]) or str(error)
            raise ConvergenceError(f"{self.name} could not {what}: {said[:300]}") from None

    @property
    def _unit(self) -> Any:
        return self._open[0]

    def _references(self, names: Any) -> list[int]:
        return [self._variables[name].valueReference for name in names]

    @property
    def _variables(self) -> dict[str, Any]:
        return {v.name: v for v in self._described.modelVariables}

    def _scale(self, name: str, unit: str, cause: str) -> tuple[float, float]:
        """Factor and offset that take its number into `unit`, which it is in already if it says nothing."""
        fits = {"input": ("input", "parameter"), "output": ("output", "local")}[cause]
        real = {v.name for v in self._variables.values() if v.type in ("Real", "Float64") and v.causality in fits}
        no_others(f"{self.name} as {cause}s", [name], sorted(real))
        theirs = self._variables[name].unit or unit
        zero, one = (to_si(x, theirs, unit, f"{self.name}: {name}") for x in (0.0, 1.0))
        return one - zero, zero


_CALLS = {
    "2": {
        "put": "setReal", "take": "getReal", "keep": "getFMUstate", "write": "serializeFMUstate",
        "read": "deSerializeFMUstate", "back": "setFMUstate", "forget": "freeFMUstate",
    },
    "3": {
        "put": "setFloat64", "take": "getFloat64", "keep": "getFMUState", "write": "serializeFMUState",
        "read": "deserializeFMUState", "back": "setFMUState", "forget": "freeFMUState",
    },
}  # fmt: skip


def _hear(said: list[str], text: Any) -> None:
    said.append(text.decode(errors="replace") if isinstance(text, bytes) else str(text))


def _close(opened: list[Any], folder: str = "") -> None:
    """Give the unit back, and its files; one that is left open may fall over when the process ends."""
    while opened:
        opened.pop().freeInstance()
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


def _fmpy() -> Any:
    try:
        return importlib.import_module("fmpy")
    except ImportError:
        raise InputError(
            "a unit of FMI is run by fmpy, which is not installed: pip install thermal-toolkit[fmi]"
        ) from (None)
