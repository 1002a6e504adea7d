"""The plant of an hour, a year and a second."""
