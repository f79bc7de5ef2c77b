from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Adam, BinaryCrossEntropy, Cost, CrossEntropy, Dense, Sequential, Trainer
from layerkit.errors import ArgumentError
from tests.reference.costs import CostBench, assert_as_in_pytorch_in_both_dtypes

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("cost", "name"),
    [
        (CrossEntropy(label_smoothing=0.1), "smoothed"),
        (CrossEntropy(label_smoothing=0.1), "smoothed_rows"),
        (BinaryCrossEntropy(label_smoothing=0.1), "smoothed_binary"),
    ],
)
def test_it_is_pytorchs(cost: Cost, name: str) -> None:
    assert_as_in_pytorch_in_both_dtypes(cost, name)


@pytest.mark.parametrize("kind", [CrossEntropy, BinaryCrossEntropy])
def test_it_is_the_cost_of_smoothed_targets(kind: Any) -> None:
    logits, target = RNG.normal(size=(5, 4)), np.eye(4)[[0, 3, 1, 1, 2]]
    classes = 4 if kind is CrossEntropy else 2
    found, wanted = CostBench(kind(label_smoothing=0.2)), CostBench(kind())
    smooth = 0.8 * target + 0.2 / classes
    np.testing.assert_allclose(found.forward(logits, target), wanted.forward(logits, smooth), rtol=1e-14)
    np.testing.assert_allclose(found.backward(logits, target), wanted.backward(logits, smooth), rtol=1e-14)


def test_no_prediction_becomes_certain() -> None:
    x = np.eye(2)
    for cost, outputs, y, wanted in (
        (CrossEntropy(label_smoothing=0.2), 2, np.array([0, 1]), np.array([[0.9, 0.1], [0.1, 0.9]])),
        (BinaryCrossEntropy(label_smoothing=0.2), 1, np.array([0, 1]), np.array([[0.1], [0.9]])),
    ):
        model = Sequential([Dense(outputs)])
        Trainer(model, cost=cost, optimizer=Adam(0.1), seed=0).fit((x, y), epochs=500)
        np.testing.assert_allclose(model.predict(x), wanted, atol=2e-3)


@pytest.mark.parametrize("kind", [CrossEntropy, BinaryCrossEntropy])
def test_it_is_from_0_to_1(kind: Any) -> None:
    with pytest.raises(ArgumentError, match=r"label_smoothing must be .* at least 0 and at most 1, got 1\.5"):
        kind(label_smoothing=1.5)
