"""A measured training run: power of 64 servers with 512 H100, at both sides of their supplies, and its tokens."""

import numpy as np
import pandas as pd
import xarray as xr

from thermal import datasets
from thermal.errors import DataError, InputError
from thermal.inputs import number, part, whole
from thermal.names import describe

__all__ = ["mlperf_training", "server_heat"]

FOLDER = "workloads/mlperf_training_v4_power"
SIDES = {"AC": "gpt3_64x8xH100_ac.csv.gz", "DC": "gpt3_64x8xH100_dc.csv.gz"}
SERVERS = 64
NETWORK = 59.57e3  # W, the submitter's estimate
LONGEST = 60.0  # s: rows longer than this hide the steps of the run, whose pauses last 13 s


def mlperf_training(*, step: float = 2.0, network_power: float = NETWORK) -> xr.Dataset:
    """Power, tokens and pauses of GPT-3 175B trained on 64 servers of 8 H100 for 3412.67 s, immersion cooled.

    A reading of a server holds until its next one (the first also backwards to the start of the run); a row is the mean
    of what is held in it, so that the energy of the rows is that of the readings. Servers are read one after another,
    about 2 s apart each, and a reading is a sample, no mean: swings faster than 0.25 Hz are not in the data, they are
    folded into slower ones (an iteration lasts 10.76 s, within it power may move in milliseconds).

    Parameters
    ----------
    step : float
        Length of a row, s; it is shortened or stretched by less than a row's share so that whole rows fill the run.
    network_power : float
        Power of the interconnect, W. The default is the submitter's estimate; it is no measurement and has no swings.

    Returns
    -------
    xarray.Dataset
        ``server_power(boundary, time, server)`` with boundary ``AC`` or ``DC``, ``network_power``,
        ``power(end_use, boundary, time)`` of servers and interconnect together as the end use ``it``,
        ``tokens(time)``, evenly spread over each block of training, and ``evaluation_share(time)``. No cooling plant.

    Notes
    -----
    mlcommons/training_results_v4.0 @6fe9543, Apache-2.0. Published for the run, with the interconnect: 1 676 757 kJ DC
    and 1 699 340 kJ AC, 1.388 and 1.407 J/token, over a window of measurement that may begin before the run and is
    scaled to its length. The readings inside the run, added up here, give 1.386 and 1.406.

    Examples
    --------
    >>> here = datasets.state("workloads/mlperf_training_v4_power/gpt3_events.csv") == "here"
    >>> run = mlperf_training() if here else None  # the data has no public address in this form
    >>> run is None or int(run.tokens.sum()) == 1207959552
    True
    """
    step = number("step", step, "s", above=0.0, high=LONGEST)
    network_power = number("network_power", network_power, "W", low=0.0)
    events = pd.read_csv(datasets.path(f"{FOLDER}/gpt3_events.csv"))
    end = float(events.loc[events["event"] == "run_stop", "t_from_run_start_s"].iloc[0])
    edges = np.linspace(0.0, end, max(round(end / step), 1) + 1)
    sides = [_held_means(f"{FOLDER}/{file}", edges) for file in SIDES.values()]
    servers = [f"node_{k}" for k in range(1, SERVERS + 1)]
    block = np.stack([np.stack([side[name] for name in servers], axis=1) for side in sides])
    known = events[events["event"].isin(["block_start", "eval_start"])]  # a block's stop names the tokens at its start
    seen = np.interp(edges, known["t_from_run_start_s"], known["tokens_seen"])
    pauses = _time_in_evaluation(events, edges)
    result = xr.Dataset(
        {
            "server_power": (("boundary", "time", "server"), block),
            "network_power": ((), network_power),
            "power": (("end_use", "boundary", "time"), block.sum(axis=2)[None] + network_power),
            "tokens": ("time", np.diff(seen)),
            "evaluation_share": ("time", np.diff(pauses) / np.diff(edges)),
        },
        {"time": ("time", edges[:-1], {"units": "s"}), "boundary": list(SIDES), "server": servers, "end_use": ["it"]},
        {
            "source": f"{FOLDER}: GPT-3 175B on 512 H100, mlcommons/training_results_v4.0 @6fe9543",
            "licence": "Apache-2.0",
            "interval": float(edges[1]),
            "sampling": "each server read about every 2 s, sampled and not averaged; swings above 0.25 Hz alias",
            "assumed": f"interconnect {network_power:g} W, constant (the submitter's estimate is {NETWORK:g} W)",
            "boundary": "IT equipment: servers and interconnect; no cooling plant",
            "token_type": "trained",
            "published": "1676757 kJ DC and 1699340 kJ AC: 1.388 and 1.407 J/token",
        },
    )
    return describe(result)


def server_heat(run: xr.Dataset, racks: int, *, boundary: str = "AC") -> xr.DataArray:
    """Heat of racks that hold the servers of a run in order, equally many each, and share the interconnect evenly.

    Parameters
    ----------
    run : Dataset
        Of `mlperf_training`.
    racks : int
        Number of racks, a divisor of the number of servers.
    boundary : {"AC", "DC"}
        Where the power of the servers is taken.

    Returns
    -------
    DataArray
        W over ``time`` and ``rack``; its sum is the run's IT power at that boundary.

    Raises
    ------
    InputError
        If the servers do not fill the racks evenly, or the boundary is unknown.
    """
    run = part("run", run, xr.Dataset, "th.traces.mlperf_training gives one")
    racks = whole("racks", racks, low=1)
    if "server_power" not in run or boundary not in run["boundary"].values:
        raise InputError(f"run has no server_power at boundary = {boundary!r}: AC and DC are known")
    if run.sizes["server"] % racks:
        raise InputError(f"racks = {racks} do not hold {run.sizes['server']} servers evenly: take a divisor")
    power = run["server_power"].sel(boundary=boundary, drop=True).transpose("time", "server")
    table = power.values.reshape(power.sizes["time"], racks, -1).sum(axis=2) + float(run["network_power"]) / racks
    heat = xr.DataArray(table, {"time": power["time"], "rack": np.arange(racks)}, ("time", "rack"), name="heat")
    return describe(heat.to_dataset().assign_attrs(boundary=boundary))["heat"].assign_attrs(boundary=boundary)


def _held_means(name: str, edges: np.ndarray) -> dict[str, np.ndarray]:
    """Mean power of each server in each row, with each reading held until the next."""
    table = pd.read_csv(datasets.path(name))
    means = {}
    for server, rows in table.groupby("node"):
        times, power = rows["t_s"].to_numpy(float), rows["power_W"].to_numpy(float)
        if not ((np.diff(times) > 0.0).all() and (power > 0.0).all() and times[-1] < edges[-1]):
            raise DataError(f"{name}: {server} has times that do not rise, or power that is not positive")
        starts = np.concatenate(([0.0], times[1:], edges[-1:]))
        energy = np.concatenate(([0.0], np.cumsum(power * np.diff(starts))))
        means[str(server)] = np.diff(np.interp(edges, starts, energy)) / np.diff(edges)
    return means


def _time_in_evaluation(events: pd.DataFrame, edges: np.ndarray) -> np.ndarray:
    """Seconds of evaluation up to each edge."""
    times = events["t_from_run_start_s"]
    starts, stops = (times[events["event"] == name].to_numpy(float) for name in ("eval_start", "eval_stop"))
    corners = np.stack([starts, stops], axis=1).ravel()
    spent = np.repeat(np.cumsum(stops - starts), 2)
    spent[::2] -= stops - starts
    return np.interp(edges, corners, spent)
