"""Batch normalisation."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Buffer, Call, LayerKernel, Part, kernel
from layerkit_numba.mathematics import like


@compiled
def column_sums(rows: Any, total: Any) -> None:
    """The sum of each column."""
    total[:] = 0
    for row in range(rows.shape[0]):
        for column in range(rows.shape[1]):
            total[column] += rows[row, column]


@compiled
def column_products(one: Any, other: Any, total: Any) -> None:
    """The sum of the products in each column."""
    total[:] = 0
    for row in range(one.shape[0]):
        for column in range(one.shape[1]):
            total[column] += one[row, column] * other[row, column]


@compiled
def batch_statistics(
    x: Any,
    normal: Any,
    inverse: Any,
    mean: Any,
    variance: Any,
    new_mean: Any,
    new_variance: Any,
    keep: float,
    epsilon: float,
) -> None:
    """Centre each column, and say what the running values become."""
    count = x.shape[0]
    column_sums(x, new_mean)
    for column in range(x.shape[1]):
        new_mean[column] /= like(count, new_mean[column])
    for row in range(count):
        for column in range(x.shape[1]):
            normal[row, column] = x[row, column] - new_mean[column]
    column_products(normal, normal, new_variance)
    unbiased = count / max(count - 1, 1)
    for column in range(x.shape[1]):
        number = new_variance[column]
        spread = number / like(count, number)
        inverse[column] = like(1, number) / np.sqrt(spread + like(epsilon, number))
        new_mean[column] = like(keep, number) * mean[column] + like(1 - keep, number) * new_mean[column]
        spread *= like(unbiased, number)
        new_variance[column] = like(keep, number) * variance[column] + like(1 - keep, number) * spread


@compiled
def running_statistics(x: Any, normal: Any, inverse: Any, mean: Any, variance: Any, epsilon: float) -> None:
    """Centre each column by the running mean, and scale it by the running variance."""
    for column in range(x.shape[1]):
        number = variance[column]
        inverse[column] = like(1, number) / np.sqrt(number + like(epsilon, number))
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            normal[row, column] = x[row, column] - mean[column]


@compiled
def scale_and_shift(normal: Any, inverse: Any, scale: Any, shift: Any, y: Any) -> None:
    """Divide by the deviation, then apply the learned scale and shift."""
    for row in range(normal.shape[0]):
        for column in range(normal.shape[1]):
            normal[row, column] *= inverse[column]
            y[row, column] = normal[row, column] * scale[column] + shift[column]


@compiled
def batch_gradient(
    dy: Any, normal: Any, inverse: Any, scale: Any, scale_gradient: Any, shift_gradient: Any, dx: Any
) -> None:
    """The gradient with respect to the input, where mean and variance were those of the batch."""
    count = like(dy.shape[0], inverse[0])
    for row in range(dy.shape[0]):
        for column in range(dy.shape[1]):
            mean = shift_gradient[column] / count + normal[row, column] * (scale_gradient[column] / count)
            dx[row, column] = (dy[row, column] - mean) * (scale[column] * inverse[column])


@compiled
def running_gradient(dy: Any, inverse: Any, scale: Any, dx: Any) -> None:
    """The gradient with respect to the input, where mean and variance were the running ones."""
    for row in range(dy.shape[0]):
        for column in range(dy.shape[1]):
            dx[row, column] = dy[row, column] * (scale[column] * inverse[column])


@kernel("layerkit.layers.batch_normalization:BatchNormalization")
def _batch_normalization(part: Part) -> LayerKernel:
    layer, features = part.layer, part.input_shape[-1:]
    buffers = {"normal": Buffer(part.input_shape), "inverse": Buffer(features, per_example=False)}
    scaled = Call(scale_and_shift, "normal:rows", "inverse", "scale", "shift", "y:rows")
    if not part.training:
        numbers = ("x:rows", "normal:rows", "inverse", "mean", "variance", float(layer.epsilon))
        return LayerKernel(
            forward=(Call(running_statistics, *numbers), scaled),
            input_gradient=(Call(running_gradient, "dy:rows", "inverse", "scale", "dx:rows"),),
            buffers=buffers,
            reads_input=False,
            reads_output=False,
            masks="ignored",
        )
    running = ("mean", "variance", "new mean", "new variance", float(layer.momentum), float(layer.epsilon))
    sums = {name: Buffer(features, per_example=False) for name in ("scale sum", "shift sum")}
    summed = (
        Call(column_products, "dy:rows", "normal:rows", "scale sum"),
        Call(column_sums, "dy:rows", "shift sum"),
    )
    return LayerKernel(
        forward=(Call(batch_statistics, "x:rows", "normal:rows", "inverse", *running), scaled),
        parameter_gradients=(
            Call(column_products, "dy:rows", "normal:rows", "gradient scale"),
            Call(column_sums, "dy:rows", "gradient shift"),
        ),
        input_gradient=(
            *summed,
            Call(batch_gradient, "dy:rows", "normal:rows", "inverse", "scale", "scale sum", "shift sum", "dx:rows"),
        ),
        buffers=buffers | sums,
        reads_input=False,
        reads_output=False,
        masks="ignored",
    )
