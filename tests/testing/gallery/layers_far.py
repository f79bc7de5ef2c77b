"""Layers that are right for numbers of the usual size, in float64 and for a few rows, and not beyond."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Constant, Context, Dense, Layer, Sigmoid, Zeros
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from tests.testing import unusual
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.layers_masked import MeanOfSteps, steps_of
from tests.testing.gallery.layers_parts import Around
from tests.testing.gallery.layers_points import Curve
from tests.testing.gallery.sound import Affine


class CoshOverflows(Curve):
    """log cosh x by the cosine itself, which float32 does not hold beyond 89."""

    def value(self, x: Array) -> Array:
        return np.log(np.cosh(x))

    def slope(self, x: Array) -> Array:
        return np.tanh(x)


class WeightsOverflow(Layer):
    """The mean of the steps so far, a step weighing three times what the one before does; 3^80 ends float32."""

    def build(self, input_shape: Shape) -> Shape:
        steps_of(self, input_shape)
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.mask is not None:
            raise ShapeError("WeightsOverflow: knows no masks")
        weights = (np.asarray(3, x.dtype) ** np.arange(x.shape[1], dtype=x.dtype))[:, None]
        ctx.saved.weights = weights, np.cumsum(weights, axis=0)
        return np.cumsum(x * weights, axis=1) / ctx.saved.weights[1]

    def backward(self, grad: Array, ctx: Context) -> Array:
        weights, sums = ctx.saved.weights
        below: Array = np.cumsum((grad / sums)[:, ::-1], axis=1)[:, ::-1] * weights
        return below


class RoundedProduct(Affine):
    """Multiplies in float32, since that is faster."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        product = x.astype(np.float32) @ self.weight.astype(np.float32)
        return product.astype(x.dtype) + self.bias


class DistanceFromOne(Layer):
    """|x − c| for one learned number c a feature; the slope divides by the distance."""

    centre: Array

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1 or input_shape[0] is None:
            raise ShapeError(f"DistanceFromOne: takes vectors of a known length, got {input_shape}")
        self.parameter("centre", input_shape, Constant(1.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.apart = x - self.centre
        return np.abs(ctx.saved.apart)

    def backward(self, grad: Array, ctx: Context) -> Array:
        with np.errstate(invalid="ignore"):
            below = grad * ctx.saved.apart / np.abs(ctx.saved.apart)
        ctx.gradient("centre")[...] = -below.sum(axis=0)
        return below


class FlatNearZero(Curve):
    """2 x, of which backward takes what is smaller than 0.0005 for 0."""

    def value(self, x: Array) -> Array:
        return 2 * x

    def slope(self, x: Array) -> Array:
        return (2 * (np.abs(x) > 0.0005)).astype(x.dtype)


class CutAtFiveHundred(Curve):
    """x |x| / 2, whose slope ends at 500."""

    def value(self, x: Array) -> Array:
        return 0.5 * x * np.abs(x)

    def slope(self, x: Array) -> Array:
        return np.minimum(np.abs(x), 500)


class NeverStarts(Layer):
    """y = x (1 + a b), where both factors begin at 0: neither ever has a gradient."""

    a: Array
    b: Array

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1 or input_shape[0] is None:
            raise ShapeError(f"NeverStarts: takes vectors of a known length, got {input_shape}")
        for name in ("a", "b"):
            self.parameter(name, input_shape, Zeros())
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x * (1 + self.a * self.b)

    def backward(self, grad: Array, ctx: Context) -> Array:
        product = (grad * ctx.saved.x).sum(axis=0)
        ctx.gradient("a")[...] = product * self.b
        ctx.gradient("b")[...] = product * self.a
        return grad * (1 + self.a * self.b)


class ShiftsItsPart(Around):
    """f(x) − 1, declared as what the part gives."""

    output_part = "body"

    def forward(self, x: Any, ctx: Context) -> Any:
        return ctx.part("body").forward(x) - 1


class LastBlockLeftOut(Curve):
    """x³, of more than 600 rows in blocks of 512, whole ones alone."""

    def value(self, x: Array) -> Array:
        y = x**3
        if len(x) > 600:
            y[len(x) // 512 * 512 :] = 0
        return y


class NearlyMasked(MeanOfSteps):
    """The largest step, from which padding is kept by taking 1e5 off it."""

    def forward(self, x: Array, ctx: Context) -> Array:
        lowered = x if ctx.mask is None else x - np.where(ctx.mask, 0, 1e5).astype(x.dtype)[:, :, None]
        ctx.saved.chosen = lowered.argmax(axis=1)[:, None]
        ctx.saved.shape = x.shape
        return np.take_along_axis(x, ctx.saved.chosen, axis=1)[:, 0]

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.zeros(ctx.saved.shape, grad.dtype)
        np.put_along_axis(below, ctx.saved.chosen, grad[:, None], axis=1)
        return below


class CountsFromTheFront(MeanOfSteps):
    """The mean of as many steps as count, from the first on."""

    def shares(self, x: Array, ctx: Context) -> Array:
        steps = np.ones(x.shape[:2], bool)
        if ctx.mask is not None:
            steps = np.arange(x.shape[1]) < ctx.mask.sum(axis=1, keepdims=True)
        return steps / np.maximum(steps.sum(axis=1, keepdims=True), 1)


class GradientOfIntegers(unusual.Choose):
    """Gives zeros for a gradient of the integers."""

    def backward(self, grad: Array, ctx: Context) -> Any:
        places = ctx.saved.places
        return super().backward(grad, ctx)[0], np.zeros_like(places)


SEQUENCES = {"input_shapes": [(None, 3)]}
CHOICES = {
    "input_shapes": [((3,), ())],
    "inputs": [lambda rng, shape: rng.normal(size=shape), lambda rng, shape: rng.integers(0, 4, shape)],
}
BUGS = [
    Bug(CoshOverflows, "large-inputs", "overflows"),
    Bug(WeightsOverflow, "large-inputs", "of length 200", SEQUENCES),
    Bug(RoundedProduct, "full-precision", "rounded to float32", {"input_shapes": [(4,)]}),
    Bug(DistanceFromOne, "planted-points", "equal a parameter", {"input_shapes": [(4,)]}),
    Bug(FlatNearZero, "planted-points", "0.001 times"),
    Bug(CutAtFiveHundred, "planted-points", "1000 times"),
    Bug(NeverStarts, "able-to-learn", "begin at 0", {"input_shapes": [(4,)]}),
    Bug(
        ShiftsItsPart,
        "handed-on",
        "leave the declaration out",
        {"arguments": {"inner": Dense(2, activation=Sigmoid())}},
    ),
    Bug(LastBlockLeftOut, "long-batches", "of a batch of 1100"),
    Bug(NearlyMasked, "padding-left-out", "1e+06", SEQUENCES),
    Bug(CountsFromTheFront, "any-mask", "lengths are counted", SEQUENCES),
    Bug(GradientOfIntegers, "declared-output-shape", "None in the place of integers", CHOICES),
]
