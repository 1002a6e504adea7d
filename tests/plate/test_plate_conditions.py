"""One door for the conditions of a plate: units of labelled arrays obeyed by every solver, everything else refused."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from plates import FLOW, GEOMETRY, T_IN, superchip

import thermal as th
from thermal.components.plate.geometry import ColdPlate
from thermal.errors import InputError
from thermal.plate.conditions import Conditions
from thermal.plate.convergence import grid_convergence
from thermal.plate.grid import USUAL_CELLS, Cells
from thermal.plate.parallel import steady_parallel
from thermal.plate.reduction import reduce_plate
from thermal.plate.steady import steady_plate
from thermal.plate.transient import transient_plate

PLATE = ColdPlate(**GEOMETRY, homogenised=True)
COARSE = Cells(slices=4, base=1, fin=2, cover=1, bundle=12)


@pytest.fixture(scope="module")
def coolant():
    return th.load("coolants/pg25")


def labelled(value, unit):
    return xr.DataArray(value, attrs={"units": unit})


SOLVERS = {
    "steady": lambda **given: steady_plate(PLATE, **given),
    "transient": lambda **given: transient_plate(PLATE, **given, until=0.4, step=0.2),
    "parallel": lambda **given: steady_parallel([PLATE, PLATE], **given),
    "convergence": lambda **given: grid_convergence(PLATE, **given),
}


@pytest.mark.compiled
@pytest.mark.parametrize("solve", SOLVERS.values(), ids=SOLVERS)
def test_units_of_labelled_arrays_are_obeyed(coolant, solve):
    """1 L/min is not 1 m³/s: 9.8e11 Pa instead of some kilopascal."""
    plain = {"package": superchip(), "coolant": coolant, "heat": 500.0, "flow": FLOW, "T_in": T_IN, "cells": COARSE}
    named = {"flow": labelled(1.0, "L/min"), "T_in": labelled(104.0, "degF"), "heat": labelled(0.5, "kW")}
    ours, theirs = solve(**plain), solve(**{**plain, **named})
    for name in ("R_case", "T_case", "pressure_drop"):
        if name in ours:
            np.testing.assert_allclose(theirs[name], ours[name], rtol=1e-9)


@pytest.mark.compiled
def test_reduction_obeys_units_too(coolant):
    given = {"package": superchip(), "coolant": coolant, "cells": COARSE, "states": 6}
    ours = reduce_plate(PLATE, heat=500.0, flows=[FLOW, 2 * FLOW], T_in=T_IN, **given)
    flows = xr.DataArray([1.0, 2.0], dims="flow", attrs={"units": "L/min"})
    theirs = reduce_plate(PLATE, heat=labelled(0.5, "kW"), flows=flows, T_in=labelled(104.0, "degF"), **given)
    np.testing.assert_allclose(theirs.flows, ours.flows, rtol=1e-12)
    np.testing.assert_allclose(theirs.drops, ours.drops, rtol=1e-9)
    assert theirs.error == pytest.approx(ours.error, rel=1e-3)
    series = pd.Series([60.0, 60.0])
    series.attrs["units"] = "L/h"
    marched = ours.march(np.full((2, 2), 100.0), series, labelled(104.0, "degF"), labelled(100.0, "ms"))
    np.testing.assert_allclose(marched.T_case, ours.march(np.full((2, 2), 100.0), FLOW, T_IN, 0.1).T_case, rtol=1e-9)


BY_BLOCK = xr.DataArray([0.4, 0.1], {"block": ["gpu", "hbm"]}, "block", attrs={"units": "kW"})
ODD = [True, "warm", None, np.nan, np.inf, -300.0, 1e30, [1.0, 2.0], labelled(1.0, "W"), labelled(1.0, "furlong")]


@pytest.mark.parametrize("name", ["flow", "T_in", "tolerance"])
@pytest.mark.parametrize("value", ODD, ids=repr)
def test_odd_numbers_are_refused_by_name(coolant, name, value):
    """Each numeric argument with each oddity: an InputError that begins with the argument's name."""
    given = {"heat": 500.0, "flow": FLOW, "T_in": T_IN, "cells": USUAL_CELLS, "tolerance": 1e-8, name: value}
    with pytest.raises(InputError, match=f"^{name}"):
        Conditions.of(PLATE, superchip(), coolant, **given)


@pytest.mark.parametrize(
    ("heat", "watts"),
    [
        (500, 500.0),
        (np.float32(2.0), 2.0),
        (labelled(0.5, "kW"), 500.0),
        ({"gpu": labelled(0.4, "kW"), "hbm": 100}, {"gpu": 400.0, "hbm": 100.0}),
        (
            xr.DataArray([0.4, 0.1], {"block": ["gpu", "hbm"]}, "block", attrs={"units": "kW"}),
            {"gpu": 400.0, "hbm": 100.0},
        ),
        (xr.DataArray([[1.0, 2.0, 3.0]], dims=("x", "y"), attrs={"units": "kW"}), [[1e3], [2e3], [3e3]]),
        ([[1, 2], [3, 4]], [[1.0, 2.0], [3.0, 4.0]]),
    ],
    ids=["whole", "numpy", "labelled", "mapping", "blocks", "map", "rows"],
)
def test_heat_in_every_form(coolant, heat, watts):
    found = Conditions.of(PLATE, superchip(), coolant, heat, FLOW, T_IN, USUAL_CELLS, 1e-8).heat
    assert found.tolist() == watts if isinstance(watts, list) else found == pytest.approx(watts)


@pytest.mark.parametrize(
    ("heat", "message"),
    [
        ({"gpu": "hot"}, "heat of block 'gpu' = 'hot' must be numbers in W"),
        ({"gpu": -1.0}, "heat of block 'gpu' = -1 W must be from 0 on"),
        ([1.0, 2.0], r"power map heat of shape \(2,\)"),
        ([[1.0, 2.0], [3.0]], "power map heat = .* in rows of one length"),
        ([[1.0, True]], "not a truth value"),
        (labelled(5.0, "degC"), "'degC' cannot be converted to 'W'"),
        (xr.DataArray([1.0, 2.0], dims="die"), "known are block"),
    ],
)
def test_odd_heat_is_refused(coolant, heat, message):
    with pytest.raises(InputError, match=message):
        Conditions.of(PLATE, superchip(), coolant, heat, FLOW, T_IN, USUAL_CELLS, 1e-8)


def test_conditions_are_frozen(coolant):
    point = Conditions.of(PLATE, superchip(), coolant, 500.0, FLOW, T_IN, USUAL_CELLS, 1e-8)
    with pytest.raises(AttributeError):
        point.flow = 2 * FLOW
    assert point.at(flow=2 * FLOW).flow == 2 * point.flow
