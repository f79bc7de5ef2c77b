"""Where examples come from: arrays, generators, and readers of data files."""
