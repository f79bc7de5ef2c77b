"""Means and deviations of batches are those of the whole, also where numbers are far from 0."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerkit.data.moments import Moments
from layerkit.types import Array

DOUBLE = np.dtype(np.float64)


def gathered(x: Array, weights: Array, *cuts: int) -> Moments:
    moments = Moments(x.shape[-1])
    for own, each in zip(np.split(x, cuts), np.split(weights, cuts), strict=True):
        moments.add(own, each)
    return moments


@settings(deadline=None, max_examples=50)
@given(
    cuts=st.lists(st.integers(0, 40), max_size=6).map(sorted),
    offset=st.sampled_from([0.0, 1.0, -1e6, 1e12]),
    seed=st.integers(0, 1000),
)
def test_the_same_as_over_all_at_once(cuts: list[int], offset: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, weights = rng.normal(size=(40, 3)) * [1, 50, 1e-2 if offset < 1e3 else 1] + offset, rng.integers(0, 3, 40) * 1.0
    weights[0] = 1.0
    found = gathered(x, weights, *cuts)
    # what is far from 0 has few digits left below the point; these are exact there
    centred = x.astype(np.longdouble) - np.longdouble(offset)
    mean = (weights[:, None] * centred).sum(axis=0) / weights.sum()
    deviation = np.sqrt((weights[:, None] * (centred - mean) ** 2).sum(axis=0) / weights.sum())
    np.testing.assert_allclose(found.mean, np.float64(mean + offset), rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(found.deviation(DOUBLE), np.float64(deviation), rtol=1e-9)


def test_axes_before_the_last_are_gone_through_and_a_mask_leaves_positions_out() -> None:
    rng = np.random.default_rng(0)
    x, mask = rng.normal(size=(6, 4, 2)), rng.random((6, 4)) > 0.4
    weights = rng.uniform(1, 2, 6)
    moments = Moments(2)
    moments.add(x, weights, mask[..., None])
    each = (weights[:, None] * mask)[mask]
    mean = (each[:, None] * x[mask]).sum(axis=0) / each.sum()
    np.testing.assert_allclose(moments.mean, mean)
    assert moments.weight == pytest.approx(each.sum())


def test_what_is_constant_as_far_as_the_dtype_can_tell_is_divided_by_1() -> None:
    x = np.array([[7.0, 1.0, 0.0, 1e-45], [7.0, 1.0 + 1e-9, 0.0, 0.0]])
    moments = gathered(x, np.ones(2))
    assert moments.deviation(np.dtype(np.float32)).tolist() == [1.0, 1.0, 1.0, 1.0]
    assert moments.deviation(DOUBLE).tolist() == pytest.approx([1.0, 5e-10, 1.0, 5e-46], rel=1e-6)


def test_nothing_that_counts_has_mean_0_and_deviation_1() -> None:
    moments = Moments(2)
    moments.add(np.ones((3, 2)), np.zeros(3))
    moments.add(np.ones((0, 2)), np.zeros(0))
    assert moments.weight == 0
    assert (moments.mean.tolist(), moments.deviation(DOUBLE).tolist()) == ([0.0, 0.0], [1.0, 1.0])


def test_integers_do_not_wrap_around() -> None:
    moments = gathered(np.array([[200], [250], [255]], np.uint8), np.ones(3))
    assert moments.mean[0] == pytest.approx(235)


@pytest.mark.parametrize("size", [5e-324 * 2**52, 1e-300, 1e-170, 1e-20, 1.0, 1e20, 1e170, 1e300])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_no_size_is_too_large_or_too_small(size: float, offset: float) -> None:
    x = np.random.default_rng(0).normal(size=(90, 3)) + offset
    plain, scaled = Moments(3), Moments(3)
    with np.errstate(all="raise", under="ignore"):
        for rows in (slice(0, 1), slice(1, 50), slice(50, 90)):
            plain.add(x[rows], np.ones(len(x[rows])))
            scaled.add(x[rows] * size, np.ones(len(x[rows])))
    np.testing.assert_allclose(scaled.mean, plain.mean * size, rtol=1e-10)
    np.testing.assert_allclose(scaled.spread, plain.spread * size, rtol=1e-9)


@pytest.mark.parametrize("order", [(1e-170, 1.0, 1e170), (1e170, 1.0, 1e-170), (0.0, 1e-170, 1e-150)])
def test_batches_of_very_different_sizes(order: tuple[float, ...]) -> None:
    x = np.concatenate([np.random.default_rng(0).normal(size=(9, 2)) * size for size in order])
    moments = Moments(2)
    for start in range(0, 27, 9):
        moments.add(x[start : start + 9], np.ones(9))
    largest = np.abs(x).max()
    np.testing.assert_allclose(moments.mean / largest, (x / largest).mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(moments.spread / largest, (x / largest).std(axis=0), rtol=1e-12)
