"""Layers for ragged sequences that mistake a mask, or forget it on the way back."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Constant, Context, Layer, Zeros
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug


def steps_of(layer: Layer, input_shape: Shape) -> int:
    """The width of inputs ``(batch, time, features)``."""
    if len(input_shape) != 2 or not isinstance(input_shape[1], int):
        raise ShapeError(f"{type(layer).__name__}: takes (time, features), features known, got {input_shape}")
    return int(input_shape[1])


class Counted(Layer):
    """y = s · x where a step counts, and zeros elsewhere."""

    factor: Array

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("factor", (steps_of(self, input_shape),), Constant(1.0))
        return input_shape

    def counts(self, x: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(x)
        return np.ones((*x.shape[:2], 1), x.dtype) if mask is None else mask.astype(x.dtype)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x, ctx.saved.counts = x, self.counts(x, ctx)
        y: Array = x * self.factor * ctx.saved.counts
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        counted = grad * ctx.saved.counts
        ctx.gradient("factor")[...] = (counted * ctx.saved.x).sum(axis=(0, 1))
        below: Array = counted * self.factor
        return below


class MeanOfSteps(Layer):
    """The mean over the steps that count."""

    def build(self, input_shape: Shape) -> Shape:
        return (steps_of(self, input_shape),)

    def shares(self, x: Array, ctx: Context) -> Array:
        mask = np.ones(x.shape[:2], bool) if ctx.mask is None else ctx.mask
        return mask / np.maximum(mask.sum(axis=1, keepdims=True), 1)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.shares = self.shares(x, ctx).astype(x.dtype)
        return np.einsum("bt,btf->bf", ctx.saved.shares, x)

    def backward(self, grad: Array, ctx: Context) -> Array:
        return np.einsum("bt,bf->btf", ctx.saved.shares, grad)


class CentreOfSteps(Layer):
    """Takes the mean over all steps of the batch that count off each feature, and a running one at inference."""

    coupled_rows = True
    mean: Array

    def build(self, input_shape: Shape) -> Shape:
        self.state("mean", (steps_of(self, input_shape),), Zeros())
        return input_shape

    def counts(self, x: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(x)
        return np.ones((*x.shape[:2], 1), x.dtype) if mask is None else mask.astype(x.dtype)

    def mean_of(self, x: Array, counts: Array) -> Array:
        mean: Array = (x * counts).sum(axis=(0, 1)) / max(counts.sum(), 1)
        return mean

    def forward(self, x: Array, ctx: Context) -> Array:
        counts = ctx.saved.counts = self.counts(x, ctx)
        ctx.saved.training = ctx.training
        if not ctx.training:
            return (x - self.mean) * counts
        ctx.update_state("mean", 0.9 * self.mean + 0.1 * self.running(x, counts))
        return (x - self.mean_of(x, counts)) * counts

    def running(self, x: Array, counts: Array) -> Array:
        return self.mean_of(x, counts)

    def backward(self, grad: Array, ctx: Context) -> Array:
        counts = ctx.saved.counts
        counted: Array = grad * counts
        if not ctx.saved.training:
            return counted
        return counted - counts * counted.sum(axis=(0, 1)) / max(counts.sum(), 1)


class ForgetsMaskBackward(Counted):
    """Backward forgets what forward has set to zero."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        super().backward(grad, ctx)
        return grad * self.factor


