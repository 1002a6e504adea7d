"""Speed of the toolkit beside its peers and its targets: ``python -m benchmarks``."""
