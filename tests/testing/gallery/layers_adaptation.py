"""Layers that learn from data before the first step, and do it wrong."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from layerkit import Constant, Context, Layer, Zeros
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Offset


class KeepsWhatItLearns(Offset):
    """What is learned is kept on self."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        super().adapt(batches, ctx)
        self.seen = True


class ProposesNothing(Offset):
    """The middle is computed and forgotten."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        self.learned(batches)


class WrongShape(Offset):
    """The sums keep an axis of length 1."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        ctx.update_state("middle", self.learned(batches)[np.newaxis])


class NoDeviation(Offset):
    """A logarithm of what may be negative."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        with np.errstate(invalid="ignore"):
            ctx.update_state("middle", np.log(-np.abs(self.learned(batches)) - 1))


class LastBatch(Offset):
    """Only the last batch counts."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        ctx.update_state("middle", self.learned([list(batches)[-1]]))


class WritesIntoBatches(Offset):
    """The batch is centred in place."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        for x, _ in batches:
            x[...] -= x.mean(axis=0)
        super().adapt(batches, ctx)


class WithoutWeights(Offset):
    """Every example counts the same."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        super().adapt([(x, np.ones(len(x))) for x, _ in batches], ctx)


class Blends(Offset):
    """What is learned is blended with what was there before."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        ctx.update_state("middle", 0.5 * (self.middle + self.learned(batches)))


class ByNumber(Offset):
    """Adds up in the numbers of the model's dtype, one after another."""

    deviation: Array

    def build(self, input_shape: Shape) -> Shape:
        super().build(input_shape)
        self.state("deviation", input_shape, Constant(1.0), minimum=0)
        return input_shape

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        whole = [(x, weights.astype(x.dtype)) for x, weights in batches]
        total = np.sum([weights.sum() for _, weights in whole])
        middle, squares = (
            np.sum([np.tensordot(weights, x**power, 1) for x, weights in whole], axis=0) / total for power in (1, 2)
        )
        ctx.update_state("middle", middle)
        ctx.update_state("deviation", np.sqrt(np.abs(squares - middle**2)))

    def scale(self) -> Array:
        return np.where(self.deviation > 1e-3, self.deviation, 1).astype(self.deviation.dtype)

    def forward(self, x: Array, ctx: Context) -> Array:
        y: Array = (x - self.middle) / self.scale()
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        back: Array = grad / self.scale()
        return back


class Steps(Layer):
    """Takes off each feature its mean over all steps that count, and gives 0 for those that do not."""

    middle: Array

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2 or not isinstance(input_shape[1], int):
            raise ShapeError(f"Steps: takes (time, features), got {input_shape}")
        self.state("middle", (input_shape[1],), Zeros())
        return input_shape

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        total, count = np.zeros(self.middle.shape), 0.0
        for x, weights in batches:
            counted = self.counted(x, ctx) * weights[:, np.newaxis, np.newaxis]
            total += (np.where(counted > 0, x, 0) * counted).sum(axis=(0, 1))
            count += self.number(counted)
        ctx.update_state("middle", total / (count or 1))

    def counted(self, x: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(x)
        return np.ones((*x.shape[:2], 1)) if mask is None else mask.astype(float)

    def number(self, counted: Array) -> float:
        return float(counted.sum())

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.mask = ctx.mask_over(x)
        return x - self.middle if ctx.saved.mask is None else np.where(ctx.saved.mask, x - self.middle, 0)

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad if ctx.saved.mask is None else np.where(ctx.saved.mask, grad, 0)


class FirstMask(Steps):
    """Takes a mask for one by which all counts."""

    def counted(self, x: Array, ctx: Context) -> Array:
        return np.ones((*x.shape[:2], 1))


class CountsPadding(Steps):
    """Leaves padding out of the sum, and counts it."""

    def number(self, counted: Array) -> float:
        return float(counted.max(axis=(1, 2)).sum()) * counted.shape[1]


BUGS = [
    Bug(KeepsWhatItLearns, "adapts-to-data", "seen"),
    Bug(ProposesNothing, "adapts-to-data", "proposes nothing"),
    Bug(WrongShape, "adapts-to-data", "of shape (1, 4) for a state of shape (4,)"),
    Bug(NoDeviation, "adapts-to-data", "not finite"),
    Bug(LastBatch, "adapts-to-data", "batches of 5 rows"),
    Bug(WritesIntoBatches, "adapts-to-data", "read-only"),
    Bug(Blends, "adapts-anew", "a second time"),
    Bug(ByNumber, "adapts-far-from-zero", "in float32"),
    Bug(FirstMask, "adapts-by-masks", "in the padding", {"input_shapes": [(4, 3)]}),
    Bug(CountsPadding, "adapts-by-masks", "more padding", {"input_shapes": [(4, 3)]}),
    Bug(WithoutWeights, "adapts-by-weights", "weights that come with each batch"),
]
