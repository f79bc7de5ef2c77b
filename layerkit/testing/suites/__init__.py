"""The checks, a file for each side of a kind."""
