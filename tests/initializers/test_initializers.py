"""First values: their spread, their dtype, and where their numbers come from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Constant, Glorot, He, Initializer, Normal, Zeros
from layerkit.errors import ArgumentError
from layerkit.types import Array

ALL: list[Initializer] = [Constant(0.5), Glorot(), He(), Normal(0.3, mean=1.0), Zeros()]


def draw(
    initializer: Initializer, shape: tuple[int, ...] = (300, 200), *, seed: int = 0, dtype: Any = "float64"
) -> Array:
    return initializer.initialize(shape, np.random.default_rng(seed), np.dtype(dtype), 300, 200)


@pytest.mark.parametrize(
    ("initializer", "mean", "deviation"),
    [
        (Glorot(), 0.0, (2 / 500) ** 0.5),
        (He(), 0.0, (2 / 300) ** 0.5),
        (Normal(), 0.0, 1.0),
        (Normal(0.3, mean=1.0), 1.0, 0.3),
        (Constant(0.5), 0.5, 0.0),
        (Zeros(), 0.0, 0.0),
    ],
    ids=repr,
)
def test_mean_and_spread(initializer: Initializer, mean: float, deviation: float) -> None:
    values = draw(initializer)
    assert values.mean() == pytest.approx(mean, abs=5 * deviation / 60_000**0.5)
    assert values.std() == pytest.approx(deviation, rel=0.02)


def test_glorot_is_uniform() -> None:
    limit = (6 / 500) ** 0.5
    values = draw(Glorot())
    assert np.abs(values).max() <= limit
    counts, _ = np.histogram(values, bins=10, range=(-limit, limit))
    assert counts.min() > 5500


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (4, 2), (2, 3, 4)])
@pytest.mark.parametrize("initializer", ALL, ids=repr)
def test_shape_and_dtype(initializer: Initializer, shape: tuple[int, ...], dtype: str) -> None:
    values = np.asarray(draw(initializer, shape, dtype=dtype))
    assert values.shape == shape
    assert values.dtype == dtype
    assert np.isfinite(values).all()


@pytest.mark.parametrize("initializer", ALL, ids=repr)
def test_the_generator_decides(initializer: Initializer) -> None:
    np.testing.assert_array_equal(draw(initializer), draw(initializer))
    differ = not np.array_equal(draw(initializer), draw(initializer, seed=1))
    assert differ == (not isinstance(initializer, (Constant, Zeros)))
    np.testing.assert_allclose(draw(initializer, dtype="float32"), draw(initializer), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "name", "value"), [(Normal, "deviation", -1.0), (Normal, "mean", float("inf")), (Constant, "value", None)]
)
def test_arguments_out_of_range(kind: Any, name: str, value: Any) -> None:
    with pytest.raises(ArgumentError, match=f"{kind.__name__}: {name} must be a finite number"):
        kind(**{name: value})
