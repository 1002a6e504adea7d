"""Cold plates by geometry: patterns, agreement of descriptions, monotonicity, transients, and bad input."""

import numpy as np
import pytest
import xarray as xr
from plates import CELLS, FLOW, GEOMETRY, SILICON, T_IN, place, superchip

import thermal as th
from thermal.components.chip.stack import Block, Layer, Region, Stack
from thermal.components.plate.geometry import ColdPlate, Pattern
from thermal.errors import DataError, InputError
from thermal.formats.tables import read_power_map
from thermal.physics.convection.channel import Entry
from thermal.physics.convection.pin_fin import PinLaw
from thermal.plate.grid import Cells
from thermal.plate.steady import steady_plate
from thermal.plate.transient import transient_plate

pytestmark = pytest.mark.compiled  # minutes in plain Python


@pytest.fixture(scope="module")
def coolant():
    return th.load("coolants/pg25")


@pytest.fixture(scope="module")
def package():
    return th.load("packages/h100")


def run(coolant, package, heat=500.0, flow=FLOW, T_in=T_IN, cells=CELLS, **changes):
    return steady_plate(ColdPlate(**{**GEOMETRY, **changes}), package, coolant, heat, flow, T_in, cells)


def test_the_case_is_the_lid_and_the_result_says_so(coolant):
    """A lid under an interface is the case however its name is written; another name is not taken for one."""
    base, T_case = superchip(), {}
    for name in ("lid", "Lid", "spreader"):
        lid = Layer(name=name, thickness=1e-3, regions=(Region(material=SILICON, **place(0.002, 0.004, 0.026, 0.022)),))
        grease = base.layers[1].regions[0].material
        top = Layer(
            name="TIM2", thickness=1e-4, regions=(Region(material=grease, **place(0.002, 0.004, 0.026, 0.022)),)
        )
        result = run(coolant, Stack(layers=(*base.layers, lid, top)), homogenised=True)
        assert result.attrs["case"] == ("TIM2" if name == "spreader" else name)
        T_case[name] = float(result.T_case)
    assert T_case["lid"] == T_case["Lid"] > T_case["spreader"] + 1.0


@pytest.mark.parametrize("pattern", Pattern)
@pytest.mark.parametrize("homogenised", [False, True])
def test_every_pattern_conserves_energy(coolant, package, pattern, homogenised):
    result = run(coolant, package, pattern=pattern, homogenised=homogenised)
    assert abs(float(result.energy_residual)) <= 1e-10 * 500.0
    p = coolant.properties(T_IN)
    mean_capacity = coolant.properties(float(result.T_out + T_IN) / 2).heat_capacity
    assert float(result.T_out) - T_IN == pytest.approx(500.0 / (p.density * FLOW * mean_capacity), rel=2e-3)
    assert T_IN < float(result.T_out) < float(result.T_case) < float(result.T_junction)


@pytest.mark.parametrize(
    ("pattern", "limit"),
    [(Pattern.PARALLEL, 0.005), (Pattern.SPLIT, 0.005), (Pattern.SERPENTINE, 0.02)],  # the last has solid margins
)
def test_homogenised_fins_agree_with_resolved_ones(coolant, package, pattern, limit):
    cells = Cells(slices=24, base=4, fin=8, cover=2)
    whole, porous = (run(coolant, package, cells=cells, pattern=pattern, homogenised=h) for h in (False, True))
    assert float(porous.R_case) == pytest.approx(float(whole.R_case), rel=limit)
    assert float(porous.pressure_drop) == pytest.approx(float(whole.pressure_drop), rel=0.01)


def test_more_flow_is_never_hotter_and_costs_more(coolant, package):
    results = [run(coolant, package, flow=f * FLOW) for f in (0.5, 1.0, 2.0)]
    assert np.all(np.diff([float(r.T_case) for r in results]) < 0)
    assert np.all(np.diff([float(r.pressure_drop) for r in results]) > 0)


def test_hot_channels_take_more_flow(coolant):
    left = Stack(layers=(Layer(name="die", thickness=5e-4,
                               regions=(Region(material=SILICON, **place(0, 0, 0.03, 0.03)),),
                               blocks=(Block(name="b", **place(0.0, 0.0, 0.012, 0.03)),)),))  # fmt: skip
    share = run(coolant, left, heat=800.0).channel_flow
    assert float(share[2]) > 1.02 * float(share[-3])
    assert float(share.sum()) == pytest.approx(FLOW, rel=1e-9)


