from __future__ import annotations

import numpy as np
import pytest

from layerkit import Layer, Rescale, Sequential
from tests.reference.bench import Bench
from tests.reference.gradients import assert_all_gradients


@pytest.mark.parametrize(("layer", "shape"), [(Rescale(0.5, offset=-1.0), (4,)), (Rescale(), (2, 3))], ids=repr)
def test_gradients(layer: Layer, shape: tuple[int, ...]) -> None:
    assert_all_gradients(layer, shape)


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "float64"])
def test_it_gives_the_models_dtype(dtype: str) -> None:
    x = np.array([[0, 51, 255]]).astype(dtype)
    for wanted in ("float32", "float64"):
        y = Sequential([Rescale(offset=0.5)]).initialize(3, dtype=wanted).predict(x)
        assert y.dtype == wanted
        np.testing.assert_allclose(y, [[0.5, 0.7, 1.5]], rtol=1e-6)


def test_for_integers_there_is_no_gradient() -> None:
    bench = Bench(Rescale(), (3,), dtype="float32")
    bench.forward(np.array([[1, 2, 3]], np.uint8))
    assert bench.backward(np.ones((1, 3), np.float32)) is None
