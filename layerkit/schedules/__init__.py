"""Built-in learning-rate schedules, one a file."""
