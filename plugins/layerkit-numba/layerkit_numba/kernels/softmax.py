"""Softmax and its logarithm, over the last axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Call, LayerKernel, Part, kernel
from layerkit_numba.mathematics import exp, like


@compiled
def subtract_largest(x: Any, y: Any) -> None:
    """Each row less its largest number; x and y may be the same array."""
    for row in range(x.shape[0]):
        largest = x[row, 0]
        for column in range(1, x.shape[1]):
            # the largest of a row with NaN may be any of its numbers: the NaN itself stays in the row
            largest = x[row, column] if x[row, column] > largest else largest
        for column in range(x.shape[1]):
            y[row, column] = x[row, column] - largest


@compiled
def exponential(x: Any, y: Any) -> None:
    """eˣ of each number; x and y may be the same array."""
    for place in range(x.size):
        y[place] = exp(x[place])


@compiled
def normalize(y: Any) -> None:
    """Divide each row by its sum."""
    for row in range(y.shape[0]):
        total = like(0, y[row, 0])
        for column in range(y.shape[1]):
            total += y[row, column]
        for column in range(y.shape[1]):
            y[row, column] /= total


@compiled
def softmax_gradient(y: Any, dy: Any, dx: Any) -> None:
    """yᵢ (δᵢ − Σⱼ δⱼ yⱼ) of each row."""
    for row in range(y.shape[0]):
        mean = like(0, y[row, 0])
        for column in range(y.shape[1]):
            mean += dy[row, column] * y[row, column]
        for column in range(y.shape[1]):
            dx[row, column] = (dy[row, column] - mean) * y[row, column]


@compiled
def subtract_logarithm(y: Any) -> None:
    """Subtract from each row the logarithm of the sum of its exponentials."""
    for row in range(y.shape[0]):
        total = like(0, y[row, 0])
        for column in range(y.shape[1]):
            total += exp(y[row, column])
        logarithm = np.log(total)
        for column in range(y.shape[1]):
            y[row, column] -= logarithm


@compiled
def log_softmax_gradient(y: Any, dy: Any, dx: Any) -> None:
    """δᵢ − e^yᵢ Σⱼ δⱼ of each row."""
    for row in range(y.shape[0]):
        total = like(0, y[row, 0])
        for column in range(y.shape[1]):
            total += dy[row, column]
        for column in range(y.shape[1]):
            dx[row, column] = dy[row, column] - exp(y[row, column]) * total


@kernel("layerkit.activations.softmax:Softmax")
def _softmax(part: Part) -> LayerKernel:
    return LayerKernel(
        forward=(
            Call(subtract_largest, "x:rows", "y:rows"),
            Call(exponential, "y:flat", "y:flat"),
            Call(normalize, "y:rows"),
        ),
        input_gradient=(Call(softmax_gradient, "y:rows", "dy:rows", "dx:rows"),),
        reads_input=False,
        masks="ignored",
    )


@kernel("layerkit.activations.log_softmax:LogSoftmax")
def _log_softmax(part: Part) -> LayerKernel:
    return LayerKernel(
        forward=(Call(subtract_largest, "x:rows", "y:rows"), Call(subtract_logarithm, "y:rows")),
        input_gradient=(Call(log_softmax_gradient, "y:rows", "dy:rows", "dx:rows"),),
        reads_input=False,
        masks="ignored",
    )
