"""The wing of the meter: end uses of electricity in time."""
