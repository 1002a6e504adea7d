"""The standard ratios, each a pure function of the ledger that states its boundary and its standard.

The boundary between IT and infrastructure is the argument ``it``: the end uses that count as IT energy. By default
these are the IT equipment and the fans of racks and servers, which hang on the rack's own supply behind the IT meter;
the pumps of coolant distribution units are infrastructure. All losses of the power chain (transformer, UPS,
distribution, rectifier) are in the site energy.
"""

from collections.abc import Sequence
from typing import Any

import xarray as xr

from thermal.accounting.caveats import remarks
from thermal.accounting.ledger import COOLING, known_end_uses
from thermal.accounting.reading import HIGHEST_CARBON, HIGHEST_WATER, drawn, from_ledger
from thermal.errors import InputError
from thermal.inputs import array, whole
from thermal.names import NAMES
from thermal.units import L, kg, kWh

__all__ = ["IT", "cue", "ere", "erf", "itue", "partial_pue", "pue", "tue", "wue", "wue_source"]

IT = ("it", "rack_fans")

# Losses that lie inside the IT energy, by where it is metered: UPS output, PDU output, input of the equipment.
INSIDE: dict[int, tuple[str, ...]] = {1: ("pdu", "rectifier"), 2: ("rectifier",), 3: ()}
METERED_AT = {
    1: "UPS output",
    2: "PDU output",
    3: "input of the IT equipment, behind the power shelf of the rack (its losses are infrastructure)",
}

SHELF_INSIDE = "input of the rack, before its power shelf (whose losses are IT)"

PUE_STANDARD = "ISO/IEC 30134-2, category PUE{category} of the 2016 edition, IT energy metered at the {where}"
TUE_STANDARD = (
    "ratio of Patterson et al. 2013, doi 10.1007/978-3-642-38750-0_28, whose compute components are processors, "
    "memory, storage and interconnect"
)
COMPUTE = "compute: the share of 'it' given as compute_share, the paper's only if it holds all components that compute"


def pue(book: xr.Dataset, *, it: Sequence[str] = IT, category: int = 3) -> xr.DataArray:
    """Power usage effectiveness, PUE = E_site / E_IT.

    Parameters
    ----------
    book : xarray.Dataset
        The ledger.
    it : sequence of str
        End uses that count as IT.
    category : {1, 2, 3}
        Where IT energy is metered: UPS output, PDU output, input of the IT equipment. Categories 1 and 2 have the
        losses downstream of that meter inside the IT energy and need them by stage (``loss(stage)`` in the result;
        distribution is stage ``pdu``, a power shelf in the rack is stage ``rectifier``). In category 3 the meter stands
        behind the power shelf: ``it`` is direct current at the servers, the shelf's losses are infrastructure. Where
        IT power is read before the shelf, its losses are IT: leave the rectifier out of the power chain.

    Notes
    -----
    ISO/IEC 30134-2; the categories are those of its 2016 edition, which was withdrawn for a new one in 2026. The site
    energy is that of the ledger's window; the standard asks for a year. The example is the first record of the measured
    year 2023 of ORNL Frontier (doi 10.6084/m9.figshare.24391240), whose source prints a PUE of 1.053823.

    Examples
    --------
    >>> from thermal.accounting import ledger
    >>> power = xr.DataArray([11.168e6, 0.6011e6], {"end_use": ["it", "other"]})
    >>> book = ledger(xr.Dataset({"power": power, "site_power": 11.7691e6}), window=600.0)
    >>> round(float(pue(book)), 6)
    1.053823
    """
    book = from_ledger("pue", book)
    return _metric("pue", book, book["energy_site"] / _it_energy(book, it, category), it, category)


