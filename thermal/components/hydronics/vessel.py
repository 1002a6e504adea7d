"""Expansion vessels: the gas cushion that sets the static pressure of a closed network."""

from thermal.quantity import Part, quantity

__all__ = ["ExpansionVessel"]


class ExpansionVessel(Part):
    """A closed vessel at a node of held pressure, which is that of the fill.

    Examples
    --------
    >>> ExpansionVessel(gas=0.05).T_fill
    20.0
    """

    gas: float = quantity("m3", "gas behind its membrane at the pressure of the fill", above=0, high=1000)
    T_fill: float = quantity("degC", "temperature of coolant at which it was filled", low=-20, high=80, default=20.0)
