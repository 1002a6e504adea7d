"""A unit of either FMI through FMPy: checked, simulated, its state kept as bytes; skipped without the extra fmi."""

import time
import zipfile

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

import thermal as th
from thermal import cli
from thermal.units import kW

STEP = 15.0


@pytest.fixture(scope="module")
def tools():
    """FMPy, where the packagers are there, too."""
    for packager in ("pythonfmu", "pythonfmu3"):
        pytest.importorskip(packager, reason=f"{packager} is not installed: pip install thermal-toolkit[fmi]")
    return pytest.importorskip("fmpy", reason="fmpy is not installed: pip install thermal-toolkit[fmi]")


@pytest.fixture(scope="module")
def row() -> th.Loop:
    return th.load("loops/gb200_row")


@pytest.fixture(scope="module", params=[2, 3])
def version(request) -> int:
    """Of FMI."""
    return request.param


@pytest.fixture(scope="module")
def unit(tools, row, version, tmp_path_factory):
    target = tmp_path_factory.mktemp("fmu") / "row.fmu"
    outputs = ["T_case", "T_supply", "power", "energy_residual"]
    water = th.Supply(T=26, flow=0.03)
    ins = ["heat_loop", "T"]
    return th.fmi.export(row, target, facility=water, inputs=ins, outputs=outputs, step=STEP, version=version)


def signals(**columns: np.ndarray) -> np.ndarray:
    count = len(next(iter(columns.values())))
    found = np.zeros(count, [("time", float), *((name, float) for name in columns)])
    found["time"] = STEP * np.arange(count)
    for name, values in columns.items():
        found[name] = values
    return found


def test_a_unit_without_the_packager_is_one_line(monkeypatch, row, tmp_path):
    water = th.Supply(T=26, flow=0.03)
    for k, packager in ((2, "pythonfmu"), (3, "pythonfmu3")):
        monkeypatch.setitem(__import__("sys").modules, packager, None)
        with pytest.raises(th.errors.InputError, match=rf"needs {packager}, .* pip install thermal-toolkit\[fmi\]"):
            th.fmi.export(row, tmp_path / "row.fmu", facility=water, version=k)
    with pytest.raises(th.errors.InputError, match="version"):
        th.fmi.export(row, tmp_path / "row.fmu", facility=water, version=1)
    for path in ("row.zip", "nowhere/row.fmu"):
        with pytest.raises(th.errors.InputError, match=r"must end with .fmu and lie in a directory"):
            th.fmi.export(row, tmp_path / path, facility=th.Supply(T=26, flow=0.03))


def test_fmpy_finds_no_fault(tools, unit, version):
    from fmpy.validation import validate_fmu

    assert validate_fmu(str(unit)) == []
    described = tools.read_model_description(str(unit))
    assert described.fmiVersion == f"{version}.0"
    assert described.coSimulation.canGetAndSetFMUstate
    assert described.coSimulation.canSerializeFMUstate
    assert described.defaultExperiment.stepSize == f"{STEP}"
    units = {v.name: v.unit for v in described.modelVariables}
    assert (units["heat_loop[0]"], units["T"], units["T_case[0,7]"], units["power.it"]) == ("W", "degC", "degC", "W")
    with zipfile.ZipFile(unit) as files:
        assert "resources/unit.json" in files.namelist()


def test_a_round_trip_is_the_transient(tools, unit, row):
    rows = 60
    heat = np.random.default_rng(3).uniform(500.0, 1000.0, rows) * kW
    trace = xr.DataArray(heat[:, None], dims=("time", "loop"), coords={"time": STEP * np.arange(rows)})
    day = th.transient(row, heat=trace, facility=th.Supply(T=26, flow=0.03))
    given = signals(**{"heat_loop[0]": heat, "T": np.full(rows, 26.0)})
    run = tools.simulate_fmu(str(unit), stop_time=STEP * rows, input=given, output_interval=STEP)
    assert len(run) == rows + 1
    for r in range(8):
        assert run[f"T_case[0,{r}]"][1:] == pytest.approx(day.T_case.values[:, r], rel=1e-12)
    assert run["T_supply[0]"][1:] == pytest.approx(day.T_supply.values, rel=1e-12)
    for use in ("it", "cdu_pumps"):
        assert run[f"power.{use}"][1:] == pytest.approx(day.power.sel(end_use=use).values, rel=1e-12)
    assert np.ptp(run["T_case[0,0]"]) > 1.0  # K


