"""Layers beside PyTorch's, forward and backward, in float32."""

from __future__ import annotations

from layerkit import Layer
from tests.reference.bench import Bench
from tests.reference.values import assert_close, reference


def assert_as_in_pytorch(layer: Layer, case: str) -> None:
    """The output, the input's gradient and every parameter's are those of ``case`` in the file of layers."""
    expected = reference("layers", f"{case}/")
    bench = Bench(layer, expected["x"].shape[1:], dtype="float32")
    for name in bench.gradients:
        bench.values[name][...] = expected[name]
    assert_close(bench.forward(expected["x"]), expected["y"])
    assert_close(bench.backward(expected["grad"]), expected["input_gradient"])
    for name, gradient in bench.gradients.items():
        assert_close(gradient, expected[f"{name}_gradient"])
