from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import pytest

from layerkit import (
    F1,
    Accuracy,
    Adam,
    Batch,
    BinaryAccuracy,
    BinaryCrossEntropy,
    Context,
    CrossEntropy,
    Dense,
    GradientDescent,
    MeanSquaredError,
    Metric,
    Precision,
    Quadratic,
    Recall,
    RocAuc,
    Sequential,
    Trainer,
)
from layerkit.errors import ArgumentError, DataError
from layerkit.interfaces.cost import Cost
from layerkit.types import Array

RNG = np.random.default_rng(0)
SCORES = RNG.beta(0.8, 2.0, 300)
LABELS = (RNG.random(300) < SCORES**1.5).astype(int)


def trainer_of(outputs: int = 1, *, cost: Cost | None = None, metrics: tuple[Metric, ...] = (F1(),)) -> Trainer:
    """Its logits are the inputs."""
    model = Sequential([Dense(outputs)]).initialize(outputs, seed=0, dtype="float64")
    model.parameters["0.weight"][...] = np.eye(outputs)
    return Trainer(model, cost=cost or BinaryCrossEntropy(), optimizer=GradientDescent(0.1), metrics=metrics, seed=0)


def logits(probabilities: Array) -> Array:
    found: Array = np.log(probabilities / (1 - probabilities))
    return found if found.ndim > 1 else found[:, None]


def f1_at(threshold: float, scores: Array = SCORES, labels: Array = LABELS, weights: Array | None = None) -> float:
    yes = scores > threshold
    weights = np.ones(len(scores)) if weights is None else weights
    both = 2 * weights[yes & (labels == 1)].sum()
    return float(both / (weights[yes].sum() + weights[labels == 1].sum()))


@pytest.mark.parametrize("weighted", [False, True])
def test_the_best_f1_is_found(weighted: bool) -> None:
    weights = RNG.uniform(0, 3, 300) if weighted else None
    trainer = trainer_of()
    before = trainer.evaluate((logits(SCORES), LABELS), weights=weights)["f1"]
    found = trainer.tune_threshold((logits(SCORES), LABELS), weights=weights)
    assert isinstance(found, float)
    assert trainer.model.threshold == found
    after = trainer.evaluate((logits(SCORES), LABELS), weights=weights)["f1"]
    best = max(f1_at(score, weights=weights) for score in [0.0, *SCORES])
    assert after == pytest.approx(best)
    assert after > before + 0.01


def test_other_metrics_are_made_as_good_as_they_can_be() -> None:
    data = logits(SCORES), LABELS
    trainer = trainer_of(metrics=(BinaryAccuracy(), Recall(), Precision()))
    trainer.tune_threshold(data, metric=BinaryAccuracy())
    best = max(((threshold < SCORES) == LABELS).mean() for threshold in [0.0, *SCORES])
    assert trainer.evaluate(data)["binary_accuracy"] == pytest.approx(best)
    trainer.tune_threshold(data, metric=Recall())
    assert trainer.evaluate(data)["recall"] == 1


class Misses(Metric):
    """How often the answer is wrong."""

    name = "error_rate"

    def start(self) -> Array:
        return np.zeros(2)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        found, labels = self.classes(prediction, target, ctx)
        totals += [weights.dot(found != labels), weights.sum()]

    def result(self, totals: Array) -> float:
        return float(totals[0] / totals[1]) if totals[1] else math.nan


def test_a_metric_whose_name_says_so_is_made_as_low_as_it_can_be() -> None:
    one, other = trainer_of(), trainer_of()
    data = logits(SCORES), LABELS
    assert one.tune_threshold(data, metric=Misses()) == other.tune_threshold(data, metric=Accuracy())


def test_where_the_threshold_does_not_matter_it_stays_one_half() -> None:
    trainer = trainer_of()
    trainer.model.threshold = 0.9
    assert trainer.tune_threshold((logits(SCORES), LABELS), metric=RocAuc()) == 0.5
    assert trainer.tune_threshold((np.array([[-1.0], [1.0]]), np.array([0, 1]))) == 0.5


