"""From site energy to energy per token, with the five tags without which the number means nothing."""

from typing import Any, Protocol

import xarray as xr

from thermal.accounting.caveats import remarks
from thermal.accounting.metrics import IT, metered_at
from thermal.accounting.reading import from_ledger
from thermal.errors import InputError
from thermal.inputs import array, number
from thermal.names import NAMES

__all__ = ["WorkloadLike", "energy_per_token"]


class WorkloadLike(Protocol):
    """What the accounting asks of a workload; `thermal.Workload` has it."""

    @property
    def name(self) -> str:
        """What runs, on what."""

    @property
    def token_type(self) -> str:
        """Which tokens are counted: ``output`` or ``output and context``."""

    @property
    def energy_per_token(self) -> float:
        """Energy of the accelerators alone, J/token."""

    @property
    def compute_share(self) -> float:
        """Share of the IT energy that reaches the accelerators."""


def energy_per_token(
    book: xr.Dataset,
    workload: WorkloadLike,
    *,
    tokens: float | xr.DataArray | None = None,
    provisioned_power: float | None = None,
) -> xr.DataArray:
    """Energy of the site per token (TokEnergy-style), J: EPT = E_site/N = PUE·E_IT/N = TUE·E_compute/N.

    'Ratio of energy consumed to the number of AI tokens produced' is all that is public of Huawei's TokEnergy Index;
    this is that ratio, with what it leaves open written into five attributes: ``boundary``, ``token_type``,
    ``workload``, ``window`` (s) and ``basis`` (``measured`` or ``provisioned``).

    Parameters
    ----------
    book : xarray.Dataset
        The ledger.
    workload : Workload
        What the IT equipment runs: J/token of the accelerators, and the share of the IT energy that reaches them.
    tokens : float or DataArray, optional
        Tokens counted over the window; counts along ``time`` are added up. Without a count, all IT energy is taken to
        run the workload: N = E_compute / e with E_compute = compute_share × E(it) and e the workload's J/token.
    provisioned_power : float, optional
        IT power that was provided, W. Then the energy is what that power would have cost at the PUE of the window,
        PUE × provisioned_power × window: reserve that stands idle is charged to the tokens.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from thermal.accounting.metrics import _example
    >>> chat = SimpleNamespace(name="chat", token_type="output", energy_per_token=0.1, compute_share=0.5)
    >>> round(float(energy_per_token(_example(), chat)), 12)
    0.25
    """
    book = from_ledger("energy_per_token", book)
    joules, share = _energy_and_share(workload)
    count, rows = _count(book, tokens, joules, share)
    energy = book["energy_site"]
    it = book["energy"].sel(end_use=[use for use in IT if use in book["end_use"].values]).sum("end_use", skipna=False)
    note = ""
    if provisioned_power is not None:
        provided = array("provisioned_power", provisioned_power, "W", above=0.0, hint="give the IT power provided")
        note = _less_than_used(it, provided, book.attrs["window"])
        energy = energy / it * provided * book.attrs["window"]
    if bool((it <= 0.0).any()):
        raise InputError("the ledger has no IT energy in at least one case: no token is made without it")
    result = (energy / count).rename("energy_per_token")
    result.attrs = remarks(book, "energy_per_token", result, note)
    counted = f"counted{rows}" if tokens is not None else f"from {joules:g} J/token of the accelerators"
    return result.assign_attrs(
        NAMES["energy_per_token"].attrs,
        standard="none: TokEnergy-style ratio of energy consumed to tokens produced",
        boundary=f"site meter: {', '.join(str(use) for use in book.end_use.values)}; IT at the {metered_at(book, 3)}",
        token_type=workload.token_type,
        workload=f"{workload.name}; tokens {counted}",
        window=book.attrs["window"],
        basis="measured" if provisioned_power is None else "provisioned",
        energy_source=book.attrs["energy_source"],
    )


def _energy_and_share(workload: WorkloadLike) -> tuple[float, float]:
    """J per token of the accelerators, and the share of the IT energy that reaches them."""
    needed = ("name", "token_type", "energy_per_token", "compute_share")
    missing = [name for name in needed if not hasattr(workload, name)]
    if missing:
        given = repr(workload) if isinstance(workload, str) else f"a {type(workload).__name__}"
        raise InputError(f"workload = {given} has no {missing[0]}; th.load('workloads/llama70b_b200') gives one")
    joules = number("workload.energy_per_token", workload.energy_per_token, "J", above=0.0)
    return joules, number("workload.compute_share", workload.compute_share, "-", above=0.0, high=1.0)


def _count(book: xr.Dataset, tokens: Any, joules: float, share: float) -> tuple[xr.DataArray | float, str]:
    """Tokens of the window, and in words how they were added up."""
    if tokens is None:
        return book["energy"].sel(end_use="it", drop=True) * share / joules, ""
    counted = array("tokens", tokens, "-", low=0.0, hint="give the count of the window")
    rows = ""
    if "time" in getattr(counted, "dims", ()):
        rows = f", the sum of {counted.sizes['time']} rows"
        counted = counted.sum("time")
    if not isinstance(counted, xr.DataArray) and counted.ndim:
        raise InputError(f"tokens has shape {counted.shape}: give one count, or a DataArray over time or the cases")
    if bool((counted <= 0.0).any()):
        raise InputError("tokens = 0 is not above 0: energy per token has no meaning without tokens")
    return counted if isinstance(counted, xr.DataArray) else float(counted), rows


def _less_than_used(it: xr.DataArray, provided: Any, window: float) -> str:
    used = float((it / window / provided).max())
    return f"implausible: the IT used {used:.3g} times the power that was provided" if used > 1.0 + 1e-9 else ""
