"""Log-loss, Brier score and calibration error by hand; what they refuse; one class, no rows, weights of 0."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from layerkit import (
    BrierScore,
    CalibrationError,
    CrossEntropy,
    Dense,
    GradientDescent,
    LogLoss,
    Metric,
    Quadratic,
    Sequential,
    Trainer,
)
from layerkit.errors import ArgumentError, DataError, ShapeError
from layerkit.interfaces.decision import Decision
from layerkit.interfaces.metric import lower_is_better
from tests.metrics.measuring import PROBABILITIES, measure

ALL: list[Metric] = [LogLoss(), BrierScore(), CalibrationError()]
MANY = Decision(multi_label=True)
CHANCES = np.array([[0.9], [0.6], [0.2], [0.2]])
LABELS = np.array([1, 0, 0, 1])


def test_two_classes_by_hand() -> None:
    found = [measure(metric, CHANCES, LABELS, span=PROBABILITIES) for metric in ALL]
    loss = -np.log([0.9, 0.4, 0.8, 0.2]).mean()
    assert found == pytest.approx([loss, (0.1**2 + 0.6**2 + 0.2**2 + 0.8**2) / 4, (0.1 + 0.6 + 2 * 0.3) / 4])


def test_several_classes_by_hand() -> None:
    chances, labels = np.array([[0.7, 0.2, 0.1], [0.3, 0.35, 0.35]]), np.array([0, 2])
    found = [measure(metric, chances, labels, span=PROBABILITIES) for metric in ALL]
    brier = (0.09 + 0.04 + 0.01 + 0.09 + 0.35**2 + 0.65**2) / 2
    # of equal chances the first class is the predicted one
    assert found == pytest.approx([-np.log([0.7, 0.35]).mean(), brier, (0.3 + 0.35) / 2])


def test_labels_by_hand() -> None:
    chances, labels = np.array([[0.9, 0.4], [0.3, 0.8]]), np.array([[1, 1], [0, 0]])
    found = [measure(metric, chances, labels, span=PROBABILITIES, decision=MANY) for metric in ALL]
    each = np.array([0.9, 0.4, 0.7, 0.2])
    assert found == pytest.approx([-np.log(each).mean(), np.square(1 - each).mean(), (0.1 + 0.6 + 0.3 + 0.8) / 4])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_wrong_certainty_is_not_infinite(dtype: str) -> None:
    found = measure(LogLoss(), np.ones((2, 1), dtype), np.array([0, 1]), span=PROBABILITIES)
    assert found == pytest.approx(-np.log(float(np.finfo(dtype).eps)) / 2, rel=1e-6)


@pytest.mark.parametrize("metric", ALL, ids=repr)
@pytest.mark.parametrize("label", [0, 1])
def test_one_class_alone_is_measured_as_any(metric: Metric, label: int) -> None:
    right = np.full((5, 1), float(label))
    assert measure(metric, right, np.full(5, label), span=PROBABILITIES) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("metric", ALL, ids=repr)
def test_nothing_seen_is_not_a_number(metric: Metric) -> None:
    assert math.isnan(metric.result(metric.start()))
    assert math.isnan(measure(metric, CHANCES, LABELS, np.zeros(4), span=PROBABILITIES))


@pytest.mark.parametrize("metric", ALL, ids=repr)
def test_what_a_mask_leaves_out_does_not_count(metric: Metric) -> None:
    rng = np.random.default_rng(0)
    chances, labels = rng.dirichlet(np.ones(3), (20, 4)), rng.integers(0, 3, (20, 4))
    mask, weights = rng.random((20, 4)) < 0.6, rng.random(20)
    each = np.repeat(weights, 4)[mask.ravel()]
    wanted = measure(metric, chances[mask], labels[mask], each, span=PROBABILITIES)
    assert measure(metric, chances, labels, weights, mask, span=PROBABILITIES) == pytest.approx(wanted)


@pytest.mark.parametrize("metric", ALL, ids=repr)
def test_what_cannot_be_measured_is_refused(metric: Metric) -> None:
    def refused(error: type[Exception], told: str, *given: Any, **more: Any) -> None:
        with pytest.raises(error, match=told):
            measure(metric, *given, **more)

    refused(DataError, "nothing keeps these between 0 and 1", CHANCES, LABELS)
    refused(DataError, "must be 0 or 1, got 2", CHANCES, LABELS * 2, span=PROBABILITIES)
    refused(DataError, "has 3: for several labels", np.eye(3), np.ones((3, 3)), span=PROBABILITIES)
    refused(ShapeError, "neither as labels nor as rows", np.eye(3), np.array([[0, 1]] * 3), span=PROBABILITIES)


def test_a_trainer_says_so_before_the_first_step() -> None:
    trainer = Trainer(
        Sequential([Dense(3)]), cost=Quadratic(), optimizer=GradientDescent(0.1), metrics=[LogLoss()], seed=0
    )
    data = np.ones((6, 2)), np.array([0, 1, 2] * 2)
    with pytest.raises(DataError, match="LogLoss: the outputs must be probabilities"):
        trainer.fit(data, validation=data, epochs=1)


def test_a_model_is_measured() -> None:
    model = Sequential([Dense(3)]).initialize(3, seed=0)
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), metrics=ALL)
    x, y = np.random.default_rng(0).normal(size=(2000, 3)), np.arange(2000) % 3
    found = trainer.evaluate((x, y))
    assert found["log_loss"] == pytest.approx(found["cost"], rel=1e-5)
    assert 0 < found["calibration_error"] < 1
    assert 0 < found["brier_score"] < 2


def test_names() -> None:
    assert CalibrationError(bins=15).name == "calibration_error_15"
    assert all(lower_is_better(metric.name) for metric in ALL)
    with pytest.raises(ArgumentError, match="bins"):
        CalibrationError(bins=0)
