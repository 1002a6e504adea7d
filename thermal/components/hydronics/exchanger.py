"""Plate heat exchangers, described by their conductance or by their rating; both give one law to the kernels."""

from typing import Self

from pydantic import model_validator

from thermal.components.coolant import Coolant
from thermal.errors import InputError
from thermal.physics.machines.exchanger import ExchangerLaw, counterflow_ntu
from thermal.quantity import Part, quantity

__all__ = ["Exchanger", "RatedExchanger", "rho_cp"]


def rho_cp(coolant: Coolant, T: float) -> float:
    """Volumetric heat capacity ρ c_p [J/m³K] of a coolant at `T` [°C]."""
    p = coolant.properties(T)
    return float(p.density * p.heat_capacity)


class Exchanger(Part):
    """A counterflow plate exchanger known by its conductance UA at reference flows.

    Films are taken equal at the reference flows and follow them by a power law; the wall with its fouling is a fixed
    share of the whole resistance.

    Examples
    --------
    >>> import thermal as th
    >>> law = th.components.hydronics.Exchanger(conductance=3e5, flow_hot=0.02, flow_cold=0.02).law(4.15e6, 4.15e6)
    >>> round(1 / (1 / law.film_hot + 1 / law.film_cold + law.wall))  # films and wall in series: UA again
    300000
    """

    conductance: float = quantity("W/K", "overall conductance UA at the reference flows, fouling included", above=0)
    flow_hot: float = quantity("m3/s", "reference volume flow of the hot side", above=0)
    flow_cold: float = quantity("m3/s", "reference volume flow of the cold side", above=0)
    wall_share: float = quantity(
        "-", "share of wall and fouling in the whole resistance", low=0, high=0.9, default=0.15
    )
    exponent: float = quantity("-", "exponent of the films against flow", low=0, high=1, default=0.7)

    def law(self, hot: float, cold: float) -> ExchangerLaw:
        """Law for streams of volumetric heat capacity `hot` and `cold` [J/m³K]."""
        return _law(self.conductance, self.flow_hot * hot, self.flow_cold * cold, self.wall_share, self.exponent)


class RatedExchanger(Part):
    """A counterflow plate exchanger known by its rating: heat and approach at given flows, as data sheets print it.

    Examples
    --------
    >>> from thermal.components.hydronics.exchanger import RatedExchanger
    >>> from thermal.units import kW
    >>> hx = RatedExchanger(rated_heat=1368 * kW, approach=4, flow_hot=0.0206, flow_cold=0.0206)
    >>> law = hx.law(4.15e6, 4.15e6)
    >>> round(1 / (1 / law.film_hot + 1 / law.film_cold + law.wall) / 1000)  # Q/approach, since the flows are equal
    342
    """

    rated_heat: float = quantity("W", "heat exchanged at the rating", above=0)
    approach: float = quantity("K", "hot outlet minus cold inlet at the rating", above=0)
    flow_hot: float = quantity("m3/s", "volume flow of the hot side at the rating", above=0)
    flow_cold: float = quantity("m3/s", "volume flow of the cold side at the rating", above=0)
    wall_share: float = quantity(
        "-", "share of wall and fouling in the whole resistance", low=0, high=0.9, default=0.15
    )
    exponent: float = quantity("-", "exponent of the films against flow", low=0, high=1, default=0.7)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        self.effectiveness(4.1e6, 4.1e6)
        return self

    def effectiveness(self, hot: float, cold: float) -> float:
        """Effectiveness at the rating: ε = Q/(C_min (T_hot,in − T_cold,in)).

        Raises
        ------
        InputError
            If the rating asks for more than the whole temperature difference.
        """
        C_hot, C_cold = self.flow_hot * hot, self.flow_cold * cold
        value = self.rated_heat / (min(C_hot, C_cold) * (self.approach + self.rated_heat / C_hot))
        if not value < 1.0:
            raise InputError(
                f"RatedExchanger: effectiveness {value:.3f} is not below 1: {self.rated_heat:g} W with an approach of "
                f"{self.approach:g} K needs a cold-side flow above {self.flow_cold * value:.4g} m3/s"
            )
        return value

    def law(self, hot: float, cold: float) -> ExchangerLaw:
        """Law for streams of volumetric heat capacity `hot` and `cold` [J/m³K]."""
        C_hot, C_cold = self.flow_hot * hot, self.flow_cold * cold
        C_min, C_max = min(C_hot, C_cold), max(C_hot, C_cold)
        UA = C_min * counterflow_ntu(self.effectiveness(hot, cold), C_min / C_max)
        return _law(UA, C_hot, C_cold, self.wall_share, self.exponent)


def _law(UA: float, C_hot: float, C_cold: float, wall_share: float, exponent: float) -> ExchangerLaw:
    film = 2.0 * UA / (1.0 - wall_share)
    return ExchangerLaw(film, film, C_hot, C_cold, exponent, wall_share / UA)
