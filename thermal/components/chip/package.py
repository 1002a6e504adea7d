"""Chip packages: what they dissipate, how hot their case may get, and what they store."""

from thermal.quantity import Part, quantity

__all__ = ["Package"]


class Package(Part):
    """A processor package under a lid, seen by the coolant as a case with heat and heat capacity.

    Under a map of power the junction lies over the case by the resistance times the heated area times the local flux:
    heat does not spread inside a package, so a hot spot is an upper bound. A ``Stack`` of layers spreads it.

    Examples
    --------
    >>> import thermal as th
    >>> th.load("packages/h100").design_heat
    700.0
    """

    design_heat: float = quantity("W", "thermal design power", above=0, high=1e5)
    T_case_limit: float = quantity("degC", "highest case temperature the maker allows", low=0, high=150)
    length: float = quantity("m", "length of the heated die area", above=0, high=0.5)
    breadth: float = quantity("m", "breadth of the heated die area", above=0, high=0.5)
    heat_capacity: float = quantity("J/K", "heat capacity of die, interfaces and lid", above=0, high=1e5)
    R_junction_case: float = quantity("K/W", "junction-to-case resistance", low=0, high=10)
