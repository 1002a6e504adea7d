"""The wing of the die: cold plates solved in three dimensions."""
