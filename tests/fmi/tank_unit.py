"""Units as others build them: water that a cooler holds, C dT/dt = Q − UA (T − T_air), in kW and K, of either FMI."""

import importlib
from pathlib import Path

SCRIPT = """
import math
from xml.etree.ElementTree import Element, SubElement

import {packager} as fmu

UNITS = {{"heat": "kW", "T_air": "K", "T": "K", "power": "kW"}}


class Tank(fmu.{slave}):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.heat, self.T_air, self.T, self.power, self.time = 0.0, 293.15, {start}, 0.0, 0.0
        causes, kinds = fmu.{prefix}Causality, fmu.{prefix}Variability
        inout = [("heat", "input"), ("T_air", "input"), ("T", "output"), ("power", "output")]
        for name, cause in inout + {more}:
            self.register_variable(fmu.{real}(name, causality=getattr(causes, cause), variability=kinds.continuous))

    def exit_initialization_mode(self):
        if {C} > 0:
            self.T = self.T_air + self.heat / {UA}

    def do_step(self, time, step):
        if self.heat > 2000.0:
            self.log("more heat than the tank takes", fmu.enums.{prefix}Status.error)
            return False
        if {C} > 0:
            end = self.T_air + self.heat / {UA}
            self.T = end + (self.T - end) * math.exp(-{UA} * step / {C})
        self.power = self.heat / 5.0
        return True

    def to_xml(self, options={{}}):
        root = super().to_xml(options)
        units = Element("UnitDefinitions")
        SubElement(units, "Unit", {{"name": "kW"}})
        SubElement(units, "Unit", {{"name": "K"}})
        root.insert(1, units)
        for variable in root.find("ModelVariables"):
            real = variable[0] if len(variable) else variable
            if variable.get("name") in UNITS:
                real.set("unit", UNITS[variable.get("name")])
        return root


SPARE = 10_000 * [globals()]
"""
WORDS = {
    2: {"packager": "pythonfmu", "slave": "Fmi2Slave", "prefix": "Fmi2", "real": "Real", "more": []},
    3: {
        "packager": "pythonfmu3", "slave": "Fmi3Slave", "prefix": "Fmi3", "real": "Float64",
        "more": [("time", "independent")],
    },
}  # fmt: skip
CAN = ("canGetAndSetFMUstate", "canSerializeFMUstate", "canGetAndSetFMUState", "canSerializeFMUState")


def tank(folder: Path, version: int, *, C: float = 0.0, keeps: bool = True) -> Path:
    """A unit: T stays at 26 °C if there is no C [kJ/K], else heat leaves through 50 kW/K."""
    name = f"tank_{version}_{C:g}_{keeps}".replace(".", "_").replace("+", "")
    script = folder / name / f"{name}.py"
    script.parent.mkdir()
    script.write_text(SCRIPT.format(start=26.0 + 273.15, UA=50.0, C=C, **WORDS[version]), encoding="utf-8")
    builder = importlib.import_module(WORDS[version]["packager"]).FmuBuilder
    return Path(builder.build_FMU(script, dest=script.parent, **dict.fromkeys(CAN, keeps)))
