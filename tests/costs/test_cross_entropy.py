from __future__ import annotations

import numpy as np
import pytest

from layerkit import Batch, CrossEntropy, Dense, GradientDescent, Sequential, Softmax, Trainer
from layerkit.engines import take_in
from layerkit.errors import DataError, ShapeError
from layerkit.types import Array
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


def fit_on(y: Array, *, outputs: int = 3, mask: Array | None = None, stream: bool = False) -> Trainer:
    shape = (2, 4) if y.ndim == 3 else (4,)
    x = np.ones((len(y), *shape))
    model = Sequential([Dense(outputs)]).initialize(shape, seed=0)
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), seed=0)
    if stream:
        trainer.fit([Batch(x, y, mask=mask)], epochs=1)
    else:
        trainer.fit((x, y), mask=mask, epochs=1)
    return trainer


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("row", "told"),
    [
        ([1.5, -0.5, 0.0], "row 3 holds -0.5"),
        ([0.4, 0.4, 0.3], r"row 3 sums to 1\.1"),
        ([0.0, 0.0, 0.0], "row 3 sums to 0"),
        ([0.0, 0.998, 0.0], r"row 3 sums to 0\.998"),
        ([1, 1, 0], "row 3 sums to 2"),
    ],
)
def test_rows_that_are_no_probabilities_are_refused(row: list[float], told: str, stream: bool) -> None:
    y = np.full((6, 3), 1 / 3)
    y[3] = row
    with pytest.raises(DataError, match=told):
        fit_on(y, stream=stream)
    with pytest.raises(DataError, match=told):
        fit_on(np.eye(3)[[0, 1, 2]]).evaluate((np.ones((6, 4)), y))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_rounding_is_no_miss(dtype: str) -> None:
    y = np.random.default_rng(0).dirichlet(np.ones(3), 50).astype(dtype)
    y[7] = [0.9995, 0, 0]
    fit_on(y)


def test_positions_that_a_mask_leaves_out_may_hold_anything() -> None:
    y = np.zeros((5, 2, 3))
    y[..., 1] = 1
    y[2, 1] = [-7, 3, 0]
    mask = np.ones((5, 2), bool)
    with pytest.raises(DataError, match="row 2, position 1 holds -7"):
        fit_on(y, mask=mask)
    mask[2, 1] = False
    fit_on(y, mask=mask)
    fit_on(y, mask=mask, stream=True)


@pytest.mark.parametrize("labels", [np.arange(6) % 2, np.zeros(6, np.int64)], ids=["both classes", "one class"])
def test_labels_of_a_single_output_are_refused_before_an_engine_is_asked(labels: Array) -> None:
    trainer = Trainer(Sequential([Dense(1)]), cost=CrossEntropy(), optimizer=GradientDescent(0.1), seed=0)
    trainer.model.initialize(2, seed=0)
    before = trainer.model.structure.parameters.copy()
    with pytest.raises(ShapeError, match="a softmax over one output"):
        take_in((np.ones((6, 2)), labels), trainer.model, trainer.cost, split="train", to_train=True)
    with pytest.raises(ShapeError, match="two for yes or no"):
        trainer.fit((np.ones((6, 2)), labels), epochs=1)
    np.testing.assert_array_equal(trainer.model.structure.parameters, before)
