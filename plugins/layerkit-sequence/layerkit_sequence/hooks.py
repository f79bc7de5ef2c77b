"""What this package adds to layerkit, under the namespace ``sequence``."""

from __future__ import annotations

from layerkit.plugin import Component, hookimpl

layerkit_api = (1, 1)


@hookimpl
def layerkit_layers() -> list[Component]:
    """Layers on ``(batch, time, features)``."""
    return [
        Component(
            "embedding",
            target="layerkit.layers.embedding:Embedding",
            summary="A learned vector for each token.",
            cases="layerkit_sequence.cases:EMBEDDING",
        ),
        Component(
            "simple-rnn",
            target="layerkit_sequence.simple_rnn:SimpleRNN",
            summary="A state that each step replaces by a function of itself and the input.",
            cases="layerkit_sequence.cases:SIMPLE_RNN",
        ),
        Component(
            "gru",
            target="layerkit_sequence.gru:GRU",
            summary="A recurrent layer with a reset and an update gate.",
            cases="layerkit_sequence.cases:GRU",
        ),
        Component(
            "lstm",
            target="layerkit_sequence.lstm:LSTM",
            summary="A recurrent layer with a cell that gates write to, keep and read.",
            cases="layerkit_sequence.cases:LSTM",
        ),
        Component(
            "multi-head-self-attention",
            target="layerkit_sequence.attention:MultiHeadSelfAttention",
            summary="Every step reads from the steps that are like what it looks for.",
            cases="layerkit_sequence.cases:MULTI_HEAD_SELF_ATTENTION",
        ),
        Component(
            "positional-encoding",
            target="layerkit_sequence.positional_encoding:PositionalEncoding",
            summary="Adds sines and cosines that tell the steps apart.",
            cases="layerkit_sequence.cases:POSITIONAL_ENCODING",
        ),
        Component(
            "layer-normalization",
            target="layerkit.layers.layer_normalization:LayerNormalization",
            summary="Gives each step mean 0 and variance 1 over its features, then a learned scale and shift.",
            cases="layerkit_sequence.cases:LAYER_NORMALIZATION",
        ),
        Component(
            "last",
            target="layerkit_sequence.last:Last",
            summary="The last step that counts.",
            cases="layerkit_sequence.cases:LAST",
        ),
        Component(
            "mean-over-time",
            target="layerkit_sequence.mean_over_time:MeanOverTime",
            summary="The mean of the steps that count.",
            cases="layerkit_sequence.cases:MEAN_OVER_TIME",
        ),
        Component(
            "multi-head-cross-attention",
            target="layerkit_sequence.cross_attention:MultiHeadCrossAttention",
            summary="Every step reads from the steps of another sequence.",
            cases="layerkit_sequence.cases:MULTI_HEAD_CROSS_ATTENTION",
        ),
        Component(
            "transformer-block",
            target="layerkit_sequence.transformer_block:TransformerBlock",
            summary="Self-attention and a network for each step, each with a norm and a way around.",
            cases="layerkit_sequence.cases:TRANSFORMER_BLOCK",
        ),
        Component(
            "gated-linear-unit",
            target="layerkit_sequence.gated_linear_unit:GatedLinearUnit",
            summary="A linear layer times gates that it computes itself.",
            cases="layerkit_sequence.cases:GATED_LINEAR_UNIT",
        ),
    ]


@hookimpl
def layerkit_initializers() -> list[Component]:
    """Initializers of recurrent weights."""
    return [
        Component(
            "orthogonal",
            target="layerkit.initializers.orthogonal:Orthogonal",
            summary="Square blocks that keep lengths: for weights that are applied at every step.",
            cases="layerkit_sequence.cases:ORTHOGONAL",
        )
    ]


@hookimpl
def layerkit_metrics() -> list[Component]:
    """Metrics of whole sequences."""
    return [
        Component(
            "exact-match",
            target="layerkit_sequence.exact_match:ExactMatch",
            summary="The share of sequences whose every step is right.",
            cases="layerkit_sequence.cases:EXACT_MATCH",
        )
    ]


@hookimpl
def layerkit_datasets() -> list[Component]:
    """Datasets that are generated."""
    return [
        Component(
            "addition",
            target="layerkit_sequence.addition:Addition",
            summary="Sums of two numbers, written as characters.",
            cases="layerkit_sequence.cases:ADDITION",
        ),
        Component(
            "stories",
            target="layerkit_sequence.stories:Stories",
            summary="Short stories, written as characters, to be written on.",
            cases="layerkit_sequence.cases:STORIES",
        ),
    ]


@hookimpl
def layerkit_examples() -> list[Component]:
    """Examples for ``layerkit run``."""
    return [
        Component(
            "addition",
            target="layerkit_sequence.addition_example:experiment",
            summary="Learns to add two numbers of three digits, written as characters.",
            cases="layerkit_sequence.cases:ADDITION",
        ),
        Component(
            "stories",
            target="layerkit_sequence.stories_example:experiment",
            summary="A Transformer learns to write short stories, a character at a time.",
            cases="layerkit_sequence.cases:STORIES",
        ),
    ]
