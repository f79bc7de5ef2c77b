"""The layers give what PyTorch gives: outputs, input gradients, parameter gradients."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import layerkit_conv
import numpy as np
import pytest

from layerkit import Layer, Sequential
from layerkit.testing import step
from layerkit.types import Array

KINDS = {
    "conv2d": layerkit_conv.Conv2D,
    "conv_transpose2d": layerkit_conv.ConvTranspose2D,
    "max_pool2d": layerkit_conv.MaxPool2D,
    "average_pool2d": layerkit_conv.AveragePool2D,
}


def read() -> dict[str, tuple[dict[str, Any], dict[str, Array]]]:
    """For each setting, the layer's arguments and the values."""
    with np.load(Path(__file__).parent / "reference" / "values.npz") as file:
        numbers, index = file["values"], json.loads(str(file["index"]))
    found = {}
    start = 0
    for name, arguments, shapes in index:
        values = {}
        for key, shape in shapes.items():
            size = int(np.prod(shape))
            values[key] = numbers[start : start + size].reshape(shape)
            start += size
        found[name] = arguments, values
    return found


SETTINGS = read()


def layer(name: str, arguments: dict[str, Any]) -> Layer:
    kind: Any = KINDS[name.split("/", maxsplit=1)[0]]
    made: Layer = kind(**arguments)
    return made


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", SETTINGS)
def test_a_layer_gives_what_pytorch_gives(name: str, dtype: str) -> None:
    arguments, values = SETTINGS[name]
    values = {key: value.astype(dtype) for key, value in values.items()}
    model = Sequential([layer(name, arguments)]).initialize(values["x"].shape[1:], dtype=dtype)
    for path, parameter in model.parameters.items():
        parameter[...] = values[path.removeprefix("0.")]

    found = step(model, values["x"], values["grad"])

    assert model.output_shape == values["y"].shape[1:]
    compare(found.output, values["y"])
    compare(found.input_gradient, values["input_gradient"])
    assert {f"{path.removeprefix('0.')}_gradient" for path in found.gradients} == {
        key for key in values if key.endswith("_gradient") and key != "input_gradient"
    }
    for path, gradient in found.gradients.items():
        compare(gradient, values[f"{path.removeprefix('0.')}_gradient"])


def compare(found: Array, expected: Array) -> None:
    assert found.dtype == expected.dtype
    # the values are kept in single precision
    np.testing.assert_allclose(found, expected, rtol=3e-6, atol=3e-6)
