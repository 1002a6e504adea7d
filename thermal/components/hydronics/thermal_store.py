"""Stores of cold as a dispatch sees them: enthalpy between full and empty, how fast it goes in and out, what leaks."""

from typing import Any, Self

from thermal.components.hydronics.ice_tank import IceTank
from thermal.components.hydronics.tank import Tank
from thermal.errors import InputError
from thermal.inputs import number, part
from thermal.quantity import Part, quantity
from thermal.units import hour

__all__ = ["ThermalStore"]


class ThermalStore(Part):
    """Cold in a tank of chilled water, in ice or in another phase change, as one store of enthalpy.

    Made by `of_water`, `of_ice` and `of_phase_change`, or from its numbers. Charging takes heat out of it, which the
    plant rejects beside that of the load; discharging takes load off the plant.

    Examples
    --------
    >>> store = ThermalStore(energy=36e9, charge_power=2e6, discharge_power=3e6)
    >>> store.energy / store.charge_power / hour
    5.0
    """

    energy: float = quantity("J", "cold held when full: enthalpy when empty less that when full", above=0)
    charge_power: float = quantity("W", "most heat taken out of it, charging", above=0)
    discharge_power: float = quantity("W", "most heat put into it, discharging", above=0)
    leak: float = quantity("1/s", "share of the cold held that surroundings take per time", low=0, default=0.0)
    charge_effort: float = quantity(
        "-", "electricity per heat while charging over that of cooling at once: more where brine must be colder",
        low=0.1, high=10, default=1.0,
    )  # fmt: skip

    @classmethod
    def of_water(cls, tank: Tank, *, T_supply: float, T_return: float, flow: float, usable: float = 1.0) -> Self:
        """A tank of chilled water between two temperatures: E = ρ c_p V (T_return − T_supply), P = ρ c_p V̇ ΔT.

        Parameters
        ----------
        tank : Tank
            Its volume, water and loss.
        T_supply, T_return : float
            Of the water that fills it when full of cold, and when empty [°C].
        flow : float
            Most water in or out [m³/s].
        usable : float
            Share of the enthalpy that comes out at the supply: what the thermocline leaves.

        Examples
        --------
        >>> import thermal as th
        >>> tank = th.components.hydronics.Tank(volume=1000.0, coolant=th.load("coolants/water"))
        >>> store = ThermalStore.of_water(tank, T_supply=10.0, T_return=20.0, flow=0.05)
        >>> round(store.energy / 3.6e9, 1)  # MWh; 1000 m³, 10 K, 4.19 MJ/m³K
        11.6
        """
        part("tank", tank, Tank)
        cold, warm = number("T_supply", T_supply, "degC"), number("T_return", T_return, "degC")
        if not cold < warm:
            raise InputError(f"T_supply = {cold:g} degC must be below T_return = {warm:g} degC")
        p = tank.coolant.properties(0.5 * (cold + warm))
        rate = p.density * p.heat_capacity
        power = rate * number("flow", flow, "m3/s", above=0.0) * (warm - cold)
        return cls(
            energy=number("usable", usable, "-", low=0.01, high=1.0) * rate * tank.volume * (warm - cold),
            charge_power=power, discharge_power=power, leak=tank.loss / (rate * tank.volume),
        )  # fmt: skip

    @classmethod
    def of_ice(
        cls, tank: IceTank, *, charge_power: float, discharge_power: float, charge_effort: float, leak: float = 0.0
    ) -> Self:
        """A tank of ice: E = m · 333.43 kJ/kg of its water; what is sensible is left out.

        Parameters
        ----------
        tank : IceTank
            Its mass.
        charge_power, discharge_power : float
            Most heat out and in [W]; ``tank.march`` says what brine of which temperature does.
        charge_effort : float
            Electricity per heat of the chiller that makes ice over that of cooling at once.
        leak : float
            Share of the cold per time [1/s].

        Examples
        --------
        >>> import thermal as th
        >>> tank = IceTank(mass=3105, conductance=1e4, ice_resistance=1e-4, brine=th.load("coolants/pg40"))
        >>> round(ThermalStore.of_ice(tank, charge_power=3e4, discharge_power=6e4, charge_effort=1.4).energy / 3.6e6)
        288
        """
        return cls(
            energy=part("tank", tank, IceTank).latent, charge_power=charge_power, discharge_power=discharge_power,
            leak=leak, charge_effort=charge_effort,
        )  # fmt: skip

    @classmethod
    def of_phase_change(
        cls, *, mass: float, fusion: float, heat_capacity: float, span: float, charge_power: float,
        discharge_power: float, charge_effort: float = 1.0, leak: float = 0.0,
    ) -> Self:  # fmt: skip
        """A material that melts: E = m (h_fusion + c ΔT), over the span of temperatures that it goes through.

        Parameters
        ----------
        mass : float
            Of the material [kg].
        fusion : float
            Heat of fusion [J/kg].
        heat_capacity : float
            Mean of solid and liquid [J/(kg K)].
        span : float
            Between full and empty [K].
        charge_power, discharge_power, charge_effort, leak
            As for ice.

        Examples
        --------
        >>> store = ThermalStore.of_phase_change(mass=1e4, fusion=2e5, heat_capacity=2e3, span=10.0, charge_power=1e5,
        ...                                      discharge_power=1e5)
        >>> store.energy
        2200000000.0
        """
        latent = number("fusion", fusion, "J/kg", low=0.0)
        sensible = number("heat_capacity", heat_capacity, "J/(kg K)", low=0.0) * number("span", span, "K", low=0.0)
        return cls(
            energy=number("mass", mass, "kg", above=0.0) * (latent + sensible), charge_power=charge_power,
            discharge_power=discharge_power, charge_effort=charge_effort, leak=leak,
        )  # fmt: skip

    def kept(self, step: Any) -> Any:
        """Share of the cold that is left after `step` [s] without use: 1/(1 + leak · step), implicit."""
        return 1.0 / (1.0 + self.leak * step)

    def _summary(self) -> dict[str, str]:
        rates = (self.charge_power, self.discharge_power)
        return {"time to charge, discharge": ", ".join(f"{self.energy / rate / hour:.3g} h" for rate in rates)}
