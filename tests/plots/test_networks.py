"""Pictures of networks: artists carry the numbers of the result, arrows the direction of its flow."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal import plots
from thermal.components.hydronics.pipe import Pipe
from thermal.components.hydronics.valve import Resistance
from thermal.errors import InputError
from thermal.network.hydraulics import steady_flows
from thermal.network.manifold import manifold
from thermal.network.network import Branch, Network, Node
from thermal.units import lpm

WATER = th.Supply(T=26, flow=0.02)


def _row(cdus=2, racks=8, **options):
    cdu, rack = th.load("cdus/vertiv_xdu1350"), th.load("racks/gb200_nvl72")
    return Network(
        coolant=th.load("coolants/pg25"), nodes=[Node("return", pressure=2e5)],
        branches=[*(Branch(f"cdu{k + 1}", cdu, "return", "supply") for k in range(cdus)),
                  *manifold(racks * [rack], "supply", "return", **options)],
    )  # fmt: skip


@pytest.fixture(scope="module")
def row():
    network = _row()
    return network, th.steady(network, heat=np.linspace(60e3, 130e3, 8), facility=WATER)


def _one(ax, gid):
    (found,) = [artist for artist in ax.findobj() if artist.get_gid() == gid]
    return found


def _angle(ax, name):
    """Direction of an arrow [degrees from the x axis]."""
    return (_one(ax, f"arrow {name}").get_marker()[2] + 90.0) % 360.0


def _mesh():
    load = Resistance(flow=0.01, drop=1e5)
    ends = (("source", "a"), ("a", "b"), ("b", "sink"), ("a", "sink"), ("b", "a"))
    return Network(
        coolant=th.load("coolants/water"), nodes=[Node("source", pressure=4e5), Node("sink", pressure=2e5)],
        branches=[Branch(f"load{i}", load, *e) for i, e in enumerate(ends)],
    )  # fmt: skip


def test_a_row_says_the_numbers_of_its_result(row):
    network, result = row
    ax = plots.schematic(network, result)
    assert ax.figure.axes[1].get_ylabel() == "coolant temperature [°C]"
    colours = ax.figure.axes[1].collections[-1]
    for rack in ("rack1", "rack8"):
        one = result.sel(branch=rack)
        words = _one(ax, f"label {rack}").get_text().split("\n")
        assert words == [
            rack, f"{float(one.flow) / lpm:.4g} L/min", f"{float(one.T_rack_return):.1f} °C",
            f"margin {float(one.margin):.1f} K",
        ]  # fmt: skip
        before, behind = _one(ax, rack), _one(ax, f"{rack} behind")
        assert before.get_color() == pytest.approx(colours.to_rgba(float(result.T_node.sel(node="supply"))))
        assert behind.get_color() == pytest.approx(colours.to_rgba(float(one.T_rack_return)))
        assert _angle(ax, rack) == pytest.approx(270.0)  # from the supply above down to the return
    assert _angle(ax, "cdu1") == pytest.approx(90.0)
    flows = {b: float(result.flow.sel(branch=b)) for b in ("rack1", "cdu1/loss")}
    widths = [_one(ax, name).get_linewidth() - 1.2 for name in ("rack1", "cdu1")]
    assert widths[0] / widths[1] == pytest.approx(flows["rack1"] / flows["cdu1/loss"])
    p, T = (float(result[n].sel(node="supply")) for n in ("pressure_node", "T_node"))
    assert _one(ax, "at supply").get_text() == f"supply\n{T:.1f} °C\n{p / 1e3:.0f} kPa"
    heights = {n: float(_one(ax, f"node {n}").get_ydata()[0]) for n in ("supply", "return")}
    assert heights["supply"] > heights["return"]


def test_labels_of_a_row_lie_apart(row):
    network, result = row
    ax = plots.schematic(network, result)
    ax.figure.canvas.draw()
    boxes = [t.get_window_extent() for t in ax.texts if t.get_visible() and t.get_text()]
    assert len(boxes) == 12
    for i, a in enumerate(boxes):
        assert not any(a.overlaps(b) for b in boxes[i + 1 :])


@pytest.mark.parametrize("reverse", [False, True])
def test_headers_flow_the_way_of_their_manifold(reverse):
    network = _row(1, 3, pipe=Pipe(length=0.6, diameter=0.08, roughness=4.5e-5), reverse_return=reverse)
    result = steady_flows(network)
    ax = plots.schematic(network, result, colour="flow")
    assert _angle(ax, "rack_supply/2") == pytest.approx(0.0)
    assert _angle(ax, "rack_return/2") == pytest.approx(0.0 if reverse else 180.0)
    for name in ("rack_supply/2", "rack_return/1"):
        assert _one(ax, f"label {name}").get_text() == f"{float(result.flow.sel(branch=name)) / lpm:.4g}"
    ax.figure.canvas.draw()
    boxes = [t.get_window_extent() for t in ax.texts if t.get_visible() and t.get_text()]
    for i, a in enumerate(boxes):
        assert not any(a.overlaps(b) for b in boxes[i + 1 :])


def test_equal_plates_are_one_line_and_the_clogged_one_another():
    network = _row(1, 1, unfold=True)
    result = steady_flows(network, clog={"rack1/plate17": 0.4})
    ax = plots.schematic(network, result, colour="flow")
    label = _one(ax, "label rack1/plate1 … plate72").get_text()
    plates = result.flow.sel(branch=[f"rack1/plate{k}" for k in range(1, 73) if k != 17])
    assert label == f"71 × rack1/plate1 … plate72\n{float(plates.mean()) / lpm:.4g} L/min"
    alone = float(result.flow.sel(branch="rack1/plate17"))
    ratio = [_one(ax, n).get_linewidth() - 1.2 for n in ("rack1/plate17", "rack1/plate1 … plate72")]
    assert ratio[0] / ratio[1] == pytest.approx(alone / float(plates.sum()))
    assert len(plots.schematic(network).findobj(lambda a: str(a.get_gid()).startswith("arrow"))) == 4


def test_what_is_below_its_margin_is_named_and_boxed():
    network = _row(1, 2)
    result = th.steady(network, heat=np.array([100e3, 300e3]), facility=WATER)
    margin = float(result.margin.sel(branch="rack2"))
    assert margin < 0.0 < float(result.margin.sel(branch="rack1"))
    ax = plots.schematic(network, result, colour="margin")
    assert ax.get_title(loc="left") == f"rack2: case {-margin:.1f} K over its limit"
    edges = [_one(ax, f"label rack{k}").get_bbox_patch().get_linewidth() for k in (1, 2)]
    assert edges[0] < edges[1]


def test_a_mesh_shows_reversed_standing_and_missing_flow():
    network = _mesh()
    result = steady_flows(network)
    ax = plots.schematic(network, result, colour="flow")
    flow = result.flow.to_series()
    assert flow["load4"] < 0.0
    ahead, back = (np.radians(_angle(ax, name)) for name in ("load1", "load4"))
    assert np.cos(ahead - back) > 0.5  # both carry coolant from a to b
    for value, style in ((0.0, ":"), (np.nan, "--")):
        changed = result.copy(deep=True)
        changed.flow.loc[{"branch": "load3"}] = value
        ax = plots.schematic(network, changed, colour="flow")
        assert _one(ax, "load3").get_linestyle() == style
        assert not _one(ax, "arrow load3").get_visible()


def test_a_single_branch_is_a_picture():
    network = Network(
        coolant=th.load("coolants/water"), nodes=[Node("a", pressure=3e5), Node("b", pressure=2e5)],
        branches=[Branch("load", Resistance(flow=0.01, drop=1e5), "a", "b")],
    )  # fmt: skip
    ax = plots.schematic(network, steady_flows(network), colour="flow")
    assert _one(ax, "label load").get_text() == "load\n600 L/min"


def test_a_loop_is_drawn_as_its_network_at_any_time():
    loop = th.load("loops/gb200_row")
    run = th.transient(loop, heat=120e3, facility=WATER, until=120, save=60)
    ax = plots.schematic(loop, run, time=60.0)
    margin = float(run.margin.sel(time=60.0).isel(rack=2))
    assert _one(ax, "label rack3").get_text().endswith(f"margin {margin:.1f} K")
    with pytest.raises(InputError, match="outside the result"):
        plots.schematic(loop, run, time=1e6)


def test_what_cannot_be_drawn_is_one_line(row):
    network, result = row
    other = _row(2, 9)
    for draw, says in (
        (lambda: plots.schematic(other, result), "not of this network: it lacks branch rack9"),
        (lambda: plots.schematic(_row(2, 7), result), "beside the network's, branch rack8"),
        (lambda: plots.schematic(network, result, colour="heat"), "colour = 'heat'"),
        (lambda: plots.schematic(network, result, time=3.0), "the result has none"),
        (lambda: plots.schematic(network, xr.concat([result, result], "case")), "has case beside branches"),
        (lambda: plots.schematic(_mesh(), steady_flows(_mesh())), "says nothing of it"),
        (lambda: plots.schematic("row"), "network is a str"),
    ):
        with pytest.raises(InputError, match=says) as caught:
            draw()
        assert "\n" not in str(caught.value)


def test_parts_that_no_branch_joins_stand_apart():
    """Two rows, each by itself: no bar of one runs into the other, or the picture would join them."""
    from thermal.plots.placing import placed

    one = th.load("loops/gb200_row").network()
    other = tuple(b.replace(name=f"b {b.name}", start=f"b {b.start}", end=f"b {b.end}") for b in one.branches)
    nodes = (*one.nodes, *(n.replace(name=f"b {n.name}") for n in one.nodes))
    plan = placed(one.replace(branches=(*one.branches, *other), nodes=nodes))
    mine = [bar for bar in plan.bars if not bar.name.startswith("b ")]
    theirs = [bar for bar in plan.bars if bar.name.startswith("b ")]
    assert max(bar.right for bar in mine) < min(bar.left for bar in theirs)
    assert len(plan.lines) == len(placed(one).lines) * 2
