"""A sweep is the function at every combination, whatever the threads; failures are kept, kills lose nothing."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import thermal as th
from thermal.errors import ConvergenceError, DataError, InputError
from thermal.library import library_root
from thermal.study import sweep

TIME = np.arange(4.0)


def series(a, b):
    return xr.Dataset({"x": ("time", a * b + TIME, {"units": "W"}), "y": a + b}, {"time": TIME})


def sometimes(a, b):
    if a == 2:
        raise ConvergenceError("pump 1: residual 3 W")
    if b == 30:
        raise ValueError("b is odd")
    return {"x": a * b, "n": a}


@settings(max_examples=25)
@given(st.lists(st.integers(-9, 9), min_size=1, max_size=5, unique=True), st.integers(1, 4), st.integers(1, 3))
def test_every_case_is_the_function_at_its_labels(a, count, workers):
    runs = sweep(series, a=a, b=np.arange(count) * 0.5, workers=workers)
    assert runs.x.dims == ("a", "b", "time")
    for i in a:
        for j in runs.b.values:
            xr.testing.assert_equal(runs[["x", "y"]].sel(a=i, b=j, drop=True), series(i, j))


def test_threads_change_nothing():
    one, two = (sweep(series, a=range(20), b=range(20), workers=w) for w in (1, 2))
    xr.testing.assert_identical(one, two)


@pytest.mark.parametrize(
    ("f", "name", "value"),
    [
        (lambda a: 2.0 * a, "result", 6.0),
        (lambda a: {"p": 2 * a}, "p", 6),
        (lambda a: xr.DataArray(2.0 * a, name="q"), "q", 6.0),
        (lambda a: xr.Dataset({"r": 2.0 * a}), "r", 6.0),
        (lambda a: {"s": f"case {a}"}, "s", "case 3"),
        (lambda a: {"d": np.datetime64("2026-01-01") + a}, "d", np.datetime64("2026-01-04")),
        (lambda a: {"t": xr.DataArray([a, 2 * a], {"k": [0, 1]}).isel(k=1)}, "t", 6),
    ],
)
def test_what_a_function_may_return(f, name, value):
    assert sweep(f, a=[1, 2, 3])[name].sel(a=3).values == np.asarray(value)


def test_units_and_inner_coordinates_stay():
    runs = sweep(series, a=[1], b=[2])
    assert runs.x.attrs == {"units": "W"}
    np.testing.assert_array_equal(runs.time, TIME)


def test_attributes_that_all_cases_share_stay(tmp_path):
    def f(a):
        return xr.Dataset({"x": 1.0 * a}, attrs={"thermal": "0.1", "case": a, "limits": [1, 2]})

    for _ in range(2):
        runs = sweep(f, a=[1, 2], save=tmp_path)
        assert runs.attrs["thermal"] == "0.1"
        assert list(runs.attrs["limits"]) == [1, 2]
        assert "case" not in runs.attrs


def test_failures_are_kept_with_their_reason():
    runs = sweep(sometimes, a=[1, 2], b=[10, 30])
    assert runs.status.values.tolist() == [["done", "failed"], ["not converged", "not converged"]]
    assert runs.error.sel(a=1, b=30).item() == "ValueError: b is odd"
    assert runs.x.sel(a=1, b=10).item() == 10.0
    assert np.isnan(runs.x.sel(a=2)).all()
    assert np.isnan(runs.n.sel(a=2)).all()
    assert runs.converged.values.tolist() == [[True, False], [False, False]]
    assert (runs.attrs["cases_done"], runs.attrs["cases_not_converged"], runs.attrs["cases_failed"]) == (1, 2, 1)


def test_raise_stops_at_the_first_and_says_where():
    with pytest.raises(ConvergenceError) as caught:
        sweep(sometimes, a=[1, 2], b=[10], on_error="raise", workers=1)
    assert "a=2, b=10" in caught.value.__notes__[0]


def test_a_sweep_of_nothing_but_failures_raises():
    with pytest.raises(InputError, match=r"all 3 cases failed; the first, a=0, with ZeroDivisionError"):
        sweep(lambda a: 1 // (a - a), a=[0, 1, 2])


def test_what_would_fail_in_every_case_is_said_before_the_first(tmp_path):
    """One line, with the next step: a misspelt axis, one that is missing, keywords meant as axes, a file as folder."""
    file = tmp_path / "taken"
    file.write_text("")

    def operate(flow, width=1.0):
        return flow * width

    for arguments, says in (
        ((operate, {"flows": [1.0]}), "operate takes no 'flows'; did you mean 'flow'"),
        ((operate, {"width": [1.0]}), r"operate needs flow, which no axis gives: write flow=\[...\]"),
        (
            (operate, {"flow": [1.0], "workers": [1, 2]}),
            "workers = .* must be a whole number.*an axis needs another name",
        ),
        ((operate, {"flow": [1.0], "workers": 0}), "workers = 0 must be a whole number from 1 on"),
        ((operate, {"flow": [1.0], "on_error": [1]}), "on_error = .*an axis needs another name"),
        ((operate, {"flow": [1.0], "save": file}), "save = .*taken is a file: name a folder"),
        ((operate, {"flow": [1.0], "save": file / "inside"}), "save = .*cannot be made a folder|is a file"),
        ((operate, {"flow": [1.0], "save": [1, 2]}), "save = .* is no folder"),
        ((lambda status: 1.0, {"status": [1.0]}), "an axis cannot be named 'status'"),
        ((operate, {"flow": np.ones((2, 2))}), "axis flow has 2 dimensions"),
        ((None, {"flow": [1.0]}), "f is a NoneType, no function"),
    ):
        with pytest.raises(InputError, match=says) as caught:
            sweep(arguments[0], **arguments[1])
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 400


def test_an_axis_may_have_the_name_of_the_first_argument():
    runs = sweep(lambda f: 2.0 * f, f=[1.0, 2.0])
    assert runs.result.sel(f=2.0) == 4.0


def test_an_axis_may_be_labelled_values():
    runs = sweep(lambda a: 2.0 * a, a=xr.DataArray([1.0, 2.0], dims="a"))
    np.testing.assert_array_equal(runs.result, [2.0, 4.0])


def test_a_long_error_of_all_cases_is_one_short_line():
    def operate(a):
        raise ValueError("long\n" * 1000)

    with pytest.raises(InputError, match="all 2 cases failed") as caught:
        sweep(operate, a=[1, 2])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 900


def test_a_result_that_did_not_converge_is_nan():
    runs = sweep(lambda a: {"x": 1.0 * a, "converged": a < 2}, a=[1, 2])
    np.testing.assert_array_equal(runs.x, [1.0, np.nan])
    assert runs.converged.values.tolist() == [True, False]
    with pytest.raises(ConvergenceError):
        sweep(lambda a: {"x": 1.0, "converged": False}, a=[1], on_error="raise")


def test_hours_that_did_not_converge_are_nan_and_the_others_stay():
    def year(a):
        ok = xr.DataArray([True, a < 2], dims="time")
        return xr.Dataset({"x": ("time", [1.0, 2.0]), "mean": 1.5, "converged": ok})

    runs = sweep(year, a=[1, 2])
    np.testing.assert_array_equal(runs.x, [[1.0, 2.0], [1.0, np.nan]])
    assert runs.status.values.tolist() == ["done", "not converged"]
    assert runs.error.values[1] == "1 of 2 points did not converge"


def test_parts_are_labelled_by_their_model():
    racks = [th.load("workloads/llama8b_h100"), th.load("workloads/llama70b_b200").replace(batch=10.0)]
    runs = sweep(lambda rack: rack.batch, rack=racks)
    assert runs.rack.values.tolist() == ["workloads/llama8b_h100", "workloads/llama70b_b200 (batch=10.0)"]
    plain = [SimpleNamespace(name="p"), SimpleNamespace(name="p")]
    assert sweep(lambda part: 1.0, part=plain).part.values.tolist() == ["p", "p (2)"]


def test_a_result_named_like_an_axis_is_kept_beside_it():
    runs = sweep(lambda flow: {"flow": flow / 60e3, "status": 1.0}, flow=[6.0])
    assert runs.flow_result.item() == pytest.approx(1e-4)
    assert runs.status_result.item() == 1.0
    assert runs.status.item() == "done"


@pytest.mark.parametrize(
    ("f", "axes", "match"),
    [
        (lambda a: a, {}, "at least one axis"),
        (lambda a: a, {"a": 3}, r"write a=\[3\]"),
        (lambda a: a, {"a": "abc"}, "is not a list"),
        (lambda a: a, {"a": []}, "no values"),
        (lambda a: {"x": 1} if a else {"y": 1}, {"a": [0, 1]}, "differ in the variables they have: x, y"),
        (lambda a: xr.DataArray(np.zeros(a), dims="k"), {"a": [1, 2]}, "result has 2 k, in the first case 1 k"),
        (lambda a: xr.DataArray([0.0], {"k": [a]}), {"a": [1, 2]}, "coordinate k differs"),
        (lambda a: xr.DataArray([0.0], {"a": [a]}), {"a": [1, 2]}, "is an axis of the sweep and a dimension"),
        (lambda a: {"x": [1, 2]}, {"a": [1]}, "all 1 cases failed.*array of shape"),
        (lambda a: {"x": object()}, {"a": [1]}, "all 1 cases failed.*object"),
    ],
)
def test_bad_use_is_named(f, axes, match):
    with pytest.raises(InputError, match=match):
        sweep(f, workers=1, **axes)


def test_more_than_the_memory_is_refused_before_it_is_taken(monkeypatch):
    monkeypatch.setattr(os, "sysconf", lambda name: 1000)
    with pytest.raises(InputError, match="return less from each case"):
        sweep(lambda a: xr.DataArray(np.zeros(1000), dims="time"), a=range(1000), workers=1)


def test_a_client_brings_its_own_workers():
    with ThreadPoolExecutor(2) as pool:
        cluster = SimpleNamespace(get_executor=lambda: pool, nthreads=lambda: {"one": 1, "two": 1})
        runs = sweep(series, a=range(5), b=range(5), client=cluster)
    xr.testing.assert_identical(runs, sweep(series, a=range(5), b=range(5)))


def test_saved_results_are_what_was_computed(tmp_path):
    first = sweep(series, a=[1, 2], b=[3, 4], save=tmp_path / "s")
    xr.testing.assert_identical(first, sweep(series, a=[1, 2], b=[3, 4], save=tmp_path / "s"))
    xr.testing.assert_identical(first, sweep(series, a=[1, 2], b=[3, 4]))


RUNS: list[int] = []


def counted(a):
    RUNS.append(a)
    if a == 2 and len(RUNS) < 4:
        raise ValueError("first time")
    return xr.Dataset({"x": ("time", a + TIME), "s": f"n{a}", "ok": True, "k": a}, {"time": np.array(TIME, "M8[s]")})


def test_only_what_is_missing_or_failed_runs_again(tmp_path):
    RUNS.clear()
    first = sweep(counted, a=[1, 2, 3], save=tmp_path / "s", workers=1)
    assert first.status.values.tolist() == ["done", "failed", "done"]
    again = sweep(counted, a=[1, 2, 3], save=tmp_path / "s", workers=1)
    assert RUNS == [1, 2, 3, 2]
    xr.testing.assert_identical(again, sweep(counted, a=[1, 2, 3], workers=1))


def test_another_sweep_is_not_continued(tmp_path):
    sweep(series, a=[1], b=[2], save=tmp_path / "s")
    with pytest.raises(InputError, match="other axes"):
        sweep(series, a=[1], b=[3], save=tmp_path / "s")
    with pytest.raises(InputError, match="another version of the function"):
        sweep(sometimes, a=[1], b=[2], save=tmp_path / "s")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match="holds other files"):
        sweep(series, a=[1], b=[2], save=tmp_path / "notes")


FACTOR = 1


def scaled(x):
    return {"y": FACTOR * x}


def through(x):
    return {"y": scaled(x)["y"]}


@pytest.mark.parametrize("f", [scaled, through])
def test_a_changed_global_is_not_resumed(tmp_path, monkeypatch, f):
    sweep(f, x=[1, 2], save=tmp_path)
    assert sweep(f, x=[1, 2], save=tmp_path).y.values.tolist() == [1, 2]
    monkeypatch.setitem(globals(), "FACTOR", 100)
    with pytest.raises(InputError, match="values that it uses"):
        sweep(f, x=[1, 2], save=tmp_path)


CHANGES = [(1, 100), ((1, 2), (1, 3)), (np.arange(3), np.arange(3) + 1), (xr.Dataset({"a": 1}), xr.Dataset({"a": 2}))]


@pytest.mark.parametrize("values", CHANGES)
def test_a_changed_closure_is_not_resumed(tmp_path, values):
    def made(k):
        return lambda x: {"y": x, "k": str(k)}

    first = sweep(made(values[0]), x=[1, 2], save=tmp_path)
    xr.testing.assert_identical(first, sweep(made(values[0]), x=[1, 2], save=tmp_path))
    with pytest.raises(InputError, match="values that it uses"):
        sweep(made(values[1]), x=[1, 2], save=tmp_path)


def test_an_edited_model_file_is_not_resumed(tmp_path):
    """The part has the same label, on an axis and in a closure."""
    file = tmp_path / "coolants" / "mine.toml"
    file.parent.mkdir()
    text = (library_root() / "coolants" / "water.toml").read_text()
    file.write_text(text)

    def on_axis():
        return sweep(lambda part: {"y": 1.0}, part=[th.load("coolants/mine", tmp_path)], save=tmp_path / "axis")

    def in_closure():
        part = th.load("coolants/mine", tmp_path)
        return sweep(lambda x: {"y": x * len(part.density)}, x=[1], save=tmp_path / "closure")

    for run in (on_axis, in_closure):
        xr.testing.assert_identical(run(), run())
    file.write_text(text + "\n# edited\n")
    with pytest.raises(InputError, match="changed contents"):
        on_axis()
    with pytest.raises(InputError, match="values that it uses"):
        in_closure()


def test_what_a_kill_left_half_written_is_no_hindrance(tmp_path):
    (tmp_path / "sweep.123.part").write_text("{")
    assert sweep(series, a=[1], b=[2], save=tmp_path).attrs["cases_done"] == 1


def test_a_damaged_chunk_is_named(tmp_path):
    sweep(series, a=[1], b=[2], save=tmp_path)
    chunk = next(tmp_path.glob("cases-*.nc"))
    chunk.write_bytes(chunk.read_bytes()[:200])
    with pytest.raises(DataError, match="delete this file"):
        sweep(series, a=[1], b=[2], save=tmp_path)


def test_a_killed_sweep_resumes(tmp_path):
    """SIGKILL in the middle, twice; the third run completes, and no case that was on disk runs again."""
    script = tmp_path / "study.py"
    script.write_text(
        textwrap.dedent(
            """
            import sys, time
            from pathlib import Path
            import thermal.study.run as run
            run.FLUSH = 0.1
            def slow(a):
                time.sleep(0.02)
                with open(sys.argv[1], "a") as log:
                    log.write(f"{a}\\n")
                return {"x": a**2}
            if __name__ == "__main__":
                runs = run.sweep(slow, a=range(120), save=Path(sys.argv[2]), workers=2)
                assert (runs.x == runs.a**2).all() and runs.attrs["cases_done"] == 120
            """
        )
    )
    log, folder = tmp_path / "log", tmp_path / "saved"
    command = [sys.executable, str(script), str(log), str(folder)]
    for chunks in (1, 3):
        process = subprocess.Popen(command)
        started = time.monotonic()
        while len(list(folder.glob("cases-*.nc"))) < chunks and time.monotonic() - started < 60:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    saved = len(list(folder.glob("cases-*.nc")))
    before = len(log.read_text().splitlines())
    subprocess.run(command, check=True, timeout=60)
    ran = log.read_text().splitlines()
    assert saved >= 3
    assert 0 < len(ran) - before < 120
    assert set(map(int, ran)) == set(range(120))


def test_ten_thousand_cases_cost_little():
    """Limit 100 µs a case, set beforehand; threads and bookkeeping together, the function costs nothing."""
    took = []
    for _ in range(3):
        started = time.perf_counter()
        sweep(lambda a, b: {"x": a * b}, a=range(100), b=range(100), workers=2)
        took.append(time.perf_counter() - started)
    assert min(took) / 10_000 < 100e-6


def test_fields_on_other_grids_are_left_out_by_name():
    """A plate with narrower channels has another grid: its field goes, its resistance stays."""

    def plate(n):
        return xr.Dataset({"T": ("x", np.zeros(n)), "R": 1.0 / n}, {"x": np.arange(n) / n})

    runs = sweep(plate, n=[2, 3, 4], workers=1)
    assert runs.R.values.tolist() == [1 / 2, 1 / 3, 1 / 4]
    assert "T" not in runs
    assert "x" not in runs.coords
    assert runs.attrs["left_out"] == "T: x differ by case"
