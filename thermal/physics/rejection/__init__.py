"""Laws of towers and dry coolers, and the operating point they have."""
