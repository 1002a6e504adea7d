"""The power chain from the grid to the IT equipment: what transformer, UPS, distribution and rectifier lose."""

from collections.abc import Iterator
from math import ceil
from typing import Any

import numpy as np

from thermal.inputs import array, whole
from thermal.quantity import Part, choice, part, quantity

__all__ = ["STAGES", "PowerChain", "PowerStage"]

STAGES = ("transformer", "ups", "pdu", "rectifier")  # from the grid inwards
WHOLE = 1e-9  # a need above a whole number of units by less than this is no further unit


class PowerStage(Part):
    """One unit of a stage: a transformer, a UPS, a distribution unit or a rectifier.

    P_in = (P_out + P_0)/η + k·P_out²/P_rated

    with the power P_out it delivers and P_in it draws, W. The loss P_in − P_out has a no-load part P_0/η, a part
    (1/η − 1)·P_out proportional to load and a part by the square of load (ohmic). Valid from no load to rated power.

    Notes
    -----
    The three-part loss is that of N. Rasmussen, `Electrical Efficiency Modeling for Data Centers`, Schneider Electric
    White Paper 113; with k = 0 it is the linear law of ExaDigiT RAPS for the rectifiers of Frontier, whose constants
    give the example: a node of four GPUs and a CPU at full power delivers 2704.26 W and draws (2704.26 + 13)/0.98 W.

    Examples
    --------
    >>> converter = PowerStage(rated_power=3000, constant_power=13, efficiency=0.98)
    >>> round(float(2704.26 + converter.loss(2704.26)), 2)
    2772.71
    """

    rated_power: float = quantity("W", "power one unit delivers at full load", above=0)
    constant_power: float = quantity("W", "P_0: what the unit draws without load, times its efficiency", low=0)
    efficiency: float = quantity("-", "η: 1 less the share lost in proportion to load", low=0.5, high=1, default=1.0)
    ohmic_share: float = quantity(
        "-", "k: loss by the square of load, at rated power, over it", low=0, high=0.2, default=0.0
    )

    def loss(self, power: Any, units: int = 1) -> Any:
        """Loss of equal units that together deliver `power`, W (a number or an array)."""
        share = np.asarray(array("power", power, "W", low=0.0)) / whole("units", units, low=1)
        drawn = (share + self.constant_power) / self.efficiency + self.ohmic_share * share**2 / self.rated_power
        return units * (drawn - share)

    def _summary(self) -> dict[str, str]:
        part_load = [self.rated_power * x for x in (0.25, 0.5, 1.0)]
        return {"efficiency at 25, 50, 100 % load": ", ".join(f"{p / (p + self.loss(p)):.4f}" for p in part_load)}


class PowerChain(Part):
    """What lies between the site meter and the IT equipment; each stage feeds the next one inwards.

    Cooling and other loads join behind the transformer and bypass UPS, distribution and rectifier.

    Examples
    --------
    >>> stage = PowerStage(rated_power=1e6, constant_power=0, efficiency=0.98)
    >>> chain = PowerChain(rated_power=4e6, ups=stage, pdu=stage)
    >>> {name: round(float(loss)) for name, loss in chain.losses(1e6).items()}
    {'ups': 20825, 'pdu': 20408}
    """

    rated_power: float = quantity("W", "IT power the chain is built for", above=0)
    redundancy: float = quantity("-", "installed over needed units: 1 for N, 2 for 2N", low=1, high=3, default=1.0)
    spare: int = quantity("-", "units of each stage beyond that: 1 for N+1", low=0, high=1000, default=0)
    transformer: PowerStage | None = part("medium to low voltage", default=None)
    ups: PowerStage | None = part("uninterruptible power supply", default=None)
    pdu: PowerStage | None = part("distribution to the racks, with its transformer if it has one", default=None)
    rectifier: PowerStage | None = part("power shelf of the rack: alternating to direct current", default=None)
    note: str | None = choice("what is left out", default=None)

    def losses(self, it_power: Any, other_power: Any = 0.0) -> dict[str, Any]:
        """Loss of each stage, W, from the grid inwards.

        Parameters
        ----------
        it_power : float or array
            Power at the input of the IT equipment, W.
        other_power : float or array
            Power of loads that join behind the transformer: cooling, offices, W.

        Raises
        ------
        InputError
            If a power is negative or not a number.
        """
        found = {name: loss for name, _, loss in self._along(it_power, other_power)}
        return {name: found[name] for name in STAGES if name in found}

    def overloaded(self, it_power: Any, other_power: Any = 0.0) -> np.ndarray:
        """Whether a stage delivers more than all its units are rated for: beyond it the law of its loss is a guess.

        Parameters
        ----------
        it_power, other_power : float or array
            As for `losses`.
        """
        beyond = np.zeros(np.broadcast_shapes(np.shape(it_power), np.shape(other_power)), dtype=bool)
        units = self.units
        for name, delivered, _ in self._along(it_power, other_power):
            beyond = beyond | (delivered > getattr(self, name).rated_power * units[name] * (1.0 + WHOLE))
        return beyond

    def load_share(self, it_power: Any, other_power: Any = 0.0) -> dict[str, Any]:
        """Load of each unit over its rating, by stage from the grid inwards: all units installed share it evenly.

        Parameters
        ----------
        it_power, other_power : float or array
            As for `losses`.

        Examples
        --------
        >>> stage = PowerStage(rated_power=1e6, constant_power=5e3)
        >>> [PowerChain(rated_power=4e6, ups=stage, **more).load_share(4e6)["ups"].item() for more in (
        ...     {}, {"spare": 1}, {"redundancy": 2.0})]
        [1.0, 0.8, 0.5]
        """
        units = self.units
        along = self._along(it_power, other_power)
        found = {name: delivered / (units[name] * getattr(self, name).rated_power) for name, delivered, _ in along}
        return {name: found[name] for name in STAGES if name in found}

    def _along(self, it_power: Any, other_power: Any) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Power delivered and lost by each stage, from the equipment outwards."""
        power = np.asarray(array("it_power", it_power, "W", low=0.0))
        other = np.asarray(array("other_power", other_power, "W", low=0.0))
        units = self.units
        for name in reversed(STAGES):
            stage = getattr(self, name)
            if stage is None:
                continue
            if name == "transformer":
                power = power + other
            lost = stage.loss(power, units[name])
            yield name, power, lost
            power = power + lost

    @property
    def units(self) -> dict[str, int]:
        """Units installed in each stage: what the design power needs, times the redundancy, and the spare ones."""
        design, count = self.rated_power, {}
        for name in reversed(STAGES):
            stage = getattr(self, name)
            if stage is not None:
                count[name] = max(1, ceil(self.redundancy * design / stage.rated_power - WHOLE)) + self.spare
                design += float(stage.loss(design, count[name]))
        return {name: count[name] for name in STAGES if name in count}

    def _summary(self) -> dict[str, str]:
        loads = [self.rated_power * x for x in (0.25, 0.5, 1.0)]
        lost = [sum(float(loss) for loss in self.losses(p).values()) / p for p in loads]
        return {
            "units": ", ".join(f"{n} {name}" for name, n in self.units.items()),
            "losses at 25, 50, 100 % load": ", ".join(f"{x:.2%}" for x in lost),
        }
