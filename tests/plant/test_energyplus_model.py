"""The edits that put another chiller into an EnergyPlus model; the engine itself runs in `validation/`."""

import pytest

import thermal as th
from validation.energyplus.live import chiller_edits
from validation.energyplus.years import YEARS

RECORDS = {
    "entering": "ElectricEIRChiller York YK 1881kW/6.53COP/Vanes",
    "leaving": "ReformEIRChiller Carrier 19XR 1410kW/8.54COP/VSD",
}


@pytest.mark.parametrize("kind", RECORDS)
@pytest.mark.parametrize("case", ["c1", "c3", "c4", "c7"])
def test_another_chiller_in_the_model(data, case, kind):
    before = text = data(YEARS[case].model).read_text()
    chiller = th.Chiller.from_table(RECORDS[kind])
    for old, new in chiller_edits(YEARS[case].model, chiller).items():
        assert old in text
        text = text.replace(old, new)
    assert text.count(str(chiller.capacity)) == 1
    assert "1406600.0" not in text
    assert ("Chiller:Electric:EIR" in text) == (kind == "entering")
    assert text.count("\n\n") == before.count("\n\n")  # as many objects
    for coefficient in (*chiller.capacity_curve, *chiller.EIR_curve, *chiller.part_load_curve):
        assert str(coefficient) in text
