"""The kernels of this package's layers for the compiled engine layerkit-numba, which alone imports this."""

from layerkit_sequence.numba_kernels import gru, lstm, simple_rnn

__all__ = ["gru", "lstm", "simple_rnn"]
