"""Built-in activations, one a file."""
