"""What stands in the hall: racks and coolant distribution units."""
