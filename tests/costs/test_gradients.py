"""The costs' gradients are those of central differences; masks leave out what does not count."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Cost, CrossEntropy, Dense, GradientDescent, Quadratic, Sequential, Softmax, Trainer
from layerkit.errors import ShapeError
from layerkit.types import Array
from tests.reference.costs import CostBench
from tests.reference.differences import assert_gradient, differences

COSTS: list[Cost] = [Quadratic(), CrossEntropy()]


def example(cost: Cost, shape: tuple[int, ...]) -> tuple[Array, Array]:
    rng = np.random.default_rng(0)
    target = rng.random((4, *shape))
    if isinstance(cost, CrossEntropy):
        target /= target.sum(axis=-1, keepdims=True)
    return 2 * rng.normal(size=(4, *shape)), target


@pytest.mark.parametrize(("shape", "masked"), [((3,), False), ((2, 3), False), ((2, 3), True)])
@pytest.mark.parametrize("cost", COSTS, ids=repr)
def test_gradient(cost: Cost, shape: tuple[int, ...], masked: bool) -> None:
    prediction, target = example(cost, shape)
    mask = np.array([[1, 1], [1, 0], [0, 1], [0, 0]], bool) if masked else None
    bench = CostBench(cost, mask=mask)
    expected = differences(lambda: float(bench.forward(prediction, target).sum()), prediction)
    costs = bench.forward(prediction, target)
    assert costs.shape == (4,)
    gradient = bench.backward(prediction, target)
    assert_gradient(gradient, expected)
    if mask is not None:
        assert not gradient[~mask].any()
        assert costs[3] == 0


@pytest.mark.parametrize("cost", COSTS, ids=repr)
def test_a_mask_is_for_values_with_an_axis_of_time(cost: Cost) -> None:
    prediction, target = example(cost, (3,))
    masked, whole = CostBench(cost, mask=np.zeros((4, 3), bool)), CostBench(cost)
    np.testing.assert_array_equal(masked.forward(prediction, target), whole.forward(prediction, target))
    np.testing.assert_array_equal(masked.backward(prediction, target), whole.backward(prediction, target))
    with pytest.raises(ShapeError, match=r"\(4, 2\).*\(4, 3\)"):
        CostBench(cost, mask=np.zeros((4, 3), bool)).forward(*example(cost, (2, 3)))


@pytest.mark.parametrize("cost", COSTS, ids=repr)
@pytest.mark.parametrize(("prediction", "target"), [((4, 1), (4,)), ((4, 3), (4, 1)), ((4, 3), (1, 3)), ((4, 3), (3,))])
def test_nothing_is_broadcast(cost: Cost, prediction: Any, target: Any) -> None:
    with pytest.raises(ShapeError, match=type(cost).__name__) as caught:
        CostBench(cost).forward(np.zeros(prediction), np.zeros(target))
    assert str(prediction) in str(caught.value)
    assert str(target) in str(caught.value)


def test_quadratic_is_half_the_sum_of_squares() -> None:
    found = CostBench(Quadratic()).forward(np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [0.0, 3.0]]))
    np.testing.assert_array_equal(found, [2.5, 4.5])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_cross_entropy_of_huge_logits_is_finite(dtype: str) -> None:
    logits = np.array([[1e4, -1e4, 0.0], [0.0, 0.0, 0.0]], dtype)
    target = np.array([[0, 1, 0], [1, 0, 0]], dtype)
    bench = CostBench(CrossEntropy(), dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        np.testing.assert_allclose(bench.forward(logits, target), [2e4, np.log(3)], rtol=1e-6)
        np.testing.assert_allclose(bench.backward(logits, target)[0], [1, -1, 0], atol=1e-6)


def test_the_readout_of_cross_entropy_is_softmax() -> None:
    assert isinstance(CrossEntropy().readout(), Softmax)
    assert Quadratic().readout() is None


def test_a_cross_entropy_over_one_output_is_refused() -> None:
    trainer = Trainer(Sequential([Dense(1)]), cost=CrossEntropy(), optimizer=GradientDescent(0.1), seed=0)
    with pytest.raises(ShapeError, match="one output a class"):
        trainer.fit((np.ones((4, 2)), np.zeros((4, 1))), epochs=1)