class CountsPaddingBackward(Counted):
    """The factor's gradient is summed over the padding, too."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = super().backward(grad, ctx)
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum(axis=(0, 1))
        return below


class WholeLength(MeanOfSteps):
    """The sum of the steps that count is divided by the length of all."""

    def shares(self, x: Array, ctx: Context) -> Array:
        return np.ones(x.shape[:2]) / x.shape[1] if ctx.mask is None else ctx.mask / x.shape[1]


class TurnedRound(MeanOfSteps):
    """The mean over the steps that do not count."""

    def shares(self, x: Array, ctx: Context) -> Array:
        mask = np.ones(x.shape[:2], bool) if ctx.mask is None else ~ctx.mask
        return mask / np.maximum(mask.sum(axis=1, keepdims=True), 1)


class MaskInTraining(MeanOfSteps):
    """The mask is heeded in training alone."""

    def shares(self, x: Array, ctx: Context) -> Array:
        return super().shares(x, ctx) if ctx.training else np.full(x.shape[:2], 1 / x.shape[1])


class OneStepTooMany(MeanOfSteps):
    """Counts the first step of the padding."""

    def shares(self, x: Array, ctx: Context) -> Array:
        if ctx.mask is None:
            return super().shares(x, ctx)
        longer = np.arange(x.shape[1]) <= ctx.mask.sum(axis=1, keepdims=True)
        return longer / longer.sum(axis=1, keepdims=True)


class SumUnderMask(MeanOfSteps):
    """A mask makes a sum of the mean."""

    def shares(self, x: Array, ctx: Context) -> Array:
        return super().shares(x, ctx) if ctx.mask is None else ctx.mask.astype(float)


class FirstMask(MeanOfSteps):
    """The mask of the context's first pass is used ever after."""

    def shares(self, x: Array, ctx: Context) -> Array:
        known = getattr(ctx.saved, "kept", None)
        if known is None or known.shape != x.shape[:2]:
            ctx.saved.kept = super().shares(x, ctx)
        kept: Array = ctx.saved.kept
        return kept


class KeyedByMask(MeanOfSteps):
    """The same mask object again is taken for the same mask."""

    def shares(self, x: Array, ctx: Context) -> Array:
        known = getattr(ctx.saved, "kept", None)
        if known is None or ctx.saved.key is not ctx.mask or known.shape != x.shape[:2]:
            ctx.saved.key, ctx.saved.kept = ctx.mask, super().shares(x, ctx)
        kept: Array = ctx.saved.kept
        return kept


class WritesMask(MeanOfSteps):
    """The first step is made to count in the mask itself."""

    def shares(self, x: Array, ctx: Context) -> Array:
        if ctx.mask is not None:
            ctx.mask[:, 0] = True
        return super().shares(x, ctx)


class MeanWithPadding(CentreOfSteps):
    """The batch's mean is taken over the padding, too, which is set to zero afterwards."""

    def mean_of(self, x: Array, counts: Array) -> Array:
        mean: Array = x.mean(axis=(0, 1))
        return mean

    def backward(self, grad: Array, ctx: Context) -> Array:
        counted: Array = grad * ctx.saved.counts
        return counted - counted.mean(axis=(0, 1)) if ctx.saved.training else counted


class RunningWithPadding(CentreOfSteps):
    """The running mean alone is taken over the padding, too."""

    def running(self, x: Array, counts: Array) -> Array:
        mean: Array = x.mean(axis=(0, 1))
        return mean


class DetachedCount(CentreOfSteps):
    """Backward takes the mean over all steps, also those that do not count."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        counted: Array = grad * ctx.saved.counts
        return counted - counted.mean(axis=(0, 1)) if ctx.saved.training else counted


class ZeroScores(Layer):
    """Steps are weighed by a softmax of a learned score, in which padding has the score 0 in place of −∞."""

    score: Array
    hidden: float = 0.0

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("score", (steps_of(self, input_shape),), Constant(0.5))
        return (steps_of(self, input_shape),)

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = np.ones(x.shape[:2], bool) if ctx.mask is None else ctx.mask
        scores = np.where(mask, x @ self.score, np.asarray(self.hidden, x.dtype))
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        weights = weights / weights.sum(axis=1, keepdims=True)
        ctx.saved.x, ctx.saved.mask, ctx.saved.weights = x, mask, weights
        return np.einsum("bt,btf->bf", weights * mask, x)

    def backward(self, grad: Array, ctx: Context) -> Array:
        x, mask, weights = ctx.saved.x, ctx.saved.mask, ctx.saved.weights
        of_weights = np.einsum("bf,btf->bt", grad, x) * mask
        scores = weights * (of_weights - (weights * of_weights).sum(axis=1, keepdims=True)) * mask
        ctx.gradient("score")[...] = np.einsum("bt,btf->f", scores, x)
        below: Array = scores[..., None] * self.score + np.einsum("bt,bf->btf", weights * mask, grad)
        return below


class NextStep(Counted):
    """The difference to the next step, which after the last step that counts is one of padding."""

    def forward(self, x: Array, ctx: Context) -> Array:
        following = np.concatenate([x[:, 1:], np.zeros_like(x[:, :1])], axis=1)
        return super().forward(x - following, ctx)

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = super().backward(grad, ctx)
        below[:, 1:] -= below[:, :-1].copy()
        return below


class FirstRowForAll(MeanOfSteps):
    """The mask of the first sequence is taken for all."""

    def shares(self, x: Array, ctx: Context) -> Array:
        if ctx.mask is None:
            return super().shares(x, ctx)
        first = np.broadcast_to(ctx.mask[:1], x.shape[:2])
        return first / first.sum(axis=1, keepdims=True)


class LargestOrZero(Layer):
    """Each feature's largest value, where padding is set to 0 in place of −∞."""

    def build(self, input_shape: Shape) -> Shape:
        return (steps_of(self, input_shape),)

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(x)
        counted = ctx.saved.counted = np.ones((*x.shape[:2], 1), bool) if mask is None else mask
        seen = np.where(counted, x, 0).astype(x.dtype)
        ctx.saved.place, ctx.saved.shape = seen.argmax(axis=1)[:, None], x.shape
        return np.take_along_axis(seen, ctx.saved.place, axis=1)[:, 0]

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.zeros(ctx.saved.shape, grad.dtype)
        np.put_along_axis(below, ctx.saved.place, grad[:, None], axis=1)
        below *= ctx.saved.counted
        return below


