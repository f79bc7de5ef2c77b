"""Layers that take or give arrays of the wrong kind: integers, narrow numbers, scalars, lists."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Constant, Context, Layer
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Affine, Centre, Scale
from tests.testing.unusual import Product


class WideOnIntegers(Scale):
    """Bytes become float64 whatever the model's dtype: NumPy's division makes them so."""

    integer_input = "accept"

    def forward(self, x: Array, ctx: Context) -> Array:
        if x.dtype.kind == "f":
            return super().forward(x / 255, ctx)
        ctx.saved.x = x / 255
        return ctx.saved.x * self.factor

    def backward(self, grad: Array, ctx: Context) -> Any:
        below = super().backward(grad, ctx)
        return below / 255 if below is not None and ctx.saved.x.dtype == grad.dtype else below


class WrapsBytes(Layer):
    """The middle of the range is taken off bytes as bytes, which have no negative numbers."""

    integer_input = "accept"
    factor: Array

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("factor", (), Constant(1.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        centred = x - np.asarray(2, x.dtype)
        ctx.saved.integer, ctx.saved.x = x.dtype.kind != "f", centred.astype(self.factor.dtype)
        return ctx.saved.x * self.factor

    def backward(self, grad: Array, ctx: Context) -> Any:
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum()
        return None if ctx.saved.integer else grad * self.factor


class WidensWhatItKeeps(Layer):
    """Declares that it passes any dtype on, and makes floating numbers of integers."""

    integer_input = "keep"

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        return x if x.dtype.kind == "f" else x * 1.0

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class NarrowState(Centre):
    """The running mean is computed in float32, whatever the model's dtype."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.training = ctx.training
        if not ctx.training:
            return x - self.mean
        mean = x.mean(axis=0)
        narrow = (0.9 * self.mean + 0.1 * mean).astype(np.float32)
        ctx.update_state("mean", narrow.astype(x.dtype))
        return x - mean


class NarrowBackward(Affine):
    """Gradients are added up in float32, whatever the model's dtype."""

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        below = super().backward(grad, ctx)
        ctx.gradient("bias")[...] = grad.sum(axis=0, dtype=np.float32)
        return below


class NarrowInput(Scale):
    """The returned gradient was float32 in between."""

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum(axis=0)
        return (grad.astype(np.float32) * self.factor).astype(grad.dtype)


class GivesAList(Scale):
    """The output is a list of rows."""

    def forward(self, x: Array, ctx: Context) -> Any:
        return list(super().forward(x, ctx))


class GivesAScalar(Layer):
    """The total of the batch: NumPy's number, not an array."""

    coupled_rows = True

    def build(self, input_shape: Shape) -> Shape:
        return ()

    def forward(self, x: Array, ctx: Context) -> Any:
        ctx.saved.shape = x.shape
        return x.sum()

    def backward(self, grad: Array, ctx: Context) -> Array:
        return np.broadcast_to(grad, ctx.saved.shape).copy()


class GivesNothing(Scale):
    """The return is missing."""

    def forward(self, x: Array, ctx: Context) -> Any:
        super().forward(x, ctx)


class OneGradientForTwo(Product):
    """The two gradients are stacked."""

    def backward(self, grad: Array, ctx: Context) -> Any:
        return np.stack(super().backward(grad, ctx))


class OneGradientTooFew(Product):
    """The second input's gradient is left out."""

    def backward(self, grad: Array, ctx: Context) -> Any:
        return super().backward(grad, ctx)[:1]


TWO = {"input_shapes": [((4,), (4,))]}

BUGS = [
    Bug(WideOnIntegers, "integer-inputs", "float32"),
    Bug(WrapsBytes, "integer-inputs", "uint8"),
    Bug(WidensWhatItKeeps, "integer-inputs", "passes any dtype on"),
    Bug(NarrowState, "states-keep-precision", "float32"),
    Bug(NarrowBackward, "gradient-linear", "float32", {"input_shapes": [(4,)]}),
    Bug(NarrowInput, "gradient-linear", "float32"),
    Bug(GivesAList, "gives-arrays", "a list"),
    Bug(GivesAScalar, "gives-arrays", "a NumPy scalar, not an array"),
    Bug(GivesNothing, "gives-arrays", "return"),
    Bug(OneGradientForTwo, "gives-arrays", "one gradient for each input", TWO),
    Bug(OneGradientTooFew, "gives-arrays", "one gradient for each input", TWO),
]
