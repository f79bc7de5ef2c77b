"""The kernels of this package's layers for the compiled engine layerkit-numba, which alone imports this."""

from layerkit_sequence.numba_kernels import (
    attention,
    gated_linear_unit,
    gru,
    lstm,
    over_time,
    simple_rnn,
    transformer_block,
)

__all__ = ["attention", "gated_linear_unit", "gru", "lstm", "over_time", "simple_rnn", "transformer_block"]