def test_grid_convergence(coolant, package):
    """Observed order and grid-convergence index of the case resistance, heated all over, three grids refined by two."""
    wide = package.replace(length=0.03, breadth=0.03)
    R = [float(run(coolant, wide, cells=Cells(12 * n, 2 * n, 4 * n, n), homogenised=True).R_case) for n in (1, 2, 4)]
    order = np.log2((R[1] - R[0]) / (R[2] - R[1]))
    index = 1.25 * abs(R[2] - R[1]) / R[2] / (2**order - 1)
    assert order > 1.0  # the hottest cell moves towards the outlet's edge: first order; fields are second order
    assert index < 1e-3


def test_blocks_maps_and_shares_agree(coolant):
    stack = superchip()
    shared = run(coolant, stack, heat=500.0)
    named = run(coolant, stack, heat={"gpu": 400.0, "hbm": 100.0})
    assert float(shared.T_junction) == pytest.approx(float(named.T_junction), abs=1e-9)
    single = Stack(layers=(Layer(name="die", thickness=7e-4, regions=(Region(material=SILICON, **place()),),
                                 blocks=(Block(name="b", **place()),)), ))  # fmt: skip
    flat = run(coolant, single, heat=np.full((4, 5), 25.0))
    assert float(flat.T_junction) == pytest.approx(float(run(coolant, single, heat=500.0).T_junction), abs=1e-6)
    spot = np.full((4, 5), 25.0)
    spot[2, 2] += 100.0
    assert float(run(coolant, single, heat=spot).T_junction) > float(flat.T_junction) + 1.0


def test_transient_ends_at_the_steady_state_and_closes(coolant):
    plate, stack = ColdPlate(**GEOMETRY, homogenised=True), superchip()
    steady = steady_plate(plate, stack, coolant, 500.0, FLOW, T_IN, CELLS)
    day = transient_plate(plate, stack, coolant, 500.0, FLOW, T_IN, until=6.0, step=0.2, cells=CELLS, tolerance=1e-9)
    assert float(day.T_junction[-1]) == pytest.approx(float(steady.T_junction), abs=0.02)
    assert float(abs(day.energy_residual).max()) < 1e-5
    rest = transient_plate(plate, stack, coolant, 500.0, FLOW, T_IN, until=1.0, step=0.5, cells=CELLS, start=500.0)
    assert float(abs(rest.T_junction - steady.T_junction).max()) < 1e-4


def test_transient_is_second_order_in_time(coolant):
    plate, stack = ColdPlate(**GEOMETRY, homogenised=True), superchip()

    def wave(t):
        return 300.0 + 200.0 * np.sin(3.0 * t)

    ends = [
        float(
            transient_plate(
                plate,
                stack,
                coolant,
                wave,
                FLOW,
                T_IN,
                until=0.8,
                step=0.8 / n,
                cells=CELLS,
                tolerance=1e-11,
                start=300.0,
            ).T_junction[-1]
        )
        for n in (16, 32, 64)
    ]
    assert np.log2((ends[0] - ends[1]) / (ends[1] - ends[2])) >= 1.9


