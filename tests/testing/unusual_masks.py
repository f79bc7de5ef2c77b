"""Sound layers that heed masks in unusual ways, or refuse some."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import BatchNormalization, Context, Glorot, Layer, Sequential
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from tests.testing.gallery.layers_masked import CentreOfSteps, Counted, MeanOfSteps, ZeroScores, steps_of


class SumOfSteps(Counted):
    """Running sums of the steps that count, with what was summed up standing on over the padding."""

    def forward(self, x: Array, ctx: Context) -> Array:
        return np.cumsum(super().forward(x, ctx), axis=1)

    def backward(self, grad: Array, ctx: Context) -> Array:
        return super().backward(np.cumsum(grad[:, ::-1], axis=1)[:, ::-1], ctx)


def require_padding_at_ends(layer: Layer, mask: Array | None) -> None:
    """Refuse a mask in which padding stands in front of what counts."""
    if mask is not None and (mask[:, 1:] & ~mask[:, :-1]).any():
        raise ShapeError(f"{type(layer).__name__}: takes padding at the ends of sequences alone")


class LastStep(Layer):
    """The last step that counts, found by its number; it refuses padding that stands elsewhere than at the ends."""

    def build(self, input_shape: Shape) -> Shape:
        return (steps_of(self, input_shape),)

    def forward(self, x: Array, ctx: Context) -> Array:
        require_padding_at_ends(self, ctx.mask)
        count = np.full(len(x), x.shape[1]) if ctx.mask is None else ctx.mask.sum(axis=1)
        ctx.saved.place, ctx.saved.shape = np.maximum(count, 1) - 1, x.shape
        y: Array = x[np.arange(len(x)), ctx.saved.place]
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.zeros(ctx.saved.shape, grad.dtype)
        below[np.arange(len(grad)), ctx.saved.place] = grad
        return below


class VeryLowScores(ZeroScores):
    """Padding has the score −1e9 in place of −∞."""

    hidden = -1e9


class LargestStep(Layer):
    """Each feature's largest value over the steps that count."""

    def build(self, input_shape: Shape) -> Shape:
        return (steps_of(self, input_shape),)

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(x)
        seen = x if mask is None else np.where(mask, x, np.finfo(x.dtype).min)
        ctx.saved.place, ctx.saved.shape = seen.argmax(axis=1)[:, None], x.shape
        return np.take_along_axis(x, ctx.saved.place, axis=1)[:, 0]

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.zeros(ctx.saved.shape, grad.dtype)
        np.put_along_axis(below, ctx.saved.place, grad[:, None], axis=1)
        return below


class ShareThatCounts(Layer):
    """Adds a feature to each step: 1 where it counts, 0 where not."""

    def build(self, input_shape: Shape) -> Shape:
        features = steps_of(self, input_shape)
        return (input_shape[0], features + 1)

    def forward(self, x: Array, ctx: Context) -> Array:
        counts = np.ones(x.shape[:2], bool) if ctx.mask is None else ctx.mask
        return np.concatenate([x, counts[..., None].astype(x.dtype)], axis=-1)

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad[..., :-1].copy()


class TokensMean(Layer):
    """The mean of a learned row a token, over the tokens that count."""

    integer_input = "accept"
    table: Array

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1 or isinstance(input_shape[0], tuple):
            raise ShapeError(f"TokensMean: takes (batch, time) tokens, got {input_shape}")
        self.parameter("table", (5, 3), Glorot())
        return (3,)

    def forward(self, x: Array, ctx: Context) -> Array:
        if x.dtype.kind not in "iu":
            raise ShapeError(f"TokensMean: takes integers, got {x.dtype}")
        mask = np.ones(x.shape, bool) if ctx.mask is None else ctx.mask
        ctx.saved.x = x
        ctx.saved.shares = (mask / np.maximum(mask.sum(axis=1, keepdims=True), 1)).astype(self.table.dtype)
        return np.einsum("bt,btf->bf", ctx.saved.shares, self.table[x])

    def backward(self, grad: Array, ctx: Context) -> None:
        gradient = ctx.gradient("table")
        gradient[...] = 0
        np.add.at(gradient, ctx.saved.x, ctx.saved.shares[..., None] * grad[:, None])


class SkipsPadding(Counted):
    """Works on the steps that count alone, brought together in one array."""

    def forward(self, x: Array, ctx: Context) -> Array:
        places = np.ones(x.shape[:2], bool) if ctx.mask is None else ctx.mask
        ctx.saved.x, ctx.saved.places = x, places
        y = np.zeros_like(x)
        y[places] = x[places] * self.factor
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        places = ctx.saved.places
        ctx.gradient("factor")[...] = (grad[places] * ctx.saved.x[places]).sum(axis=0)
        below = np.zeros_like(grad)
        below[places] = grad[places] * self.factor
        return below


