"""What moves and exchanges water: pumps, exchangers, tanks, controllers."""