def partial_pue(
    book: xr.Dataset, end_uses: Sequence[str] = COOLING, *, it: Sequence[str] = IT, category: int = 3
) -> xr.DataArray:
    """Partial PUE of some infrastructure: (E_IT + E_part) / E_IT; by default of all cooling.

    Over all single end uses that are not IT, PUE − 1 = Σ (pPUE − 1).

    Parameters
    ----------
    book : xarray.Dataset
        The ledger.
    end_uses : sequence of str
        The infrastructure that is counted.
    it, category
        As in `pue`.

    Notes
    -----
    ISO/IEC 30134-2, derivative pPUE.

    Examples
    --------
    >>> float(partial_pue(_example(), ["chillers"]))
    1.2
    """
    book = from_ledger("partial_pue", book)
    if isinstance(end_uses, str):
        raise InputError(f"end_uses = {end_uses!r} is a text; write a list: [{end_uses!r}]")
    known_end_uses(end_uses)
    infrastructure = [use for use in end_uses if use not in it and use in book.end_use.values]
    energy = _it_energy(book, it, category)
    part = book.energy.sel(end_use=infrastructure).sum("end_use", skipna=False)
    if "electrical_losses" in infrastructure:
        part = part - _losses_inside(book, category)
    metric = _metric("partial_pue", book, 1.0 + part / energy, it, category)
    metric.attrs["boundary"] += f"; numerator only IT and {', '.join(infrastructure) or 'nothing'}"
    return metric


def itue(
    book: xr.Dataset, compute_share: float | xr.DataArray, *, it: Sequence[str] = IT, category: int = 3
) -> xr.DataArray:
    """IT power usage effectiveness, ITUE = E_IT / E_compute: a PUE inside the IT equipment.

    E_compute is the energy into the components that do the work, and no more than these: in the paper processors,
    memory, storage and interconnect, after power supplies, voltage conversion and fans. With accelerators alone below
    the line the ratio is higher and is not the paper's; `compute_share` decides, and the result's ``boundary`` says so.

    Parameters
    ----------
    book : xarray.Dataset
        The ledger.
    compute_share : float or DataArray
        E_compute over the end use ``it``: the share that reaches the components that compute. By the paper's boundary
        processors, accelerators, memory, storage and network; a share of accelerators alone is a narrower boundary,
        not comparable with figures by that paper.
    it, category
        As in `pue`.

    Examples
    --------
    >>> float(itue(_example(), compute_share=0.5))
    2.0
    """
    book = from_ledger("itue", book)
    metric = _metric("itue", book, _it_energy(book, it, category) / _compute(book, compute_share), it, category)
    metric.attrs["standard"] = TUE_STANDARD
    metric.attrs["boundary"] += f"; {COMPUTE}"
    return metric


def tue(book: xr.Dataset, compute_share: float | xr.DataArray) -> xr.DataArray:
    """Total power usage effectiveness, TUE = ITUE × PUE = E_site / E_compute.

    It does not depend on which end uses count as IT: what moves into ITUE leaves PUE.

    Parameters
    ----------
    book : xarray.Dataset
        The ledger.
    compute_share : float or DataArray
        As in `itue`.

    Examples
    --------
    >>> float(tue(_example(), compute_share=0.5))
    2.5
    """
    book = from_ledger("tue", book)
    metric = _metric("tue", book, itue(book, compute_share) * pue(book), IT, 3)
    metric.attrs["standard"] = TUE_STANDARD
    metric.attrs["boundary"] = f"site meter over the components that compute; independent of the IT boundary; {COMPUTE}"
    return metric


def wue(book: xr.Dataset, *, it: Sequence[str] = IT, category: int = 3) -> xr.DataArray:
    """Water usage effectiveness of the site, L/kWh: make-up water / E_IT.

    Parameters
    ----------
    book : xarray.Dataset
        The ledger.
    it, category
        As in `pue`.

    Notes
    -----
    ISO/IEC 30134-9:2022; water drawn at the site (evaporation, drift, blow-down). `wue_source` adds the water behind
    the electricity.

    Examples
    --------
    >>> float(wue(_example()))
    1.8
    """
    book = from_ledger("wue", book)
    litres = _carried(book, "water", "water_make_up") / L
    return _metric("wue", book, litres / (_it_energy(book, it, category) / kWh), it, category)


