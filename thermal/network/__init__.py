"""The wing of the loop: networks of named branches, CDUs and racks, lowered, marched and read."""

from thermal.network.hydraulics import steady_flows
from thermal.network.interchange import read_epanet, to_epanet
from thermal.network.loop import Loop
from thermal.network.manifold import manifold
from thermal.network.marching import open_network
from thermal.network.network import Branch, Joint, Network, Node
from thermal.network.stepper import Stepper
from thermal.network.supply import Supply

__all__ = [
    "Branch", "Joint", "Loop", "Network", "Node", "Stepper", "Supply", "manifold", "open_network", "read_epanet",
    "steady_flows", "to_epanet",
]  # fmt: skip
