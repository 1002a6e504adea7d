"""The face of a unit towards pythonfmu: variables with units, one step, and the state as bytes."""

import importlib
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from thermal.errors import ThermalError
from thermal.fmi.package import read_setup
from thermal.fmi.unit import State, Unit, from_bytes, to_bytes

__all__ = ["Face"]


class Face:
    """A study behind the calls of FMI 2.0, to stand before ``pythonfmu.Fmi2Slave``.

    Value references count inputs first, then outputs.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._fmu: Any = importlib.import_module("pythonfmu")
        setup, table = read_setup(settings["resources"])
        self.modelName, self.description = table["name"], table["title"]
        self.version = table["thermal"]
        self.default_experiment = self._fmu.DefaultExperiment(
            start_time=0.0, stop_time=100.0 * setup.step, step_size=setup.step
        )
        self.unit = Unit(setup)
        self.signals = [*setup.inputs, *setup.outputs]
        causes = self._fmu.Fmi2Causality
        for k, signal in enumerate(self.signals):
            variable = self._fmu.Real(
                signal.name,
                causality=causes.input if k < len(setup.inputs) else causes.output,
                variability=self._fmu.Fmi2Variability.continuous,
                description=f"{signal.meaning} [{signal.units}]",
                getter=lambda k=k: self.get_real([k])[0],
            )
            self.register_variable(variable, nested=False)  # type: ignore[attr-defined]

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
            enums = importlib.import_module("pythonfmu.enums")
            self.log(str(error), enums.Fmi2Status.error)  # type: ignore[attr-defined]
            return False
        return True

    def to_xml(self, model_options: dict[str, str] = {}) -> Element:  # noqa: B006  as pythonfmu calls it
        """The model description, with units and what is unknown at the start."""
        root: Element = super().to_xml(model_options)  # type: ignore[misc]
        units = Element("UnitDefinitions")
        for name in sorted({s.units for s in self.signals if s.units}):
            SubElement(units, "Unit", {"name": name})
        root.insert(1, units)
        variables = root.find("ModelVariables")
        assert variables is not None
        for signal, variable in zip(self.signals, variables, strict=True):
            if signal.units:
                variable[0].set("unit", signal.units)
        structure = root.find("ModelStructure")
        assert structure is not None
        unknown = SubElement(structure, "InitialUnknowns")
        for k in range(len(self.unit.inputs), len(self.signals)):
            SubElement(unknown, "Unknown", {"index": str(k + 1)})
        return root

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
