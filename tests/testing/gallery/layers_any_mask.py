"""Layers for sequences that are right under padding behind them, and wrong under other masks or other padding."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Constant, Context, Layer
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.layers_masked import steps_of

SEQUENCES: dict[str, Any] = {"input_shapes": [(None, 2)]}


class WeighedSteps(Layer):
    """The mean over the steps that count, times a learned factor."""

    factor: Array

    def build(self, input_shape: Shape) -> Shape:
        width = steps_of(self, input_shape)
        self.parameter("factor", (width,), Constant(0.7))
        return (width,)

    def shares(self, mask: Array) -> Array:
        shares: Array = mask / np.maximum(mask.sum(axis=1, keepdims=True), 1)
        return shares

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = np.ones(x.shape[:2], bool) if ctx.mask is None else ctx.mask
        kept = np.where(mask[:, :, None], x, 0)
        ctx.saved.mask, ctx.saved.shares = mask, self.shares(mask).astype(x.dtype)
        ctx.saved.mean = np.einsum("bt,btf->bf", ctx.saved.shares, kept)
        y: Array = ctx.saved.mean * self.factor
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.mean).sum(axis=0)
        return np.einsum("bt,bf->btf", ctx.saved.shares, grad * self.factor)


def begins_late(mask: Array) -> Array:
    """The rows in which a step counts whose predecessor does not."""
    return np.asarray((mask[:, 1:] & ~mask[:, :-1]).any(axis=1))


class NothingInFront(WeighedSteps):
    """Where the first step is padding, its share is 0 / 0."""

    def shares(self, mask: Array) -> Array:
        late = ~mask[:, :1] & (np.arange(mask.shape[1]) == 0)
        return super().shares(mask) / np.where(late, 0.0, 1.0)


class LateRowsTooLarge(WeighedSteps):
    """The gradient is half as large again where padding stands in front of what counts."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        return super().backward(grad * np.where(begins_late(ctx.saved.mask), 1.5, 1.0)[:, None].astype(grad.dtype), ctx)


class OneLateRow(WeighedSteps):
    """Where one row of the batch begins late, all rows are counted otherwise."""

    def shares(self, mask: Array) -> Array:
        shares: Array = super().shares(mask) * (1.5 if begins_late(mask).any() else 1.0)
        return shares


class GapsEndIt(WeighedSteps):
    """A row ends where padding begins, though what counts may go on behind it."""

    def shares(self, mask: Array) -> Array:
        places = np.arange(mask.shape[1])
        first = mask.argmax(axis=1)[:, None]
        gap = ~mask & (places > first)
        end = np.where(gap.any(axis=1), gap.argmax(axis=1), mask.shape[1])[:, None]
        return super().shares(mask & (places < end))


class ForgetsTheMask(WeighedSteps):
    """Refuses a mask, though not before backward."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        if ctx.mask is not None:
            ctx.mask_over(np.zeros((2 * len(grad), 3, 1)))
        return super().backward(grad, ctx)


class SoftShare(WeighedSteps):
    """Steps weigh e^x of their first feature; the largest is taken off first."""

    def largest(self, scores: Array, mask: Array) -> Array:
        largest: Array = np.where(mask, scores, -np.inf).max(axis=1, keepdims=True)
        return largest

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = np.ones(x.shape[:2], bool) if ctx.mask is None else ctx.mask
        scores = -x[:, :, 0]
        weights = np.where(mask, np.exp(np.where(mask, scores - self.largest(scores, mask), 0)), 0)
        ctx.saved.shares = (weights / weights.sum(axis=1, keepdims=True)).astype(x.dtype)
        ctx.saved.kept = np.where(mask[:, :, None], x, 0)
        ctx.saved.mean = np.einsum("bt,btf->bf", ctx.saved.shares, ctx.saved.kept)
        y: Array = ctx.saved.mean * self.factor
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = super().backward(grad, ctx)
        along = np.einsum("bf,btf->bt", grad * self.factor, ctx.saved.kept - ctx.saved.mean[:, None])
        below[:, :, 0] -= ctx.saved.shares * along
        return below


class LargestOfAll(SoftShare):
    """Takes off the largest of all steps, padded ones too: beside a million, the others are 0."""

    def largest(self, scores: Array, mask: Array) -> Array:
        largest: Array = scores.max(axis=1, keepdims=True)
        return largest


class LargestStep(Layer):
    """The largest of each feature over the steps that count."""

    lowest = -np.inf

    def build(self, input_shape: Shape) -> Shape:
        return (steps_of(self, input_shape),)

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = np.ones(x.shape[:2], bool) if ctx.mask is None else ctx.mask
        seen = np.where(mask[:, :, None], x, np.asarray(self.lowest, x.dtype))
        ctx.saved.best = seen.argmax(axis=1)[:, None] == np.arange(x.shape[1])[:, None]
        ctx.saved.best &= mask[:, :, None]
        return np.asarray(seen.max(axis=1))

    def backward(self, grad: Array, ctx: Context) -> Array:
        below: Array = grad[:, None] * ctx.saved.best
        return below


class LargestAboveAHundredLess(LargestStep):
    """Takes −100 for the smallest number that there is."""

    lowest = -100.0


SOUND = (WeighedSteps, SoftShare, LargestStep)

BUGS = [
    Bug(NothingInFront, "any-mask", "nan at (0, 0), where the mask is 011", SEQUENCES),
    Bug(LateRowsTooLarge, "any-mask", "in different ways", SEQUENCES),
    Bug(OneLateRow, "any-mask", "over the whole batch", SEQUENCES),
    Bug(GapsEndIt, "any-mask", "given up", SEQUENCES),
    Bug(ForgetsTheMask, "masked-gradients", "not halfway", SEQUENCES),
    Bug(LargestAboveAHundredLess, "numbers-beyond-the-padding", "about -1000", SEQUENCES),
    Bug(LargestOfAll, "padding-left-out", "negative numbers of about 1e+06", SEQUENCES),
]
