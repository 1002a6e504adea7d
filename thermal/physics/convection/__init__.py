"""Films and friction in channels, ducts and pins."""