def wue_source(
    book: xr.Dataset, water_intensity: float | xr.DataArray, *, it: Sequence[str] = IT, category: int = 3
) -> xr.DataArray:
    """Water usage effectiveness with the water that making the electricity consumed, L/kWh.

    WUE_source = WUE + Σ w·E_site / E_IT, which is WUE + w × PUE for one water intensity w.

    Parameters
    ----------
    book : xarray.Dataset
        The ledger.
    water_intensity : float, DataArray or Series
        Water behind the site's electricity, m³/J: write ``1.8 * L / kWh``, or say its unit in ``attrs["units"]``. A
        series over the ledger's times is weighed by the energy of each row.
    it, category
        As in `pue`.

    Notes
    -----
    The Green Grid, White Paper 35 (2011).

    Examples
    --------
    >>> float(wue_source(_example(), 2.0 * L / kWh))
    4.3
    """
    book = from_ledger("wue_source", book)
    water = drawn(book, "water_intensity", water_intensity, "m3/J", HIGHEST_WATER, "write 1.8 * L / kWh")
    behind = water / L / (_it_energy(book, it, category) / kWh)
    metric = _metric("wue_source", book, wue(book, it=it, category=category) + behind, it, category)
    metric.attrs["boundary"] += "; water of the site and of its electricity supply"
    return metric


def cue(
    book: xr.Dataset, carbon_intensity: float | xr.DataArray, *, it: Sequence[str] = IT, category: int = 3
) -> xr.DataArray:
    """Carbon usage effectiveness, kg CO2 equivalent per kWh: Σ carbon_intensity·E_site / E_IT.

    Parameters
    ----------
    book : xarray.Dataset
        The ledger.
    carbon_intensity : float, DataArray or Series
        Of the site's electricity, kg/J: write ``0.4 * kg / kWh``, or say its unit in ``attrs["units"]`` (``g/kWh``). A
        series over the ledger's times is weighed by the energy of each row.
    it, category
        As in `pue`.

    Notes
    -----
    ISO/IEC 30134-8:2022; electricity only, no fuel or refrigerant on site.

    Examples
    --------
    >>> round(float(cue(_example(), 0.4 * kg / kWh)), 12)
    0.5
    """
    book = from_ledger("cue", book)
    carbon = drawn(book, "carbon_intensity", carbon_intensity, "kg/J", HIGHEST_CARBON, "write 0.4 * kg / kWh")
    metric = _metric("cue", book, carbon / kg / (_it_energy(book, it, category) / kWh), it, category)
    metric.attrs["boundary"] += "; emissions of the electricity supply"
    return metric


def erf(book: xr.Dataset) -> xr.DataArray:
    """Energy reuse factor, ERF = E_reused / E_site: heat put to use outside the data centre.

    Parameters
    ----------
    book : xarray.Dataset
        The ledger.

    Notes
    -----
    ISO/IEC 30134-6:2021. The electricity of a heat pump inside the boundary is in the site energy.

    Examples
    --------
    >>> float(erf(_example()))
    0.2
    """
    book = from_ledger("erf", book)
    metric = _metric("erf", book, _carried(book, "energy_reused", "heat_reused") / book["energy_site"], IT, 3)
    metric.attrs["boundary"] = "heat crossing the data-centre boundary to a use, over the site meter"
    return metric


def ere(book: xr.Dataset, *, it: Sequence[str] = IT, category: int = 3) -> xr.DataArray:
    """Energy reuse effectiveness, ERE = (E_site − E_reused) / E_IT = (1 − ERF) × PUE.

    Parameters
    ----------
    book : xarray.Dataset
        The ledger.
    it, category
        As in `pue`.

    Notes
    -----
    The Green Grid, White Paper 29 (2010), with ERF of ISO/IEC 30134-6:2021.

    Examples
    --------
    >>> float(ere(_example()))
    1.0
    """
    book = from_ledger("ere", book)
    left = book["energy_site"] - _carried(book, "energy_reused", "heat_reused")
    return _metric("ere", book, left / _it_energy(book, it, category), it, category)


STANDARDS = {
    "wue": "ISO/IEC 30134-9:2022",
    "wue_source": "The Green Grid White Paper 35 (2011), with WUE of ISO/IEC 30134-9:2022",
    "cue": "ISO/IEC 30134-8:2022",
    "erf": "ISO/IEC 30134-6:2021",
    "ere": "The Green Grid White Paper 29 (2010), with ERF of ISO/IEC 30134-6:2021",
}


