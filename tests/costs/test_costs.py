"""What holds for every cost: gradients are those of differences, masks leave out what does not count."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import (
    AbsoluteError,
    BinaryCrossEntropy,
    BinaryFocal,
    CategoricalHinge,
    CosineSimilarity,
    Cost,
    CrossEntropy,
    Focal,
    Hinge,
    Huber,
    KullbackLeibler,
    LogCosh,
    Poisson,
    Quadratic,
    Quantile,
    SquaredHinge,
)
from layerkit.errors import ShapeError
from layerkit.types import Array
from tests.reference.costs import CostBench
from tests.reference.differences import assert_gradient, differences

ROWS: list[Cost] = [CrossEntropy(), CrossEntropy(label_smoothing=0.2), KullbackLeibler(), Focal(), Focal(0.5)]
YES_OR_NO: list[Cost] = [Hinge(), SquaredHinge(), BinaryFocal(), BinaryFocal(0.5)]
COSTS: list[Cost] = [
    *(Quadratic(), AbsoluteError(), Huber(0.8), LogCosh(), Quantile(0.3), Quantile([0.1, 0.5, 0.7]), Poisson()),
    *(CosineSimilarity(), BinaryCrossEntropy(), BinaryCrossEntropy(label_smoothing=0.2), CategoricalHinge()),
    *ROWS,
    *YES_OR_NO,
]


def example(cost: Cost, shape: tuple[int, ...]) -> tuple[Array, Array]:
    rng = np.random.default_rng(0)
    target = rng.random((4, *shape))
    if cost in ROWS:
        target /= target.sum(axis=-1, keepdims=True)
    if cost in YES_OR_NO:
        target = target.round()
    if isinstance(cost, CategoricalHinge):
        target = (target == target.max(axis=-1, keepdims=True)) * 1.0
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


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cost", [cost for cost in COSTS if not isinstance(cost, Poisson)], ids=repr)
def test_far_out_all_stays_finite(cost: Cost, dtype: str) -> None:
    prediction = np.array([[1e4, -1e4, 0.0], [-1000.0, 1000.0, 1e-30], [0.0, 0.0, 0.0]], dtype)
    for target in (np.eye(3, dtype=dtype), np.roll(np.eye(3, dtype=dtype), 1, axis=0)):
        bench = CostBench(cost, dtype)
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            costs, gradient = bench.forward(prediction, target), bench.backward(prediction, target)
        assert costs.dtype == gradient.dtype == dtype
        assert np.isfinite(costs).all()
        assert (costs >= -1e-6).all()
        assert np.isfinite(gradient).all()
