"""Operating maps: the field, its limits where they are, and no answer where there is none."""

import numpy as np
import pytest
import xarray as xr

from thermal import plots
from thermal.errors import InputError


@pytest.fixture
def table():
    """A margin of 100 − T − 10/flow over a grid, as a sweep gives it."""
    T, flow = np.linspace(20.0, 60.0, 9), np.linspace(0.2, 1.0, 17)
    margin = 100.0 - T[:, None] - 10.0 / flow
    data = {"T_case": 80.0 - margin, "margin": margin, "pressure_drop": 1e5 * (flow**2 + 0.0 * margin)}
    found = xr.Dataset({k: (("T_in", "flow"), v) for k, v in data.items()}, {"T_in": T, "flow": flow})
    return found.assign(converged=found.margin > -20.0)


def test_a_limit_is_drawn_where_the_result_meets_it(table):
    ax = plots.operating_map(
        table, "T_case", x="flow", y="T_in", limits={"margin": 15.0, "pressure_drop": (None, 64e3)}, point=(0.5, 40.0)
    )
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("flow", "coolant temperature entering the cold plate [°C]")
    assert ax.figure.axes[1].get_ylabel() == "package case temperature [°C]"
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert words == ["margin ≥ 15 K", "pressure_drop ≤ 64 kPa", "limit passed", "design point"]
    lines = [c for c in ax.collections if len(getattr(c, "levels", ())) == 1]
    flow, T = np.concatenate([p.vertices for p in lines[0].get_paths()]).T
    np.testing.assert_allclose(T, 85.0 - 10.0 / flow, atol=1.2)  # straight between points 0.05 apart
    np.testing.assert_allclose(lines[1].get_paths()[0].vertices[:, 0], 0.8, atol=1e-9)
    assert [line.get_xydata().tolist() for line in ax.lines] == [[[0.5, 40.0]]]


def test_no_answer_is_crossed_and_empty(table):
    table["converged"][:, 0] = False
    ax = plots.operating_map(table, "T_case", x="flow", y="T_in")
    assert [p.get_hatch() for p in ax.patches if p.get_gid() == "no answer"] == ["xx"]
    filled = np.concatenate([p.vertices for p in ax.collections[0].get_paths() if len(p.vertices)])
    assert filled[:, 0].min() == pytest.approx(0.25)
    whole = plots.operating_map(table.drop_vars("converged"), "T_case", x="T_in", y="flow")
    assert not whole.patches
    assert whole.get_ylabel() == "flow"


def test_what_cannot_be_mapped_is_one_line(table):
    for draw, says in (
        (lambda: plots.operating_map(table, "T_base", x="flow", y="T_in"), "no 'T_base'"),
        (lambda: plots.operating_map(table, "T_case", x="flow", y="heat"), "no axis 'heat'"),
        (lambda: plots.operating_map(table.expand_dims(k=2), "T_case", x="flow", y="T_in"), "lies along k, too"),
        (lambda: plots.operating_map(table.isel(flow=[0]), "T_case", x="flow", y="T_in"), "two numbers or more"),
        (lambda: plots.operating_map(table, "T_case", x="flow", y="T_in", limits={"margin": (None, None)}), "lowest"),
        (lambda: plots.operating_map(table.assign(converged=False & table.converged), "T_case", x="flow", y="T_in"),
         "no converged T_case"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=says):
            draw()
