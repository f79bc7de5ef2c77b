"""The gradient of each sequence by itself, under a mask too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from layerkit_sequence import GRU, LSTM, Embedding, GatedLinearUnit, SimpleRNN, TransformerBlock

from layerkit import (
    Batch,
    Bidirectional,
    CrossEntropy,
    Dense,
    GradientDescent,
    Quadratic,
    Sequential,
    TimeDistributed,
    Trainer,
)
from layerkit.engines import Differentiate, RandomStreams
from layerkit.errors import DataError


def test_each_is_that_of_the_sequence_alone() -> None:
    model = Sequential([Embedding(6, 4), LSTM(5, return_sequences=False), Dense(3)]).initialize(
        7, seed=0, dtype="float64"
    )
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), seed=0)
    rng = np.random.default_rng(0)
    x, y, mask = rng.integers(0, 6, (5, 7)), np.array([0, 1, 2, 1, 0]), np.arange(7) < rng.integers(2, 8, (5, 1))
    found = trainer.example_gradients((x, y), mask=mask)
    for row in range(5):
        own = slice(row, row + 1)
        alone = trainer.example_gradients((x[own], y[own]), mask=mask[own])
        for path, gradients in found.items():
            np.testing.assert_allclose(gradients[row], alone[path][0], rtol=1e-9, atol=1e-12, err_msg=path)
    with pytest.raises(DataError, match="integers, which have no gradient"):
        model.saliency(x)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(
    ("layer", "axes"),
    [
        (lambda: Bidirectional(LSTM(3)), ()),
        (lambda: SimpleRNN(3, reverse=True), ()),
        (lambda: Sequential([TransformerBlock(4, 2, causal=True), GatedLinearUnit(3)]), ()),
        (lambda: TimeDistributed(GRU(3, return_sequences=False)), (2,)),
        (lambda: TimeDistributed(GatedLinearUnit(3)), ()),
    ],
)
def test_steps_and_parts_are_credited_to_their_sequence(
    layer: Callable[[], Any], axes: tuple[int, ...], masked: bool
) -> None:
    rng = np.random.default_rng(0)
    model = Sequential([layer()]).initialize((5, *axes, 4), seed=1, dtype="float64")
    x = rng.normal(size=(4, 5, *axes, 4))
    mask = np.arange(5) < np.array([[5], [1], [3], [4]]) if masked else None
    y = rng.normal(size=model.predict(x, mask=mask).shape)
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    found = trainer.example_gradients((x, y), mask=mask)
    differentiate, structure = Differentiate(model, trainer.cost, RandomStreams(0)), model.structure
    for row in range(4):
        own = slice(row, row + 1)
        differentiate(Batch(x[own], y[own], mask=None if mask is None else mask[own]))
        for entry in structure.entries:
            wanted = entry.view(structure.gradient)
            np.testing.assert_allclose(found[entry.path][row], wanted, rtol=1e-9, atol=1e-9, err_msg=entry.path)