class WindowOfSteps(Layer):
    """The mean of each step and the next, where padding counts as 0 and the sum goes on over its first step."""

    def build(self, input_shape: Shape) -> Shape:
        steps_of(self, input_shape)
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(x)
        counts = ctx.saved.counts = np.ones((*x.shape[:2], 1), x.dtype) if mask is None else mask.astype(x.dtype)
        kept = x * counts
        return (kept + np.concatenate([kept[:, 1:], np.zeros_like(kept[:, :1])], axis=1)) / 2

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = grad / 2
        below[:, 1:] += grad[:, :-1] / 2
        return below * ctx.saved.counts


class Halved(Layer):
    """The mean of each two steps, of those that count: time grows shorter."""

    def build(self, input_shape: Shape) -> Shape:
        features, time = steps_of(self, input_shape), input_shape[0]
        return (None if time is None else time // 2, features)

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = np.ones(x.shape[:2], bool) if ctx.mask is None else ctx.mask
        half = x.shape[1] // 2
        pairs = mask[:, : 2 * half].reshape(-1, half, 2)
        shares = pairs / np.maximum(pairs.sum(axis=2, keepdims=True), 1)
        ctx.saved.shares, ctx.saved.shape = shares.astype(x.dtype), x.shape
        return np.einsum("btp,btpf->btf", ctx.saved.shares, x[:, : 2 * half].reshape(-1, half, 2, x.shape[2]))

    def backward(self, grad: Array, ctx: Context) -> Array:
        shape = ctx.saved.shape
        below = np.zeros(shape, grad.dtype)
        pairs = np.einsum("btp,btf->btpf", ctx.saved.shares, grad)
        below[:, : shape[1] // 2 * 2] = pairs.reshape(shape[0], -1, shape[2])
        return below


class NoMasks(Layer):
    """The sum of all steps, for sequences without padding alone."""

    def build(self, input_shape: Shape) -> Shape:
        return (steps_of(self, input_shape),)

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.mask is not None:
            raise ShapeError("NoMasks: takes no mask")
        ctx.saved.shape = x.shape
        y: Array = x.sum(axis=1)
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        return np.broadcast_to(grad[:, None], ctx.saved.shape).copy()


class DropsSteps(Counted):
    """Leaves steps out at random in training, and scales those that stay."""

    stochastic = True

    def counts(self, x: Array, ctx: Context) -> Array:
        counts = super().counts(x, ctx)
        if not ctx.training:
            return counts
        return (counts * (ctx.rng.random(counts.shape) < 0.8) / 0.8).astype(x.dtype)


class NormalizedSteps(Layer):
    """(x − μ) / √(σ² + 1e-3) with mean and variance over the steps of a sequence that count."""

    def build(self, input_shape: Shape) -> Shape:
        steps_of(self, input_shape)
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(x)
        counts = np.ones((*x.shape[:2], 1), x.dtype) if mask is None else mask.astype(x.dtype)
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        centred = (x - (shares * x).sum(axis=1, keepdims=True)) * counts
        deviation = np.sqrt((shares * centred**2).sum(axis=1, keepdims=True) + np.asarray(1e-3, x.dtype))
        ctx.saved.kept = counts, shares, centred / deviation, deviation
        y: Array = centred / deviation
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        counts, shares, normal, deviation = ctx.saved.kept
        counted = grad * counts
        mean = counted.sum(axis=1, keepdims=True)
        along = (counted * normal).sum(axis=1, keepdims=True)
        below: Array = (counted - shares * mean - shares * normal * along) / deviation
        return below


def draw_tokens(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.integers(0, 5, shape)


STEPS: dict[str, Any] = {"input_shapes": [(None, 2), (4, 3)]}


MASKED: dict[type[Layer], dict[str, Any]] = {
    Counted: STEPS,
    MeanOfSteps: STEPS,
    CentreOfSteps: STEPS,
    SumOfSteps: STEPS,
    LastStep: STEPS,
    VeryLowScores: STEPS,
    LargestStep: STEPS,
    ShareThatCounts: STEPS,
    TokensMean: {"input_shapes": [(4,), (None,)], "inputs": draw_tokens},
    SkipsPadding: STEPS,
    WindowOfSteps: STEPS,
    Halved: STEPS,
    NoMasks: STEPS,
    DropsSteps: STEPS,
    NormalizedSteps: STEPS,
    Sequential: {"arguments": {"layers": [BatchNormalization(), MeanOfSteps()]}, "input_shapes": [(4, 3)]},
}