def metered_at(book: xr.Dataset, category: int) -> str:
    """Where IT is metered: a power chain that ends before the power shelf leaves its losses in the rack."""
    chain = "stage" in book.dims
    return SHELF_INSIDE if category == 3 and chain and "rectifier" not in book["stage"].values else METERED_AT[category]


def _metric(name: str, book: xr.Dataset, value: xr.DataArray, it: Sequence[str], category: int) -> xr.DataArray:
    """Name a ratio and say what it is the ratio of."""
    category = whole("category", category)
    standard = STANDARDS.get(name, PUE_STANDARD.format(category=category, where=metered_at(book, category)))
    outside = [str(use) for use in book["end_use"].values if use not in it]
    boundary = (
        f"IT: {', '.join(it)}, metered at the {metered_at(book, category)}; "
        f"infrastructure: {', '.join(outside) or 'none'}"
    )
    value = value.rename(name).drop_vars("end_use", errors="ignore")
    value.attrs = {
        **NAMES[name].attrs,
        "boundary": boundary,
        "standard": standard,
        "window": book.attrs["window"],
        "energy_source": book.attrs["energy_source"],
        **remarks(book, name, value),
    }
    return value


def _it_energy(book: xr.Dataset, it: Sequence[str], category: int) -> xr.DataArray:
    if whole("category", category) not in INSIDE:
        raise InputError(f"category = {category!r} is not 1 (UPS output), 2 (PDU output) or 3 (equipment input)")
    if isinstance(it, str) or not isinstance(it, Sequence) or "it" not in it or "it" not in book["end_use"].values:
        raise InputError(f"the IT boundary {it!r} needs the end use 'it', and the ledger has to have it")
    known_end_uses(it)
    uses = [use for use in it if use in book["end_use"].values]
    energy = book["energy"].sel(end_use=uses).sum("end_use", skipna=False)
    energy = energy + _losses_inside(book, category)
    if bool((energy <= 0.0).any()):
        raise InputError("the ledger has no IT energy in at least one case: a ratio to IT energy has no meaning there")
    return energy


def _losses_inside(book: xr.Dataset, category: int) -> xr.DataArray | float:
    """Losses that the IT meter of this category sees: the stages downstream of it."""
    category = whole("category", category)
    inside = INSIDE[category]
    if not inside:
        return 0.0
    if "energy_loss" not in book:
        raise InputError(
            f"PUE{category} meters IT at the {METERED_AT[category]}: it needs the losses by stage, loss(stage), "
            f"which this ledger does not carry; use category=3, or run with a power chain"
        )
    return book.energy_loss.sel(stage=[stage for stage in inside if stage in book.stage.values]).sum(
        "stage", skipna=False
    )


def _compute(book: xr.Dataset, compute_share: Any) -> xr.DataArray:
    share = array(
        "compute_share", compute_share, "-", above=0.0, high=1.0, hint="share of the end use 'it' that computes"
    )
    if "time" in getattr(share, "dims", ()):
        raise InputError("compute_share varies in time, the ledger is a sum over it: give the mean by IT energy")
    if not isinstance(share, xr.DataArray) and share.ndim:
        raise InputError(f"compute_share has shape {share.shape}: give one number, or a DataArray over the cases")
    return book["energy"].sel(end_use="it", drop=True) * share


def _carried(book: xr.Dataset, name: str, origin: str) -> xr.DataArray:
    if name not in book:
        raise InputError(f"the ledger has no {name}: the result it was made from has no {origin}")
    return book[name]


def _example() -> xr.Dataset:
    """A ledger of one kWh of IT, for the examples above."""
    from thermal.accounting.ledger import ledger

    power = xr.DataArray([1000.0, 200.0, 50.0], {"end_use": ["it", "chillers", "electrical_losses"]})
    result = xr.Dataset({"power": power, "site_power": 1250.0, "water_make_up": 1.8 / 3600, "heat_reused": 250.0})
    return ledger(result, window=3600.0)
