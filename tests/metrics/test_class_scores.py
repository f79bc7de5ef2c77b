"""Precision, recall and F1 by hand; what they refuse; masks, and totals that grow."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from layerkit import (
    F1,
    Accuracy,
    BinaryAccuracy,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    GradientDescent,
    Metric,
    Precision,
    Recall,
    RocAuc,
    Sequential,
    Trainer,
)
from layerkit.errors import ArgumentError, DataError, ShapeError
from layerkit.interfaces.decision import Decision
from tests.metrics.measuring import PROBABILITIES, measure, new_context

SCORES = np.array([[0.9], [0.8], [0.6], [0.2], [0.1]])
LABELS = np.array([1, 0, 1, 1, 0])
MANY = Decision(multi_label=True)


def test_two_classes_by_hand() -> None:
    found = [measure(metric, SCORES, LABELS, span=PROBABILITIES) for metric in (Precision(), Recall(), F1())]
    assert found == pytest.approx([2 / 3, 2 / 3, 2 / 3])
    strict = Decision(0.7)
    found = [measure(metric, SCORES, LABELS, span=PROBABILITIES, decision=strict) for metric in (Precision(), Recall())]
    assert found == pytest.approx([1 / 2, 1 / 3])


def test_labels_by_hand() -> None:
    prediction = np.array([[0.9, 0.1], [0.8, 0.7], [0.1, 0.2]])
    target = np.array([[1, 1], [0, 1], [1, 0]])
    assert measure(Precision(), prediction, target, decision=MANY) == pytest.approx((1 / 2 + 1) / 2)
    assert measure(Precision(average="micro"), prediction, target, decision=MANY) == pytest.approx(2 / 3)
    assert measure(Recall(average="weighted"), prediction, target, decision=MANY) == pytest.approx(2 / 4)
    assert measure(BinaryAccuracy(), prediction, target, decision=MANY) == pytest.approx(3 / 6)
    assert measure(BinaryAccuracy(), prediction, target, np.array([0.0, 0, 1]), decision=MANY) == 0.5


@pytest.mark.parametrize("metric", [Precision(), Recall(), F1(), F1(average="macro"), F1(average="weighted")])
def test_what_is_not_defined_is_0(metric: Metric) -> None:
    none = np.zeros(5, int)
    assert measure(metric, np.full((5, 3), 0.1), np.zeros((5, 3)), decision=MANY) == 0
    if metric.name in {"precision", "recall", "f1"}:
        assert measure(metric, np.full((5, 1), 0.1), none, span=PROBABILITIES) == 0


@pytest.mark.parametrize("labels", [np.zeros(5, int), np.ones(5, int)])
def test_one_class_alone_has_no_area(labels: Any) -> None:
    assert math.isnan(measure(RocAuc(), SCORES, labels))


def test_a_class_that_is_not_there_has_no_area_and_the_others_do() -> None:
    scores = np.array([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.5, 0.4, 0.1]])
    assert measure(RocAuc(), scores, np.array([0, 1, 1])) == 1
    assert measure(RocAuc(multi_class="ovo"), scores, np.array([0, 1, 1])) == 1
    assert math.isnan(measure(RocAuc(), scores, np.array([1, 1, 1])))
    assert math.isnan(measure(RocAuc(multi_class="ovo"), scores, np.array([1, 1, 1])))


def test_names_tell_what_was_chosen() -> None:
    assert RocAuc().name == "roc_auc"
    assert RocAuc(average="weighted", multi_class="ovo").name == "roc_auc_ovo_weighted"
    with pytest.raises(ArgumentError, match="two classes at a time: take average='macro'"):
        RocAuc(average="micro", multi_class="ovo")


def test_scores_need_be_no_probabilities_and_equal_ones_count_half() -> None:
    assert measure(RocAuc(), np.array([[-3.0], [5.0], [5.0], [9.0]]), np.array([0, 1, 0, 1])) == pytest.approx(3.5 / 4)
    assert measure(RocAuc(), np.array([[-np.inf], [np.inf], [np.inf]]), np.array([0, 1, 0])) == pytest.approx(3 / 4)
    assert math.isnan(measure(RocAuc(), np.array([[np.nan], [1.0]]), np.array([0, 1])))
    weights = np.array([1.0, 1, 3, 1])
    found = measure(RocAuc(), np.array([[-3.0], [5.0], [5.0], [9.0]]), np.array([0, 1, 0, 1]), weights)
    assert found == pytest.approx((1 + 1.5 + 4) / 8)


@pytest.mark.parametrize("metric", [Precision(), Recall(), F1(), BinaryAccuracy(), RocAuc()])
def test_positions_that_a_mask_leaves_out_do_not_count(metric: Metric) -> None:
    rng = np.random.default_rng(0)
    prediction, target = rng.random((20, 4, 1)), rng.integers(0, 2, (20, 4))
    mask, weights = rng.random((20, 4)) < 0.6, rng.random(20)
    flat = mask.ravel()
    each = np.repeat(weights, 4)[flat]
    wanted = measure(metric, prediction.reshape(-1, 1)[flat], target.ravel()[flat], each, span=PROBABILITIES)
    target[~mask] = 7
    for form in (target, target[..., None]):
        assert measure(metric, prediction, form, weights, mask, span=PROBABILITIES) == pytest.approx(wanted)


def test_totals_of_many_batches_are_those_of_one() -> None:
    rng = np.random.default_rng(0)
    scores, labels, weights = rng.random((5000, 1)), rng.integers(0, 2, 5000), rng.random(5000)
    for metric in (RocAuc(), F1()):
        context = new_context(shape=(1,), span=PROBABILITIES)
        totals = metric.start()
        sizes = []
        for start in range(0, 5000, 7):
            part = slice(start, start + 7)
            totals = metric.updated(totals, scores[part], labels[part], weights[part], context)
            sizes.append(len(totals))
        wanted = measure(metric, scores, labels, weights, span=PROBABILITIES)
        assert metric.result(totals) == pytest.approx(wanted, rel=1e-12)
        # new memory is taken a few times only
        assert len(set(sizes)) < 8


def test_a_part_in_which_nothing_was_seen_is_merged() -> None:
    for metric in (F1(), RocAuc()):
        context = new_context(shape=(1,), span=PROBABILITIES)
        seen = metric.updated(metric.start(), SCORES, LABELS, np.ones(5), context)
        wanted = metric.result(seen)
        assert metric.result(metric.merged(metric.start(), seen)) == wanted
        assert metric.result(metric.merged(seen, metric.start())) == wanted


def test_names_say_which_average_it_is() -> None:
    assert [F1().name, F1(average="binary").name, F1(average="macro").name] == ["f1", "f1", "f1_macro"]
    assert Recall(average="weighted").name == "recall_weighted"
    with pytest.raises(ArgumentError, match="average must be one of 'auto', 'binary'"):
        Precision(average="samples")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("metric", "prediction", "target", "decision", "error", "told"),
    [
        (F1(average="binary"), np.eye(3), np.array([0, 1, 2]), None, DataError, "has 3 classes: take 'macro'"),
        (F1(average="binary"), np.eye(3), np.eye(3), MANY, DataError, "has 3 labels: take 'macro'"),
        (F1(), SCORES, LABELS + 1, None, DataError, "must be 0 or 1, got 2"),
        (F1(), np.eye(3), np.ones((3, 3)), None, DataError, "BinaryCrossEntropy"),
        (F1(), np.eye(3), np.full((3, 3), 0.5), MANY, DataError, "labels that hold or not must be 0 or 1, got 0.5"),
        (F1(), np.eye(3), np.array([[0, 1]] * 3), None, ShapeError, "neither as labels nor as rows"),
        (BinaryAccuracy(), np.eye(3), np.array([0, 1, 2]), None, DataError, "3 classes.*measure Accuracy"),
        (RocAuc(multi_class="ovo"), np.eye(2), np.eye(2), MANY, DataError, "several labels: take multi_class='ovr'"),
        (RocAuc(), np.eye(2), np.full((2, 2), 0.5), MANY, DataError, "labels that hold or not must be 0 or 1, got 0.5"),
        (RocAuc(), SCORES, LABELS[:, None] * 0.5, None, DataError, "must be 0 or 1, got 0.5"),
        (RocAuc(), SCORES, np.array([[0, 1]] * 5), None, ShapeError, "neither as labels nor as rows"),
        (Accuracy(), np.eye(3), np.ones((3, 3)), MANY, DataError, "has 3: measure BinaryAccuracy"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    metric: Metric, prediction: Any, target: Any, decision: Any, error: Any, told: str
) -> None:
    context = new_context(shape=prediction.shape[1:], span=PROBABILITIES, decision=decision)
    with pytest.raises(error, match=told):
        metric.update(metric.start(), prediction, target, np.ones(len(prediction)), context)


def test_a_single_output_that_is_no_probability_is_refused() -> None:
    for metric in (F1(), BinaryAccuracy()):
        with pytest.raises(DataError, match="train it with BinaryCrossEntropy"):
            measure(metric, SCORES, LABELS)


def test_a_trainer_says_so_before_the_first_step() -> None:
    x, rows = np.ones((6, 2)), np.array([[1, 1, 0], [0, 0, 1]] * 3)
    several = Trainer(
        Sequential([Dense(3)]), cost=BinaryCrossEntropy(), optimizer=GradientDescent(0.1), metrics=[Accuracy()]
    )
    with pytest.raises(DataError, match="row 0 of the targets has 2: measure BinaryAccuracy"):
        several.fit((x, rows), validation=(x, rows), epochs=1)
    many = Trainer(
        Sequential([Dense(3)]), cost=CrossEntropy(), optimizer=GradientDescent(0.1), metrics=[F1(average="binary")]
    )
    with pytest.raises(DataError, match="take 'macro'"):
        many.fit((x, [0, 1, 2] * 2), validation=(x, np.array([0, 1, 2] * 2)), epochs=1)


def test_several_classes_are_measured_by_a_trainer() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3000, 3))
    y = x.argmax(axis=1)
    model = Sequential([Dense(3)]).initialize(3, seed=0)
    model.parameters["0.weight"][...] = np.eye(3)
    metrics = [Precision(), Recall(average="weighted"), F1(average="micro"), RocAuc()]
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), metrics=metrics[:3])
    found = trainer.evaluate((x, y))
    assert {name: found[name] for name in ("precision", "recall_weighted", "f1_micro")} == {
        "precision": 1.0,
        "recall_weighted": 1.0,
        "f1_micro": 1.0,
    }
