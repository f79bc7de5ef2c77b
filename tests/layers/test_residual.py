from __future__ import annotations

import numpy as np
import pytest

from layerkit import Dense, Dropout, Layer, Residual, Sequential, Sigmoid, Tanh
from layerkit.errors import ShapeError
from tests.reference.gradients import assert_all_gradients


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Residual(Dense(4, activation=Tanh())), (4,)),
        (Residual(Sequential([Dense(5, activation=Sigmoid()), Dense(3)])), (2, 3)),
    ],
    ids=repr,
)
def test_gradients(layer: Layer, shape: tuple[int, ...]) -> None:
    assert_all_gradients(layer, shape)


def test_around_nothing_it_doubles() -> None:
    model = Sequential([Residual(Dropout(0.5))]).initialize(2)
    np.testing.assert_array_equal(model.predict(np.array([[1.0, 2.0]])), [[2.0, 4.0]])


def test_a_layer_that_changes_the_shape_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"turns \(batch, 4\) into \(batch, 3\), which cannot be added to its input"):
        Sequential([Residual(Dense(3))]).initialize(4)
