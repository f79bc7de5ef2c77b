"""Built-in costs, one a file."""
