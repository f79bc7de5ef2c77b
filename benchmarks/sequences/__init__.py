"""Layers for sequences under the compiled engine beside the numpy engine and PyTorch, layer by layer."""
