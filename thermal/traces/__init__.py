"""Heat over time, as loads for the solvers: synthetic days from stated laws, and measured traces read unchanged."""

from thermal.traces.measured import from_requests, frontier_day, load_csv
from thermal.traces.synthetic import inference_day, training_run

__all__ = ["from_requests", "frontier_day", "inference_day", "load_csv", "training_run"]
