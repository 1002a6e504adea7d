"""The benchmark harness tells the truth: same keys in every row, a failure is shown and not met, times are times."""

import json
import time
import types

import pytest

from benchmarks import __main__ as harness
from benchmarks.measure import KEYS, best_of, fresh, machine, row


@pytest.fixture
def only(monkeypatch):
    """Replace all benchmarks by one whose `rows` is given."""

    def replace(rows):
        monkeypatch.setattr(harness, "modules", lambda: ["mine"])
        monkeypatch.setattr(harness.importlib, "import_module", lambda _: types.SimpleNamespace(rows=rows))

    return replace


def test_every_module_has_rows():
    assert {"startup", "properties"} <= set(harness.modules())
    for name in harness.modules():
        module = harness.importlib.import_module(f"benchmarks.{name}")
        assert module.__doc__
        assert callable(module.rows)


def test_json_rows(only, capsys):
    only(lambda: [row("a", "one thing", 2.0, peer="them", peer_s=3.0, target="<= 1 s", met=False)])
    assert harness.main(["--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert tuple(entry) == KEYS
    assert (entry["ratio"], entry["met"], entry["ours_peak_MB"]) == (1.5, False, None)


def test_table_shows_times_and_misses(only, capsys):
    only(lambda: [row("a", "one thing", 2.5e-8, target="<= 1 ns", met=False), row("b", "another", 1.5e-3)])
    harness.main([])
    shown = capsys.readouterr().out
    assert "25 ns" in shown
    assert "1.5 ms" in shown
    assert "NO" in shown


def test_failure_is_a_row_that_is_not_met(only, capsys):
    def rows():
        yield row("a", "one thing", 1.0)
        raise RuntimeError("no such machine")

    only(rows)
    harness.main(["--json"])
    good, bad = json.loads(capsys.readouterr().out)
    assert good["ours_s"] == 1.0
    assert "no such machine" in bad["work"]
    assert bad["met"] is False


def test_row_of_other_keys_is_a_failure(only, capsys):
    only(lambda: [{"name": "a", "seconds": 1.0}])
    harness.main(["--json"])
    (bad,) = json.loads(capsys.readouterr().out)
    assert bad["met"] is False


def test_absent_peer_leaves_its_columns_null():
    entry = row("a", "one thing", 1.0, peer="them", peer_s=None)
    assert (entry["peer"], entry["peer_s"], entry["ratio"]) == (None, None, None)


def test_best_of_is_the_warm_time():
    calls = []

    def slow_at_first():
        calls.append(1)
        time.sleep(0.2 if len(calls) == 1 else 0.01)

    assert 0.01 <= best_of(slow_at_first, repeats=3) < 0.2
    assert len(calls) == 4


def test_fresh_process_is_measured_and_heard():
    seconds, peak, said = fresh(
        "import json, time\ntime.sleep(0.3)\nx = bytearray(80_000_000)\nprint(json.dumps([1, 2]))"
    )
    assert seconds >= 0.3
    assert peak > 80
    ballast = bytearray(300_000_000)
    assert fresh("pass")[1] < 100, "the child has the peak of its parent"
    assert ballast
    assert said == [1, 2]
    with pytest.raises(RuntimeError, match="broken"):
        fresh("raise ValueError('broken')")


def test_unknown_benchmark(capsys):
    with pytest.raises(SystemExit):
        harness.main(["--only", "perpetual motion"])
    assert "properties" in capsys.readouterr().err


def test_machine_line():
    assert "\n" not in machine()
    assert "Numba" in machine()
