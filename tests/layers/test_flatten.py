from __future__ import annotations

import numpy as np
import pytest

from layerkit import Flatten, Sequential
from layerkit.errors import ShapeError
from layerkit.types import Shape
from tests.reference.gradients import assert_all_gradients


def test_gradients() -> None:
    assert_all_gradients(Flatten(), (2, 3))


@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool", "float32"])
@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 1, 3)])
def test_each_example_becomes_one_row_of_the_same_dtype(shape: tuple[int, ...], dtype: str) -> None:
    x = np.arange(3 * np.prod(shape, dtype=int)).reshape(3, *shape).astype(dtype)
    y = Sequential([Flatten()]).initialize(shape).predict(x)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, x.reshape(3, -1))


@pytest.mark.parametrize("rows", [4, 40])
@pytest.mark.parametrize("dtype", ["uint8", "int64", "float64"])
def test_arrays_that_lie_otherwise_in_memory(dtype: str, rows: int) -> None:
    x = np.arange(6 * rows).reshape(rows, 3, 2).astype(dtype)
    y = Sequential([Flatten()]).initialize((3, 2), dtype="float64").predict(np.asfortranarray(x))
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, x.reshape(rows, 6))


@pytest.mark.parametrize("shape", [(None, 3), (3, None)])
def test_an_axis_of_unknown_length_is_refused(shape: Shape) -> None:
    with pytest.raises(ShapeError, match=r"Flatten\).*every axis must have a known length, got inputs of \(batch, "):
        Sequential([Flatten()]).initialize(shape)
