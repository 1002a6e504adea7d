"""What one can buy: frozen, checked parts that lower themselves to the kernels' NamedTuples."""
