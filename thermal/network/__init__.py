"""The wing of the loop: networks of named branches, CDUs and racks, lowered, marched and read."""

from thermal.network.changes import (
    Change,
    clog,
    close,
    dew_point,
    drift,
    freeze,
    leak,
    release,
    reopen,
    set_point,
    starve,
    warm,
)
from thermal.network.design import balance, duty_points
from thermal.network.expansion import PrimarySide
from thermal.network.faults import Fault, fault_table, faults
from thermal.network.hydraulics import steady_flows
from thermal.network.interchange import read_epanet, to_epanet
from thermal.network.joining import join
from thermal.network.loop import Loop
from thermal.network.manifold import manifold
from thermal.network.network import Branch, Joint, Network, Node
from thermal.network.opening import open_network
from thermal.network.selection import select_cdus
from thermal.network.sizing import size_pipes
from thermal.network.stepper import Stepper
from thermal.network.supply import Supply
from thermal.network.tuning import tune

__all__ = [
    "Branch", "Change", "Fault", "Joint", "Loop", "Network", "Node", "PrimarySide", "Stepper", "Supply", "balance",
    "clog", "close", "dew_point", "drift", "duty_points", "fault_table", "faults", "freeze", "join", "leak", "manifold",
    "open_network", "read_epanet", "release", "reopen", "select_cdus", "set_point", "size_pipes", "starve",
    "steady_flows", "to_epanet", "tune", "warm",
]  # fmt: skip
