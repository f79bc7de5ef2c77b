"""What holds for every initializer: shape, dtype, and where the numbers come from."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import (
    Constant,
    Glorot,
    He,
    IdentityMatrix,
    Initializer,
    LeCun,
    Normal,
    Orthogonal,
    Sparse,
    TruncatedNormal,
    Uniform,
    VarianceScaling,
    Zeros,
)
from tests.initializers.drawing import draw

ALL: list[Initializer] = [
    Constant(0.5),
    Glorot(),
    He(),
    IdentityMatrix(),
    LeCun(),
    Normal(0.3, mean=1.0),
    Orthogonal(),
    Sparse(0.5),
    TruncatedNormal(0.1),
    Uniform(),
    VarianceScaling(distribution="truncated-normal"),
    Zeros(),
]


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
    assert differ == (not isinstance(initializer, (Constant, IdentityMatrix, Zeros)))
    np.testing.assert_allclose(draw(initializer, dtype="float32"), draw(initializer), rtol=1e-6, atol=1e-6)