def test_two_outputs_are_two_classes() -> None:
    trainer = trainer_of(2, cost=CrossEntropy())
    pairs = np.hstack([np.zeros((300, 1)), logits(SCORES)])
    found = trainer.tune_threshold((pairs, LABELS))
    assert found == pytest.approx(trainer_of().tune_threshold((logits(SCORES), LABELS)))
    assert trainer.evaluate((pairs, LABELS))["f1"] == pytest.approx(f1_at(float(found)))  # type: ignore[arg-type]


def test_each_label_has_its_own() -> None:
    scores = np.stack([SCORES, SCORES**2, np.sqrt(SCORES)], axis=1)
    targets = np.stack([LABELS, RNG.permutation(LABELS), LABELS], axis=1)
    trainer = trainer_of(3)
    before = trainer.evaluate((logits(scores), targets))["f1"]
    found = trainer.tune_threshold((logits(scores), targets))
    assert trainer.model.threshold == found
    alone = [trainer_of().tune_threshold((logits(scores[:, j]), targets[:, j])) for j in range(3)]
    assert found == pytest.approx(alone)
    assert trainer.evaluate((logits(scores), targets))["f1"] > before
    macro = trainer.tune_threshold((logits(scores), targets), metric=F1(average="macro"))
    assert macro == found


def test_positions_that_a_mask_leaves_out_do_not_count() -> None:
    model = Sequential([Dense(1)]).initialize((3, 1), seed=0, dtype="float64")
    model.parameters["0.weight"][...] = 1
    trainer = Trainer(model, cost=BinaryCrossEntropy(), optimizer=Adam())
    x, y = logits(SCORES).reshape(100, 3, 1), LABELS.reshape(100, 3).copy()
    mask = RNG.random((100, 3)) < 0.6
    kept = mask.ravel()
    wanted = trainer_of().tune_threshold((logits(SCORES[kept]), LABELS[kept]))
    y[~mask] = 1
    assert trainer.tune_threshold((x, y), mask=mask) == pytest.approx(wanted)
    batches = [Batch(x[part], y[part], mask=mask[part]) for part in (slice(0, 40), slice(40, 100))]
    assert trainer.tune_threshold(lambda: iter(batches)) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("trainer", "data", "metric", "error", "told"),
    [
        (
            trainer_of(3, cost=CrossEntropy()),
            (np.ones((4, 3)), [0, 1, 2, 0]),
            None,
            ArgumentError,
            "has 3 outputs from",
        ),
        (trainer_of(cost=Quadratic()), (np.ones((4, 1)), np.ones((4, 1))), None, ArgumentError, "1 output from -inf"),
        (trainer_of(3), (np.ones((4, 3)), [0, 1, 2, 0]), None, DataError, "rows of 0 and 1"),
        (trainer_of(), (np.ones((4, 1)), [0.5, 1, 1, 0]), None, DataError, "must be 0 or 1, got 0.5"),
        (trainer_of(), (np.ones((4, 1)), [1, 1, 1, 1]), RocAuc(), DataError, "RocAuc has no value"),
        (trainer_of(3), (np.ones((4, 3)), np.ones((4, 3))), Accuracy(), DataError, "has 3"),
        (trainer_of(), (np.ones((4, 1)), [1, 1, 1, 1]), "f1", ArgumentError, "metric must be"),
    ],
)
def test_what_has_no_threshold_is_refused(trainer: Trainer, data: Any, metric: Any, error: Any, told: str) -> None:
    with pytest.raises(error, match=told):
        trainer.tune_threshold((data[0], np.array(data[1])), metric=metric)
    assert trainer.model.threshold == 0.5


def test_a_metric_of_numbers_leaves_it() -> None:
    assert trainer_of().tune_threshold((logits(SCORES), LABELS[:, None] * 1.0), metric=MeanSquaredError()) == 0.5


def test_many_rows_take_a_few_seconds_and_come_near_the_best() -> None:
    scores = RNG.beta(0.8, 2.0, 20_000)
    labels = (RNG.random(20_000) < scores**1.5).astype(int)
    trainer = trainer_of()
    began = time.perf_counter()
    found = trainer.tune_threshold((logits(scores), labels))
    assert time.perf_counter() - began < 20
    best = max(f1_at(threshold, scores, labels) for threshold in np.linspace(0, 1, 500))
    assert isinstance(found, float)
    assert f1_at(found, scores, labels) >= best - 1e-3
