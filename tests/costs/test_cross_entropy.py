from __future__ import annotations

import numpy as np
import pytest

from layerkit import CrossEntropy, Dense, GradientDescent, Sequential, Softmax, Trainer
from layerkit.errors import ShapeError
from tests.reference.costs import CostBench, assert_as_in_pytorch


@pytest.mark.parametrize("case", ["2d", "3d", "soft"])
def test_it_is_pytorchs(case: str) -> None:
    assert_as_in_pytorch(CrossEntropy(), f"cross_entropy/{case}")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_cost_of_huge_logits_is_finite(dtype: str) -> None:
    logits = np.array([[1e4, -1e4, 0.0], [0.0, 0.0, 0.0]], dtype)
    target = np.array([[0, 1, 0], [1, 0, 0]], dtype)
    bench = CostBench(CrossEntropy(), dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        np.testing.assert_allclose(bench.forward(logits, target), [2e4, np.log(3)], rtol=1e-6)
        np.testing.assert_allclose(bench.backward(logits, target)[0], [1, -1, 0], atol=1e-6)


def test_targets_need_not_sum_to_one() -> None:
    logits, target = np.log([[1.0, 3.0]]), np.array([[2.0, 4.0]])
    bench = CostBench(CrossEntropy())
    np.testing.assert_allclose(bench.forward(logits, target), [2 * np.log(4) + 4 * np.log(4 / 3)])
    np.testing.assert_allclose(bench.backward(logits, target), [[6 * 0.25 - 2, 6 * 0.75 - 4]])


def test_its_readout_is_softmax() -> None:
    assert isinstance(CrossEntropy().readout(), Softmax)


def test_one_output_is_refused() -> None:
    trainer = Trainer(Sequential([Dense(1)]), cost=CrossEntropy(), optimizer=GradientDescent(0.1), seed=0)
    with pytest.raises(ShapeError, match="one output a class"):
        trainer.fit((np.ones((4, 2)), np.zeros((4, 1))), epochs=1)
