"""Chips: packages and stacks of dies."""
