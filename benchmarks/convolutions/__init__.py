"""Convolutions under the compiled engine beside the numpy engine and PyTorch, layer by layer and in a whole step."""