def test_power_in_time_by_block(coolant):
    plate, stack = ColdPlate(**GEOMETRY, homogenised=True), superchip()
    heat = xr.DataArray(
        [[400.0, 100.0], [0.0, 0.0]], dims=("time", "block"), coords={"time": [0.0, 1.0], "block": ["gpu", "hbm"]}
    )
    day = transient_plate(plate, stack, coolant, heat, FLOW, T_IN, until=2.0, step=0.25, cells=CELLS)
    assert int(day.T_junction.argmax("time")) == 3
    assert float(day.heat[0]) == pytest.approx(500.0, rel=1e-12)
    assert float(day.heat[-1]) == 0.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"flow": 0.0}, "flow = 0 m3/s must be above 0 .* 1.2 . lpm"),
        ({"flow": np.nan}, "flow = nan is not a finite number"),
        ({"flow": 1.2}, "flow = 1.2 m3/s must be above 0 to 0.1 m3/s"),
        ({"flow": True}, "flow = True must be numbers in m3/s, not a truth value"),
        ({"flow": [FLOW, FLOW]}, r"flow has 2 values of shape \(2,\)"),
        ({"T_in": -40.0}, "freezes"),
        ({"flow": FLOW / 100}, "outside the range of coolant"),
        ({"heat": np.array([[1.0, np.nan]])}, "power map"),
        ({"heat": -5.0}, "heat = -5 W must be from 0 on"),
        ({"heat": np.nan}, "heat = nan is not a finite number"),
        ({"heat": False}, "heat = False must be numbers in W, not a truth value"),
        ({"heat": lambda t: 5.0}, "heat is a function; only a transient"),
        ({"heat": "hot"}, "heat = 'hot' must be numbers in W, not a text"),
        ({"heat": None}, "heat is missing: a number in W is needed"),
        ({"heat": {"package": "hot"}}, "heat of block 'package' = 'hot'"),
        ({"heat": [[1.0, "hot"]]}, "power map"),
        ({"flow": "fast"}, "flow = 'fast' must be numbers in m3/s, not a text"),
        ({"T_in": "warm"}, "T_in = 'warm' must be numbers in degC, not a text"),
        ({"T_in": np.nan}, "T_in = nan is not a finite number"),
        ({"heat": 1e5}, "outside the range of coolant"),
        ({"channel_depth": -2e-3}, "ColdPlate.channel_depth"),
        ({"channel_width": "wide"}, "ColdPlate.channel_width"),
        ({"heat": {"cpu": 5.0}}, "names blocks"),
        ({"cells": Cells(slices=100_000)}, "more than 8 GB"),
        ({"channel_width": 0.04}, "no channel fits"),
        ({"base": -1e-3}, "ColdPlate.base"),
        ({"pattern": Pattern.SERPENTINE, "passes": 50}, "passes need"),
    ],
)
def test_bad_conditions_are_explained(coolant, package, changes, message):
    with pytest.raises(InputError, match=message):
        run(coolant, package, **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"blocks": (Block(name="a", **place(0.002, 0.005, 0.01, 0.01)),
                     Block(name="b", **place(0.004, 0.006, 0.01, 0.01)))},
         "'a' and block 'b' overlap"),
        ({"blocks": (Block(name="a", **place(0.0, 0.0, 0.01, 0.01)),)}, "reaches beyond"),
        ({"blocks": (Block(name="a", **place(0.002, 0.005, 0.004, 0.01)),
                     Block(name="a", **place(0.008, 0.005, 0.004, 0.01)))},
         "blocks of one name: 'a'"),
        ({"thickness": -1e-3}, "Layer.thickness"),
        ({"blocks": ()}, "no layer has a block"),
        ({"regions": (Region(material=SILICON, **place(0.002, 0.005, 0.012, 0.02)),
                       Region(material=SILICON, **place(0.027, 0.001, 0.002, 0.002))),
              "blocks": (Block(name="gpu", **place(0.002, 0.005, 0.012, 0.02)),)}, "touches nothing"),
    ],
)  # fmt: skip
def test_bad_stacks_are_explained(changes, message):
    with pytest.raises(InputError, match=message):
        superchip(**changes)


def test_block_off_the_plate(coolant):
    wide = place(0.02, 0.02, 0.02, 0.005)
    die = Layer(
        name="die", thickness=5e-4, regions=(Region(material=SILICON, **wide),), blocks=(Block(name="b", **wide),)
    )
    with pytest.raises(InputError, match="beyond the plate"):
        run(coolant, Stack(layers=(die,)))


def test_boiling_is_flagged(package):
    water = th.load("coolants/water")
    result = run(water, package, heat=900.0, T_in=75.0, channel_depth=1e-3)
    assert bool(result.boils)
    assert float(result.superheat) > 0
    assert not bool(run(water, package).boils)


