"""What does not fit is refused, with the layer's name, what came, and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from layerkit_conv import AveragePool2D, Conv2D, ConvTranspose2D, GlobalMaxPool2D, MaxPool2D

from layerkit import Layer, Sequential
from layerkit.errors import ArgumentError, ShapeError


@pytest.mark.parametrize(
    ("layer", "shape", "told"),
    [
        (
            Conv2D(4, 3),
            (784,),
            "layer 0 (Conv2D): takes images (batch, height, width, channels), got inputs of (batch, 784)",
        ),
        (
            MaxPool2D(2),
            (28, 28),
            "layer 0 (MaxPool2D): takes images .* (batch, 28, 28); .* Reshape((28, 28, 1)) in front",
        ),
        (GlobalMaxPool2D(), ((4, 4, 1), (4, 4, 1)), "layer 0 (GlobalMaxPool2D): takes images"),
        (
            Conv2D(4, 3),
            (8, 8, None),
            "layer 0 (Conv2D): the number of channels must be known, got inputs of (batch, 8, 8, any)",
        ),
        (
            Conv2D(4, 3, groups=2),
            (8, 8, 3),
            "layer 0 (Conv2D): the channels must fall into 2 groups .* (batch, 8, 8, 3)",
        ),
        (ConvTranspose2D(4, 3, groups=2), (8, 8, 3), "layer 0 (ConvTranspose2D): the channels must fall into 2 groups"),
        (
            Conv2D(4, (3, 2), dilation=3, padding=1),
            (4, 8, 1),
            "layer 0 (Conv2D): a window of 7 × 4 pixels does not fit on inputs of (batch, 4, 8, 1), padded by 1 + 1 "
            "rows and 1 + 1 columns; use a smaller window or more padding",
        ),
        (Conv2D(4, 5), (3, 32, 32), "smaller window or more padding; channels come last: .* np.moveaxis(x, 1, -1)"),
        (Conv2D(6, 3, groups=3), (3, 32, 32), "groups .* channels come last: .* np.moveaxis(x, 1, -1)"),
        (
            AveragePool2D(5),
            (4, 8, 1),
            "layer 0 (AveragePool2D): a window of 5 × 5 pixels does not fit .* without padding",
        ),
        (
            ConvTranspose2D(4, 3, padding=2),
            (1, 8, 1),
            "layer 0 (ConvTranspose2D): nothing is left of the output for inputs of (batch, 1, 8, 1): padding",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_refused(layer: Layer, shape: Any, told: str) -> None:
    with pytest.raises(ShapeError, match=re.escape(told).replace(r"\.\*", ".*")):
        Sequential([layer]).initialize(shape)


def test_images_whose_size_varies_are_refused_when_they_come() -> None:
    model = Sequential([MaxPool2D(2), Conv2D(4, 3)]).initialize((None, None, 1))
    assert model.predict(np.zeros((2, 6, 8, 1))).shape == (2, 1, 2, 4)
    told = re.escape("layer 1 (Conv2D): a window of 3 × 3 pixels does not fit on inputs of (batch, 2, 4, 1)")
    with pytest.raises(ShapeError, match=told):
        model.predict(np.zeros((2, 4, 8, 1)))


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Conv2D(5, 3, groups=2), "Conv2D: filters must be a multiple of groups, got 5 filters, 2 groups"),
        (lambda: ConvTranspose2D(5, 3, groups=2), "ConvTranspose2D: filters must be a multiple of groups"),
        (lambda: Conv2D(4, 0), "Conv2D: kernel_size must be an integer of at least 1, or a pair .* got 0"),
        (lambda: Conv2D(4, 3, stride=(1, 2, 3)), "Conv2D: stride must be .* got (1, 2, 3)"),
        (lambda: Conv2D(4, 3, padding="full"), "Conv2D: padding must be 'valid', 'same', .* got 'full'"),
        (lambda: Conv2D(4, 3, padding=((1, 2), (1,))), "Conv2D: padding must be .* got ((1, 2), (1,))"),
        (lambda: MaxPool2D(2, padding=2), "MaxPool2D: padding must be less than pool_size on each side"),
        (
            lambda: ConvTranspose2D(4, 3, stride=2, output_padding=2),
            "ConvTranspose2D: output_padding must be less than stride or dilation, got 2 with stride 2",
        ),
        (
            lambda: ConvTranspose2D(4, 3, stride=2, padding="same", output_padding=1),
            "ConvTranspose2D: with padding='same' the output is stride times the input, so output_padding must be 0",
        ),
    ],
)
def test_arguments_that_cannot_be_meant_are_refused(make: Callable[[], Layer], told: str) -> None:
    with pytest.raises(ArgumentError, match=re.escape(told).replace(r"\.\*", ".*")):
        make()
