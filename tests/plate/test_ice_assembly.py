"""Stacks of 3D-ICE against a second assembly, cell by cell with loops and a dense solution, in µm, K and W."""

import numpy as np
import pytest
from ice_stacks import WATER, dimensions, sink, write

import thermal as th
from thermal.formats.ice import read_ice

pytestmark = pytest.mark.compiled
NX, NY, DX, DY = 5, 4, 200.0, 300.0
K = {"silicon": (1.3e-4, 1.1e-4, 0.9e-4), "oxide": (2e-6, 2e-6, 2e-6)}
TEXT = "".join(
    f"material {name} : thermal conductivity {', '.join(map(str, k))} ; volumetric heat capacity 1.6e-12 ;\n"
    for name, k in K.items()
)
FILM = (5.7e-8, 4.7e-8)  # floor, roof
POROUS = f"""microchannel 2rm : height 120 ; channel length 60 ; wall length 40 ; wall material silicon ;
   coolant flow rate 20 ; coolant heat transfer coefficient top {FILM[1]} , bottom {FILM[0]} ;
{WATER}"""
PINS = """pinfin : height 120 ; pin diameter 50 ; pin pitch 110 ; pin distribution {turned} ; pin material silicon ;
   darcy velocity 0.9e6 ;
""" + WATER  # fmt: skip
LAYERS = 'layer LID : height 70 ; material silicon ;\nlayer BASE : height 90 ; material silicon ; layout "base.mlt" ;\n'
BASE = "oxide : position 200, 300 ; dimension 400, 600 ;\n"
DIE = "die DIE : layer 30 oxide ; source 4 silicon ; layer 50 silicon ;\n"
STACK = """stack : layer top LID ; channel high ; die die DIE floorplan "upper.flp" ; channel low ; layer base BASE ;
solver : steady ; initial temperature 300 ;
"""
FLOORPLAN = "hot : rectangle (100, 150, 500, 450) ; rectangle (700, 0, 200, 1200) ; power values 9.0 ;\n"
HEIGHTS = {"top": [70.0], "die": [50.0, 4.0, 30.0], "base": [90.0]}  # from below within an element


def _dense(cavity, sinks, source, porosity, films, rate, y_wall):
    """Temperatures of the source and of the coolant of both cavities by a matrix with a row a cell [K]."""
    solid = ["base", "low", "die0", "die1", "die2", "high", "top"]
    d = {"base": 90.0, "die0": 50.0, "die1": 4.0, "die2": 30.0, "top": 70.0, "low": 120.0, "high": 120.0}
    of = dict.fromkeys(solid, "silicon") | {"die2": "oxide"}
    names = []
    for name in solid:
        names += (
            [f"{name}.{part}" for part in ("floor", "wall", "water", "roof")] if name in {"low", "high"} else [name]
        )
    number = {
        (n, j, i): m for m, (n, j, i) in enumerate((n, j, i) for n in names for j in range(NY) for i in range(NX))
    }
    A, b = np.zeros((len(number), len(number))), np.zeros(len(number))

    def k(name, j, i, axis):
        material = "oxide" if name == "base" and 1 <= i <= 2 and 1 <= j <= 2 else of[name.split(".")[0]]
        return K[material][axis]

    def join(p, q, g):
        for one, two in ((p, q), (q, p)):
            A[number[one], number[one]] += g
            A[number[one], number[two]] -= g

    area = DX * DY
    ends = {"base": 1.0 if "bottom" in sinks else 2.0, "top": 1.0 if "top" in sinks else 2.0}
    for j in range(NY):
        for i in range(NX):

            def up(name, j=j, i=i):  # from a solid's node to its inner face
                return 0.5 * d[name] * ends.get(name, 1.0) / (k(name, j, i, 2) * area)

            for low, high in (("die0", "die1"), ("die1", "die2")):
                join((low, j, i), (high, j, i), 1 / (up(low) + up(high)))
            for c, below, above in (("low", "base", "die0"), ("high", "die2", "top")):
                join((below, j, i), (f"{c}.floor", j, i), 1 / up(below))
                join((above, j, i), (f"{c}.roof", j, i), 1 / up(above))
                join((f"{c}.floor", j, i), (f"{c}.water", j, i), films[0] * area)
                join((f"{c}.roof", j, i), (f"{c}.water", j, i), films[1] * area)
                g = K["silicon"][2] * area * (1 - porosity) / 60.0
                join((f"{c}.floor", j, i), (f"{c}.wall", j, i), g)
                join((f"{c}.roof", j, i), (f"{c}.wall", j, i), g)
                here = number[f"{c}.water", j, i]
                if j > 0:
                    A[here, number[f"{c}.water", j - 1, i]] -= 0.5 * rate
                if j < NY - 1:
                    A[here, number[f"{c}.water", j + 1, i]] += 0.5 * rate
                if j in {0, NY - 1}:
                    A[here, here] += 0.5 * rate
                if j == 0:
                    b[here] += rate * 300.0
                if j < NY - 1 and y_wall:
                    join(
                        (f"{c}.wall", j, i), (f"{c}.wall", j + 1, i), K["silicon"][1] * (1 - porosity) * DX * 120.0 / DY
                    )
            for name in ("base", "die0", "die1", "die2", "top"):
                if i < NX - 1:
                    half = 0.5 * DX / d[name] / DY
                    g = 1 / (half / k(name, j, i, 0) + half / k(name, j, i + 1, 0))
                    join((name, j, i), (name, j, i + 1), g)
                if j < NY - 1:
                    half = 0.5 * DY / d[name] / DX
                    g = 1 / (half / k(name, j, i, 1) + half / k(name, j + 1, i, 1))
                    join((name, j, i), (name, j + 1, i), g)
            for side, name in (("bottom", "base"), ("top", "top")):
                if side in sinks:
                    film, T = sinks[side]
                    g = 1 / (0.5 * d[name] / (k(name, j, i, 2) * area) + 1 / (film * area))
                    A[number[name, j, i], number[name, j, i]] += g
                    b[number[name, j, i]] += g * T
            b[number["die1", j, i]] += source[j, i]
    T = np.linalg.solve(A, b).reshape(len(names), NY, NX)
    return dict(zip(names, T, strict=True))


