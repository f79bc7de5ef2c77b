from __future__ import annotations

import numpy as np
import pytest

from layerkit import Adam, BinaryCrossEntropy, BinaryFocal, Dense, Sequential, Sigmoid, Trainer
from layerkit.errors import DataError
from tests.reference.costs import CostBench, assert_as_in_pytorch_in_both_dtypes

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("gamma", "name"), [(2.0, "binary_focal"), (0.5, "binary_focal_unit")])
def test_it_is_that_of_the_formula(gamma: float, name: str) -> None:
    assert_as_in_pytorch_in_both_dtypes(BinaryFocal(gamma), name)


def test_with_0_it_is_binary_cross_entropy() -> None:
    logits, target = 3 * RNG.normal(size=(6, 4)), RNG.random((6, 4))
    found, wanted = CostBench(BinaryFocal(0)), CostBench(BinaryCrossEntropy())
    np.testing.assert_allclose(found.forward(logits, target), wanted.forward(logits, target), rtol=1e-13)
    np.testing.assert_allclose(found.backward(logits, target), wanted.backward(logits, target), atol=1e-14)


def test_small_costs_keep_their_digits() -> None:
    logits, target = np.array([[30.0], [-30.0]]), np.array([[1.0], [0.0]])
    np.testing.assert_allclose(CostBench(BinaryFocal()).forward(logits, target), np.exp(-90.0), rtol=1e-12)


def test_two_classes_are_learned_and_others_refused() -> None:
    x = RNG.normal(size=(200, 2))
    model = Sequential([Dense(1)])
    trainer = Trainer(model, cost=BinaryFocal(), optimizer=Adam(0.1), seed=0)
    trainer.fit((x, x[:, 0] > 0), epochs=30)
    assert isinstance(model.readout, Sigmoid)
    assert (model.classify(x) == (x[:, 0] > 0)).mean() > 0.95
    with pytest.raises(DataError, match=r"BinaryFocal: targets must be 0 \(no\), 1 \(yes\).*holds 3\.0.*take Focal"):
        trainer.fit((x, np.full(200, 3.0)), epochs=1)
