"""The faces of a unit towards pythonfmu and pythonfmu3: variables with units, one step, and the state as bytes."""

import importlib
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from thermal.errors import ThermalError
from thermal.fmi.package import read_setup
from thermal.fmi.unit import State, Unit, from_bytes, to_bytes

__all__ = ["Face", "Face3"]


class Face:
    """A study behind the calls of FMI 2.0, to stand before ``pythonfmu.Fmi2Slave``.

    Value references count inputs first, then outputs.
    """

    standard, number = "Fmi2", "Real"

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        fmu = self._packager()
        self._enums = fmu.enums
        setup, table = read_setup(settings["resources"])
        self.modelName, self.description = table["name"], table["title"]
        self.version = table["thermal"]
        self.default_experiment = fmu.DefaultExperiment(
            start_time=0.0, stop_time=100.0 * setup.step, step_size=setup.step
        )
        self.unit = Unit(setup)
        self.signals = [*setup.inputs, *setup.outputs]
        for k, signal in enumerate(self.signals):
            cause = "input" if k < len(setup.inputs) else "output"
            self._declare(fmu, k, signal.name, cause, f"{signal.meaning} [{signal.units}]")

    @staticmethod
    def _packager() -> Any:
        return importlib.import_module("pythonfmu")

    def _declare(self, fmu: Any, k: int, name: str, cause: str, meaning: str) -> None:
        variable = getattr(fmu, self.number)(
            name,
            causality=self._member("Causality", cause),
            variability=self._member("Variability", "continuous"),
            description=meaning,
            getter=lambda k=k: self.get_real([k])[0],
        )
        self.register_variable(variable, nested=False)  # type: ignore[attr-defined]

    def _member(self, kind: str, name: str) -> Any:
        return getattr(getattr(self._enums, f"{self.standard}{kind}"), name)

    def get_real(self, vrs: list[int]) -> list[float]:
        """Values of inputs and outputs; asked for an output before the first step, the unit comes to rest."""
        count = len(self.unit.inputs)
        if max(vrs, default=0) < count:
            return [self.unit.inputs[k] for k in vrs]
        values = [*self.unit.inputs, *self.unit.values]
        return [values[k] for k in vrs]

    def set_real(self, vrs: list[int], values: list[float]) -> None:
        """Inputs from now on."""
        for k, value in zip(vrs, values, strict=True):
            self.unit.inputs[k] = value

    def do_step(self, current_time: float, step_size: float) -> bool:
        """One step of the master; what is wrong goes to its log, and the step fails."""
        try:
            self.unit.step(current_time, step_size)
        except ThermalError as error:
            self.log(str(error), self._member("Status", "error"))  # type: ignore[attr-defined]
            return False
        return True

    def to_xml(self, model_options: dict[str, str] = {}) -> Element:  # noqa: B006  as pythonfmu calls it
        """The model description, with units and what is unknown at the start."""
        root, variables = self._described(super().to_xml(model_options))  # type: ignore[misc]
        for signal, variable in zip(self.signals, variables, strict=True):
            if signal.units:
                variable[0].set("unit", signal.units)
        structure = root.find("ModelStructure")
        assert structure is not None
        unknown = SubElement(structure, "InitialUnknowns")
        for k in range(len(self.unit.inputs), len(self.signals)):
            SubElement(unknown, "Unknown", {"index": str(k + 1)})
        return root

    def _described(self, root: Element) -> tuple[Element, Element]:
        """The description with its units, and its variables."""
        units = Element("UnitDefinitions")
        for name in sorted({s.units for s in self.signals if s.units}):
            SubElement(units, "Unit", {"name": name})
        root.insert(1, units)
        variables = root.find("ModelVariables")
        assert variables is not None
        return root, variables

    def _get_fmu_state(self) -> State:
        return self.unit.save()

    def _set_fmu_state(self, state: State) -> None:
        self.unit.restore(state)

    @staticmethod
    def _fmu_state_to_bytes(state: State) -> bytes:
        return to_bytes(state)

    @staticmethod
    def _fmu_state_from_bytes(state: bytes) -> State:
        return from_bytes(state)


class Face3(Face):
    """The same behind the calls of FMI 3.0, to stand before ``pythonfmu3.Fmi3Slave``; last comes the time."""

    standard, number = "Fmi3", "Float64"

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        fmu = self._packager()
        self._declare(fmu, len(self.signals), "time", "independent", "time of the master [s]")
        self._result = fmu.Fmi3StepResult

    @staticmethod
    def _packager() -> Any:
        return importlib.import_module("pythonfmu3")

    def get_float64(self, vrs: list[int]) -> list[float]:
        """Values of inputs and outputs, and the time at which the last step ended."""
        if max(vrs, default=0) < len(self.signals):
            return self.get_real(vrs)
        now = 0.0 if self.unit.time is None else self.unit.time
        return [self.get_real([k])[0] if k < len(self.signals) else now for k in vrs]

    def set_float64(self, vrs: list[int], values: list[float]) -> None:
        """Inputs from now on."""
        self.set_real(vrs, values)

    def do_step(self, current_time: float, step_size: float) -> Any:
        """One step of the master; one that cannot be done is an error, no step to try again."""
        done = super().do_step(current_time, step_size)
        return self._result(self._member("Status", "ok" if done else "error"))

    def to_xml(self, model_options: dict[str, str] = {}) -> Element:  # noqa: B006  as pythonfmu3 calls it
        """The model description, with units."""
        root, variables = self._described(super(Face, self).to_xml(model_options))  # type: ignore[misc]
        for signal, variable in zip(self.signals, variables, strict=False):
            if signal.units:
                variable.set("unit", signal.units)
        return root
