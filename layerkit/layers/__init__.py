"""Built-in layers, one a file."""
