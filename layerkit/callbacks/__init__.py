"""What can watch a fit, one callback a file."""
