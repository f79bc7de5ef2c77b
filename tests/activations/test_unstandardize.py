from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Sequential, Unstandardize
from layerkit.errors import ArgumentError, ShapeError
from tests.reference.gradients import assert_all_gradients


@pytest.mark.parametrize(
    ("activation", "shape"),
    [(Unstandardize(-1.5, 2.0), (4,)), (Unstandardize([1.0, 2.0, 3.0], [0.5, 1.0, 9.0]), (2, 3))],
)
def test_gradients(activation: Unstandardize, shape: tuple[int, ...]) -> None:
    assert_all_gradients(activation, shape)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_is_the_way_back(dtype: str) -> None:
    y = np.random.default_rng(0).normal(size=(20, 2)) * [3.0, 1e4] + [100.0, -2e5]
    back = Unstandardize(y.mean(axis=0).tolist(), y.std(axis=0).tolist())
    z = back.inverse(y)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(z.std(axis=0), 1)
    found = Sequential([back]).initialize(2, dtype=dtype).predict(z)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, y, rtol=1e-5 if dtype == "float32" else 1e-13)


@pytest.mark.parametrize("shape", [(2,), (3, 4), ()])
def test_another_width_than_it_has_numbers_is_refused(shape: Any) -> None:
    with pytest.raises(ShapeError, match=r"Unstandardize.*mean has 3 numbers"):
        Sequential([Unstandardize([1.0, 2.0, 3.0])]).initialize(shape)


@pytest.mark.parametrize("shape", [(), ((2,), (2,))])
def test_it_takes_one_input_with_a_last_axis(shape: Any) -> None:
    with pytest.raises(ShapeError, match="takes one input with a last axis"):
        Sequential([Unstandardize(1.0, 2.0)]).initialize(shape)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mean": []}, "mean must hold at least one number"),
        ({"mean": [1.0, np.nan]}, "mean must be a finite number"),
        ({"deviation": [1.0, 0.0]}, "deviation must be a finite number above 0, got 0.0"),
        ({"deviation": -2}, "deviation must be a finite number above 0"),
    ],
)
def test_numbers_that_are_none_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=f"Unstandardize: {message}"):
        Unstandardize(**arguments)
