from __future__ import annotations

import numpy as np
import pytest

from layerkit import Blobs

CENTRES = [[0, 0, 5], [10, -10, 5]]


def test_points_lie_around_their_centres() -> None:
    train = Blobs(centres=CENTRES, counts=[3000, 1000], spread=2).load("train")
    assert isinstance(train.x, np.ndarray)
    assert train.y is not None
    assert train.classes == ("0", "1")
    for label, centre in enumerate(CENTRES):
        own = train.x[train.y == label]
        assert len(own) == (3000, 1000)[label]
        np.testing.assert_allclose(own.mean(axis=0), centre, atol=0.2)
        np.testing.assert_allclose(own.std(axis=0), 2, rtol=0.1)
    # mixed, not class by class
    assert (np.diff(train.y) != 0).sum() > 1000


def test_the_parts_are_drawn_apart_and_may_have_other_counts() -> None:
    data = Blobs(centres=CENTRES, counts=[90, 10], test_counts=[25, 25])
    train, test = data.load("train"), data.load("test")
    assert train.y is not None
    assert test.y is not None
    assert (np.bincount(train.y).tolist(), np.bincount(test.y).tolist()) == ([90, 10], [25, 25])
    alike = Blobs(centres=CENTRES, counts=[90, 10]).load("test")
    assert len(alike) == 100
    assert not np.array_equal(alike.x, train.x)


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_seed_draws(split: str) -> None:
    first, again, other = (Blobs(seed=seed).load(split).x for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
