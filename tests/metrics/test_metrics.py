"""Metrics: weighted batches equal the whole, in any order, labels or rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerkit import Accuracy, Context, MeanSquaredError, Metric
from layerkit.errors import ShapeError
from layerkit.interfaces.context import PassState
from layerkit.interfaces.scratch import Scratch
from layerkit.random_streams import RandomStreams
from layerkit.types import Array


def new_context(mask: Array | None = None) -> Context:
    shared = PassState(lambda path: RandomStreams(0).fresh(path))
    shared.mask = mask
    return Context("metric", shared, Scratch(np.dtype("float64")), training=False)


def measure(
    metric: Metric, prediction: Array, target: Array, weights: Array | None = None, mask: Array | None = None
) -> float:
    totals = metric.start()
    metric.update(
        totals, prediction, target, np.ones(len(prediction)) if weights is None else weights, new_context(mask)
    )
    return metric.result(totals)


def test_accuracy() -> None:
    prediction = np.array([[0.1, 0.9], [0.8, 0.2], [0.5, 0.5], [0.3, 0.7]])
    labels = np.array([1, 1, 0, 1])
    assert measure(Accuracy(), prediction, labels) == 0.75
    assert measure(Accuracy(), prediction, np.eye(2)[labels]) == 0.75
    assert measure(Accuracy(), prediction, labels.astype(np.uint8), np.array([0.0, 3.0, 0.0, 1.0])) == 0.25


def test_accuracy_of_sequences_under_a_mask() -> None:
    prediction = np.eye(3)[np.array([[0, 1], [2, 2]])]
    labels = np.array([[0, 0], [2, 0]])
    assert measure(Accuracy(), prediction, labels) == 0.5
    assert measure(Accuracy(), prediction, labels, mask=np.array([[True, False], [True, True]])) == pytest.approx(2 / 3)


@pytest.mark.parametrize("metric", [Accuracy(), MeanSquaredError()], ids=repr)
def test_a_mask_is_for_values_with_an_axis_of_time(metric: Metric) -> None:
    prediction, target = np.eye(3), np.eye(3)[[0, 2, 1]]
    mask = np.zeros((3, 3), bool)
    assert measure(metric, prediction, target, mask=mask) == measure(metric, prediction, target)
    with pytest.raises(ShapeError, match=r"\(3, 2\).*\(3, 3\)"):
        measure(metric, np.zeros((3, 2, 4)), np.zeros((3, 2, 4)), mask=mask)


def test_mean_squared_error_of_sequences_under_a_mask() -> None:
    prediction, target = np.array([[[1.0, 3.0], [9.0, 9.0]], [[2.0, 0.0], [0.0, 0.0]]]), np.zeros((2, 2, 2))
    found = measure(MeanSquaredError(), prediction, target, mask=np.array([[True, False], [True, True]]))
    assert found == (10 / 2 + 4 / 4) / 2


def test_mean_squared_error() -> None:
    prediction, target = np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [0.0, 4.0]])
    assert measure(MeanSquaredError(), prediction, target) == (2.5 + 8) / 2
    assert measure(MeanSquaredError(), prediction, target, np.array([1.0, 0.0])) == 2.5
    big = np.full((2, 1), 1e30, np.float32)
    assert measure(MeanSquaredError(), big, -big) == pytest.approx(4e60, rel=1e-5)


@pytest.mark.parametrize("metric", [Accuracy(), MeanSquaredError()], ids=repr)
def test_nothing_seen_is_not_a_number(metric: Metric) -> None:
    assert math.isnan(metric.result(metric.start()))
    assert math.isnan(measure(metric, np.zeros((2, 2)), np.zeros((2, 2)), np.zeros(2)))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 5), min_size=1, max_size=5))
@pytest.mark.parametrize("metric", [Accuracy(), MeanSquaredError()], ids=repr)
def test_batches_in_any_order_equal_the_whole(metric: Metric, seed: int, sizes: list[int]) -> None:
    rng = np.random.default_rng(seed)
    total = sum(sizes)
    prediction, target, weights = rng.random((total, 3)), rng.random((total, 3)), rng.random(total) + 0.1
    whole = measure(metric, prediction, target, weights)
    merged = metric.start()
    cuts = np.cumsum([0, *sizes])
    for place in rng.permutation(len(sizes)):
        rows = slice(cuts[place], cuts[place + 1])
        totals = metric.start()
        metric.update(totals, prediction[rows], target[rows], weights[rows], new_context())
        metric.merge(merged, totals)
    assert metric.result(merged) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("metric", [Accuracy(), MeanSquaredError()], ids=repr)
def test_nothing_is_broadcast(metric: Metric) -> None:
    with pytest.raises(
        ShapeError, match=rf"{type(metric).__name__}.*\(4, 3\).*\(4, 2\)|{type(metric).__name__}.*\(4, 2\)"
    ):
        measure(metric, np.zeros((4, 3)), np.zeros((4, 2)))
