"""The wing of the loop: CDUs and racks, lowered, marched and read."""
