import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from thermal import datasets
from thermal.errors import DataError

STATS = "frontier/frontier_2023_measured_stats.csv"
AZURE = "workloads/AzureLLMInferenceTrace_code.csv"
CHECKSUMS = datasets._checksums()


@pytest.fixture
def folder(tmp_path, monkeypatch, data):
    copy = tmp_path / STATS
    copy.parent.mkdir()
    copy.write_bytes(data(STATS).read_bytes())
    monkeypatch.setenv("THERMAL_DATA", str(tmp_path))
    return copy


@pytest.mark.parametrize("name", datasets.names())
def test_every_file_matches_its_checksum(name, data):
    assert data(name).is_file()


def test_untouched_copy_is_found(folder):
    assert datasets.path(STATS) == folder


def test_truncated_file_is_refused_even_after_a_good_read(folder):
    datasets.path(STATS)
    folder.write_bytes(folder.read_bytes()[:-100])
    with pytest.raises(DataError, match="cut short or altered"):
        datasets.path(STATS)
    with pytest.raises(DataError, match="cut short or altered"):
        datasets.path(STATS)


def test_altered_byte_is_refused(folder):
    content = bytearray(folder.read_bytes())
    content[500] ^= 1
    folder.write_bytes(content)
    with pytest.raises(DataError, match="does not match its checksum"):
        datasets.path(STATS)


def test_missing_file_says_what_to_set(tmp_path, monkeypatch):
    monkeypatch.setenv("THERMAL_DATA", str(tmp_path))
    with pytest.raises(DataError, match="point THERMAL_DATA at the reference data"):
        datasets.path(STATS)


def test_no_folder_and_no_public_address_says_what_to_set(monkeypatch):
    monkeypatch.delenv("THERMAL_DATA", raising=False)
    with pytest.raises(DataError, match="set THERMAL_DATA"):
        datasets.path(STATS)


def test_unknown_name_is_met_with_the_nearest():
    with pytest.raises(DataError, match=r"did you mean 'plant/chillers.csv'"):
        datasets.path("plant/chiller.csv")


@pytest.mark.parametrize("name", [None, 3, ["plant/chillers.csv"]])
def test_a_name_that_is_no_text(name):
    for ask in (datasets.path, datasets.provenance, datasets.state):
        with pytest.raises(DataError, match="data files are named by text"):
            ask(name)


def test_the_state_of_a_file(folder, monkeypatch):
    assert datasets.state(STATS) == "here"
    folder.write_bytes(folder.read_bytes()[:-1])
    assert datasets.state(STATS) == "altered"
    folder.unlink()
    assert datasets.state(STATS) == "missing"


def test_download_checks_what_arrives(tmp_path, monkeypatch):
    """No network: whatever the address serves is replaced by a file of other content."""
    import pooch

    def serve(url, output, pooch):
        Path(output).write_bytes(b"not the trace")

    retrieve = pooch.retrieve
    monkeypatch.setattr(pooch, "retrieve", lambda *args: retrieve(*args, downloader=serve))
    monkeypatch.setattr(datasets, "_checksums", lambda: {**CHECKSUMS, AZURE: hashlib.sha256(b"the trace").hexdigest()})
    monkeypatch.delenv("THERMAL_DATA", raising=False)
    monkeypatch.setenv("THERMAL_CACHE_DIR", str(tmp_path))
    with pytest.raises(DataError, match="cannot fetch"):
        datasets.path(AZURE)
    monkeypatch.setattr(
        datasets, "_checksums", lambda: {**CHECKSUMS, AZURE: hashlib.sha256(b"not the trace").hexdigest()}
    )
    assert datasets.path(AZURE).read_bytes() == b"not the trace"


def test_registry_import_is_cheap():
    code = "import sys, thermal.datasets; assert not {'pooch', 'pandas', 'xarray', 'numba'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
