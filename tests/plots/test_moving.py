"""A transient that moves: each frame shows its own row, and the file holds the frames."""

import numpy as np
import pytest
import xarray as xr
from PIL import Image

import thermal as th
from thermal import plots
from thermal.errors import InputError


@pytest.fixture(scope="module")
def run():
    loop = th.load("loops/gb200_row")
    heat = xr.DataArray(np.repeat([60e3, 120e3], 3), dims="time", coords={"time": 20.0 * np.arange(6)})
    return loop, th.transient(loop, heat=heat, facility=th.Supply(T=26, flow=0.02), save=20)


def test_a_frame_shows_its_row_and_the_file_all_frames(run, tmp_path):
    loop, result = run
    path = tmp_path / "day.gif"
    moving = plots.animate(loop, result, path, frames=3)
    with Image.open(path) as image:
        assert image.n_frames == 3
    left, right = moving._fig.axes[:2]
    rows = np.linspace(0, result.sizes["time"] - 1, 3).round().astype(int)
    shades = []
    for k, row in enumerate(rows):
        moving._func(k)
        one = result.isel(time=int(row))
        (label,) = [t.get_text() for t in left.texts if t.get_gid() == "label rack1"]
        assert label.endswith(f"{float(one.T_rack_return[0]):.1f} °C\nmargin {float(one.margin[0]):.1f} K")
        (now,) = [line for line in right.lines if line.get_gid() == "now"]
        assert now.get_xdata() == pytest.approx([float(one.time)] * 2)
        shades.append(next(line.get_color() for line in left.lines if line.get_gid() == "rack1 behind"))
    assert shades[0] != pytest.approx(shades[-1])  # one range of colours for all frames
    np.testing.assert_allclose(right.lines[0].get_ydata(), result.T_case.max("rack"))


def test_what_does_not_move_is_one_line(run):
    loop, result = run
    for draw, says in (
        (lambda: plots.animate(loop, result.isel(time=0)), "two rows of time"),
        (lambda: plots.animate(loop, result, "day.mp4"), "give .gif or .html"),
        (lambda: plots.animate(loop, result, frames=1), "frames"),
    ):
        with pytest.raises(InputError, match=says):
            draw()
