"""Wrong where people seldom look: one row, one step, no axis, features that are always 0, targets that are certain."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from layerkit import Constant, Context, Layer, Transform, UpdateContext
from layerkit.arguments import check_number
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.masks import Padded
from tests.testing.gallery.numbers import Distance
from tests.testing.gallery.sound import Centre, Drop, Momentum, Offset, Squares


class Surprise(Squares):
    """Squared differences, and the targets' own entropy, which is 0 · log 0 where one is certain."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            entropy: Array = (target * np.log(target)).reshape(len(target), -1).sum(axis=1)
        return super().forward(prediction, target, ctx) - entropy


class LabelSquares(Padded):
    """Squared differences from one-hot rows, made of all labels, also of those in the padding."""

    target_form = "labels"
    minimum = None

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return super().forward(prediction, self.rows(prediction, target), ctx)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return super().backward(prediction, self.rows(prediction, target), ctx)

    def rows(self, prediction: Array, target: Array) -> Array:
        if target.shape != prediction.shape[:-1]:
            raise ShapeError(f"LabelSquares: labels {target.shape} do not fit predictions {prediction.shape}")
        found: Array = np.eye(prediction.shape[-1], dtype=prediction.dtype)[target]
        return found


class HitsUnmasked(Distance):
    """Asks for the mask of what has no axis behind that of time, for which there is none."""

    name = "hits"

    def each(self, prediction: Array, target: Array) -> Array:
        hits: Array = (prediction.argmax(axis=-1) == target.argmax(axis=-1)) * 1.0
        return hits.reshape(len(hits), -1).mean(axis=1)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> Array | None:
        hits = prediction.argmax(axis=-1) == target.argmax(axis=-1)
        assert ctx.mask_over(hits) is None
        return super().update(totals, prediction, target, weights, ctx)


class Spread(Layer):
    """The sum over time, divided by the number of steps less one."""

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2 or not isinstance(input_shape[1], int):
            raise ShapeError(f"Spread: takes sequences (time, features), got {input_shape}")
        return input_shape[1:]

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.shape = x.shape
        with np.errstate(divide="ignore", invalid="ignore"):
            spread: Array = x.sum(axis=1) / np.asarray(x.shape[1] - 1, x.dtype)
        return spread

    def backward(self, grad: Array, ctx: Context) -> Array:
        shape = ctx.saved.shape
        with np.errstate(divide="ignore", invalid="ignore"):
            each: Array = grad / np.asarray(shape[1] - 1, grad.dtype)
        return np.repeat(each[:, None], shape[1], axis=1)


class Unbiased(Centre):
    """The running mean is moved by the unbiased variance, which one row does not have."""

    def forward(self, x: Array, ctx: Context) -> Array:
        output = super().forward(x, ctx)
        if ctx.training:
            with np.errstate(divide="ignore", invalid="ignore"):
                variance = ((x - x.mean(axis=0)) ** 2).sum(axis=0) / np.asarray(len(x) - 1, x.dtype)
            ctx.update_state("mean", 0.9 * self.mean + 0.1 * variance)
        return output


class NoAxisBehind(Layer):
    """Takes inputs without any axis, and then there is none to sum over."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        return 2 * x

    def backward(self, grad: Array, ctx: Context) -> Array:
        # the number of features is asked for, and there are none
        return 2 * grad * (grad.shape[1] / grad.shape[1])


class LeftOut(Drop):
    """A factor that is left out now and then, and whose gradient is not written then."""

    factor: Array

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or not all(isinstance(axis, int) for axis in input_shape):
            raise ShapeError(f"LeftOut: every axis must have a length, got {input_shape}")
        self.parameter("factor", input_shape, Constant(1.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        ctx.saved.out = ctx.training and ctx.rng.random() < 0.3
        factor = self.factor if ctx.training else 0.7 * self.factor
        return np.zeros_like(x) if ctx.saved.out else x * factor

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        if ctx.saved.out:
            return np.zeros_like(grad)
        kept = 1.0 if ctx.training else 0.7
        ctx.gradient("factor")[...] = kept * (grad * ctx.saved.x).sum(axis=0)
        return grad * (kept * self.factor)


class Sized(Offset):
    """Divides by the mean size that each place of the training data has, which may be 0."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        ctx.update_state("middle", self.learned([(np.abs(x), weights) for x, weights in batches]))

    def forward(self, x: Array, ctx: Context) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            y: Array = x / self.middle
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad / self.middle


class OnePass(Layer):
    """x / √(1e-5 + variance), and the variance as E[x²] − E[x]²."""

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or not isinstance(input_shape[-1], int):
            raise ShapeError(f"OnePass: the last axis must have a length, got {input_shape}")
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        mean = x.mean(axis=-1, keepdims=True)
        variance = np.maximum((x * x).mean(axis=-1, keepdims=True) - mean * mean, 0)
        ctx.saved.centred, ctx.saved.scale = x - mean, 1 / np.sqrt(variance + x.dtype.type(1e-5))
        normal: Array = ctx.saved.centred * ctx.saved.scale
        return normal

    def backward(self, grad: Array, ctx: Context) -> Array:
        normal = ctx.saved.centred * ctx.saved.scale
        own = grad - grad.mean(axis=-1, keepdims=True) - normal * (grad * normal).mean(axis=-1, keepdims=True)
        return own * np.asarray(ctx.saved.scale)


class OwnLength(Momentum):
    """A step as long as the parameter is, which zeros never leave."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            values, slope = parameters[each.start : each.stop], gradient[each.start : each.stop]
            length = np.sqrt(values @ values) / max(float(np.sqrt(slope @ slope)), 1e-12)
            values -= ctx.learning_rate * length * slope


class BegunOnce(Momentum):
    """A mean of squares that begins with the first square, at the first step of all."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        square = ctx.state("square")
        square += (1.0 if ctx.step == 0 else 0.05) * (gradient * gradient - square)
        parameters -= ctx.learning_rate * gradient / (np.sqrt(square) + 1e-8)


class SlowFromZero(Transform):
    """A slow copy of the parameters that begins with zeros."""

    def __init__(self, share: float = 0.5) -> None:
        check_number(self, "share", share, above=0, maximum=1)
        self.share = share

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        slow = ctx.state("slow")
        slow += self.share * (parameters - slow)
        parameters[...] = slow


BUGS: list[Bug] = [
    Bug(Surprise, "special-places", "certain", {"targets": "probabilities"}),
    Bug(LabelSquares, "masked-positions", "labels", {"input_shapes": [(3,), (5, 3)]}),
    Bug(HitsUnmasked, "masked-positions", "prediction", {"input_shapes": [(5, 3)]}),
    Bug(Spread, "sizes-vary", "single step", {"input_shapes": [(None, 3)]}),
    Bug(Unbiased, "batch-sizes", "proposed state"),
    Bug(NoAxisBehind, "wrong-shapes", "build accepts"),
    Bug(LeftOut, "gradient-overwritten", "ctx.rng"),
    Bug(Sized, "adapts-to-data", "always 0"),
    Bug(OnePass, "far-from-zero", "E[x²]"),
    Bug(OwnLength, "every-place-moves", "own length"),
    Bug(BegunOnce, "first-step-of-the-thawed", "thawed"),
    Bug(SlowFromZero, "comes-to-rest", "zeros"),
]
