"""Values that pass one by one and together ask for work without end are refused at once, with what to change."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.components.hydronics import IceTank, StratifiedTank, Tank
from thermal.components.hydronics.pipe import Pipe
from thermal.errors import InputError
from thermal.network.transport import pipe_temperatures
from thermal.units import kW

WATER = th.load("coolants/water")
ROW = th.load("loops/gb200_row")
SUPPLY = th.Supply(T=24, flow=0.02, coolant=WATER)
PLATE = th.ColdPlate(
    length=0.04, breadth=0.04, channel_width=2e-4, fin_width=1.5e-4, channel_depth=2e-3, base=1e-3,
    metal=th.load("materials/copper"),
)  # fmt: skip
PIPE = Pipe(length=10, diameter=0.05, roughness=4.5e-5)
LONG = {"time": [0.0, 1e12], "flow": 1e-3, "T_in": 20.0, "T_ambient": 20.0}


def ice(flow, step):
    tank = IceTank(mass=1.0, conductance=5e3, ice_resistance=2e-4, brine=th.load("coolants/pg40"))
    return tank.march(T_in=-5.0, flow=flow, step=step, ice=0.5)


def layers(flow, step):
    tank = StratifiedTank(volume=1.0, height=2.0, loss=1.0, layers=1000, coolant=WATER)
    return tank.march(
        ports={"top": 1.0, "bottom": 0.0}, flow={"top": [flow], "bottom": [-flow]}, T_in={"top": 40.0, "bottom": 20.0},
        T_start=20.0, step=step,
    )  # fmt: skip


def tank(flow, step):
    return Tank(volume=1.0, loss=1.0, coolant=WATER).shift(
        load=np.full(3, 1e5), flow=np.full(3, flow), T_supply=10.0, T_return=20.0, step=step
    )


ENDLESS = {
    "ice tank": lambda: ice(1e4, 1e9),
    "ice tank, beyond whole numbers": lambda: ice(1e5, 1e12),
    "stratified tank": lambda: layers(1e3, 1e9),
    "tank": lambda: tank(1e4, 1e9),
    "pipe": lambda: pipe_temperatures(PIPE, WATER, **LONG),
    "pipe that mixes": lambda: pipe_temperatures(
        PIPE, WATER, **LONG | {"time": [0.0, 1e9]}, dispersion=True, cells=1000
    ),
    "loop": lambda: th.transient(ROW, heat=100 * kW, facility=SUPPLY, until=1e9, step=1e-3, save=1e9),
    "network": lambda: th.transient(ROW.network(), heat=100 * kW, facility=SUPPLY, until=1e9, step=1e-3, save=1e9),
    "failures": lambda: th.network.fault_table(ROW.network(), heat=100 * kW, facility=SUPPLY, until=1e9, step=0.1),
    "plate": lambda: th.transient(
        PLATE, package=th.load("packages/h100"), coolant=th.load("coolants/pg25"), heat=700.0, flow=1e-5, T_in=40.0,
        until=1e9, step=0.1,
    ),
    "resampling": lambda: th.traces.resample(
        xr.Dataset({"heat": ("time", [1.0, 2.0])}, {"time": [0.0, 1e9]}), 0.1, "mean"
    ),
    "synthetic day": lambda: th.traces.inference_day(ROW, seed=1, step=1e-6),
}  # fmt: skip


@pytest.mark.parametrize("kind", ENDLESS)
def test_work_without_end_is_refused(kind):
    with pytest.raises(InputError, match=r"would take .* steps, more than the .*: "):
        ENDLESS[kind]()


def test_what_is_usual_is_done():
    assert np.isfinite(ice(1e-4, 3600.0).T_tank).all()
    assert np.isfinite(layers(1e-4, 3600.0).T_layer).all()
    assert np.isfinite(tank(1e-4, 3600.0).heat).all()


def test_the_door_of_the_pipe():
    """Units of labelled arrays are heard, and what is no whole number of cells is refused."""
    good = {"time": np.arange(60.0), "flow": 1e-3, "T_in": np.full(60, 30.0), "T_ambient": 20.0, "T_start": 20.0}
    one = pipe_temperatures(PIPE, WATER, **good)
    lpm = xr.DataArray(60.0, attrs={"units": "L/min"})
    kelvin = xr.DataArray(np.full(60, 303.15), dims="time", attrs={"units": "K"})
    other = pipe_temperatures(PIPE, WATER, **good | {"flow": lpm, "T_in": kelvin})
    np.testing.assert_allclose(one.T_pipe_out, other.T_pipe_out, rtol=1e-12)
    for wrong in ({"cells": 2.7}, {"cells": True}, {"flow": "fast"}, {"T_ambient": "warm"}, {"T_in": np.ones(3)}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            pipe_temperatures(PIPE, WATER, **good | wrong)
