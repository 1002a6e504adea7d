"""File formats of others, read and written as plain data, without a solver."""
