"""Convolutions of images and sequences, and the transpose."""

from __future__ import annotations

from typing import Any, TypeAlias

from layerkit_numba import Backward, Buffer, Call, Forward, LayerKernel, Part, compiled, kernel

from layerkit_conv.numba_kernels.channelwise import Channelwise
from layerkit_conv.numba_kernels.places import add_rows, fill
from layerkit_conv.numba_kernels.plans import Plan
from layerkit_conv.windows import Grid

AnyPlan: TypeAlias = Plan | Channelwise


@compiled
def keep_counted(rows: Any, mask: Any, kept: Any, begin: int, end: int) -> None:
    """The rows that count, and zeros for the others."""
    for row in range(begin, end):
        counts = mask[row]
        for column in range(rows.shape[1]):
            kept[row, column] = rows[row, column] if counts else 0


@kernel("layerkit_conv.conv2d:Conv2D")
def _conv2d(part: Part) -> LayerKernel:
    return _convolution(part, _plan(part, _grid(part), part.layer.groups))


@kernel("layerkit_conv.depthwise_conv2d:DepthwiseConv2D")
def _depthwise_conv2d(part: Part) -> LayerKernel:
    return _convolution(part, _plan(part, _grid(part), part.input_shape[-1]))


@kernel("layerkit_conv.separable_conv2d:SeparableConv2D")
def _separable_conv2d(part: Part) -> LayerKernel:
    return LayerKernel(view=True, then=("depthwise", "pointwise"))


@kernel("layerkit_conv.conv1d:Conv1D")
def _conv1d(part: Part) -> LayerKernel:
    plan = _plan(part, part.layer._windows.on(part.input_shape[0], 1), part.layer.groups)
    return _masked_convolution(part, plan) if part.masked else _convolution(part, plan)


@kernel("layerkit_conv.conv_transpose2d:ConvTranspose2D")
def _conv_transpose2d(part: Part) -> LayerKernel:
    layer = part.layer
    grid = layer._windows.onto(*part.input_shape[:2], extra=layer._extra)
    plan = _planned(grid, layer.filters, part.input_shape[-1], layer.groups, part)
    buffers = plan.spreading_buffers()
    if part.trained:
        buffers |= plan.gradient_buffers()
    if part.needs_input_gradient:
        buffers |= plan.correlation_buffers()
    return LayerKernel(
        forward=plan.spread("x", "y", _bias(part)),
        parameter_gradients=_gradients(part, plan, "dy", "x", "dy"),
        input_gradient=plan.correlate("dy", "dx") if part.needs_input_gradient else (),
        descend=_added(part, plan, "dy", "x", "dy"),
        buffers=buffers,
        reads_input=part.trained,
        reads_output=False,
        then=_then(part),
        masks="ignored",
    )


def _convolution(part: Part, plan: AnyPlan) -> LayerKernel:
    return LayerKernel(
        forward=plan.correlate("x", "y", _bias(part)),
        parameter_gradients=_gradients(part, plan, "x", "dy", "dy"),
        input_gradient=plan.spread("dy", "dx") if part.needs_input_gradient else (),
        descend=_added(part, plan, "x", "dy", "dy"),
        buffers=_buffers(part, plan),
        reads_input=part.trained,
        reads_output=False,
        then=_then(part),
        masks="ignored",
    )


def _masked_convolution(part: Part, plan: AnyPlan) -> LayerKernel:
    """Steps that do not count are zeros to the windows, and in the output; no gradient comes from them or reaches
    them."""
    active = bool(_then(part))
    forward: tuple[Any, ...] = (_kept("x", "counted"), *plan.correlate("counted", "z", _bias(part)))
    forward += (Forward("function", "z"),) if active else ()
    back: tuple[Any, ...] = (_kept("dy", "counted gradient"),)
    back += (Backward("function", "counted gradient"),) if active else ()
    delta = "function.dx" if active else "counted gradient"
    back += _gradients(part, plan, "counted", delta, delta)
    if part.needs_input_gradient:
        back += (*plan.spread(delta, "below"), _kept("below", "dx"))
    return LayerKernel(
        forward=(*forward, _kept("function.y" if active else "z", "y")),
        backward=back,
        buffers=_buffers(part, plan)
        | {name: Buffer(part.input_shape) for name in ("counted", "below")}
        | {name: Buffer(part.output_shape) for name in ("z", "counted gradient")},
        reads_input=False,
        reads_output=False,
        masks="heeded",
    )


def _grid(part: Part) -> Grid:
    grid: Grid = part.layer._windows.on(*part.input_shape[:2])
    return grid


def _plan(part: Part, grid: Grid, groups: int) -> AnyPlan:
    return _planned(grid, part.input_shape[-1], part.output_shape[-1], groups, part)


def _planned(grid: Grid, channels: int, filters: int, groups: int, part: Part) -> AnyPlan:
    if groups == channels > 1:
        return Channelwise(grid, channels, filters)
    return Plan(grid, channels, filters, groups, part.dtype.itemsize)


def _buffers(part: Part, plan: AnyPlan) -> dict[str, Buffer]:
    buffers = plan.correlation_buffers()
    if part.trained:
        buffers |= plan.gradient_buffers()
    if part.needs_input_gradient:
        buffers |= plan.spreading_buffers()
    return buffers


def _gradients(part: Part, plan: AnyPlan, images: str, maps: str, delta: str) -> tuple[Call, ...]:
    """The gradients of the parameters; ``delta`` is that of the output, before the activation."""
    if not part.trained:
        return ()
    names = [name for name in ("weight", "bias") if name == "weight" or part.layer.use_bias]
    cleared = tuple(Call(fill, f"gradient {name}:flat", 0.0) for name in names)
    return cleared + _added(part, plan, images, maps, delta, "gradient ")


def _added(part: Part, plan: AnyPlan, images: str, maps: str, delta: str, into: str = "") -> tuple[Call, ...]:
    """The gradients added to what these names with ``into`` before them hold."""
    if not part.trained:
        return ()
    bias = f"{into}bias" if part.layer.use_bias else ""
    if maps == delta or not bias:
        return plan.differentiate(images, maps, f"{into}weight", bias)
    return (*plan.differentiate(images, maps, f"{into}weight"), Call(add_rows, f"{delta}:rows", bias))


def _bias(part: Part) -> str:
    return "bias" if part.layer.use_bias else ""


def _then(part: Part) -> tuple[str, ...]:
    return () if part.layer.activation is None else ("function",)


def _kept(source: str, target: str) -> Call:
    return Call(keep_counted, f"{source}:rows", "mask:flat", f"{target}:rows", "begin", "end", over=f"{target}:count")
