"""How finely a plant is marched behind its loops: by its own step, or a quarter of the time in the shorter pipe."""

import pytest
from machines import row
from test_coupling import COLD, PLANT, TYPICAL, WARM

import thermal as th
from thermal.errors import ConvergenceError
from thermal.network.case import Study
from thermal.network.port import behind
from thermal.units import kW


@pytest.mark.parametrize(
    ("step", "supply", "back", "expected"), [(60.0, 40.0, 80.0, 10.0), (60.0, 80.0, 40.0, 10.0), (5.0, 40.0, 80.0, 5.0)]
)
def test_the_longest_step_by_hand(step, supply, back, expected):
    dynamics = TYPICAL.replace(step=step, supply_time=supply, return_time=back)
    study = Study(row(), 100 * kW, PLANT.replace(dynamics=dynamics), COLD, (), 600.0, 1.0, 60.0)
    _, port = behind(study.facility, study)
    assert port.water.step == expected


def test_a_plant_too_small_for_the_first_heat_is_refused():
    """800 kW on one chiller of 0.6 MW."""
    with pytest.raises(ConvergenceError, match=r"no steady state to start from: of .* kW the plant leaves .* of 1 run"):
        th.transient(row(), heat=100 * kW, facility=PLANT.replace(chillers=1), weather=WARM, until=60.0)
