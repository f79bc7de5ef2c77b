"""Layers that are right on ordinary numbers, and wrong far out, at zeros, ties, whole numbers or on many rows."""

from __future__ import annotations

import numpy as np

from layerkit import Context, Layer, Zeros
from layerkit.errors import ShapeError
from layerkit.shapes import is_many
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Affine, Centre, Scale


class Curve(Layer):
    """y = f(x), at each place: x³ unless said otherwise."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def value(self, x: Array) -> Array:
        return x**3

    def slope(self, x: Array) -> Array:
        return 3 * x**2

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return self.value(x)

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad * self.slope(ctx.saved.x)


class SymmetricLog(Curve):
    """sign(x) log(1 + |x|)."""

    def value(self, x: Array) -> Array:
        return np.sign(x) * np.log1p(np.abs(x))

    def slope(self, x: Array) -> Array:
        return 1 / (1 + np.abs(x))


class ZeroAtZero(SymmetricLog):
    """The slope is sign² / (1 + |x|), which is 0 at 0."""

    def slope(self, x: Array) -> Array:
        slope: Array = np.sign(x) ** 2 / (1 + np.abs(x))
        return slope


class FlatFarOut(Curve):
    """The slope stops to grow at |x| = 7."""

    def slope(self, x: Array) -> Array:
        return 3 * np.clip(x, -7, 7) ** 2


class WrongBelow(SymmetricLog):
    """Below −6 the slope is that of another branch."""

    def slope(self, x: Array) -> Array:
        return np.where(x < -6, 0.1, super().slope(x)).astype(x.dtype)


class WrongAtWholeNumbers(SymmetricLog):
    """Whole numbers are taken for places without a slope."""

    def slope(self, x: Array) -> Array:
        return np.where((x == np.round(x)) & (x != 0), 0, super().slope(x)).astype(x.dtype)


class NormTimes(Layer):
    """y = ‖x‖ x, whose gradient is divided by ‖x‖."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        norm = np.sqrt((x * x).sum(axis=-1, keepdims=True))
        ctx.saved.x, ctx.saved.norm = x, norm
        y: Array = norm * x
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        x, norm = ctx.saved.x, ctx.saved.norm
        below: Array = norm * grad + x * (grad * x).sum(axis=-1, keepdims=True) / norm
        return below


class ProductOfFeatures(Layer):
    """The product of an example's values, whose gradient is that product, divided by each."""

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape:
            raise ShapeError(f"ProductOfFeatures: needs an axis to multiply along, got {input_shape}")
        return (*input_shape[:-1], 1)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        ctx.saved.y = x.prod(axis=-1, keepdims=True)
        y: Array = ctx.saved.y
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below: Array = grad * ctx.saved.y / ctx.saved.x
        return below


class SoftRank(Layer):
    """yᵢ = Σⱼ tanh(xᵢ − xⱼ) + xᵢ: a smooth rank. Backward leaves equal values out, not only i = j."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y: Array = np.tanh(x[..., :, None] - x[..., None, :]).sum(axis=-1) + x
        return y

    def others(self, apart: Array) -> Array:
        return apart != 0

    def backward(self, grad: Array, ctx: Context) -> Array:
        apart = ctx.saved.x[..., :, None] - ctx.saved.x[..., None, :]
        slope = (1 - np.tanh(apart) ** 2) * self.others(apart)
        below: Array = grad + grad * slope.sum(axis=-1) - (grad[..., :, None] * slope).sum(axis=-2)
        return below


class NegativeRows(Layer):
    """y = x · mean(x); backward takes the mean's size where the whole row is negative."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y: Array = x * x.mean(axis=-1, keepdims=True)
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        x = ctx.saved.x
        mean = x.mean(axis=-1, keepdims=True)
        mean = np.where((x < 0).all(axis=-1, keepdims=True), np.abs(mean), mean)
        below: Array = grad * mean + (grad * x).mean(axis=-1, keepdims=True)
        return below


