from __future__ import annotations

import numpy as np
import pytest

from layerkit import Adam, CrossEntropy, Dense, KullbackLeibler, Sequential, Softmax, Trainer
from layerkit.errors import DataError
from tests.reference.costs import CostBench, assert_as_in_pytorch_in_both_dtypes

RNG = np.random.default_rng(0)


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch_in_both_dtypes(KullbackLeibler(), "kullback_leibler")


def test_it_is_cross_entropy_without_the_targets_own() -> None:
    logits, target = RNG.normal(size=(6, 4)), RNG.dirichlet(np.ones(4), 6)
    found, wanted = CostBench(KullbackLeibler()), CostBench(CrossEntropy())
    entropy = -(target * np.log(target)).sum(axis=1)
    np.testing.assert_allclose(found.forward(logits, target), wanted.forward(logits, target) - entropy, rtol=1e-12)
    np.testing.assert_allclose(found.backward(logits, target), wanted.backward(logits, target), atol=1e-14)


def test_it_is_0_where_the_prediction_is_the_target_also_where_that_holds_zeros() -> None:
    target = np.array([[0.25, 0.75, 0.0], [1.0, 0.0, 0.0]])
    logits = np.log(np.maximum(target, 1e-300))
    np.testing.assert_allclose(CostBench(KullbackLeibler()).forward(logits, target), 0, atol=1e-14)


def test_a_network_learns_a_distribution() -> None:
    y = np.tile([0.2, 0.3, 0.5], (50, 1))
    model = Sequential([Dense(3)])
    trainer = Trainer(model, cost=KullbackLeibler(), optimizer=Adam(0.1), seed=0)
    history = trainer.fit((np.ones((50, 1)), y), epochs=200)
    assert isinstance(model.readout, Softmax)
    np.testing.assert_allclose(model.predict(np.ones((1, 1))), y[:1], atol=1e-3)
    assert history["cost"][-1] < 1e-5
    with pytest.raises(DataError, match=r"KullbackLeibler: targets must be probabilities.*row 0 sums to 2"):
        trainer.fit((np.ones((50, 1)), 2 * y), epochs=1)
