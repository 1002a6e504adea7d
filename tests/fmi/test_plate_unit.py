"""A reduced plate as a unit without Python: its binary called as a master calls it, beside the march in Python."""

import ctypes
import os
import shutil
import sys
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest

import thermal as th
from thermal.fmi.plate_unit import BINARIES
from thermal.units import lpm

STEP = 0.05
pytestmark = pytest.mark.skipif(shutil.which(os.environ.get("CC") or "cc") is None, reason="no C compiler here")


@pytest.fixture(scope="module")
def small() -> th.components.plate.ReducedPlate:
    """Numbers drawn, of a model that loses heat at every flow: two blocks, and points that compete for each output."""
    rng = np.random.default_rng(2)
    flows, states, inputs = tuple(np.array([0.6, 1.2, 2.4]) * lpm), 6, 3
    spread = rng.normal(size=(len(flows), states, states))
    generator = -(spread @ spread.transpose(0, 2, 1)) - 0.5 * np.eye(states)
    first = np.array([0, 1, 2, 5, 7, 9])  # means of both blocks, hot spots of both, case, outlet
    return th.components.plate.ReducedPlate(
        flows=flows, drops=(1e3, 4e3, 16e3), generator=generator, drive=rng.uniform(0.0, 0.1, (3, states, inputs)),
        read=rng.uniform(0.0, 1.0, (10, states)), through=rng.uniform(0.0, 0.01, (10, inputs)), first=first,
        shares=(0.7, 0.3), blocks=("gpu", "hbm"), T_in=40.0, rho_cp=4e6, heat_capacity=100.0, error=0.01, grid="drawn",
    )  # fmt: skip


@pytest.fixture(scope="module")
def unit(small, tmp_path_factory):
    return th.fmi.export_plate(small, tmp_path_factory.mktemp("plate") / "plate.fmu", step=STEP)


class Master:
    """What a master does with the binary, and no more."""

    def __init__(self, unit, folder) -> None:
        with zipfile.ZipFile(unit) as files:
            files.extractall(folder)
        described = ElementTree.parse(folder / "modelDescription.xml").getroot()
        variables = described.iter("ScalarVariable")
        self.of = {v.attrib["name"]: int(v.attrib["valueReference"]) for v in variables}
        system, suffix = BINARIES[sys.platform]
        self.calls = ctypes.CDLL(str(folder / "binaries" / system / f"plate{suffix}"))
        self.calls.fmi2Instantiate.restype = ctypes.c_void_p
        logger = ctypes.CFUNCTYPE(
            None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p
        )
        self.said: list[str] = []
        self.logger = logger(lambda *told: self.said.append(told[-1].decode()))
        functions = (ctypes.c_void_p * 5)(ctypes.cast(self.logger, ctypes.c_void_p).value, 0, 0, 0, 0)
        guid = described.attrib["guid"].encode()
        self.one = ctypes.c_void_p(self.calls.fmi2Instantiate(b"one", 1, guid, b"", functions, 0, 0))
        assert self.one.value
        assert not self.calls.fmi2Instantiate(b"one", 1, b"another guid", b"", functions, 0, 0)

    def step(self, k: int, given: dict[str, float], length: float = STEP) -> int:
        """Set and do."""
        references = (ctypes.c_uint * len(given))(*(self.of[name] for name in given))
        values = (ctypes.c_double * len(given))(*given.values())
        assert self.calls.fmi2SetReal(self.one, references, ctypes.c_size_t(len(given)), values) == 0
        return self.calls.fmi2DoStep(self.one, ctypes.c_double(STEP * k), ctypes.c_double(length), 1)

    def read(self, *names: str) -> list[float]:
        """Numbers of now."""
        references = (ctypes.c_uint * len(names))(*(self.of[name] for name in names))
        values = (ctypes.c_double * len(names))()
        assert self.calls.fmi2GetReal(self.one, references, ctypes.c_size_t(len(names)), values) == 0
        return list(values)


def inputs_of(small, rows: int):
    rng = np.random.default_rng(5)
    heat = rng.uniform(0.0, 400.0, (rows, len(small.blocks)))
    return heat, rng.uniform(small.flows[0], small.flows[-1], rows), rng.uniform(30.0, 45.0, rows)


def test_the_binary_gives_the_numbers_of_the_march(small, unit, tmp_path):
    heat, flow, T_in = inputs_of(small, 300)
    day = small.march(heat, flow=flow, T_in=T_in, step=STEP)
    master = Master(unit, tmp_path)
    assert master.read("T_case", "T_out") == [small.T_in] * 2  # at rest with the inlet
    names = [f"{what}[{b}]" for what in ("T_block", "T_block_highest") for b in small.blocks]
    found = []
    for k in range(300):
        powers = {f"heat[{b}]": heat[k, j] for j, b in enumerate(small.blocks)}
        assert master.step(k, {**powers, "flow": flow[k], "T_in": T_in[k]}) == 0
        found.append(master.read(*names, "T_case", "T_out"))
    expected = np.column_stack([day.T_block, day.T_block_highest, day.T_case, day.T_out])
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert np.ptp(expected, axis=0).min() > 5.0  # K: it moved