def test_a_state_as_bytes_gives_the_same_bits(tools, unit, version, tmp_path):
    """Of the C interface: get, serialise, free, read again, set, in the same and in a second instance."""
    from fmpy.fmi2 import FMU2Slave
    from fmpy.fmi3 import FMU3Slave

    described = tools.read_model_description(str(unit))
    folder = tools.extract(str(unit), str(tmp_path / "unit"))
    of = {v.name: v.valueReference for v in described.modelVariables}
    seen = [of[name] for name in ("T_case[0,0]", "T_supply[0]", "power.cdu_pumps")]
    calls = {
        2: (FMU2Slave, "setReal", "getReal", "FMUstate", "deSerializeFMUstate"),
        3: (FMU3Slave, "setFloat64", "getFloat64", "FMUState", "deserializeFMUState"),
    }
    kind, put, take, what, again = calls[version]

    def opened(name: str):
        made = kind(guid=described.guid, unzipDirectory=folder, modelIdentifier="row", instanceName=name)
        made.instantiate()
        if version == 2:
            made.setupExperiment(startTime=0.0)
        made.enterInitializationMode()
        made.exitInitializationMode()
        return made

    def driven(made, first: int) -> list[list[float]]:
        found = []
        for k in range(first, first + 10):
            getattr(made, put)([of["heat_loop[0]"], of["T"]], [6e5 + 4e4 * (k % 3), 25.0 + 0.3 * k])
            made.doStep(currentCommunicationPoint=STEP * k, communicationStepSize=STEP)
            found.append(list(getattr(made, take)(seen)))
        return found

    one, other = opened("one"), opened("other")
    driven(one, 0)
    state = getattr(one, f"get{what}")()
    kept = getattr(one, f"serialize{what}")(state)
    expected = driven(one, 10)
    getattr(one, f"set{what}")(state)
    getattr(one, f"free{what}")(state)
    assert driven(one, 10) == expected
    getattr(other, f"set{what}")(getattr(other, again)(kept))
    assert driven(other, 10) == expected
    for made in (one, other):
        made.terminate()
        made.freeInstance()


def test_a_step_that_fails_says_why(tools, unit, capfd):
    from fmpy.fmi1 import FMICallException

    with pytest.raises(FMICallException):
        tools.simulate_fmu(
            str(unit), stop_time=60.0, output_interval=STEP, start_values={"heat_loop[0]": -5.0}, debug_logging=True
        )
    said = capfd.readouterr()
    assert "-5 W" in said.out + said.err


def test_the_shell_builds_a_unit(tools, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = ["fmu", "build", "loops/gb200_row", "--facility", "26", "--step", "30s", "--output", "T_case"]
    answer = CliRunner().invoke(cli.app, asked)
    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith("wrote gb200_row.fmu\n  assumed facility flow: 1241.4 L/min")
    described = tools.read_model_description("gb200_row.fmu")
    assert described.defaultExperiment.stepSize == "30.0"
    assert {v.name.partition("[")[0] for v in described.modelVariables if v.causality == "output"} == {"T_case"}


@pytest.mark.slow
def test_the_frontier_day_takes_ten_seconds_at_most(tools, data, tmp_path):
    """Limit of issue 12: 25 CDU groups, 5760 steps of 15 s, 278 outputs read after each; of this process alone."""
    data("frontier/frontier_2024-04-07_25cdu_heat_15s.csv")
    site, trace = th.load("sites/frontier"), th.traces.frontier_day()
    target = th.fmi.export(site, tmp_path / "frontier.fmu", profile="raps", step=STEP)
    cabinet = "simulator_1_datacenter_1_computeBlock_{}_cabinet_1_sources_Q_flow_total"
    heat = {cabinet.format(l + 1): trace.heat.values[:, l] / 3 for l in range(25)}
    wet = {"simulator_1_centralEnergyPlant_1_coolingTowerLoop_1_sources_Towb": trace.T_wet_bulb.values + 273.15}
    lf = site.loops[0].racks[0].liquid_fraction
    day = th.transient(
        site.loops, heat=trace["heat"] / lf, facility=site.plant, weather=trace, until=86400.0, save=STEP
    )
    start = time.process_time()
    run = tools.simulate_fmu(str(target), stop_time=86400.0, input=signals(**heat, **wet), output_interval=STEP)
    spent = time.process_time() - start
    for l in range(25):
        got = run[f"simulator[1].datacenter[1].computeBlock[{l + 1}].cdu[1].summary.T_sec_r_C"][1:]
        assert got == pytest.approx(day.T_return.values[:, l], rel=1e-12)
    fans = run["simulator[1].centralEnergyPlant[1].coolingTowerLoop[1].summary.W_flow_CT_kW"][1:]
    assert fans == pytest.approx(day.power.sel(end_use="tower_fans").values / 1e3, rel=1e-12)
    assert spent <= 10.0
