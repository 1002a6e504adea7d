"""The wing of the site: halls, plants and their year."""
