"""The validation harness tells the truth: a broken limit, a NaN, a left-out limit and absent data are all seen."""

import json
from html.parser import HTMLParser

import pytest

from thermal.errors import DataError
from validation import run as harness
from validation.verdict import KEYS, row

CASE = """
from thermal.errors import DataError
from validation.verdict import row
LIMITS = {{"T": {limit}}}
TUNED = {tuned}
def rows():
    {before}
    yield row("mine", "{quantity}", {model}, [1.0, 2.0, 3.0], LIMITS["T"], TUNED)
"""
PLAIN = {"limit": {"rmse": 0.1, "unit": "K"}, "tuned": [], "before": "", "quantity": "T", "model": "[1.0, 2.0, 3.1]"}


@pytest.fixture
def case(tmp_path):
    (tmp_path / "README.md").write_text(
        "before\n<!-- table -->\n| mine | old |\n| gone | no case any more |\n<!-- end of table -->\nafter\n"
    )

    def write(**changes):
        (tmp_path / "mine").mkdir(exist_ok=True)
        (tmp_path / "mine" / "case.py").write_text(CASE.format(**{**PLAIN, **changes}))
        return tmp_path

    return write


def test_pass_is_printed_and_written(case, capsys):
    folder = case(tuned=["cdu.fouling"])
    assert harness.main(["--json"], folder) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert tuple(entry) == KEYS
    assert entry["n"] == 3
    assert entry["bias"] == pytest.approx(0.1 / 3)
    assert entry["rmse"] == pytest.approx(0.1 / 3**0.5)
    assert entry["tuned"] == ["cdu.fouling"]
    written = (folder / "README.md").read_text()
    assert written.startswith("before\n")
    assert written.endswith("after\n")
    assert "old" not in written
    assert "gone" not in written
    assert "| pass | cdu.fouling |" in written
    assert harness.main(["--table"], folder) == 0
    assert capsys.readouterr().out.strip() in written
    assert "pass" in _readable(folder, capsys)


def _readable(folder, capsys):
    harness.main([], folder)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "[1.0, 2.0, 4.0]"},
        {"model": "[1.0, 2.0, float('nan')]"},
        {"model": "[1.0, 2.0, float('inf')]"},
        {"limit": {"bias": 0.01, "unit": "K"}},
        {"limit": {"bias": 0.01, "unit": "K"}, "model": "[0.9, 1.9, 2.9]"},
        {"limit": {"rmse": 0.1, "max": 0.05, "unit": "K"}},
    ],
)
def test_broken_limit_exits_with_1(case, changes, capsys):
    assert harness.main([], case(**changes)) == 1
    assert "fail" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"quantity": "U"}, "LIMITS names"),
        ({"limit": {"unit": "K"}}, "any of"),
        ({"limit": {"rmse": 0.1}}, "unit"),
        ({"limit": {"rms": 0.1, "unit": "K"}}, "any of"),
        ({"model": "[]"}, "shape"),
        ({"model": "2.0"}, "shape"),
    ],
)
def test_case_that_hides_something_is_refused(case, changes, says):
    with pytest.raises(ValueError, match=says):
        harness.main([], case(**changes))


def test_absent_data_are_skipped_but_bad_data_are_not(case, capsys, monkeypatch):
    folder = case(before="raise DataError('weather/x.epw is absent')")
    monkeypatch.delenv("THERMAL_DATA", raising=False)
    assert harness.main(["--json"], folder) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["verdict"] == "skipped: weather/x.epw is absent"
    assert "old" in (folder / "README.md").read_text()  # what was found with the data stays
    monkeypatch.setenv("THERMAL_DATA", str(folder))
    with pytest.raises(DataError):
        harness.main([], folder)


def test_absent_peer_is_skipped_but_a_broken_import_is_not(case, capsys):
    assert harness.main([], case(before="import a_peer_nobody_has")) == 0
    assert "a_peer_nobody_has" in capsys.readouterr().out
    with pytest.raises(ModuleNotFoundError):
        harness.main([], case(before="import thermal.no_such_module"))


def test_unknown_case(case, capsys):
    with pytest.raises(SystemExit):
        harness.main(["--only", "yours"], case())
    assert "mine" in capsys.readouterr().err


@pytest.mark.parametrize("name", harness.cases())
def test_our_cases_state_limits_and_tuning(name):
    module = harness.load(name)
    assert module.LIMITS
    for limit in module.LIMITS.values():
        assert limit["unit"]
        assert set(limit) & {"bias", "rmse", "max"}
    assert all(isinstance(t, str) for t in module.TUNED)
    assert name in (harness.HERE / "README.md").read_text(encoding="utf-8"), "run validation/run.py"


def test_row_is_symmetric_in_sign():
    limit = {"bias": 1.0, "unit": "W"}
    low, high = row("c", "q", [1.0], [2.5], limit), row("c", "q", [4.0], [2.5], limit)
    assert (low["bias"], high["bias"]) == (-1.5, 1.5)
    assert low["verdict"] == high["verdict"] == "fail"


class _Reads(HTMLParser):
    """What a page asks of the world outside, and the words it shows."""

    def __init__(self):
        super().__init__()
        self.asked, self.words, self.pictures = [], "", 0

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in {"src", "href"} and not value.startswith("data:"):
                self.asked.append(value)
            self.pictures += name == "src"

    def handle_data(self, data):
        self.words += data


def test_one_page_holds_table_figures_and_words(case, tmp_path, capsys):
    folder = case(model="[1.0, 2.0, 4.0]", tuned=["<b>fouling</b>"])
    source = folder / "mine" / "case.py"
    source.write_text('"""Measured by hand.\n\nFound: less than hoped."""\n' + source.read_text())
    assert harness.main(["--out", str(tmp_path / "report")], folder) == 1
    assert "index.html" in capsys.readouterr().err
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    read = _Reads()
    read.feed(page)
    assert not read.asked  # nothing from elsewhere
    assert read.pictures == 2  # the limits, and the case
    for words in ("Found: less than hoped.", "rmse <= 0.1 K", "<b>fouling</b>", "1 fail"):
        assert words in read.words
    assert "| mine | T | 3 |" in (tmp_path / "report" / "table.md").read_text(encoding="utf-8")
    assert (tmp_path / "report" / "mine.png").read_bytes().startswith(b"\x89PNG")


def test_a_skipped_case_says_what_to_install(case, tmp_path, capsys):
    folder = case(before="import a_peer_nobody_has")
    assert harness.main(["--out", str(tmp_path / "report")], folder) == 0
    assert 'needs a_peer_nobody_has: pip install ".[validation]"' in capsys.readouterr().out
    assert "a_peer_nobody_has" in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
