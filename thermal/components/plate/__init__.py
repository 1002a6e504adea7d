"""Cold plates: by geometry, by curve, reduced, and their metals."""
