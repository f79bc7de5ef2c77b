"""Layers over time, separable convolutions and edges: as PyTorch's, under masks, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import layerkit_conv
import numpy as np
import pytest
from layerkit_conv import (
    AveragePool1D,
    Conv1D,
    Conv2D,
    Cropping,
    DepthwiseConv2D,
    MaxPool1D,
    SeparableConv2D,
    UpSampling,
    ZeroPadding,
)

import layerkit
from layerkit import Layer, Sequential
from layerkit.errors import ArgumentError, ShapeError
from layerkit.testing import step
from layerkit.types import Array

KINDS: dict[str, Any] = {
    "conv1d": Conv1D,
    "depthwise_conv2d": DepthwiseConv2D,
    "separable_conv2d": SeparableConv2D,
    "max_pool1d": MaxPool1D,
    "average_pool1d": AveragePool1D,
    "zero_padding": ZeroPadding,
    "cropping": Cropping,
    "up_sampling": UpSampling,
}
RNG = np.random.default_rng(0)


def read() -> dict[str, tuple[dict[str, Any], dict[str, Array]]]:
    """For each setting, the layer's arguments and the values."""
    with np.load(Path(__file__).parent / "reference" / "more.npz") as file:
        return {
            name: (
                arguments,
                {key.removeprefix(f"{name}/"): file[key] for key in file.files if key.startswith(f"{name}/")},
            )
            for name, arguments in json.loads(str(file["index"]))
        }


SETTINGS = read()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", SETTINGS)
def test_a_layer_gives_what_pytorch_gives(name: str, dtype: str) -> None:
    arguments, values = SETTINGS[name]
    values = {key: value.astype(dtype) for key, value in values.items()}
    model = Sequential([KINDS[name.partition("/")[0]](**arguments)]).initialize(values["x"].shape[1:], dtype=dtype)
    for path, parameter in model.parameters.items():
        parameter[...] = values[path.removeprefix("0.")]
    found = step(model, values["x"], values["grad"])
    assert model.output_shape == values["y"].shape[1:]
    compare(found.output, values["y"])
    compare(found.input_gradient, values["input_gradient"])
    assert len(found.gradients) == sum(key.endswith("_gradient") for key in values) - 1
    for path, gradient in found.gradients.items():
        compare(gradient, values[f"{path.removeprefix('0.')}_gradient"])


def compare(found: Array, expected: Array) -> None:
    assert found.dtype == expected.dtype
    # the values are kept in single precision
    np.testing.assert_allclose(found, expected, rtol=3e-6, atol=3e-6)


def test_every_class_of_the_package_is_compared_or_is_an_image_s() -> None:
    images = {name for name in layerkit_conv.__all__ if name.endswith("2D")} - {"DepthwiseConv2D", "SeparableConv2D"}
    assert {kind.__name__ for kind in KINDS.values()} == set(layerkit_conv.__all__) - images


@pytest.mark.parametrize("dilation", [1, 3])
def test_a_causal_convolution_sees_no_later_step(dilation: int) -> None:
    model = Sequential([Conv1D(3, 3, padding="causal", dilation=dilation)]).initialize((None, 2), seed=0)
    x = RNG.normal(size=(2, 9, 2))
    changed = x.copy()
    changed[:, 5:] = 100
    one, other = model.predict(x), model.predict(changed)
    np.testing.assert_array_equal(one[:, :5], other[:, :5])
    assert (one[:, 5:] != other[:, 5:]).all()


