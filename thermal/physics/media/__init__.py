"""Properties of air, water and coolants."""
