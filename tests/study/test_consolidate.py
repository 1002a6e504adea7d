"""A store as one file: what the sweep gave, gaps and labels included, in netCDF and in Zarr."""

import numpy as np
import pytest
import xarray as xr

from thermal.errors import DataError, InputError
from thermal.study import consolidate, sample, sweep
from thermal.study import run as engine


def study(a, b):
    """A row of three, a text, a count and a flag; one case fails."""
    if a == 2 and b == "y":
        raise ValueError("no")
    columns = {"T": ("t", a + np.arange(3.0), {"units": "degC"}), "word": f"{b}!", "count": a}
    return xr.Dataset(columns, {"t": [0.0, 60.0, 120.0]}, {"thermal_version": "x", "list": [1, 2]})


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A store of several chunks, and what its sweep gave."""
    monkeypatch.setattr(engine, "FLUSH", 0.0)
    folder = tmp_path / "runs"
    return folder, sweep(study, a=[1, 2, 3], b=["x", "y"], save=folder, workers=1, progress=False)


def opened(path):
    if path.suffix == ".zarr":
        return xr.open_zarr(path, consolidated=False).load()
    return xr.open_dataset(path, engine="h5netcdf").load()


@pytest.mark.parametrize("ending", [".nc", ".zarr"])
def test_it_holds_what_the_sweep_gave(kept, tmp_path, ending):
    if ending == ".zarr":
        pytest.importorskip("zarr")
    folder, runs = kept
    assert len(list(folder.glob("cases-*.nc"))) > 1
    found = opened(consolidate(folder, tmp_path / f"all{ending}"))
    for name in ("T", "count"):
        np.testing.assert_array_equal(found[name], runs[name])
        assert found[name].dims == runs[name].dims
    assert [[str(w) for w in row] for row in found.word.values] == [["x!", "y!"], ["x!", ""], ["x!", "y!"]]
    assert found.converged.values.tolist() == [[True, True], [True, False], [True, True]]
    assert found.converged.dtype == bool
    assert (found.a.values.tolist(), [str(b) for b in found.b.values]) == ([1, 2, 3], ["x", "y"])
    assert found.T.attrs["units"] == "degC"
    assert found.attrs["thermal_version"] == "x"
    np.testing.assert_array_equal(found.t, [0.0, 60.0, 120.0])


def test_it_is_replaced_whole_or_not_at_all(kept, tmp_path):
    folder, _ = kept
    path = consolidate(folder, tmp_path / "all.nc")
    before = path.read_bytes()
    chunk = sorted(folder.glob("cases-*.nc"))[-1]
    chunk.write_bytes(b"damaged")
    with pytest.raises(DataError, match="cannot be read"):
        consolidate(folder, path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if "part" in p.name] == []


def test_a_store_beside_a_client_of_dask(kept, tmp_path):
    """Its client is about when chunks are written, and must not be asked for their lock."""
    distributed = pytest.importorskip("distributed")
    axes = {"a": [1, 2, 3], "b": ["x", "y"], "save": tmp_path / "other", "progress": False}
    with distributed.Client(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as client:
        runs = [sweep(study, client=client, **axes) for _ in range(2)]
    for run in runs:
        xr.testing.assert_identical(run, kept[1])


def test_drawn_points_keep_their_values(tmp_path):
    def product(x, y, k):
        return {"z": x * y * k}

    runs = sample(product, 16, x=(0.0, 1.0), y=(2.0, 3.0), k=[1.0, 10.0], save=tmp_path / "runs", progress=False)
    found = opened(consolidate(tmp_path / "runs", tmp_path / "all.nc"))
    np.testing.assert_array_equal(found.z.transpose(*runs.z.dims), runs.z)
    np.testing.assert_allclose(found.x, runs.x)
    assert set(found.coords) >= {"case", "k", "x", "y"}


def test_ragged_results_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "FLUSH", 0.0)
    folder = tmp_path / "runs"
    sweep(lambda n: {"row": xr.DataArray(np.zeros(n), dims="t"), "n_of": n}, n=[2, 3], save=folder, workers=1)
    found = opened(consolidate(folder, tmp_path / "all.nc"))
    assert found.attrs["left_out"] == "row"
    assert found.n_of.values.tolist() == [2.0, 3.0]


@pytest.mark.parametrize(
    ("folder", "to", "words"),
    [("runs", "all.csv", "must end in .nc"), ("elsewhere", "all.nc", "holds no sweep: name the folder")],
)
def test_what_is_refused(kept, tmp_path, folder, to, words):
    with pytest.raises(InputError, match=words):
        consolidate(tmp_path / folder, tmp_path / to)