@pytest.mark.parametrize("padding", ["same", "causal"])
def test_a_padded_sequence_is_what_it_is_alone(padding: str) -> None:
    lengths = [3, 6, 1]
    mask = np.arange(6) < np.array(lengths)[:, None]
    x, grad = RNG.normal(size=(3, 6, 2)), RNG.normal(size=(3, 6, 4))
    model = Sequential([Conv1D(4, 3, padding=padding, activation=layerkit.Tanh())])
    model.initialize((None, 2), seed=0, dtype="float64")
    found = step(model, np.where(mask[:, :, None], x, 1e3), grad, mask=mask)
    assert not found.output[~mask].any()
    assert not found.input_gradient[~mask].any()
    total = {path: np.zeros_like(array) for path, array in found.gradients.items()}
    for row, length in enumerate(lengths):
        alone = step(model, x[row : row + 1, :length], grad[row : row + 1, :length])
        np.testing.assert_allclose(found.output[row, :length], alone.output[0], rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(found.input_gradient[row, :length], alone.input_gradient[0], rtol=1e-12, atol=1e-14)
        for path, gradient in alone.gradients.items():
            total[path] += gradient
    for path, gradient in total.items():
        np.testing.assert_allclose(found.gradients[path], gradient, rtol=1e-12, atol=1e-14)


def test_a_depthwise_convolution_is_one_in_groups() -> None:
    x = RNG.normal(size=(2, 5, 6, 3))
    one = Sequential([DepthwiseConv2D(2, depth_multiplier=2)]).initialize((5, 6, 3), seed=0, dtype="float64")
    other = Sequential([Conv2D(6, 2, groups=3)]).initialize((5, 6, 3), seed=0, dtype="float64")
    # the same fans, so the same draws
    np.testing.assert_array_equal(one.structure.parameters, other.structure.parameters)
    np.testing.assert_array_equal(one.predict(x), other.predict(x))


def test_the_first_step_alone_may_be_frozen() -> None:
    layer = SeparableConv2D(4, 3)
    model = Sequential([layer]).initialize((5, 5, 2), seed=0)
    layer._depthwise.freeze()
    found = step(model, np.ones((1, 5, 5, 2), "float32"), np.ones((1, 3, 3, 4), "float32"))
    assert model.structure.trainable == 2 * 4 + 4
    assert found.gradients["0.pointwise.weight"].any()


@pytest.mark.parametrize(
    ("layer", "shape", "told"),
    [
        (Conv1D(4, 3), (784,), r"takes sequences \(batch, time, channels\).*put Reshape\(\(784, 1\)\) in front"),
        (Conv1D(4, 3), (8, 8, 1), r"takes sequences \(batch, time, channels\), got inputs of \(batch, 8, 8, 1\)"),
        (Conv1D(4, 3), (8, None), "the number of channels must be known"),
        (Conv1D(4, 3, dilation=4), (8, 1), "a window of 9 steps does not fit on sequences of 8 steps"),
        (Conv1D(4, 3, groups=2), (8, 3), "the channels must fall into 2 groups"),
        (MaxPool1D(2), (8, 8, 1), "takes sequences"),
        (DepthwiseConv2D(3), (8, 8), "takes images"),
        (Cropping(2), (4, 3), "nothing would be left of inputs of"),
        (Cropping((1, 1)), (4, 3), "cropping is given for 2 axes, and inputs of .* have 1 between batch and channels"),
        (ZeroPadding(), (4,), "takes sequences .* or images"),
        (UpSampling((2, 2)), (4, 3), r"size \(2, 2\) does not fit inputs of"),
    ],
    ids=repr,
)
def test_what_does_not_fit_is_refused(layer: Layer, shape: Any, told: str) -> None:
    with pytest.raises(ShapeError, match=told):
        Sequential([layer]).initialize(shape)


def test_sizes_that_vary_are_looked_at_in_the_pass() -> None:
    with pytest.raises(ShapeError, match="a window of 3 steps does not fit on sequences of 2 steps"):
        Sequential([Conv1D(4, 3)]).initialize((None, 1)).predict(np.ones((1, 2, 1)))
    with pytest.raises(ShapeError, match="nothing would be left"):
        Sequential([Cropping(2)]).initialize((None, 1)).predict(np.ones((1, 4, 1)))


def test_masks_that_cannot_be_heeded_are_refused() -> None:
    x, mask = np.ones((2, 6, 2)), np.ones((2, 6), bool)
    mask[0, 3:] = False
    with pytest.raises(ShapeError, match="the steps must stay, and 6 of them become 4: give padding='same'"):
        Sequential([Conv1D(4, 3)]).initialize((6, 2)).predict(x, mask=mask)
    with pytest.raises(ShapeError, match=r"layer 0 \(MaxPool1D\): takes no mask"):
        Sequential([MaxPool1D()]).initialize((6, 2)).predict(x, mask=mask)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Conv1D(4, 3, padding="some"), "padding must be 'valid', 'same', 'causal', an integer"),
        (lambda: MaxPool1D(2, padding="causal"), "MaxPool1D: padding must be 'valid', 'same', an integer"),
        (lambda: MaxPool1D(2, padding=2), "padding must be less than pool_size at both ends"),
        (lambda: ZeroPadding(-1), "padding must be an integer of at least 0, or for each axis one"),
        (lambda: Cropping(((1, 2, 3), 1)), "cropping must be an integer of at least 0"),
        (lambda: UpSampling(0), "size must be an integer of at least 1"),
    ],
)
def test_bad_arguments(make: Any, told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        make()


def test_a_model_of_them_is_saved_and_loaded(tmp_path: Path) -> None:
    layers = [
        ZeroPadding((1, 0)),
        SeparableConv2D(4, 3, padding="same"),
        DepthwiseConv2D(2),
        UpSampling(2),
        Cropping(((1, 0), 0)),
    ]
    images = Sequential(layers).initialize((6, 5, 2), seed=0)
    times = Sequential([Conv1D(4, 3, padding="causal"), AveragePool1D(2), MaxPool1D(2)]).initialize((8, 2), seed=0)
    for model, x in ((images, RNG.normal(size=(3, 6, 5, 2))), (times, RNG.normal(size=(3, 8, 2)))):
        layerkit.save(model, tmp_path / "model.safetensors")
        np.testing.assert_array_equal(layerkit.load(tmp_path / "model.safetensors").predict(x), model.predict(x))
