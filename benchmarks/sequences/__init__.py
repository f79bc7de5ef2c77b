"""Layers for sequences, one by one and in a whole step: the compiled engine, the numpy engine and PyTorch."""
