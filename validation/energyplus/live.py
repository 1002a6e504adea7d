"""Run an EnergyPlus model with the live engine of `pyenergyplus-lbnl`, and read hours at full precision."""

import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np

from thermal import datasets

__all__ = ["run"]


def run(
    model: str, weather: str, outputs: tuple[tuple[str, str], ...] = (), edit: dict[str, str] | None = None
) -> tuple[float, dict[tuple[str, str], np.ndarray]]:
    """Run a model; give the wall time of the engine [s] and hourly series at full precision.

    Parameters
    ----------
    model, weather : str
        Names in the dataset registry.
    outputs : tuple of (variable, key)
        Output variables with their objects, in capitals as the engine keeps them.
    edit : dict, optional
        Texts of the model to replace, such as a curve set.
    """
    from pyenergyplus.api import EnergyPlusAPI

    text = datasets.path(model).read_text()
    for old, new in (edit or {}).items():
        if old not in text:
            raise ValueError(f"{model} does not contain {old!r}")
        text = text.replace(old, new)
    api = EnergyPlusAPI()
    state = api.state_manager.new_state()
    api.runtime.set_console_output_status(state, False)
    series: dict[tuple[str, str], list[float]] = {output: [] for output in outputs}

    def collect(state: object) -> None:
        if api.exchange.warmup_flag(state) or not api.exchange.api_data_fully_ready(state):
            return
        for (variable, key), values in series.items():
            handle = api.exchange.get_variable_handle(state, variable, key)
            values.append(api.exchange.get_variable_value(state, handle))

    for variable, key in outputs:
        api.exchange.request_variable(state, variable, key)
    if outputs:
        api.runtime.callback_end_system_timestep_after_hvac_reporting(state, collect)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for load in ("load_vary.csv", "load_ai.csv"):
            shutil.copy(datasets.path(f"energyplus/{load}"), load)
        Path("model.idf").write_text(text)
        arguments = ["-w", str(datasets.path(weather)), "-d", os.path.join(folder, "out"), "model.idf"]
        start = time.perf_counter()
        status = api.runtime.run_energyplus(state, arguments)
        seconds = time.perf_counter() - start
        if status:
            raise RuntimeError(
                f"EnergyPlus stopped with {status}: {(Path(folder) / 'out' / 'eplusout.err').read_text()}"
            )
    api.state_manager.delete_state(state)
    return seconds, {output: np.array(values) for output, values in series.items()}
