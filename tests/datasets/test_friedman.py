from __future__ import annotations

import numpy as np
import pytest

from layerkit import Friedman
from layerkit.datasets.friedman import impedance
from layerkit.errors import DatasetError
from tests.reference.values import reference


def test_the_function_is_that_of_scikit_learn() -> None:
    values = reference("scikit_learn", "friedman/")
    np.testing.assert_allclose(impedance(values["x"])[:, 0], values["y"], rtol=1e-13)


def test_features_and_targets_are_as_documented() -> None:
    train = Friedman().load("train")
    assert isinstance(train.x, np.ndarray)
    assert train.y is not None
    assert (train.x.shape, train.y.shape) == ((16_000, 4), (16_000, 1))
    np.testing.assert_allclose(train.x.min(axis=0), [0, 40 * np.pi, 0, 1], atol=2)
    np.testing.assert_allclose(train.x.max(axis=0), [100, 560 * np.pi, 1, 11], rtol=1e-2)
    assert train.y.std() == pytest.approx(378, rel=0.02)
    np.testing.assert_array_equal(train.y, impedance(train.x))


def test_noise_has_the_deviation_that_is_asked_for() -> None:
    test = Friedman(noise=50).load("test")
    assert isinstance(test.x, np.ndarray)
    assert (test.y - impedance(test.x)).std() == pytest.approx(50, rel=0.05)


def test_the_seed_draws_and_splits() -> None:
    first, again, other = (Friedman(rows=30, seed=seed).load("test").x for seed in (1, 1, 2))
    assert isinstance(first, np.ndarray)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(DatasetError, match="Friedman: 2 rows are too few to keep"):
        Friedman(rows=2, test_fraction=0.1).load("train")
