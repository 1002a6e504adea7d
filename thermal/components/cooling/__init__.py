"""Machines of the plant: chillers, towers, coolers, heat pumps."""
