"""One output: thresholded where it is a probability, refused where it is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import (
    Accuracy,
    Callback,
    CrossEntropy,
    Dense,
    Examples,
    Flatten,
    GradientDescent,
    Identity,
    Layer,
    MeanSquaredError,
    Metric,
    Quadratic,
    ReLU,
    Reshape,
    Residual,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    Trainer,
)
from layerkit.errors import DataError, LayerkitError
from layerkit.models.output_range import UNBOUNDED, prediction_range
from layerkit.types import Array

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 3))
RANDOM = RNG.integers(0, 2, 400)


class Steps(Callback):
    """Whether a fit began."""

    def __init__(self) -> None:
        self.started = False

    def fit_started(self, fit: Any) -> None:
        self.started = True


def trainer(*layers: Layer, metric: Metric | None = None, shape: Any = 3) -> Trainer:
    model = Sequential(list(layers)).initialize(shape, seed=0)
    return Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), metrics=[metric or Accuracy()], seed=0)


@pytest.mark.parametrize("y", [RANDOM, RANDOM[:, None], RANDOM[:, None] * 1.0, RANDOM > 0, RANDOM * 1.0])
@pytest.mark.parametrize("labels", [None, True])
def test_it_is_the_share_on_the_right_side_of_one_half(y: Array, labels: bool | None) -> None:
    trained = trainer(Dense(1, activation=Sigmoid()))
    wanted = ((trained.model.predict(X)[:, 0] > 0.5) == RANDOM).mean()
    assert 0.4 < wanted < 0.6
    assert trained.evaluate(Examples(X, y, labels=labels))["accuracy"] == pytest.approx(wanted)
    history = trained.fit((X, y), epochs=1, validation=Examples(X, y, labels=labels))
    after = ((trained.model.predict(X)[:, 0] > 0.5) == RANDOM).mean()
    assert history["validation_accuracy"] == [pytest.approx(after)]


def test_sequences_of_single_outputs_count_the_positions_of_the_mask() -> None:
    x, y = RNG.normal(size=(50, 4, 3)), RNG.integers(0, 2, (50, 4))
    mask = RNG.random((50, 4)) < 0.7
    trained = trainer(Dense(1, activation=Sigmoid()), shape=(4, 3))
    right = (trained.model.predict(x)[..., 0] > 0.5) == y
    for targets in (y, y[..., None], y[..., None] * 1.0):
        assert trained.evaluate((x, targets))["accuracy"] == pytest.approx(right.mean())
        assert trained.evaluate((x, targets), mask=mask)["accuracy"] == pytest.approx(right[mask].mean())
    outside = np.where(mask, y, 9)
    assert trained.evaluate((x, outside), mask=mask)["accuracy"] == pytest.approx(right[mask].mean())
    with pytest.raises(DataError, match="must be 0 or 1, got 9"):
        trained.evaluate((x, outside))


@pytest.mark.parametrize(
    "layers",
    [[Dense(1)], [Dense(1, activation=Tanh())], [Dense(1), ReLU()], [Dense(1, activation=Sigmoid()), Dense(1)]],
)
def test_what_is_no_probability_is_refused_before_the_first_step(layers: list[Layer]) -> None:
    steps = Steps()
    with pytest.raises(DataError, match=r"end the network with Sigmoid"):
        trainer(*(layer.copy() for layer in layers)).fit(
            (X, RANDOM), epochs=1, validation=(X, RANDOM), callbacks=[steps]
        )
    assert not steps.started
    with pytest.raises(DataError, match=r"end the network with Sigmoid"):
        trainer(*(layer.copy() for layer in layers)).evaluate((X, RANDOM))


@pytest.mark.parametrize("wrong", [2.0, -1.0, 0.5])
def test_targets_that_are_neither_0_nor_1_are_refused_before_the_first_step(wrong: float) -> None:
    steps = Steps()
    y = RANDOM[:, None] * 1.0
    y[399] = wrong
    with pytest.raises(DataError, match=rf"must be 0 or 1, got {wrong} in row 399"):
        trainer(Dense(1, activation=Sigmoid())).fit((X, y), epochs=1, validation=(X, y), callbacks=[steps])
    assert not steps.started


def test_a_metric_that_cannot_be_computed_is_told_before_the_first_step() -> None:
    steps = Steps()
    trained = trainer(Dense(2), metric=MeanSquaredError())
    with pytest.raises(LayerkitError, match="measure labels by Accuracy"):
        trained.fit((X, RANDOM), epochs=1, validation=(X, RANDOM), callbacks=[steps])
    assert not steps.started
    before = {path: array.copy() for path, array in trained.model.parameters.items()}
    trained.fit((X, RANDOM), epochs=1, validation=(X, np.eye(2)[RANDOM]))
    assert any((array != before[path]).any() for path, array in trained.model.parameters.items())


def test_two_outputs_are_compared_as_before() -> None:
    trained = trainer(Dense(2))
    wanted = (trained.model.predict(X).argmax(axis=1) == RANDOM).mean()
    assert trained.evaluate((X, RANDOM))["accuracy"] == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("layers", "wanted"),
    [
        ([Dense(2, activation=Sigmoid())], (0, 1)),
        ([Dense(2), Sigmoid()], (0, 1)),
        ([Dense(2), Sigmoid(), Flatten()], (0, 1)),
        ([Dense(2), Sigmoid(), Reshape((1, 2)), Identity()], (0, 1)),
        ([Sequential([Dense(2), Sequential([Tanh()])])], (-1, 1)),
        ([Dense(3), Sigmoid(), Residual(Dense(3, activation=Sigmoid()))], UNBOUNDED),
        ([Dense(3, activation=Identity())], UNBOUNDED),
        ([Dense(3, activation=Sigmoid()), Dense(3)], UNBOUNDED),
        ([Flatten()], UNBOUNDED),
    ],
)
def test_the_range_of_predictions_is_that_of_the_last_activation(
    layers: list[Layer], wanted: tuple[float, float]
) -> None:
    node = Sequential(layers).initialize(3, seed=0).structure.node
    assert prediction_range(node, None) == wanted
    assert prediction_range(node, Softmax()) == (0, 1)


def test_a_readout_counts() -> None:
    model = Sequential([Dense(2)]).initialize(3, seed=0)
    Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1))
    assert prediction_range(model.structure.node, model.readout) == (0, 1)
