"""Data for the estimators."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest


class Data(NamedTuple):
    """Rows and their targets."""

    x: Any
    y: Any


@pytest.fixture
def iris() -> Data:
    from sklearn.datasets import load_iris

    return Data(*load_iris(return_X_y=True))


@pytest.fixture
def cancer() -> Data:
    """569 rows of two classes, so several batches an epoch, scaled."""
    from sklearn.datasets import load_breast_cancer

    x, y = load_breast_cancer(return_X_y=True)
    return Data((x - x.mean(axis=0)) / x.std(axis=0), y)


@pytest.fixture
def diabetes() -> Data:
    from sklearn.datasets import load_diabetes

    return Data(*load_diabetes(return_X_y=True))


@pytest.fixture
def labelled() -> Data:
    """Examples of which each has some of three labels."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 4))
    return Data(x, (x[:, :3] > 0).astype(int))
