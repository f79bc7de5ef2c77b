"""Built-in optimizers, one a file."""
