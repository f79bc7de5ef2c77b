"""Layers with wrong shapes, dtypes or batch sizes."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Constant, Context, Layer
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Affine, Scale


class WrongDeclaration(Layer):
    """The mean over the last axis, whose shape is declared with that axis."""

    def build(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], 1)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.shape = x.shape
        mean: Array = x.mean(axis=-1)
        return mean

    def backward(self, grad: Array, ctx: Context) -> Array:
        shape = ctx.saved.shape
        return np.broadcast_to(grad[..., None] / shape[-1], shape).copy()


class ReducedGradient(Affine):
    """Backward sums the input gradient over the batch, too."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        super().backward(grad, ctx)
        below: Array = (grad @ self.weight.T).sum(axis=0)
        return below


class Squeezed(Affine):
    """A batch of one loses its axis."""

    def forward(self, x: Array, ctx: Context) -> Array:
        y = super().forward(x, ctx)
        return y[0] if len(y) == 1 else y


class NeedsARow(Affine):
    """A reshape that cannot tell the width of no rows."""

    def forward(self, x: Array, ctx: Context) -> Array:
        return super().forward(x.reshape(len(x), -1), ctx)


class WideOutput(Scale):
    """A float64 constant takes part in the output."""

    def forward(self, x: Array, ctx: Context) -> Array:
        return super().forward(x, ctx) * np.array([1.0])


class WideGradient(Scale):
    """A float64 array takes part in the input gradient."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        super().backward(grad, ctx)
        return grad * self.factor * np.ones(grad.shape)


class NarrowInside(Scale):
    """Computes in float32, whatever the model's dtype."""

    def forward(self, x: Array, ctx: Context) -> Array:
        return super().forward(x.astype(np.float32).astype(x.dtype), ctx)


class UncheckedRank(Layer):
    """Build takes an axis that need not be there."""

    factor: Array

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("factor", (input_shape[-1],), Constant(1.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x * self.factor

    def backward(self, grad: Array, ctx: Context) -> Array:
        product = grad * ctx.saved.x
        ctx.gradient("factor")[...] = product.reshape(-1, product.shape[-1]).sum(axis=0)
        return grad * self.factor


class SetInConstructor(Scale):
    """The constructor sets the parameter's name."""

    def __init__(self) -> None:
        self.factor = np.ones(4)


class PassesIntegersOn(Scale):
    """Declares that it accepts integers, and passes them on."""

    integer_input = "accept"

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x if x.dtype.kind != "f" else x * self.factor

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return super().backward(grad, ctx)


class RowsTurnedRound(Affine):
    """Weights are applied from the wrong side, which fits only where there are as many rows as features."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return self.weight @ x + self.bias


class DividesByZero(Scale):
    """The logarithm of what may be negative."""

    def forward(self, x: Array, ctx: Context) -> Array:
        with_gaps: Any = np.log(x)
        return super().forward(np.nan_to_num(with_gaps), ctx)


VECTORS = {"input_shapes": [(4,)]}

BUGS = [
    Bug(WrongDeclaration, "declared-output-shape", "build returns another shape", {"input_shapes": [(2, 3)]}),
    Bug(ReducedGradient, "declared-output-shape", "sums over an axis too many", VECTORS),
    Bug(Squeezed, "batch-sizes", "drops", VECTORS),
    Bug(NeedsARow, "batch-sizes", "−1", VECTORS),
    Bug(WideOutput, "dtypes-kept", "float64"),
    Bug(WideGradient, "dtypes-kept", "float64"),
    Bug(NarrowInside, "input-gradient", "derivative"),
    Bug(UncheckedRank, "wrong-shapes", "before it looks"),
    Bug(SetInConstructor, "used-before-build", "constructor"),
    Bug(PassesIntegersOn, "integer-inputs", "passed on"),
    Bug(RowsTurnedRound, "batch-sizes", "rows", {"input_shapes": [(5,)]}),
    Bug(DividesByZero, "floating-warnings", "logarithm"),
]
