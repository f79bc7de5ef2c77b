"""Normalisations, factors and terms, maxout and highway layers beside PyTorch's, in both dtypes."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import (
    Bias,
    Dense,
    GroupNormalization,
    Highway,
    Layer,
    LayerNormalization,
    Maxout,
    RMSNormalization,
    Scale,
    Tanh,
)
from tests.reference.bench import Bench
from tests.reference.gradients import assert_all_gradients
from tests.reference.values import assert_close, reference

LAYERS: dict[str, Layer] = {
    "layer_normalization": LayerNormalization(),
    "rms_normalization": RMSNormalization(),
    "group_normalization": GroupNormalization(3),
    "scale": Scale(),
    "bias": Bias(),
    "maxout": Maxout(3, pieces=4),
    "highway": Highway(Dense(6, activation=Tanh())),
}
NAMES = {"inner_weight": "inner.weight", "inner_bias": "inner.bias"}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rank", ["2d", "3d", "4d"])
@pytest.mark.parametrize("name", LAYERS)
def test_it_is_pytorchs(name: str, rank: str, dtype: str) -> None:
    values = {key: array.astype(dtype) for key, array in reference("more_layers", f"{name}/{rank}/").items()}
    bench = Bench(LAYERS[name].copy(), values["x"].shape[1:], dtype=dtype)
    theirs = {own: other for other, own in NAMES.items()}
    for own in bench.gradients:
        bench.values[own][...] = values[theirs.get(own, own)]
    tolerance = 1e-11 if dtype == "float64" else 2e-5
    assert_close(bench.forward(values["x"]), values["y"], tolerance)
    assert_close(bench.backward(values["grad"]), values["input_gradient"], tolerance)
    assert len(bench.gradients) == sum(key.endswith("_gradient") for key in values) - 1
    for own, gradient in bench.gradients.items():
        assert_close(gradient, values[f"{theirs.get(own, own)}_gradient"], tolerance)


@pytest.mark.parametrize("shape", [(6,), (2, 6), (2, 2, 6)])
@pytest.mark.parametrize("name", LAYERS)
def test_gradients(name: str, shape: tuple[int, ...]) -> None:
    assert_all_gradients(LAYERS[name].copy(), shape)


def test_first_values_leave_the_input_as_it_is() -> None:
    x = np.random.default_rng(0).normal(size=(4, 6))
    for layer in (Scale(), Bias()):
        np.testing.assert_array_equal(Bench(layer, (6,)).forward(x), x)
