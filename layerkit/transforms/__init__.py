"""Built-in transforms of gradients and parameters, one a file."""
