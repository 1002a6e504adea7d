"""Cold plates by geometry and reduced ones inside racks: pinned to the full plate at rest, and cheap per step."""

import numpy as np
import pytest
import xarray as xr
from plates import CELLS, FLOW, GEOMETRY, superchip

import thermal as th
from thermal.components.plate.geometry import ColdPlate
from thermal.errors import InputError
from thermal.plate.steady import steady_plate
from thermal.units import kW, lpm

pytestmark = pytest.mark.compiled
PLATE = ColdPlate(**GEOMETRY, homogenised=True)
SUPPLY = th.Supply(T=26, flow=1900 * lpm)
HEAT = 30 * kW  # of a rack, 300 W of a package


@pytest.fixture(scope="module")
def row():
    return th.load("loops/gb200_row")


@pytest.fixture(scope="module")
def small(row):
    flows = np.geomspace(0.6, 2.4, 4) * FLOW
    return PLATE.reduce(
        package=superchip(), coolant=row.coolant, heat=600.0, flows=flows, T_in=row.cdu.T_supply, cells=CELLS
    )


def with_plate(row, plate, racks=8):
    return row.replace(racks=racks * [row.racks[0].replace(cold_plate=plate)])


def test_rest_is_the_full_plate_within_the_stated_error(row, small):
    rack = row.racks[0]
    loop = th.steady(with_plate(row, small), heat=HEAT, facility=SUPPLY)
    each = HEAT * rack.package_fraction / rack.packages
    flow = float(loop.flow) / 8 * rack.flow_fraction / rack.packages
    full = steady_plate(PLATE, superchip(), row.coolant, each, flow, float(loop.T_supply), CELLS)
    allowed = small.error * float(full.T_junction - full.T_in)
    assert float(loop.T_case[0]) == pytest.approx(float(full.T_case), abs=allowed)
    assert float(loop.T_junction[0]) == pytest.approx(float(full.T_junction), abs=allowed)
    assert not bool(loop.outside_range)


def test_transient_at_rest_stays_at_rest(row, small):
    loops = with_plate(row, small)
    day = th.transient(loops, heat=HEAT, facility=SUPPLY, until=600.0)
    still = th.steady(loops, heat=HEAT, facility=SUPPLY)
    for name in ("T_case", "T_junction"):
        assert float(abs(day[name] - still[name]).max()) < 1e-3
    assert float(abs(day.energy_residual).max()) < 1e-3


def test_step_of_heat_follows_the_reduced_plate(row, small):
    """The march agrees with the reduced plate marched alone under the loop's own flow and supply temperature."""
    loops, rack = with_plate(row, small), row.racks[0]
    heat = xr.DataArray(np.where(np.arange(60) < 10, 0.5, 1.0) * HEAT, dims="time", coords={"time": np.arange(60.0)})
    day = th.transient(loops, heat=heat, facility=SUPPLY, step=1.0, save=1.0)
    each = heat.values * rack.package_fraction / rack.packages
    flow = day.flow.values / 8 * rack.flow_fraction / rack.packages
    alone = small.march(np.outer(each, small.shares), flow, day.T_supply.values, 1.0)
    later = slice(40, None)  # the march starts from rest under the first heat, the other from no heat
    assert float(abs(day.T_case[:, 0].values - alone.T_case.values)[later].max()) < 0.02
    assert float(abs(day.T_junction[:, 0].values - alone.T_block_highest.max("block").values)[later].max()) < 0.02
    assert float(day.T_case[9, 0]) < float(day.T_case[11, 0]) < float(day.T_case[-1, 0])


def test_flow_outside_the_range_is_flagged_and_never_cooler(row, small):
    trip = [th.stop(pump, at=60) for pump in row.cdu.pumps]
    loops = with_plate(row, small)
    day = th.transient(loops, heat=HEAT, facility=SUPPLY, events=trip, until=120.0, step=1.0, save=1.0)
    assert not bool(day.outside_range[:59].any())
    assert bool(day.outside_range[-1])
    assert bool((day.T_case.isel(rack=0, time=slice(62, None)).diff("time") > 0).all())
    assert float(day.T_case_peak[0]) == pytest.approx(float(day.T_case.isel(rack=0).max()))


def test_plate_by_geometry_is_reduced_when_the_loop_is_lowered(row):
    plate = PLATE.replace(homogenised=False, length=0.04, breadth=0.04)
    loop = th.steady(with_plate(row, plate), heat=row.racks[0].design_heat, facility=SUPPLY)
    rack = row.racks[0]
    each = rack.design_heat * rack.package_fraction / rack.packages
    flow = float(loop.flow) / 8 * rack.flow_fraction / rack.packages
    full = steady_plate(plate, rack.package, row.coolant, each, flow, float(loop.T_supply), th.Cells(slices=30))
    assert float(loop.T_case[0]) == pytest.approx(float(full.T_case), abs=0.02 * float(full.T_case - full.T_in))


def test_plate_reduced_with_another_coolant_is_refused(row, small):
    loops = with_plate(row, small).replace(coolant=th.load("coolants/water"))
    with pytest.raises(InputError, match="reduced with a coolant"):
        th.steady(loops, heat=HEAT, facility=SUPPLY)
