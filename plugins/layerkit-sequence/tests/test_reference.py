"""The layers give what PyTorch gives: outputs, input gradients, parameter gradients; ragged sequences too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import layerkit_sequence
import numpy as np
import pytest

from layerkit import Bidirectional, Layer, ReLU, Sequential
from layerkit.testing import step
from layerkit.types import Array

KINDS: dict[str, Any] = {
    "simple_rnn": layerkit_sequence.SimpleRNN,
    "relu_rnn": lambda units: layerkit_sequence.SimpleRNN(units, activation=ReLU()),
    "gru": layerkit_sequence.GRU,
    "lstm": layerkit_sequence.LSTM,
    "two_way_simple_rnn": lambda **arguments: Bidirectional(layerkit_sequence.SimpleRNN(**arguments)),
    "two_way_gru": lambda **arguments: Bidirectional(layerkit_sequence.GRU(**arguments)),
    "two_way_lstm": lambda **arguments: Bidirectional(layerkit_sequence.LSTM(**arguments)),
    "transformer_block": layerkit_sequence.TransformerBlock,
    "cross_attention": layerkit_sequence.MultiHeadCrossAttention,
    "gated_linear_unit": layerkit_sequence.GatedLinearUnit,
    "attention": layerkit_sequence.MultiHeadSelfAttention,
    "layer_normalization": layerkit_sequence.LayerNormalization,
    "embedding": layerkit_sequence.Embedding,
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


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", SETTINGS)
def test_a_layer_gives_what_pytorch_gives(name: str, dtype: str) -> None:
    arguments, arrays = SETTINGS[name]
    values = {key: array.astype(dtype) for key, array in arrays.items()}
    layer: Layer = KINDS[name.split("/", maxsplit=1)[0]](**arguments)
    x: Any = values["x"].astype(int) if layer.integer_input == "accept" else values["x"]
    mask = values["mask"].astype(bool) if "mask" in values else None
    shape: Any = x.shape[1:]
    if "source" in values:
        x = x, values["source"]
        shape = tuple(part.shape[1:] for part in x)
    model = Sequential([layer]).initialize(shape, dtype=dtype)
    for path, parameter in model.parameters.items():
        parameter[...] = values[path.removeprefix("0.")]

    found = step(model, x, values["grad"], mask=mask)

    compare(found.output, values["y"])
    if "input_gradient" in values:
        below: Any = found.input_gradient if isinstance(x, tuple) else (found.input_gradient,)
        compare(below[0], values["input_gradient"])
        if "source" in values:
            compare(below[1], values["input_gradient_of_source"])
    assert {f"{path.removeprefix('0.')}_gradient" for path in found.gradients} == {
        key for key in values if key.endswith("_gradient") and key != "input_gradient"
    }
    for path, gradient in found.gradients.items():
        compare(gradient, values[f"{path.removeprefix('0.')}_gradient"])


def compare(found: Array, expected: Array) -> None:
    assert found.dtype == expected.dtype
    # the values are kept in single precision
    np.testing.assert_allclose(found, expected, rtol=3e-6, atol=3e-6 * max(1, np.abs(expected).max()))
