"""Balanced accuracy, Matthews correlation and top-k accuracy by hand, and what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from layerkit import BalancedAccuracy, MatthewsCorrelation, Metric, TopKAccuracy
from layerkit.errors import ArgumentError, DataError
from layerkit.interfaces.decision import Decision
from tests.metrics.measuring import PROBABILITIES, measure, new_context

SCORES = np.array([[0.9], [0.8], [0.6], [0.2], [0.1]])
LABELS = np.array([1, 0, 1, 1, 0])
OUTPUTS = np.array([[3.0, 2, 1, 0], [1, 1, 1, 1], [0, 1, 2, 3]])


def test_two_classes_by_hand() -> None:
    assert measure(BalancedAccuracy(), SCORES, LABELS, span=PROBABILITIES) == pytest.approx((2 / 3 + 1 / 2) / 2)
    # true positives 2, true negatives 1, false positives 1, false negatives 1
    matthews = (2 * 1 - 1 * 1) / math.sqrt(3 * 3 * 2 * 2)
    assert measure(MatthewsCorrelation(), SCORES, LABELS, span=PROBABILITIES) == pytest.approx(matthews)


@pytest.mark.parametrize("scale", [1e-12, 0.1, 1e9])
def test_only_what_weights_are_to_each_other_counts(scale: float) -> None:
    weights = np.array([1.0, 2, 3, 4, 5])
    for metric in (BalancedAccuracy(), MatthewsCorrelation()):
        found = measure(metric, SCORES, LABELS, weights * scale, span=PROBABILITIES)
        assert found == pytest.approx(measure(metric, SCORES, LABELS, weights, span=PROBABILITIES))


@pytest.mark.parametrize("weights", [np.ones(5), np.array([0.1, 0.2, 0.3, 0.7, 1.3])])
def test_one_class_alone(weights: Any) -> None:
    ones, half = np.ones(5, int), np.array([[0.9], [0.9], [0.1], [0.1], [0.1]])
    right = weights[:2].sum() / weights.sum()
    assert measure(BalancedAccuracy(), half, ones, weights, span=PROBABILITIES) == pytest.approx(right)
    assert measure(MatthewsCorrelation(), half, ones, weights, span=PROBABILITIES) == 0
    assert measure(MatthewsCorrelation(), half * 0, LABELS, weights, span=PROBABILITIES) == 0


@pytest.mark.parametrize("metric", [BalancedAccuracy(), MatthewsCorrelation(), TopKAccuracy(2)], ids=repr)
def test_nothing_seen_is_not_a_number(metric: Metric) -> None:
    assert math.isnan(metric.result(metric.start()))
    assert math.isnan(measure(metric, OUTPUTS, np.array([0, 1, 2]), np.zeros(3)))


@pytest.mark.parametrize(("metric", "told"), [(BalancedAccuracy(), "Recall"), (MatthewsCorrelation(), "measure F1")])
def test_labels_of_which_an_example_may_have_several_are_refused(metric: Metric, told: str) -> None:
    with pytest.raises(DataError, match=told):
        measure(metric, np.eye(3), np.eye(3), decision=Decision(multi_label=True))


@pytest.mark.parametrize(("k", "wanted"), [(1, 1 / 3), (2, 2 / 3), (3, 2 / 3), (4, 1), (9, 1)])
def test_the_class_is_among_the_k_largest_the_first_among_equals(k: int, wanted: float) -> None:
    assert measure(TopKAccuracy(k), OUTPUTS, np.array([0, 1, 0])) == pytest.approx(wanted)
    assert measure(TopKAccuracy(k), OUTPUTS, np.eye(4)[[0, 1, 0]]) == pytest.approx(wanted)


def test_top_k_under_a_mask() -> None:
    rng = np.random.default_rng(0)
    outputs, labels, mask = rng.random((20, 4, 5)), rng.integers(0, 5, (20, 4)), rng.random((20, 4)) < 0.6
    labels[~mask] = 77
    wanted = measure(TopKAccuracy(2), outputs[mask], labels[mask])
    assert measure(TopKAccuracy(2), outputs, labels, mask=mask) == pytest.approx(wanted)


def test_top_k_refuses_a_single_output_and_a_k_that_is_none() -> None:
    with pytest.raises(DataError, match=r"single output.*measure Accuracy"):
        TopKAccuracy().check_target(LABELS, new_context(shape=(1,), span=PROBABILITIES))
    for k in (0, 1.5, True):
        with pytest.raises(ArgumentError, match="k must be"):
            TopKAccuracy(k)  # type: ignore[arg-type]
    assert TopKAccuracy().name == "top_5_accuracy"
