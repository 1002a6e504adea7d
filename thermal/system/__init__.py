"""Connect parts, lower them to kernels, solve, and return one Dataset: loops, steady states, transients, events."""
