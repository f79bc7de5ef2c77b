"""Normalisations of a row by its own numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Buffer, Call, LayerKernel, Part, kernel
from layerkit_numba.kernels.batch_normalization import column_products, column_sums
from layerkit_numba.mathematics import like


@compiled
def normalize_rows(x: Any, normal: Any, inverse: Any, epsilon: float) -> None:
    """(x − μ) / √(σ² + ε) of each row."""
    count = like(x.shape[1], inverse[0])
    for row in range(x.shape[0]):
        total = squares = like(0, count)
        for column in range(x.shape[1]):
            total += x[row, column]
        mean = total / count
        for column in range(x.shape[1]):
            normal[row, column] = x[row, column] - mean
            squares += normal[row, column] * normal[row, column]
        inverse[row] = like(1, count) / np.sqrt(squares / count + like(epsilon, count))
        for column in range(x.shape[1]):
            normal[row, column] *= inverse[row]


@compiled
def divide_rows(x: Any, normal: Any, inverse: Any, epsilon: float) -> None:
    """x / √(x² + ε) of each row, x² being the mean of the squares."""
    count = like(x.shape[1], inverse[0])
    for row in range(x.shape[0]):
        squares = like(0, count)
        for column in range(x.shape[1]):
            squares += x[row, column] * x[row, column]
        inverse[row] = like(1, count) / np.sqrt(squares / count + like(epsilon, count))
        for column in range(x.shape[1]):
            normal[row, column] = x[row, column] * inverse[row]


@compiled
def scaled_and_shifted(normal: Any, scale: Any, shift: Any, y: Any) -> None:
    """Scale · x̂ + shift."""
    for row in range(normal.shape[0]):
        for column in range(normal.shape[1]):
            y[row, column] = normal[row, column] * scale[column] + shift[column]


@compiled
def scaled(x: Any, factor: Any, y: Any) -> None:
    """Each column times its factor."""
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            y[row, column] = x[row, column] * factor[column]


@compiled
def row_gradient(dy: Any, normal: Any, inverse: Any, scale: Any, dx: Any, centred: bool) -> None:
    """(δ̂ − Σ δ̂ / n − x̂ Σ δ̂ x̂ / n) / √(σ² + ε), without the first sum where no mean was taken away."""
    count = like(dy.shape[1], inverse[0])
    for row in range(dy.shape[0]):
        total = along = like(0, count)
        for column in range(dy.shape[1]):
            below = dy[row, column] * scale[column]
            total += below
            along += below * normal[row, column]
        mean = total / count if centred else like(0, count)
        along /= count
        for column in range(dy.shape[1]):
            below = dy[row, column] * scale[column] - mean
            dx[row, column] = (below - normal[row, column] * along) * inverse[row]


@kernel("layerkit.layers.layer_normalization:LayerNormalization")
def _layer_normalization(part: Part) -> LayerKernel:
    forward = Call(scaled_and_shifted, "normal:rows", "scale", "shift", "y:rows")
    shift = Call(column_sums, "dy:rows", "gradient shift")
    return _of_rows(part, Call(normalize_rows, *_NUMBERS, float(part.layer.epsilon)), forward, shift, centred=True)


@kernel("layerkit.layers.rms_normalization:RMSNormalization")
def _rms_normalization(part: Part) -> LayerKernel:
    forward = Call(scaled, "normal:rows", "scale", "y:rows")
    return _of_rows(part, Call(divide_rows, *_NUMBERS, float(part.layer.epsilon)), forward, centred=False)


_NUMBERS = ("x:rows", "normal:rows", "inverse:flat")


def _of_rows(part: Part, normalize: Call, forward: Call, *gradients: Call, centred: bool) -> LayerKernel:
    return LayerKernel(
        forward=(normalize, forward),
        parameter_gradients=(Call(column_products, "dy:rows", "normal:rows", "gradient scale"), *gradients),
        input_gradient=(Call(row_gradient, "dy:rows", "normal:rows", "inverse:flat", "scale", "dx:rows", centred),),
        buffers={"normal": Buffer(part.input_shape), "inverse": Buffer(part.input_shape[:-1])},
        reads_input=False,
        reads_output=False,
        masks="ignored",
    )
