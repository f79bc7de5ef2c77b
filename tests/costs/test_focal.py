from __future__ import annotations

import numpy as np
import pytest

from layerkit import Adam, CrossEntropy, Dense, Focal, Sequential, Softmax, Trainer
from layerkit.errors import DataError, ShapeError
from tests.reference.costs import CostBench, assert_as_in_pytorch_in_both_dtypes


@pytest.mark.parametrize(("gamma", "name"), [(2.0, "focal"), (0.5, "focal_rows")])
def test_it_is_that_of_the_formula(gamma: float, name: str) -> None:
    assert_as_in_pytorch_in_both_dtypes(Focal(gamma), name)


def test_with_0_it_is_cross_entropy() -> None:
    rng = np.random.default_rng(0)
    logits, target = rng.normal(size=(6, 4)), rng.dirichlet(np.ones(4), 6)
    found, wanted = CostBench(Focal(0)), CostBench(CrossEntropy())
    np.testing.assert_allclose(found.forward(logits, target), wanted.forward(logits, target), rtol=1e-13)
    np.testing.assert_allclose(found.backward(logits, target), wanted.backward(logits, target), atol=1e-14)


def test_what_is_right_already_counts_little() -> None:
    logits, target = np.array([[3.0, 0.0], [-3.0, 0.0]]), np.eye(2)[[0, 0]]
    right, wrong = CostBench(Focal()).forward(logits, target) / CostBench(CrossEntropy()).forward(logits, target)
    assert right < 0.003
    assert wrong > 0.9


def test_readout_and_refusals_are_those_of_cross_entropy() -> None:
    assert isinstance(Focal().readout(), Softmax)
    y = np.array([[0.5, 0.6], [1.0, 0.0]])
    with pytest.raises(DataError, match=r"Focal: targets must be probabilities.*row 0 sums to 1\.1"):
        Trainer(Sequential([Dense(2)]), cost=Focal(), optimizer=Adam(), seed=0).fit((np.ones((2, 1)), y), epochs=1)
    with pytest.raises(ShapeError, match="Focal: a softmax over one output"):
        CostBench(Focal()).forward(np.zeros((2, 1)), np.zeros((2, 1)))
