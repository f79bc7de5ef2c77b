"""The kernels of this package's layers for the compiled engine layerkit-numba, which alone imports this."""

from layerkit_conv.numba_kernels import convolutions, edges, pooling

__all__ = ["convolutions", "edges", "pooling"]
