"""Two stratified hot-water tanks of the Plataforma Solar de Almería, a day at 10 s: fitted until 14:10, judged after.

Heat comes in at the top of the hot tank from an exchanger, which is fed from the bottom of the cold tank; the load
draws at the top of the hot tank and returns to the bottom of the cold one; what one takes more than the other passes
between the tanks. `StratifiedTank` marches both in series under the measured flows and inlets.

The source gives no height, no places of its sensors and no volume but 30 m³ of both as default of its own model (its
authors' fit sums to 27 m³). Fitted from 9:15, when water begins to flow, until 14:10: the volume, the loss, where the
middle sensors lie, where the warm water began in the morning, an offset of the sensor of the load's return, and a
factor on the flow of the source. That flow is reconciled by the authors from a heat balance, not measured: the front
in the cold tank comes back to the same sensor at 14:36 with 1.6 m³ less drawn than when it left at 10:45, 7 % of what
flowed. The split was put behind its first touch at 14:00, since nothing before tells the two flows apart; this was
seen before the run. The sensors at top and bottom are taken to lie at 0.95 and 0.05 of a tank, tanks to be 3 m high
and the water to conduct as water does: estimates.

Limits written before the run. Two sensors of 0.5 K each and a stirred top whose inlet plunges make 1 K; the bottom of
the cold tank, where 70 °C water enters beside a pipe of 67 °C, 1.5 K; the middle of the cold tank lies in the front,
where a flow wrong by 2 % over 20 m³ moves 20 K by four minutes in the hour: 3 K.

Found: the first run missed the front in the judged hours by 12 K, and the bottom of the cold tank in the fitted ones
by 3 K. First-order upwind had smeared the front, which stands for hours, over the tank; and the fit bent itself to the
hours before 9:15, in which the bottom sensors cool through pipes that the model does not know. Layers now pass fronts
sharply (`face`), for any tank, the hours without flow were left out and the sensor's offset was added. Limits were not
changed, but the judged hours had been seen by then. The fitted volume, 19 m³ a tank, is more than the source has: with
the loss it stands for pipes and steel as well.

One sensor was in neither fit nor judgement: that of the water which leaves the bottom of the cold tank for the
exchanger (whose own case takes it as an input). Its limit, committed before its first run, is 2 K over all hours in
which that water flows: 0.5 K of the sensor, 1.5 K as for the bottom of the tank, which stands beside the return of the
load. Found: 1.07 K, 0.66 K too warm in the mean. It is of the same day and the same water as the bottom sensor, so it
says less than another day would. That is still wanting: the authors' repository has 5 May 2023 (out_exp_ts_20230505),
which is not among the reference data; the numbers fitted here, as they are, should meet the limits of the judged hours
there.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import thermal as th
from thermal.components.hydronics import StratifiedTank
from thermal.study.calibrate import calibrate
from thermal.study.calibration import Calibration
from validation.verdict import row

CASE = "psa_tanks"
SENSORS = {
    "hot top": 1.95, "hot middle": None, "hot bottom": 1.05, "cold top": 0.95, "cold middle": None, "cold bottom": 0.05,
}  # fmt: skip  # heights in tanks
COLUMNS = dict(zip(SENSORS, ("Tts_h_t", "Tts_h_m", "Tts_h_b", "Tts_c_t", "Tts_c_m", "Tts_c_b"), strict=True))
ALLOWED = {"cold middle": 3.0, "cold bottom": 1.5}
LIMITS = {
    f"{name}, {hours} hours": {"rmse": ALLOWED.get(name, 1.0), "unit": "K"}
    for hours in ("fitted", "judged")
    for name in SENSORS
} | {
    "water to the load, 10:00 to 14:30": {"rmse": 1.5, "unit": "K"},
    "water to the exchanger": {"rmse": 2.0, "unit": "K"},
}
TUNED = [
    "volume, loss, heights of the middle sensors and of the warm water at the start, offset of the return's sensor, "
    "factor of the source's flow (9:15 to 14:10)"
]
FITTED, JUDGED = slice(None, "2023-11-06T14:10"), slice("2023-11-06T14:10:01", None)
BOUNDS = {
    "volume": (8.0, 13.5, 20.0),
    "loss": (0.0, 30.0, 100.0),
    "hot_middle": (1.15, 1.5, 1.85),
    "cold_middle": (0.15, 0.5, 0.85),
    "hot_start": (1.0, 1.15, 1.5),
    "cold_start": (0.0, 0.15, 0.7),
    "factor": (0.85, 0.95, 1.15),
    "return_offset": (-4.0, 0.0, 4.0),
}  # low, first guess, high


def telemetry() -> xr.Dataset:
    """Sensors, flows [m³/s] and inlets, as means over a minute."""
    table = pd.read_csv(th.datasets.path("psa/hex_tanks_20231106_10s.csv"))
    time = pd.to_datetime(table.TimeStamp, utc=True).dt.tz_localize(None).to_numpy()
    names = {**COLUMNS, "T_source": "Tts_h_in", "T_load": "Tts_c_in", "T_drawn": "Tts_h_out",
             "T_cooled": "Tts_c_b_out", "T_outdoors": "Tamb"}  # fmt: skip
    day = xr.Dataset({n: ("time", table[c].to_numpy(), {"units": "degC"}) for n, c in names.items()}, {"time": time})
    for n, c in {"source": "qts_src", "drawn": "qts_dis"}.items():
        day[n] = "time", table[c].to_numpy() / 3600.0, {"units": "m3/s"}
    day = day.coarsen(time=6, boundary="trim", coord_func="min").mean(keep_attrs=True)
    return day.sel(time=slice("2023-11-06T09:15", None))


def start(day: xr.Dataset, hot: float, cold: float) -> xr.DataArray:
    """Profile of the morning: as cold as the bottom sensors up to a height of each tank, then as warm as the others."""
    first = {name: float(day[name][0]) for name in SENSORS}
    heights = [0.0, cold, cold + 0.05, 0.99, 1.0, hot + 0.05, hot + 0.1, 2.0]
    T = [first[n] for n in ("cold bottom", "cold bottom", "cold middle", "cold top",
                            "hot bottom", "hot bottom", "hot middle", "hot top")]  # fmt: skip
    return xr.DataArray(T, {"height": heights}, ("height",))


def marched(
    day: xr.Dataset, volume: float, loss: float, hot_middle: float, cold_middle: float, hot_start: float,
    cold_start: float, factor: float, return_offset: float,
) -> xr.Dataset:  # fmt: skip
    """What the sensors would read, and what the load draws."""
    tank = StratifiedTank(volume=volume, height=3.0, tanks=2, loss=loss, coolant=th.load("coolants/water"))
    found = tank.march(
        ports={"source_in": 2.0, "load_out": 2.0, "load_in": 0.0, "source_out": 0.0},
        flow={"source_in": factor * day.source, "load_out": -day.drawn, "load_in": day.drawn,
              "source_out": -factor * day.source},
        T_in={"source_in": day.T_source, "load_in": day.T_load + return_offset}, T_around=day.T_outdoors,
        T_start=start(day, hot_start, cold_start),
    )  # fmt: skip
    heights = SENSORS | {"hot middle": hot_middle, "cold middle": cold_middle}
    read = {n: ("time", _between(found.T_layer, h)) for n, h in heights.items()}
    leaving = {"T_drawn": "load_out", "T_cooled": "source_out"}
    return xr.Dataset({**read, **{n: found.T_port.sel(port=port, drop=True) for n, port in leaving.items()}})


def _between(layers: xr.DataArray, height: float) -> np.ndarray:
    """What a sensor between two layers reads."""
    centres = layers["height"].values
    above = int(np.clip(np.searchsorted(centres, height), 1, len(centres) - 1))
    share = (height - centres[above - 1]) / (centres[above] - centres[above - 1])
    return (1.0 - share) * layers.values[:, above - 1] + share * layers.values[:, above]


def fit(day: xr.Dataset) -> Calibration:
    """Eight numbers on the hours from 9:15 to 14:10."""
    return calibrate(
        lambda **values: marched(day, **values)[list(SENSORS)], day[list(SENSORS)], BOUNDS, window=FITTED,
        on="psa/hex_tanks_20231106_10s, 9:15 to 14:10",
    )  # fmt: skip


def rows() -> Iterator[dict[str, Any]]:
    day = telemetry()
    ours = marched(day, **fit(day).values)
    for hours, when in (("fitted", FITTED), ("judged", JUDGED)):
        for name in SENSORS:
            quantity = f"{name}, {hours} hours"
            model, measured = ours[name].sel(time=when).values, day[name].sel(time=when).values
            yield row(CASE, quantity, model, measured, LIMITS[quantity], TUNED)
    quantity, when = "water to the load, 10:00 to 14:30", slice("2023-11-06T10:00", "2023-11-06T14:30")
    flows = day.drawn.sel(time=when).values > 0.0
    model, measured = (d.T_drawn.sel(time=when).values[flows] for d in (ours, day))
    yield row(CASE, quantity, model, measured, LIMITS[quantity], TUNED)
    flows = day.source.values > 0.0
    model, measured = (d.T_cooled.values[flows] for d in (ours, day))
    yield row(CASE, "water to the exchanger", model, measured, LIMITS["water to the exchanger"], TUNED)
