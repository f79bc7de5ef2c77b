"""All gradients of a layer, compared with central differences."""

from __future__ import annotations

import numpy as np

from layerkit import Layer
from tests.reference.bench import Bench
from tests.reference.differences import assert_gradient, differences


def assert_gradients(layer: Layer, shape: tuple[int, ...], *, training: bool, rows: int = 3, seed: int = 0) -> None:
    """The input's and every parameter's, in float64, the upstream gradient being uneven."""
    bench = Bench(layer, shape, training=training)
    rng = np.random.default_rng(seed)
    for array in bench.model.parameters.values():
        array[...] = rng.normal(size=array.shape)
    for array in bench.model.states.values():
        array[...] = rng.uniform(0.5, 1.5, array.shape)
    x = rng.normal(size=(rows, *shape))
    upstream = rng.normal(size=(rows, *bench.model.output_shape))

    def value() -> float:
        bench.renew()  # so that dropout draws the same numbers again
        return float((bench.forward(x) * upstream).sum())

    bench.renew()
    rounding = 1e-11 * float(np.abs(bench.forward(x) * upstream).sum())
    input_gradient = bench.backward(upstream)
    gradients = bench.gradients
    assert_gradient(input_gradient, differences(value, x), "input", rounding=rounding)
    for path, array in bench.model.parameters.items():
        assert_gradient(gradients[path.removeprefix("0.")], differences(value, array), path, rounding=rounding)


def assert_all_gradients(layer: Layer, shape: tuple[int, ...]) -> None:
    """In training and at inference."""
    for training in (True, False):
        assert_gradients(layer.copy(), shape, training=training)
