"""What the best prediction that is the same for every row would cost, where it is known."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import (
    AbsoluteError,
    Batch,
    BinaryCrossEntropy,
    BinaryFocal,
    Cost,
    CrossEntropy,
    Dense,
    Hinge,
    Huber,
    Poisson,
    Quadratic,
    Sequential,
)
from layerkit.diagnosis.look import Observer
from layerkit.types import Array

RNG = np.random.default_rng(0)
SKEWED = np.exp(RNG.normal(size=(200, 1)))
YES = (RNG.random((200, 1)) < 0.3) * 1.0


def baseline(cost: Cost, y: Array) -> float | None:
    model = Sequential([Dense(y.shape[1])]).initialize(2, seed=0, dtype="float64")
    look = Observer(model, cost, Batch(RNG.normal(size=(200, 2)), y)).look()
    assert look is not None
    return look.baseline


def test_it_is_known_where_the_mean_is_the_best() -> None:
    assert baseline(Quadratic(), SKEWED) == pytest.approx(SKEWED.var() / 2)
    p = YES.mean()
    entropy = -p * np.log(p) - (1 - p) * np.log(1 - p)
    assert baseline(BinaryCrossEntropy(), YES) == pytest.approx(entropy)
    assert baseline(CrossEntropy(), np.hstack([YES, 1 - YES])) == pytest.approx(entropy)


@pytest.mark.parametrize(
    ("cost", "y"),
    [(AbsoluteError(), SKEWED), (Huber(0.1), SKEWED), (Hinge(), YES), (BinaryFocal(), YES), (Poisson(), SKEWED)],
    ids=repr,
)
def test_it_is_not_told_where_something_else_is(cost: Cost, y: Array) -> None:
    assert baseline(cost, y) is None
