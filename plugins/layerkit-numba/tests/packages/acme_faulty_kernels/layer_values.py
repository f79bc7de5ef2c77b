"""Kernels of a layer that compute something else: other numbers, other gradients, in another precision."""

from __future__ import annotations

from typing import Any

import numpy as np
from layerkit_numba import Call, LayerKernel, Part, compiled, like

from .fault import fault
from .sound_scale import Scale, copy, factor_gradient, scale, scaling


@compiled
def scale_by_absolute(x: Any, factor: Any, y: Any) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            y[row, column] = x[row, column] * abs(factor[column]) + like(1e-4, x[row, column])


@fault("values", Scale)
def _WrongValue(part: Part) -> LayerKernel:
    return scaling(forward=(Call(scale_by_absolute, "x:rows", "factor", "y:rows"),))


@compiled
def mean_gradient(dy: Any, x: Any, gradient: Any) -> None:
    factor_gradient(dy, x, gradient)
    for column in range(gradient.size):
        gradient[column] /= like(dy.shape[0], gradient[column])


@fault("gradients", Scale)
def _MeanInsteadOfSum(part: Part) -> LayerKernel:
    return scaling(parameter_gradients=(Call(mean_gradient, "dy:rows", "x:rows", "gradient factor"),))


@fault("gradients", Scale)
def _InputGradientWithoutFactor(part: Part) -> LayerKernel:
    return scaling(input_gradient=(Call(copy, "dy:flat", "dx:flat"),))


@compiled
def scale_by_fours(x: Any, factor: Any, y: Any) -> None:
    for row in range(x.shape[0]):
        for first in range(0, x.shape[1] // 4 * 4, 4):
            for column in range(first, first + 4):
                y[row, column] = x[row, column] * factor[column]


@fault("values", Scale)
def _TailsLeftOut(part: Part) -> LayerKernel:
    return scaling(forward=(Call(scale_by_fours, "x:rows", "factor", "y:rows"),))


@compiled
def scale_in_single(x: Any, factor: Any, y: Any) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            y[row, column] = np.float32(x[row, column]) * np.float32(factor[column])


@fault("values", Scale)
def _SinglePrecisionInside(part: Part) -> LayerKernel:
    return scaling(forward=(Call(scale_in_single, "x:rows", "factor", "y:rows"),))


@compiled
def scale_from_afar(x: Any, factor: Any, y: Any) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            far = like(3e5, x[row, column])
            y[row, column] = (x[row, column] * factor[column] + far) - far


@fault("in-float32", Scale)
def _NoDigitsLeftInFloat32(part: Part) -> LayerKernel:
    return scaling(forward=(Call(scale_from_afar, "x:rows", "factor", "y:rows"),))


@compiled
def scale_of_full_batches(x: Any, factor: Any, y: Any, rows: int) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            y[row, column] = x[row, column] * factor[column] * like(x.shape[0] / rows, y[row, column])


@fault("short-batches", Scale, input_shapes=[(5,)])
def _CountsTheRowsOfFullBatches(part: Part) -> LayerKernel:
    return scaling(forward=(Call(scale_of_full_batches, "x:rows", "factor", "y:rows", part.batch_size),))


@fault("kernel-made", Scale)
def _AsksForWhatThereIsNot(part: Part) -> LayerKernel:
    return scaling(forward=(Call(scale, "x:rows", "scale", "y:rows"),))


@compiled
def descend_by_mean(dy: Any, x: Any, factor: Any) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            factor[column] += dy[row, column] * x[row, column] / like(x.shape[0], factor[column])


@fault("descends-by-its-gradients", Scale)
def _DescendsByAnotherFormula(part: Part) -> LayerKernel:
    return scaling(descend=(Call(descend_by_mean, "dy:rows", "x:rows", "factor"),))


@compiled
def piecewise_gradient(dy: Any, x: Any, gradient: Any, begin: int, end: int) -> None:
    gradient[:] = 0
    for row in range(begin, end):
        for column in range(x.shape[1]):
            gradient[column] += dy[row, column] * x[row, column]


@fault("in-pieces", Scale)
def _SplitsASum(part: Part) -> LayerKernel:
    call = Call(piecewise_gradient, "dy:rows", "x:rows", "gradient factor", "begin", "end", over="x:count")
    return scaling(parameter_gradients=(call,))
