"""Loops in time: hydraulics, volumes, controllers."""