class FactorFarOut(Scale):
    """The factor's gradient takes inputs to be at most 7."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * np.clip(ctx.saved.x, -7, 7)).sum(axis=0)
        return grad * self.factor


class EveryTie(Layer):
    """The largest of each row; all that are equal to it have the whole gradient."""

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape:
            raise ShapeError(f"EveryTie: needs an axis to look along, got {input_shape}")
        return (*input_shape[:-1], 1)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x.max(axis=-1, keepdims=True)

    def backward(self, grad: Array, ctx: Context) -> Array:
        x = ctx.saved.x
        below: Array = grad * (x == x.max(axis=-1, keepdims=True))
        return below


class LargerOfTwo(Layer):
    """The larger of two inputs at each place; where they are equal, both have the gradient."""

    def build(self, input_shape: Shape) -> Shape:
        if not is_many(input_shape) or len(input_shape) != 2 or input_shape[0] != input_shape[1]:
            raise ShapeError(f"LargerOfTwo: takes two inputs of one shape, got {input_shape}")
        return input_shape[0]

    def forward(self, x: tuple[Array, Array], ctx: Context) -> Array:
        ctx.saved.x = x
        return np.maximum(*x)

    def backward(self, grad: Array, ctx: Context) -> tuple[Array, Array]:
        one, other = ctx.saved.x
        return grad * (one >= other), grad * (other >= one)


class RecoversInput(Layer):
    """y = s · x, with s at first 0, whose gradient takes y / s for x."""

    factor: Array

    def build(self, input_shape: Shape) -> Shape:
        if not all(isinstance(axis, int) for axis in input_shape):
            raise ShapeError(f"RecoversInput: every axis must have a length, got {input_shape}")
        self.parameter("factor", input_shape, Zeros())
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.y = x * self.factor
        y: Array = ctx.saved.y
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.y / self.factor).sum(axis=0)
        return grad * self.factor


class ForgetsEarlySteps(Layer):
    """yₜ = ½ yₜ₋₁ + xₜ²; backward goes 12 steps back, and drops what is left."""

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            raise ShapeError(f"ForgetsEarlySteps: takes (time, features), got {input_shape}")
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y = x * x
        for step in range(1, y.shape[1]):
            y[:, step] += y[:, step - 1] / 2
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.zeros_like(grad)
        for back in range(min(12, grad.shape[1])):
            below[:, : grad.shape[1] - back] += grad[:, back:] / 2**back
        return 2 * ctx.saved.x * below


class WholeBlocksTwice(Scale):
    """What is left of blocks of 64 rows is x[-rest:], which is all of it where nothing is left."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        x = ctx.saved.x
        gradient = ctx.gradient("factor")
        gradient[...] = 0
        for start in range(0, len(x) - 63, 64):
            gradient += (grad[start : start + 64] * x[start : start + 64]).sum(axis=0)
        rest = len(x) % 64
        gradient += (grad[-rest:] * x[-rest:]).sum(axis=0) if len(x) >= 64 or rest else 0
        return grad * self.factor


class BlocksAtInference(Scale):
    """Inference is done in blocks of 100 rows, the second of which is shifted by one row."""

    def forward(self, x: Array, ctx: Context) -> Array:
        y = super().forward(x, ctx)
        if not ctx.training:
            y[100:200] = np.roll(y[100:200], 1, axis=0)
        return y


class LastPlaceStays(Affine):
    """The gradient of the weight's last place is always 0."""

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        below = super().backward(grad, ctx)
        ctx.gradient("weight")[-1, -1] = 0
        return below


class LastRowStays(Affine):
    """The gradient of the weight's last row is always 0."""

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        below = super().backward(grad, ctx)
        ctx.gradient("weight")[-1] = 0
        return below


class FirstBlockOnly(Affine):
    """The weight's gradient is that of the first 128 rows."""

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        below = super().backward(grad, ctx)
        ctx.gradient("weight")[...] = ctx.saved.x[:128].T @ grad[:128]
        return below


class LastBlockLost(Scale):
    """Outputs are made in blocks of 64 rows, and what is left of more than one is left as it was."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y = x * self.factor
        whole = len(y) // 64 * 64
        if whole:
            y[whole:] = x[whole:]
        return y


class BelowInBlocks(Scale):
    """The input gradient of rows from the 256th on is that of another row."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        super().backward(grad, ctx)
        rows = np.arange(len(grad)) % 256
        return grad[rows] * self.factor


class CoupledInBlocks(Centre):
    """Takes the mean of the gradient over the first 100 rows."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad - grad[:100].mean(axis=0) if ctx.saved.training else grad


class ClippedHigh(Scale):
    """Gradients above 100 are clipped inside the layer."""

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return super().backward(np.clip(grad, -100, 100), ctx)


class TinyLost(Scale):
    """Gradients below 1e-5 are taken for 0."""

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return super().backward(np.where(np.abs(grad) < 1e-5, 0, grad).astype(grad.dtype), ctx)


VECTORS = {"input_shapes": [(4,)]}
WIDE = {"input_shapes": [(30,)]}
NINE = {"input_shapes": [(9,)]}

BUGS = [
    Bug(ZeroAtZero, "planted-points", "0 everywhere"),
    Bug(FlatFarOut, "planted-points", "times as large"),
    Bug(WrongBelow, "planted-points", "times as large"),
    Bug(WrongAtWholeNumbers, "planted-points", "whole numbers"),
    Bug(NormTimes, "planted-points", "NaN"),
    Bug(ProductOfFeatures, "planted-points", "NaN"),
    Bug(SoftRank, "planted-points", "equal numbers"),
    Bug(NegativeRows, "planted-points", "negative", NINE),
    Bug(FactorFarOut, "planted-points", "factor"),
    Bug(EveryTie, "planted-points", "equal numbers"),
    Bug(LargerOfTwo, "planted-points", "equal numbers", {"input_shapes": [((4,), (4,))]}),
    Bug(RecoversInput, "planted-points", "first drawn"),
    Bug(ForgetsEarlySteps, "long-sequences", "steps", {"input_shapes": [(None, 2)]}),
    Bug(WholeBlocksTwice, "long-batches", "factor"),
    Bug(BlocksAtInference, "long-batches", "inference"),
    Bug(LastPlaceStays, "parameter-gradients", "weight", WIDE),
    Bug(LastRowStays, "parameter-gradients", "weight", WIDE),
    Bug(FirstBlockOnly, "long-batches", "weight", VECTORS),
    Bug(LastBlockLost, "long-batches", "output"),
    Bug(BelowInBlocks, "long-batches", "input gradient"),
    Bug(CoupledInBlocks, "long-batches", "300"),
    Bug(ClippedHigh, "gradient-linear", "clips"),
    Bug(TinyLost, "gradient-linear", "clips"),
]
