"""Conduction with convection in three dimensions: the multigrid solver."""
