"""The way of electricity from meter to rack."""
