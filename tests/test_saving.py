"""A part that is saved is built again from its file, with its sources."""

import pytest

import thermal as th
from thermal.errors import InputError, ModelError
from thermal.library import models, read
from thermal.saving import save
from thermal.study.tree import tuned


@pytest.mark.parametrize("name", models())
def test_every_shipped_model_is_saved_and_built_again(tmp_path, name):
    part = th.load(name)
    save(part, "mine/one", root=tmp_path)
    assert th.load("mine/one", root=tmp_path) == part


def test_what_was_fitted_carries_its_interval_and_its_data(tmp_path):
    pump = tuned(th.load("pumps/google_deschutes"), "efficiency", 0.68, 0.66, 0.71, "bench of 2026, 12 points")
    assert "tuned: efficiency on bench of 2026, 12 points" in str(pump)
    save(pump, "pumps/mine", root=tmp_path)
    file = read("pumps/mine", root=tmp_path)
    fact = file.facts["efficiency"]
    assert (fact.value, fact.low, fact.high) == (0.68, 0.66, 0.71)
    assert file.sources[fact.source]["title"] == "fitted on bench of 2026, 12 points"
    assert file.facts["drive_efficiency"].low == 0.85  # as it stood
    again = th.load("pumps/mine", root=tmp_path)
    found = {e.field: (e.low, e.high, e.fitted) for e in again.origin.estimates}
    assert found["efficiency"] == (0.66, 0.71, True)
    assert found["drive_efficiency"] == (0.85, 0.95, False)


def test_a_changed_part_inside_is_written_beside(tmp_path):
    cdu = tuned(th.load("cdus/google_deschutes"), "pumps.efficiency", 0.68, 0.66, 0.71, "a bench")
    save(cdu, "cdus/mine", root=tmp_path)
    assert th.load("cdus/mine", root=tmp_path) == cdu
    assert (tmp_path / "cdus" / "mine_pumps.toml").exists()
    assert th.load("cdus/mine", root=tmp_path).pumps[0].efficiency == 0.68


def test_bad_use_is_named(tmp_path):
    pump = th.load("pumps/google_deschutes")
    save(pump, "pumps/mine", root=tmp_path)
    with pytest.raises(ModelError, match="exists"):
        save(pump, "pumps/mine", root=tmp_path)
    save(pump, "pumps/mine", root=tmp_path, replace=True)
    for name in ("mine", "../mine", "a/b/c", "/mine"):
        with pytest.raises(ModelError, match="folder and file"):
            save(pump, name, root=tmp_path)
    with pytest.raises(ModelError, match="no kind"):
        save(th.Supply(T=30, flow=1e-3), "a/b", root=tmp_path)
    with pytest.raises(InputError, match="a part can be saved"):
        save(3.0, "a/b", root=tmp_path)
