"""Layers that are right in one place, and not in two of different shapes; states with a minimum that is none."""

from __future__ import annotations

import numpy as np

from layerkit import Activation, Constant, Context, Layer, Tanh, Zeros
from layerkit.arguments import check_instance
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Centre, Offset


class KeepsItsWeights(Layer):
    """Weighs features by a ramp that build makes for their number."""

    def build(self, input_shape: Shape) -> Shape:
        self._ramp = np.linspace(1.0, 2.0, input_shape[-1])
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        return x * self._ramp[: x.shape[-1]].astype(x.dtype)

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad * self._ramp[: grad.shape[-1]].astype(grad.dtype)


class FlattensByTheLast(Layer):
    """Makes one axis of all, as long as build has seen it last."""

    def build(self, input_shape: Shape) -> Shape:
        self._length = int(np.prod(input_shape))
        return (self._length,)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.shape = x.shape
        return x.reshape(-1, self._length)

    def backward(self, grad: Array, ctx: Context) -> Array:
        back: Array = grad.reshape(ctx.saved.shape)
        return back


class KeepsTheRank(Activation):
    """A softmax that divides by the temperature of the number of axes it was declared for."""

    def declare(self, input_shape: Shape) -> None:
        self._axes = len(input_shape)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.y = np.tanh(x / self._axes)
        y: Array = ctx.saved.y
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        back: Array = grad * (1 - ctx.saved.y**2) / self._axes
        return back


class AroundAndKeeps(Layer):
    """Scales what its part gives by the number of outputs that build saw."""

    def __init__(self, inner: Layer) -> None:
        check_instance(self, "inner", inner, Layer)
        self.inner = inner

    def build(self, input_shape: Shape) -> Shape:
        shape = self.part("inner", self.inner, input_shape)
        self._scale = 1 / shape[-1]
        return shape

    def forward(self, x: Array, ctx: Context) -> Array:
        y: Array = ctx.part("inner").forward(x) * self._scale
        return y

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        back: Array | None = ctx.part("inner").backward(grad * self._scale)
        return back


class MeanAboveZero(Centre):
    """Declares its running mean as if that were a variance."""

    def build(self, input_shape: Shape) -> Shape:
        self.state("mean", input_shape, Zeros(), minimum=0)
        return input_shape


class CountBelow(Centre):
    """Counts down a share that it says is at least a half."""

    def build(self, input_shape: Shape) -> Shape:
        super().build(input_shape)
        self.state("share", (), Constant(1.0), minimum=0.5)
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.training:
            share: Array = vars(self)["share"]
            ctx.update_state("share", np.asarray(0.6 * share, share.dtype))
        return super().forward(x, ctx)


class LearnedAboveZero(Offset):
    """Learns a middle, and says that it is never negative."""

    def build(self, input_shape: Shape) -> Shape:
        self.state("middle", input_shape, Zeros(), minimum=0)
        return input_shape


BUGS = [
    Bug(KeepsItsWeights, "places-of-two-shapes", "build keeps a length", {"input_shapes": [(4,), (7,)]}),
    Bug(FlattensByTheLast, "places-of-two-shapes", "in another", {"input_shapes": [(2, 3)]}),
    Bug(KeepsTheRank, "places-of-two-shapes", "in one place"),
    Bug(AroundAndKeeps, "places-of-two-shapes", "in another", {"arguments": {"inner": Tanh()}, "input_shapes": [(4,)]}),
    Bug(MeanAboveZero, "states-above-their-minima", "at least 0", {"input_shapes": [(4,)]}),
    Bug(CountBelow, "states-above-their-minima", "'share'", {"input_shapes": [(4,)]}),
    Bug(LearnedAboveZero, "states-above-their-minima", "adapt", {"input_shapes": [(4,)]}),
]
