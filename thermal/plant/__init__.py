"""The facility side: machines and arrangements that carry heat to the outdoors, in seconds and in years."""
