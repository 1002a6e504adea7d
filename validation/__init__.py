"""Are they the right equations? Measured or independent numbers, limits set beforehand, verdicts."""
