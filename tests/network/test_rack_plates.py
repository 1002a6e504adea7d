"""Cold plates by geometry and reduced ones inside racks: pinned to the full plate at rest, signed, and checked."""

import numpy as np
import pytest
import xarray as xr
from plates import CELLS, FLOW, GEOMETRY, superchip

import thermal as th
from thermal.components.plate.geometry import ColdPlate
from thermal.errors import InputError
from thermal.network.plates import plate_drop, reduce_rack, require_drop
from thermal.plate.reduction import reduce_plate
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
    return reduce_plate(
        PLATE, package=superchip(), coolant=row.coolant, heat=600.0, flows=flows, T_in=row.cdu.T_supply, cells=CELLS
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


def test_a_batch_puts_its_plates_at_rest_as_one_point_does(row, small):
    loops = with_plate(row, small)
    points = th.batch(loops, heat=HEAT, facility=SUPPLY, T=[20.0, 40.0], progress=False)
    for T in (20.0, 40.0):
        still = th.steady(loops, heat=HEAT, facility=SUPPLY.replace(T=T))
        for name in ("T_case", "T_junction"):
            np.testing.assert_allclose(points[name].sel(T=T), still[name], rtol=0, atol=1e-9)


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


def test_plate_by_geometry_is_reduced_on_demand_and_never_in_silence(row):
    plate = PLATE.replace(length=0.04, breadth=0.04)
    rack = row.racks[0].replace(cold_plate=plate)
    with pytest.raises(InputError, match=r"Rack.cold_plate is given by its geometry.*th.reduce\(loop\)"):
        th.steady(with_plate(row, plate), heat=HEAT, facility=SUPPLY)
    cells = CELLS._replace(slices=24)
    reduced = reduce_rack(rack, row.coolant, row.cdu.T_supply, cells=cells)
    assert reduce_rack(reduced, row.coolant, row.cdu.T_supply) == reduced  # nothing left to do
    loop = th.steady(row.replace(racks=8 * [reduced]), heat=rack.design_heat, facility=SUPPLY)
    each = rack.design_heat * rack.package_fraction / rack.packages
    flow = float(loop.flow) / 8 * rack.flow_fraction / rack.packages
    full = steady_plate(plate, rack.package, row.coolant, each, flow, float(loop.T_supply), cells)
    allowed = reduced.cold_plate.error * float(full.T_junction - full.T_in)
    assert float(loop.T_case[0]) == pytest.approx(float(full.T_case), abs=allowed)


def test_a_loop_says_from_what_its_plate_was_reduced(row, small):
    """The digest, grid and stated error of the reduction, and the models that it was made from."""
    models = th.steady(with_plate(row, small), heat=HEAT, facility=SUPPLY).attrs["models"]
    assert f"reduced plate of {small.grid}, error {small.error:.2%} {small.digest[:12]}" in models
    assert "coolants/pg25" in models
    other = small.replace(heat_capacity=2 * small.heat_capacity)
    again = th.steady(with_plate(row, other), heat=HEAT, facility=SUPPLY).attrs["models"]
    assert other.digest[:12] in again
    assert small.digest[:12] not in again


def test_plate_that_takes_more_pressure_than_its_rack_is_refused(row, small):
    """Channels of 100 µm at unchanged flow: the plate alone takes what no rack of that drop can give."""
    rack = row.racks[0]
    wide = ColdPlate(**{**GEOMETRY, "channel_width": 4e-4, "length": 0.04, "breadth": 0.04}, homogenised=True)
    narrow = wide.replace(channel_width=1e-4, fin_width=1e-4, channel_depth=1e-3)
    drops = [plate_drop(rack.replace(cold_plate=p), row.coolant, 40.0) for p in (wide, narrow)]
    flow = float(rack.plate_flow(rack.design_flow))
    full = steady_plate(narrow, rack.package, row.coolant, 1.0, flow, 40.0, CELLS)
    assert drops[1] == pytest.approx(float(full.pressure_drop), rel=1e-3)
    assert drops[1] > 5 * drops[0]
    tight = rack.replace(cold_plate=narrow, design_drop=0.9 * drops[1])
    with pytest.raises(InputError, match=r"Rack.cold_plate takes .* kPa .* more than the rack's design_drop"):
        require_drop(tight, row.coolant, 40.0)
    require_drop(tight.replace(design_drop=1.1 * drops[1]), row.coolant, 40.0)
    squeezed = rack.replace(cold_plate=small, design_drop=0.9 * float(small.pressure_drop(flow)))
    with pytest.raises(InputError, match="more than the rack's design_drop"):
        th.steady(row.replace(racks=8 * [squeezed]), heat=HEAT, facility=SUPPLY)
    curve = rack.replace(design_drop=0.9 * float(rack.cold_plate.pressure_drop(flow)))
    with pytest.raises(InputError, match="more than the rack's design_drop"):
        th.steady(row.replace(racks=8 * [curve]), heat=HEAT, facility=SUPPLY)


def test_plate_reduced_with_another_coolant_is_refused(row, small):
    loops = with_plate(row, small).replace(coolant=th.load("coolants/water"))
    with pytest.raises(InputError, match="reduced with a coolant"):
        th.steady(loops, heat=HEAT, facility=SUPPLY)
