"""From site energy to energy per token, with the five tags without which the number means nothing."""

from typing import Protocol

import xarray as xr

from thermal.accounting.metrics import IT, METERED_AT
from thermal.errors import InputError
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
        Tokens counted over the window. Without a count, all IT energy is taken to run the workload:
        N = E_compute / e with E_compute = compute_share × E(it) and e the workload's J/token.
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
    compute = book.energy.sel(end_use="it", drop=True) * workload.compute_share
    count = compute / workload.energy_per_token if tokens is None else tokens
    if tokens is not None and bool(xr.DataArray(tokens).isnull().any()):
        raise InputError(f"tokens = {tokens!r} is not a number: give the count of the window, or none")
    if provisioned_power is not None and not provisioned_power > 0:
        raise InputError(f"provisioned_power = {provisioned_power!r} W is not above 0: give the IT power provided")
    if not bool((xr.DataArray(count).fillna(1.0) > 0).all()):
        raise InputError(f"tokens = {count!r} is not above 0: energy per token has no meaning without tokens")
    energy = book.energy_site
    if provisioned_power is not None:
        it = book.energy.sel(end_use=[use for use in IT if use in book.end_use.values]).sum("end_use", skipna=False)
        energy = book.energy_site / it * provisioned_power * book.attrs["window"]
    result = (energy / count).rename("energy_per_token")
    counted = "counted" if tokens is not None else f"from {workload.energy_per_token:g} J/token of the accelerators"
    return result.assign_attrs(
        NAMES["energy_per_token"].attrs,
        standard="none: TokEnergy-style ratio of energy consumed to tokens produced",
        boundary=f"site meter: {', '.join(str(use) for use in book.end_use.values)}; IT at the {METERED_AT[3]}",
        token_type=workload.token_type,
        workload=f"{workload.name}; tokens {counted}",
        window=book.attrs["window"],
        basis="measured" if provisioned_power is None else "provisioned",
        energy_source=book.attrs["energy_source"],
    )
