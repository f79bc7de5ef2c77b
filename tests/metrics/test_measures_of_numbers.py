"""R², mean absolute and root mean square error by hand; targets that are all the same; masks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from layerkit import R2, MeanAbsoluteError, MeanSquaredError, Metric, RootMeanSquaredError
from layerkit.errors import ShapeError
from tests.metrics.measuring import measure, new_context

ERRORS: list[Metric] = [MeanAbsoluteError(), RootMeanSquaredError(), MeanSquaredError()]
FOUND, WANTED = np.array([[1.0, 0], [2, 0], [3, 0]]), np.array([[1.0, 3], [2, -3], [4, 3]])


def test_by_hand() -> None:
    assert measure(MeanAbsoluteError(), FOUND, WANTED) == pytest.approx((1 + 9) / 6)
    # the mean of each output's root
    assert measure(RootMeanSquaredError(), FOUND, WANTED) == pytest.approx((math.sqrt(1 / 3) + 3) / 2)
    mean = np.mean([1, 2, 4])
    first = 1 - 1 / sum((y - mean) ** 2 for y in (1, 2, 4))
    assert measure(R2(), FOUND, WANTED) == pytest.approx((first + 1 - 27 / 24) / 2)


@pytest.mark.parametrize("constant", [0.1, -3.0, 1e6 + 0.1])
def test_targets_that_are_all_the_same_have_1_or_0(constant: float) -> None:
    rng = np.random.default_rng(0)
    target, weights = np.full((50, 1), constant), rng.random(50)
    assert measure(R2(), target, target, weights) == 1
    assert measure(R2(), target + 1e-3, target, weights) == 0
    # of one example, too
    assert measure(R2(), target[:1], target[:1]) == 1
    assert measure(R2(), target[:1] + 1, target[:1]) == 0


def test_no_digit_is_lost_to_targets_far_from_0() -> None:
    rng = np.random.default_rng(0)
    target = rng.normal(size=(500, 1))
    found = target + 0.5 * rng.normal(size=(500, 1))
    near, metric, context = measure(R2(), found, target), R2(), new_context()
    totals = metric.start()
    for start in range(0, 500, 7):
        rows = slice(start, start + 7)
        each = found[rows] + 1e7, target[rows] + 1e7, np.ones(len(found[rows]))
        totals = metric.updated(totals, *each, context)
    assert metric.result(totals) == pytest.approx(near, rel=1e-7)


@pytest.mark.parametrize("metric", [*ERRORS, R2()], ids=repr)
def test_nothing_seen_is_not_a_number(metric: Metric) -> None:
    assert math.isnan(metric.result(metric.start()))
    assert math.isnan(measure(metric, FOUND, WANTED, np.zeros(3)))


@pytest.mark.parametrize("metric", [*ERRORS, R2()], ids=repr)
def test_two_shapes_are_refused(metric: Metric) -> None:
    with pytest.raises(ShapeError, match=rf"{type(metric).__name__}: targets \(3,\) and predictions \(3, 1\)"):
        measure(metric, FOUND[:, :1], WANTED[:, 0])


@pytest.mark.parametrize("metric", ERRORS, ids=repr)
def test_under_a_mask_an_example_is_the_mean_of_what_counts(metric: Metric) -> None:
    found, wanted = np.zeros((2, 3, 1)), np.array([[[1.0], [3.0], [100.0]], [[2.0], [100.0], [100.0]]])
    mask = np.array([[True, True, False], [True, False, False]])
    errors = {"mean_absolute_error": (2 + 2) / 2, "mean_squared_error": (5 + 4) / 2}
    want = errors.get(metric.name, math.sqrt((5 + 4) / 2))
    assert measure(metric, found, wanted, mask=mask) == pytest.approx(want)
    wanted[~mask] = np.nan
    assert measure(metric, found, wanted, mask=mask) == pytest.approx(want)


def test_r2_under_a_mask_takes_each_position_that_counts() -> None:
    rng = np.random.default_rng(0)
    found, wanted, mask = rng.normal(size=(9, 4, 2)), rng.normal(size=(9, 4, 2)), rng.random((9, 4)) < 0.5
    weights = rng.random(9)
    each = np.repeat(weights, 4)[mask.ravel()]
    assert measure(R2(), found, wanted, weights, mask) == pytest.approx(measure(R2(), found[mask], wanted[mask], each))
