"""One promise a file."""
