"""Models with these layers are saved by name, and load to the same bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from layerkit_sequence import (
    GRU,
    LSTM,
    Embedding,
    LayerNormalization,
    MeanOverTime,
    MultiHeadSelfAttention,
    Orthogonal,
    PositionalEncoding,
    SimpleRNN,
)

import layerkit
from layerkit import Bidirectional, Dense, Repeat, Residual, Sequential, Sigmoid, TiedDense, load, save


def test_a_saved_model_predicts_the_same(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    model = Sequential(
        [
            Embedding(9, 8),
            PositionalEncoding(base=50.0),
            Residual(MultiHeadSelfAttention(2, causal=True)),
            LayerNormalization(epsilon=1e-3),
            SimpleRNN(5, activation=Sigmoid(), recurrent_initializer=Orthogonal(0.5)),
            GRU(4, reverse=True),
            LSTM(6, forget_bias=2.0),
            MeanOverTime(),
            Dense(2),
        ]
    ).initialize((None,), seed=0)
    save(model, tmp_path / "model.safetensors")
    loaded = load(tmp_path / "model.safetensors")
    assert repr(loaded) == repr(model)
    for time in (3, 7):
        x, mask = rng.integers(0, 9, (4, time)), rng.random((4, time)) < 0.7
        np.testing.assert_array_equal(loaded.predict(x, mask=mask), model.predict(x, mask=mask))


def test_layers_that_moved_to_layerkit_are_the_same_classes() -> None:
    from layerkit_sequence.embedding import Embedding as Old
    from layerkit_sequence.layer_normalization import LayerNormalization as OldNormalization

    assert Embedding is Old is layerkit.Embedding
    assert LayerNormalization is OldNormalization is layerkit.LayerNormalization


def test_containers_of_recurrent_layers_are_saved_whole(tmp_path: Path) -> None:
    words = Embedding(9, 4)
    model = Sequential([words, Repeat(Bidirectional(GRU(2)), 2), TiedDense(words)]).initialize((None,), seed=0)
    save(model, tmp_path / "model.safetensors")
    loaded = load(tmp_path / "model.safetensors")
    assert repr(loaded) == repr(model)
    assert loaded.summary() == model.summary()
    rng = np.random.default_rng(0)
    x, mask = rng.integers(0, 9, (4, 6)), rng.random((4, 6)) < 0.7
    np.testing.assert_array_equal(loaded.predict(x, mask=mask), model.predict(x, mask=mask))
    np.testing.assert_array_equal(model.copy().predict(x, mask=mask), model.predict(x, mask=mask))
