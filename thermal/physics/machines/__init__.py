"""Laws of single machines: pump, exchanger, chiller, tank, cold plate."""
