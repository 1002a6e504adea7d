"""A Gymnasium environment of a site's cooling: supply set points chosen by whoever learns. Needs the extra ``rl``."""

from importlib import import_module
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import number, whole
from thermal.network.controlled import SLEW
from thermal.site.site import Site
from thermal.traces.synthetic import inference_day
from thermal.verbs import stepper

__all__ = ["CoolingEnv", "register"]


def _installed() -> Any:
    """Gymnasium, or none: the rest of the package does without it."""
    try:
        return import_module("gymnasium")
    except ImportError:
        return None


gymnasium = _installed()
Base: Any = object if gymnasium is None else gymnasium.Env
NAME = "thermal/Cooling-v0"
SCALES = (50.0, 50.0, 50.0, 50.0, 1.0, 0.2, 40.0)  # of the observations, in their order
DAY = 86400.0
WEEK_OF_TEST = 4  # each fifth week is of the test split


class CoolingEnv(Base):
    """One loop or more of a site with its plant, in the weather of a day, under synthetic inference load.

    Each step is one sample: the action in −1..1 asks for a set point of the facility water between `T_low` and
    `T_high`, which moves no faster than the slew limit; the reward is minus the energy of all cooling in the sample
    over a tenth of the IT design energy of that time, minus 1 for each 10 K by which the least case margin falls short
    of `margin`. An episode is truncated at its end, and terminated where a case passes its limit.

    Days are split by weeks of the year: each fifth one is ``test``, the others ``train``; day and load are drawn with
    the environment's own generator, so that ``reset(seed=...)`` repeats an episode exactly.

    Parameters
    ----------
    site : Site
        With loops and one ``th.Plant``; small ones (``site.scaled(1e6)``) step fastest.
    weather : Dataset
        A year of ``th.weather``, hourly.
    split : {"train", "test"}
        Which days.
    T_low, T_high : float
        Range of the set point, °C.
    margin : float
        Least margin of the cases that is asked for, K.
    sample : float
        Time of one step, s: whole minutes.
    length : float
        Length of an episode, s: whole samples, at most a day.

    Raises
    ------
    InputError
        If Gymnasium is not installed, or an argument cannot be used.

    Notes
    -----
    Observation: case margin, coolant supply, facility supply, set point, IT power over design, cooling over a fifth of
    IT design, wet bulb, and sine and cosine of the time of day; scaled to about −1..1 and held in −10..10.
    """

    metadata: Any = {"render_modes": []}  # noqa: RUF012 gymnasium's own form

    def __init__(
        self, site: Site, weather: xr.Dataset, *, split: str = "train", T_low: float = 20.0, T_high: float = 40.0,
        margin: float = 5.0, sample: float = 900.0, length: float = 21600.0,
    ) -> None:  # fmt: skip
        if gymnasium is None:
            raise InputError("CoolingEnv needs gymnasium: pip install 'thermal-toolkit[rl]'")
        if split not in {"train", "test"}:
            raise InputError(f"split = {split!r} must be 'train' or 'test'")
        if weather.sizes.get("time", 0) < 8760:
            raise InputError(
                f"weather has {weather.sizes.get('time', 0)} hours: an environment draws days of a whole year"
            )
        self.low, self.high = number("T_low", T_low, "degC"), number("T_high", T_high, "degC", above=T_low)
        self.site, self.weather = site, weather
        self.margin, self.sample = number("margin", margin, "K"), number("sample", sample, "s", above=0.0)
        self.steps = number("length", length, "s", above=0.0, high=DAY) / self.sample
        if self.sample % 60.0 or abs(self.steps - round(self.steps)) > 1e-9:
            raise InputError(f"sample = {sample:g} s must be whole minutes, length = {length:g} s whole samples")
        days = np.arange(364)
        self.days = days[(days // 7 % 5 == WEEK_OF_TEST) == (split == "test")]
        self.action_space = gymnasium.spaces.Box(-1.0, 1.0, (1,), np.float32)
        self.observation_space = gymnasium.spaces.Box(-10.0, 10.0, (9,), np.float32)
        self._case: Any = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Draw a day and a load, settle on the first set point, and march a minute of it.

        ``options={"day": k, "load": k}`` name them instead of drawing.
        """
        super().reset(seed=seed)
        given = options or {}
        day = whole("day", given.get("day", int(self.np_random.choice(self.days))), low=0)
        load = whole("load", given.get("load", int(self.np_random.integers(2**31))), low=0)
        end = self.steps * self.sample + self.sample
        hours = int(np.ceil(end / 3600.0)) + 1
        air = self.weather.isel(time=np.arange(24 * day, 24 * day + hours) % self.weather.sizes["time"])
        self._air = air.assign_coords(time=np.arange(hours) * 3600.0)
        rows = self.site.loops[0]
        heat = inference_day(rows, seed=load, step=60.0, until=end)
        many = [len(loop.racks) for loop in self.site.loops]
        trace = heat if len(set(many)) == 1 else heat.mean("rack")
        self._case = stepper(self.site.loops, heat=trace, facility=self.site, weather=self._air, step=10.0, save=60.0)
        plant: Any = self.site.plant
        self.T_set, self._step = float(np.clip(plant.T_supply, self.low, self.high)), 0
        self._case.advance(self.sample, T_supply=self.T_set)
        return self._seen(), {"day": day, "load": load}

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """March one sample towards the set point that is asked for."""
        if self._case is None:
            raise InputError("reset comes before step")
        asked = self.low + (float(np.clip(np.asarray(action, float).ravel()[0], -1.0, 1.0)) + 1.0) / 2.0 * (
            self.high - self.low
        )
        most = SLEW["T_supply"] * self.sample
        self.T_set = float(np.clip(asked, self.T_set - most, self.T_set + most))
        self._case.advance(self._case.now + self.sample, T_supply=self.T_set)
        self._step += 1
        rows = round(self.sample / 60.0)
        seen = self._case.view().isel(time=slice(-rows, None))
        cooling = float((seen["site_power"] - _not_cooling(seen)).mean())
        least = float(seen["margin"].min())
        reward = -cooling / (0.1 * self.site.it_power) - max(self.margin - least, 0.0) / 10.0
        info = {"cooling_power": cooling, "margin": least, "T_set": self.T_set}
        return self._seen(), reward, least < 0.0, self._step >= round(self.steps), info

    def _seen(self) -> np.ndarray:
        now = self._case.view().isel(time=-1)
        cooling = float(now["site_power"] - _not_cooling(now))
        hour = float(self._case.now) / 3600.0
        wet = float(np.interp(hour * 3600.0, self._air["time"], self._air["T_wet_bulb"]))
        values = [
            float(now["margin"].min()), float(now["T_supply"].max()), float(now["T_facility_supply"]), self.T_set,
            float(now["power"].sel(end_use="it")) / self.site.it_power, cooling / self.site.it_power, wet,
        ]  # fmt: skip
        scaled = [*np.array(values) / SCALES, np.sin(hour / 24.0 * 2 * np.pi), np.cos(hour / 24.0 * 2 * np.pi)]
        return np.clip(scaled, -10.0, 10.0).astype(np.float32)


def _not_cooling(rows: xr.Dataset) -> xr.DataArray:
    uses = [use for use in ("it", "electrical_losses") if use in rows["end_use"].values]
    return rows["power"].sel(end_use=uses).sum("end_use")


def register() -> str:
    """Tell Gymnasium of it; ``gymnasium.make_vec(name, num_envs=4, site=..., weather=...)`` then makes many.

    Raises
    ------
    InputError
        If Gymnasium is not installed.
    """
    if gymnasium is None:
        raise InputError("register needs gymnasium: pip install 'thermal-toolkit[rl]'")
    if NAME not in gymnasium.registry:
        gymnasium.register(id=NAME, entry_point=CoolingEnv)
    return NAME
