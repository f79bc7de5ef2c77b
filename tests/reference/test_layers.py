"""Layers and activations give PyTorch's values, forward and backward, in float32."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import Activation, BatchNormalization, Dense, Dropout, ReLU, Sigmoid, Softmax, Tanh
from layerkit.types import Array
from tests.reference.bench import Bench
from tests.reference.values import assert_close, reference

SHAPES = ["2d", "3d"]


@pytest.mark.parametrize("shape", SHAPES)
def test_dense(shape: str) -> None:
    expected = reference("layers", f"dense/{shape}/")
    x = expected["x"]
    bench = Bench(Dense(3), x.shape[1:], dtype="float32")
    for name in ("weight", "bias"):
        bench.values[name][...] = expected[name]
    assert_close(bench.forward(x), expected["y"])
    assert_close(bench.backward(expected["grad"]), expected["input_gradient"])
    for name, gradient in bench.gradients.items():
        assert_close(gradient, expected[f"{name}_gradient"])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("activation", [Sigmoid(), Tanh(), ReLU(), Softmax()], ids=repr)
def test_activations(activation: Activation, shape: str) -> None:
    expected = reference("layers", f"{type(activation).__name__.lower()}/{shape}/")
    bench = Bench(activation.copy(), expected["x"].shape[1:], dtype="float32")
    assert_close(bench.forward(expected["x"]), expected["y"])
    assert_close(bench.backward(expected["grad"]), expected["input_gradient"])


@pytest.mark.parametrize("shape", SHAPES)
def test_batch_normalization(shape: str) -> None:
    expected = reference("layers", f"batch_normalization/{shape}/")
    layer = BatchNormalization(momentum=0.9, epsilon=1e-5)
    training = Bench(layer, expected["0/x"].shape[1:], dtype="float32")
    training.values["scale"][...], training.values["shift"][...] = expected["scale"], expected["shift"]
    for step in range(3):
        assert_close(training.forward(expected[f"{step}/x"]), expected[f"{step}/y"])
        assert_close(training.backward(expected[f"{step}/grad"]), expected[f"{step}/input_gradient"])
        for name, gradient in training.gradients.items():
            assert_close(gradient, expected[f"{step}/{name}_gradient"])
        training.commit()
        assert_close(training.values["mean"], expected[f"{step}/mean"])
        assert_close(training.values["variance"], expected[f"{step}/variance"])

    inference = Bench(layer.copy(), expected["0/x"].shape[1:], dtype="float32", training=False)
    assert_close(inference.forward(expected["inference/x"]), expected["inference/y"])
    assert_close(inference.backward(expected["inference/grad"]), expected["inference/input_gradient"])
    for name, gradient in inference.gradients.items():
        assert_close(gradient, expected[f"inference/{name}_gradient"])


class Drawn(np.random.Generator):
    """Draws given numbers."""

    def __init__(self, drawn: Array) -> None:
        super().__init__(np.random.PCG64(0))
        self.drawn = drawn

    def random(self, size=None, dtype=np.float64, out=None):  # type: ignore[no-untyped-def]
        values = self.drawn.astype(dtype)
        if out is None:
            return values
        out[...] = values
        return out


@pytest.mark.parametrize("shape", SHAPES)
def test_dropout_with_the_same_mask(shape: str) -> None:
    expected = reference("layers", f"dropout/{shape}/")
    bench = Bench(Dropout(0.3), expected["x"].shape[1:], dtype="float32")
    bench.context.rng = Drawn(np.where(expected["y"] != 0, 0.99, 0.01))
    assert 0 < np.count_nonzero(expected["y"]) < expected["y"].size
    assert_close(bench.forward(expected["x"]), expected["y"])
    assert_close(bench.backward(expected["grad"]), expected["input_gradient"])
