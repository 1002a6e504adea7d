"""Liquid cooling of AI data centres, from the die to the sky and from watts to tokens."""

__version__ = "0.1.0"