class WideUnderMask(MeanOfSteps):
    """The shares are float64 whatever the model's dtype, under a mask."""

    def forward(self, x: Array, ctx: Context) -> Array:
        shares = self.shares(x, ctx)
        ctx.saved.shares = shares.astype(x.dtype) if ctx.mask is None else shares
        return np.einsum("bt,btf->bf", ctx.saved.shares, x)


class Backwards(Layer):
    """Runs a layer on the steps in the other order, under a mask that stays in the first one."""

    def __init__(self) -> None:
        self._inner = Counted()

    def build(self, input_shape: Shape) -> Shape:
        steps_of(self, input_shape)
        return self.part("inner", self._inner, input_shape)

    def forward(self, x: Array, ctx: Context) -> Array:
        y: Any = ctx.part("inner").forward(x[:, ::-1])
        return np.cumsum(y, axis=1)[:, ::-1]

    def backward(self, grad: Array, ctx: Context) -> Array:
        turned = np.cumsum(grad, axis=1)[:, ::-1]
        below: Any = ctx.part("inner").backward(turned)
        return np.array(below)[:, ::-1]


STEPS = {"input_shapes": [(None, 2), (4, 3)]}

BUGS = [
    Bug(ForgetsMaskBackward, "masked-gradients", "backward forgets", STEPS),
    Bug(CountsPaddingBackward, "masked-gradients", "factor", STEPS),
    Bug(WholeLength, "padding-left-out", "more", STEPS),
    Bug(TurnedRound, "padding-left-out", "padding", STEPS),
    Bug(MaskInTraining, "padding-left-out", "inference", STEPS),
    Bug(OneStepTooMany, "padding-left-out", "padding", STEPS),
    Bug(SumUnderMask, "masks-read-anew", "no mask", STEPS),
    Bug(FirstMask, "masks-read-anew", "earlier", STEPS),
    Bug(KeyedByMask, "masks-read-anew", "earlier", STEPS),
    Bug(WritesMask, "masked-gradients", "read-only", STEPS),
    Bug(MeanWithPadding, "padding-left-out", "output", STEPS),
    Bug(RunningWithPadding, "padding-left-out", "state", STEPS),
    Bug(DetachedCount, "masked-gradients", "backward forgets", STEPS),
    Bug(ZeroScores, "padding-left-out", "more", STEPS),
    Bug(FirstRowForAll, "padding-left-out", "padding", STEPS),
    Bug(LargestOrZero, "padding-left-out", "more", STEPS),
    Bug(WideUnderMask, "masked-dtypes", "float64", STEPS),
    Bug(Backwards, "padding-left-out", "padding", STEPS),
    Bug(NextStep, "padding-left-out", "output", STEPS),
]