def _source():
    """Power of each cell, from the rectangles by hand: edges at multiples of 200 and 300 µm [W]."""
    one = np.outer([150, 300, 0, 0], [100, 200, 200, 0, 0])  # 150 to 600 along, 100 to 600 across
    two = np.outer([300, 300, 300, 300], [0, 0, 0, 100, 100])  # 700 to 900 across
    area = one + two
    return 9.0 * area / (500 * 450 + 200 * 1200)


@pytest.mark.parametrize("sinks", [{}, {"top": (2e-9, 310.0)}, {"top": (2e-9, 310.0), "bottom": (5e-9, 290.0)}])
@pytest.mark.parametrize("cavity", ["2rm", "inline", "staggered"])
def test_every_cell_of_a_homogenised_stack(tmp_path, cavity, sinks):
    text = POROUS if cavity == "2rm" else PINS.format(turned=cavity)
    asks = '   Tmap ( die, "die", final ) ;\n   Tmap ( low, "low", final ) ;\n   Tmap ( high, "high", final ) ;\n'
    asks += '   Tmap ( base, "base", final ) ;\n   Tmap ( top, "top", final ) ;\n   Pmap ( die, "power", final ) ;\n'
    path = write(
        tmp_path, TEXT, *(sink(side, *sinks[side]) for side in ("top", "bottom") if side in sinks), text,
        dimensions(NX * DX, NY * DY, (DX, DY)), LAYERS, DIE, STACK, upper=FLOORPLAN, asks=asks, base_mlt=BASE,
    )  # fmt: skip
    if cavity == "2rm":
        porosity, films = 0.6, FILM
        rate = 4.172638e-12 * 20e12 / 60 / (NX * DX / 100.0) * DX / 100.0
    else:
        porosity = 1 - np.pi / 4 * 50**2 / 110**2
        film = 1e-12 / (2.527e-5 / (0.9 + 1.35) ** (0.64 if cavity == "inline" else 1.52) + 1.533e-6)
        films, rate = (film, film), 4.172638e-12 * 0.9e6 * DX * 120.0
    dense = _dense(cavity, sinks, _source(), porosity, films, rate, cavity == "2rm")
    run = th.steady(read_ice(path), as_3dice=True)
    assert run["power"].values == pytest.approx(_source(), rel=1e-12)
    for name, other in (
        ("die", "die1"),
        ("low", "low.water"),
        ("high", "high.water"),
        ("base", "base"),
        ("top", "top"),
    ):
        assert np.abs(run[name].values + 273.15 - dense[other]).max() < 1e-8, name
    assert abs(float(run.energy_residual)) < 1e-8
    leaving = np.array([dense["low.water"][-1], dense["high.water"][-1]]).mean()
    assert float(run.T_out) + 273.15 == pytest.approx(leaving, abs=1e-9)
