from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Reshape, Sequential
from layerkit.errors import ArgumentError, ShapeError
from layerkit.types import Shape
from tests.reference.gradients import assert_all_gradients


def test_gradients() -> None:
    assert_all_gradients(Reshape((3, 2)), (2, 3))


@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool", "float32"])
@pytest.mark.parametrize("shape", [[4, 3], (12,), (2, 3, 2)])
def test_values_keep_their_order_and_dtype(shape: Any, dtype: str) -> None:
    x = np.arange(24).reshape(2, 3, 4).astype(dtype)
    model = Sequential([Reshape(shape)]).initialize((3, 4))
    assert model.output_shape == tuple(shape)
    y = model.predict(x)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, x.reshape(2, *shape))


@pytest.mark.parametrize("shape", [(3,), (None, 2)])
def test_another_number_of_values_is_refused(shape: Shape) -> None:
    with pytest.raises(
        ShapeError, match=r"Reshape\).*cannot become \(batch, 2, 2\): the number of values must be known"
    ):
        Sequential([Reshape((2, 2))]).initialize(shape)


@pytest.mark.parametrize("shape", [(0, 2), (2.0,), "12", (True,)])
def test_what_is_no_shape_is_refused(shape: Any) -> None:
    with pytest.raises(ArgumentError, match="Reshape: shape must hold positive integers"):
        Reshape(shape)