@pytest.mark.parametrize(
    ("text", "message"), [("1,2\n3,nan\n", "row 2, column 2"), ("1,x\n", "not a table"), ("1,-2\n", "-2.0 W")]
)
def test_bad_power_map_file_names_the_place(tmp_path, text, message):
    (tmp_path / "map.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_power_map(tmp_path / "map.csv")


def test_power_map_file_with_a_byte_order_mark(tmp_path):
    (tmp_path / "map.csv").write_text("\ufeff1,2\n3,4\n", encoding="utf-8")
    assert read_power_map(tmp_path / "map.csv").tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fow": 1e-5}, "takes no 'fow'; did you mean 'flow'"),
        ({"package": None}, "a ColdPlate also needs package"),
        ({"package": "h100"}, r"package is 'h100' \(str\), a Stack or a Package is needed"),
        ({"coolant": "water"}, r"coolant is 'water' \(str\), a Coolant is needed"),
        ({"tolerance": "fine"}, "tolerance = 'fine'"),
        ({"tolerance": 0.0}, "tolerance = 0 must be from 1e-14 to 0.1"),
        ({"cells": {"slices": 3}}, "cells is .*, a Cells is needed; such as th.Cells"),
        ({"cells": Cells(fin=2.5)}, "Cells.fin = 2.5 must be a whole number"),
        ({"cells": Cells(grading=0.5)}, "Cells.grading = 0.5 must be from 1 on"),
        ({"cells": Cells(across=10**9)}, "GB"),
        ({"heat": np.zeros((0, 0))}, "has no pixel"),
    ],
)
def test_conditions_of_a_wrong_kind_are_named(coolant, package, changes, message):
    conditions = {"package": package, "coolant": coolant, "heat": 500.0, "flow": FLOW, "T_in": T_IN}
    with pytest.raises(InputError, match=message):
        th.steady(ColdPlate(**GEOMETRY), **{**conditions, **changes})


def test_missing_conditions_are_named(package):
    with pytest.raises(InputError, match="a ColdPlate also needs coolant, heat, flow, T_in"):
        th.steady(ColdPlate(**GEOMETRY), package=package)


def test_pins_outside_their_law_are_counted(coolant, package):
    """Pitch 2 diameters; Khan's films begin at Re 40, wide pins leave the range of the pitch, and rows must be ten."""
    pins = {"pattern": Pattern.PINS_STAGGERED, "cells": Cells(slices=6, base=1, fin=2, cover=1)}
    few = {"heat": 5.0, "flow": 0.1 * FLOW}
    assert float(run(coolant, package, heat=50.0, **pins).outside_film) == 0.0
    assert float(run(coolant, package, **few, **pins).outside_film) == 0.0
    assert float(run(coolant, package, **few, **pins, pin_law=PinLaw.KHAN).outside_film) == 1.0
    assert float(run(coolant, package, heat=5.0, fin_width=2e-3, **pins).outside_film) == 1.0
    wide = {"fin_width": 2e-3, "channel_width": 2e-3}
    assert float(run(coolant, package, heat=5.0, **wide, **pins).outside_film) == 1.0  # seven rows
    assert float(run(coolant, package, heat=50.0).outside_film) == 0.0


def test_choice_of_pin_law_reaches_the_plate(coolant, package):
    pins = {"pattern": Pattern.PINS_IN_LINE, "cells": Cells(slices=6, base=1, fin=2, cover=1)}
    runs = [run(coolant, package, heat=50.0, **pins, pin_law=law) for law in PinLaw]
    assert len({float(r.R_case) for r in runs}) == len(PinLaw)
    films = [float(r.film.mean()) for r in runs]
    assert films[PinLaw.ZUKAUSKAS] < films[PinLaw.GNIELINSKI] < films[PinLaw.KHAN] < 1.6 * films[PinLaw.ZUKAUSKAS]


def test_wide_channel_on_three_walls(coolant, package):
    """4 mm by 2 mm under an adiabatic cover: Nu 3.14, not 2e4, so R_case is about 0.28 K/W."""
    coarse = {"cells": Cells(slices=10, base=2, fin=4, cover=1), "length": 0.04, "breadth": 0.04, "fin_width": 1e-3}
    wide = run(coolant, package, heat=100.0, channel_width=4e-3, heated_walls=3, entry=Entry.DEVELOPED, **coarse)
    conductivity = coolant.properties(T_IN).conductivity
    assert float(wide.film.mean()) == pytest.approx(3.146 * conductivity / (8e-3 / 3), rel=0.015)
    developing = run(coolant, package, heat=100.0, channel_width=4e-3, heated_walls=3, **coarse)
    assert float(developing.R_case) == pytest.approx(0.285, rel=0.05)


def test_the_outlet_of_one_plate_feeds_the_next(coolant, package):
    first = run(coolant, package, homogenised=True)
    second = run(coolant, package, homogenised=True, T_in=first.T_out, flow=first.flow)
    assert float(second.T_in) == float(first.T_out)
    assert float(second.T_out) > float(first.T_out)
