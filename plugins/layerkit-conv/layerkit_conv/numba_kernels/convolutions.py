"""Convolutions of images and sequences, and the transpose."""

from __future__ import annotations

from typing import Any

from layerkit_numba import Call, LayerKernel, Part, compiled, kernel

from layerkit_conv.numba_kernels.places import clear
from layerkit_conv.numba_kernels.plans import Plan
from layerkit_conv.windows import Grid


@compiled
def add_rows(rows: Any, total: Any) -> None:
    """Add the sum of the rows to a vector."""
    for row in range(rows.shape[0]):
        for column in range(rows.shape[1]):
            total[column] += rows[row, column]


@kernel("layerkit_conv.conv2d:Conv2D")
def _conv2d(part: Part) -> LayerKernel:
    return _convolution(part, part.layer._windows.on(*part.input_shape[:2]))


def _convolution(part: Part, grid: Grid) -> LayerKernel:
    layer = part.layer
    plan = Plan(grid, part.input_shape[-1], layer.filters, layer.groups, part.dtype.itemsize)
    buffers = plan.correlation_buffers()
    bias = "bias" if layer.use_bias else ""
    into: tuple[Call, ...] = ()
    descend: tuple[Call, ...] = ()
    if part.trained:
        buffers |= plan.gradient_buffers()
        cleared = (Call(clear, "gradient weight:flat"),)
        into = (*cleared, *plan.differentiate("x", "dy", "gradient weight"))
        descend = plan.differentiate("x", "dy", "weight")
        if bias:
            into += (Call(clear, "gradient bias"), Call(add_rows, "dy:rows", "gradient bias"))
            descend += (Call(add_rows, "dy:rows", "bias"),)
    if part.needs_input_gradient:
        buffers |= plan.spreading_buffers()
    return LayerKernel(
        forward=plan.correlate("x", "y", bias),
        parameter_gradients=into,
        input_gradient=plan.spread("dy", "dx") if part.needs_input_gradient else (),
        descend=descend,
        buffers=buffers,
        reads_input=part.trained,
        reads_output=False,
        then=() if layer.activation is None else ("function",),
        masks="ignored",
    )
