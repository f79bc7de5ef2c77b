"""The gradient of each sequence by itself, under a mask too."""

from __future__ import annotations

import numpy as np
import pytest
from layerkit_sequence import LSTM, Embedding

from layerkit import CrossEntropy, Dense, GradientDescent, Sequential, Trainer
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
