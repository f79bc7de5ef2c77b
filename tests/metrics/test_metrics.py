"""What holds for every metric: weighted batches equal the whole, in any order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerkit import F1, Accuracy, MeanSquaredError, Metric, Precision, Recall
from layerkit.errors import ShapeError
from layerkit.interfaces.metric import lower_is_better
from tests.metrics.measuring import measure, new_context

ALL: list[Metric] = [
    Accuracy(),
    MeanSquaredError(),
    Precision(),
    Recall(average="weighted"),
    F1(),
    F1(average="micro"),
]


@pytest.mark.parametrize("metric", ALL, ids=repr)
def test_a_mask_is_for_values_with_an_axis_of_time(metric: Metric) -> None:
    prediction, target = np.eye(3), np.eye(3)[[0, 2, 1]]
    mask = np.zeros((3, 3), bool)
    assert measure(metric, prediction, target, mask=mask) == measure(metric, prediction, target)
    with pytest.raises(ShapeError, match=r"\(3, 2\).*\(3, 3\)"):
        measure(metric, np.zeros((3, 2, 4)), np.zeros((3, 2, 4)), mask=mask)


@pytest.mark.parametrize("metric", ALL, ids=repr)
def test_nothing_seen_is_not_a_number(metric: Metric) -> None:
    assert math.isnan(metric.result(metric.start()))
    assert math.isnan(measure(metric, np.zeros((2, 2)), np.zeros((2, 2)), np.zeros(2)))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 5), min_size=1, max_size=5))
@pytest.mark.parametrize("metric", ALL, ids=repr)
def test_batches_in_any_order_equal_the_whole(metric: Metric, seed: int, sizes: list[int]) -> None:
    rng = np.random.default_rng(seed)
    total = sum(sizes)
    target = np.eye(3)[rng.integers(0, 3, total)]
    prediction, weights = rng.random((total, 3)), rng.random(total) + 0.1
    whole = measure(metric, prediction, target, weights)
    merged = metric.start()
    cuts = np.cumsum([0, *sizes])
    for place in rng.permutation(len(sizes)):
        rows = slice(cuts[place], cuts[place + 1])
        totals = metric.updated(metric.start(), prediction[rows], target[rows], weights[rows], new_context())
        merged = metric.merged(merged, totals)
    assert metric.result(merged) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("metric", ALL, ids=repr)
def test_nothing_is_broadcast(metric: Metric) -> None:
    with pytest.raises(
        ShapeError, match=rf"{type(metric).__name__}.*\(4, 3\).*\(4, 2\)|{type(metric).__name__}.*\(4, 2\)"
    ):
        measure(metric, np.zeros((4, 3)), np.zeros((4, 2)))


@pytest.mark.parametrize(
    ("name", "lower"),
    [
        ("validation_cost", True),
        ("Mean Squared Error", True),
        ("Loss", True),
        ("seconds", True),
        ("accuracy", False),
        ("f1_macro", False),
        ("roc_auc", False),
        ("validation_exact_match", False),
    ],
)
def test_its_name_tells_which_way_a_measure_is_better(name: str, lower: bool) -> None:
    assert lower_is_better(name) == lower
