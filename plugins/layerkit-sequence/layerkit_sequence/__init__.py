"""Layers for sequences, ``(batch, time, features)``: embedding, recurrence, attention, pooling over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layerkit import Embedding, LayerNormalization, Orthogonal
    from layerkit_sequence.addition import Addition
    from layerkit_sequence.attention import MultiHeadSelfAttention
    from layerkit_sequence.cross_attention import MultiHeadCrossAttention
    from layerkit_sequence.exact_match import ExactMatch
    from layerkit_sequence.gated_linear_unit import GatedLinearUnit
    from layerkit_sequence.gru import GRU
    from layerkit_sequence.last import Last
    from layerkit_sequence.lstm import LSTM
    from layerkit_sequence.mean_over_time import MeanOverTime
    from layerkit_sequence.positional_encoding import PositionalEncoding
    from layerkit_sequence.simple_rnn import SimpleRNN
    from layerkit_sequence.stories import Stories
    from layerkit_sequence.transformer_block import TransformerBlock
    from layerkit_sequence.writing import write

__all__ = [
    "GRU",
    "LSTM",
    "Addition",
    "Embedding",
    "ExactMatch",
    "GatedLinearUnit",
    "Last",
    "LayerNormalization",
    "MeanOverTime",
    "MultiHeadCrossAttention",
    "MultiHeadSelfAttention",
    "Orthogonal",
    "PositionalEncoding",
    "SimpleRNN",
    "Stories",
    "TransformerBlock",
    "write",
]

# Listing the components must not import NumPy, which the layers need.
_LAZY = {
    "Addition": "layerkit_sequence.addition",
    "Embedding": "layerkit",
    "ExactMatch": "layerkit_sequence.exact_match",
    "GRU": "layerkit_sequence.gru",
    "GatedLinearUnit": "layerkit_sequence.gated_linear_unit",
    "LSTM": "layerkit_sequence.lstm",
    "Last": "layerkit_sequence.last",
    "LayerNormalization": "layerkit",
    "MeanOverTime": "layerkit_sequence.mean_over_time",
    "MultiHeadCrossAttention": "layerkit_sequence.cross_attention",
    "MultiHeadSelfAttention": "layerkit_sequence.attention",
    "Orthogonal": "layerkit",
    "PositionalEncoding": "layerkit_sequence.positional_encoding",
    "SimpleRNN": "layerkit_sequence.simple_rnn",
    "Stories": "layerkit_sequence.stories",
    "TransformerBlock": "layerkit_sequence.transformer_block",
    "write": "layerkit_sequence.writing",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)