def test_a_longer_step_is_several_and_a_state_comes_back_to_the_bit(small, unit, tmp_path):
    master = Master(unit, tmp_path)
    given = {f"heat[{small.blocks[0]}]": 300.0, "flow": small.flows[1], "T_in": 35.0}
    assert master.step(0, given) == 0
    state, size = ctypes.c_void_p(), ctypes.c_size_t()
    assert master.calls.fmi2GetFMUstate(master.one, ctypes.byref(state)) == 0
    assert master.calls.fmi2SerializedFMUstateSize(master.one, state, ctypes.byref(size)) == 0
    kept = ctypes.create_string_buffer(size.value)
    assert master.calls.fmi2SerializeFMUstate(master.one, state, kept, size) == 0
    for k in (1, 2, 3):
        assert master.step(k, {}) == 0
    expected = master.read("T_case", "T_out")
    again = ctypes.c_void_p()
    assert master.calls.fmi2DeSerializeFMUstate(master.one, kept, size, ctypes.byref(again)) == 0
    for back in (state, again):
        assert master.calls.fmi2SetFMUstate(master.one, back) == 0
        assert master.step(1, {}, 3 * STEP) == 0
        assert master.read("T_case", "T_out") == expected


def test_what_the_unit_cannot_do_is_said(small, unit, tmp_path):
    master = Master(unit, tmp_path)
    for given, length, words in (
        ({}, 0.4 * STEP, "whole multiples of 0.05 s"),
        ({"flow": 2.0 * small.flows[-1]}, STEP, "outside the reduced plate's"),
        ({"flow": float("nan")}, STEP, "outside the reduced plate's"),
        ({"flow": small.flows[1], "T_in": float("nan")}, STEP, "no temperature"),
        ({"T_in": 40.0, f"heat[{small.blocks[0]}]": -1.0}, STEP, "heat of a block = -1 W"),
    ):
        assert master.step(0, given, length) == 3
        assert words in master.said[-1]
    assert master.step(0, {f"heat[{small.blocks[0]}]": 1.0}) == 0
    assert master.step(7, {}) == 3
    assert "restore a state first" in master.said[-1]


def test_without_a_compiler_it_is_one_line(small, tmp_path, monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(th.errors.InputError, match=r"needs a C compiler, and there is no 'no-such-compiler'"):
        th.fmi.export_plate(small, tmp_path / "plate.fmu", step=STEP)
    monkeypatch.setenv("CC", "false")
    with pytest.raises(th.errors.InputError, match="could not compile"):
        th.fmi.export_plate(small, tmp_path / "plate.fmu", step=STEP)
    with pytest.raises(th.errors.InputError, match="plate"):
        th.fmi.export_plate(th.load("packages/h100"), tmp_path / "plate.fmu", step=STEP)
    assert list(tmp_path.iterdir()) == []


def test_fmpy_finds_no_fault_and_needs_no_python(small, unit, tmp_path):
    fmpy = pytest.importorskip("fmpy", reason="fmpy is not installed: pip install thermal-toolkit[fmi]")
    from fmpy.validation import validate_fmu

    assert validate_fmu(str(unit)) == []
    described = fmpy.read_model_description(str(unit))
    assert not described.coSimulation.needsExecutionTool
    assert {v.unit for v in described.modelVariables} == {"W", "m3/s", "degC"}
    heat, flow, T_in = inputs_of(small, 50)
    day = small.march(heat, flow=flow, T_in=T_in, step=STEP)
    columns = {f"heat[{b}]": heat[:, j] for j, b in enumerate(small.blocks)} | {"flow": flow, "T_in": T_in}
    given = np.zeros(50, [("time", float), *((name, float) for name in columns)])
    for name, values in ({"time": STEP * np.arange(50)} | columns).items():
        given[name] = values
    run = fmpy.simulate_fmu(str(unit), stop_time=50 * STEP, input=given, output_interval=STEP)
    np.testing.assert_allclose(run["T_case"][1:], day.T_case, rtol=1e-12)
    with zipfile.ZipFile(unit) as files:
        system, suffix = BINARIES[sys.platform]
        assert b"Py_" not in files.read(f"binaries/{system}/plate{suffix}")
        assert {"sources/plate.c", "sources/coefficients.h"} <= set(files.namelist())
