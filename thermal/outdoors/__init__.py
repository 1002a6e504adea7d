"""Weather files, climates, and what they mean for a site."""
