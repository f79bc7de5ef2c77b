"""Kernels of layers with states, masks and random numbers."""

from __future__ import annotations

from typing import Any

from layerkit_numba import Call, LayerKernel, Part, compiled, like

from layerkit import Constant, Context, Layer
from layerkit.types import Array, Shape

from .fault import fault
from .sound_scale import COPIES, Scale, copy, scaling


class MaskedScale(Scale):
    """The same; what does not count becomes 0."""

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(x)
        ctx.saved.x = x if mask is None else x * mask
        return ctx.saved.x * self.factor

    def backward(self, grad: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(grad)
        below = super().backward(grad, ctx)
        return below if mask is None else below * mask


class RunningMean(Layer):
    """The input, whose mean is kept."""

    coupled_rows = True

    def build(self, input_shape: Shape) -> Shape:
        self.state("mean", input_shape[-1:], Constant(0.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.training:
            ctx.update_state("mean", 0.9 * self.mean + 0.1 * x.reshape(-1, x.shape[-1]).mean(axis=0))
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class Noise(Layer):
    """Normal noise on every number, in training."""

    stochastic = True

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        return x + ctx.rng.standard_normal(x.shape, x.dtype) if ctx.training else x

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


@compiled
def new_mean(x: Any, mean: Any, new: Any) -> None:
    for column in range(x.shape[1]):
        total = like(0, mean[column])
        for row in range(x.shape[0]):
            total += x[row, column]
        new[column] = like(0.9, total) * mean[column] + like(0.1 / x.shape[0], total) * total


@fault("states", RunningMean)
def _StateNotUpdated(part: Part) -> LayerKernel:
    return LayerKernel(view=True)


@compiled
def squashed_mean(x: Any, mean: Any, new: Any) -> None:
    new_mean(x, mean, new)
    new[0] = mean[0]


@fault("states", RunningMean)
def _OnePlaceOfAStateStays(part: Part) -> LayerKernel:
    running = (Call(squashed_mean, "x:rows", "mean", "new mean"),) if part.training else ()
    return LayerKernel(forward=(*running, Call(copy, "x:flat", "y:flat")), **COPIES)


@compiled
def mean_in_place(x: Any, mean: Any) -> None:
    for column in range(x.shape[1]):
        mean[column] *= like(0.9, mean[column])


@fault("leaves-what-it-is-given", RunningMean)
def _StateMovedWhereItStands(part: Part) -> LayerKernel:
    running = (Call(new_mean, "x:rows", "mean", "new mean"), Call(mean_in_place, "x:rows", "mean"))
    return LayerKernel(forward=(*(running if part.training else ()), Call(copy, "x:flat", "y:flat")), **COPIES)


@compiled
def scale_counted(x: Any, factor: Any, mask: Any, y: Any) -> None:
    each = x.shape[0] // mask.size
    for row in range(x.shape[0]):
        counts = mask[row // each]
        for column in range(x.shape[1]):
            y[row, column] = x[row, column] * factor[column] if counts else like(0, factor[column])


@fault("masks", MaskedScale)
def _MaskIgnored(part: Part) -> LayerKernel:
    return scaling(masks="ignored")


@fault("masks", MaskedScale)
def _MaskForwardOnly(part: Part) -> LayerKernel:
    if not part.masked:
        return scaling(masks="heeded")
    return scaling(forward=(Call(scale_counted, "x:rows", "factor", "mask:flat", "y:rows"),), masks="heeded")


@compiled
def add_noise(x: Any, y: Any, rng: Any) -> None:
    for place in range(x.size):
        y[place] = x[place] + rng.standard_normal()
    rng.random()


@fault("random-numbers", Noise, checks=["kernel-made", "values", "random-numbers"])
def _DrawsOneMore(part: Part) -> LayerKernel:
    if not part.training:
        return LayerKernel(view=True)
    return LayerKernel(forward=(Call(add_noise, "x:flat", "y:flat", "rng"),), **COPIES)
