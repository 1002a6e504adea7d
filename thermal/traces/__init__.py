"""Heat over time, as loads for the solvers: synthetic days from stated laws, and measured traces read unchanged."""

from thermal.traces.eia import EIA_FACTORS, generation_carbon, read_eia_grid
from thermal.traces.energy import read_electricity_maps, read_entsoe_prices, read_pvgis, read_renewables_ninja
from thermal.traces.measured import from_requests, frontier_day, load_csv
from thermal.traces.report import report
from thermal.traces.stamps import at_ends, at_starts
from thermal.traces.synthetic import inference_day, training_run
from thermal.traces.telemetry import read_telemetry
from thermal.traces.training import mlperf_training, server_heat
from thermal.traces.treat import blank, drop_duplicates, fill, in_order, resample

__all__ = [
    "EIA_FACTORS",
    "at_ends",
    "at_starts",
    "blank",
    "drop_duplicates",
    "fill",
    "from_requests",
    "frontier_day",
    "generation_carbon",
    "in_order",
    "inference_day",
    "load_csv",
    "mlperf_training",
    "read_eia_grid",
    "read_electricity_maps",
    "read_entsoe_prices",
    "read_pvgis",
    "read_renewables_ninja",
    "read_telemetry",
    "report",
    "resample",
    "server_heat",
    "training_run",
]
