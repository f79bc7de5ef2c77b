"""Kernels of a layer that write where they must not, or rely on what memory held."""

from __future__ import annotations

from typing import Any

from layerkit_numba import Buffer, Call, LayerKernel, Part, compiled

from .fault import fault
from .sound_scale import FORWARD, Scale, factor_gradient, scaling


@compiled
def added_gradient(dy: Any, x: Any, gradient: Any) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            gradient[column] += dy[row, column] * x[row, column]


@fault("fresh-memory", Scale)
def _AddsToTheGradient(part: Part) -> LayerKernel:
    return scaling(parameter_gradients=(Call(added_gradient, "dy:rows", "x:rows", "gradient factor"),))


@compiled
def scale_in_place(x: Any, factor: Any, y: Any) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            x[row, column] *= factor[column]
            y[row, column] = x[row, column]


@fault("leaves-what-it-is-given", Scale)
def _WritesIntoItsInput(part: Part) -> LayerKernel:
    backward: dict[str, Any] = {
        "parameter_gradients": (Call(undone_gradient, "dy:rows", "x:rows", "factor", "gradient factor"),)
    }
    return scaling(forward=(Call(scale_in_place, "x:rows", "factor", "y:rows"),), **backward)


@compiled
def undone_gradient(dy: Any, x: Any, factor: Any, gradient: Any) -> None:
    factor_gradient(dy, x, gradient)
    for column in range(gradient.size):
        gradient[column] /= factor[column]


@compiled
def below_in_place(dy: Any, factor: Any, dx: Any) -> None:
    for row in range(dy.shape[0]):
        for column in range(dy.shape[1]):
            dy[row, column] *= factor[column]
            dx[row, column] = dy[row, column]


@fault("leaves-what-it-is-given", Scale)
def _WritesIntoTheUpstreamGradient(part: Part) -> LayerKernel:
    return scaling(input_gradient=(Call(below_in_place, "dy:rows", "factor", "dx:rows"),))


@compiled
def gradient_from_output(dy: Any, y: Any, factor: Any, gradient: Any) -> None:
    factor_gradient(dy, y, gradient)
    for column in range(gradient.size):
        gradient[column] /= factor[column]


@fault("reads-what-it-declares", Scale)
def _ReadsAnOutputThatIsGone(part: Part) -> LayerKernel:
    call = Call(gradient_from_output, "dy:rows", "y:rows", "factor", "gradient factor")
    return scaling(parameter_gradients=(call,))


@compiled
def keep(x: Any, kept: Any) -> None:
    for place in range(x.size):
        kept[place] += x[place]


@fault("fresh-memory", Scale)
def _AddsToABuffer(part: Part) -> LayerKernel:
    return scaling(
        forward=(FORWARD, Call(keep, "x:flat", "kept:flat")),
        parameter_gradients=(Call(factor_gradient, "dy:rows", "kept:rows", "gradient factor"),),
        buffers={"kept": Buffer(part.input_shape)},
    )
