"""Sound layers of unusual values: ties, poles, dead places, masks, and what is kept from pass to pass rightly."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import (
    BatchNormalization,
    Constant,
    Context,
    Dense,
    Glorot,
    Layer,
    Normal,
    ReLU,
    Residual,
    Sequential,
    Zeros,
)
from layerkit.arguments import check_instance, check_integer
from layerkit.errors import ShapeError
from layerkit.shapes import is_many
from layerkit.types import Array, Shape
from tests.testing.gallery.containers import Around
from tests.testing.gallery.layers_masked import CentreOfSteps, Counted, MeanOfSteps, ZeroScores, steps_of
from tests.testing.gallery.layers_points import Curve, SoftRank, SymmetricLog
from tests.testing.gallery.sound import Affine


def known(layer: Layer, input_shape: Shape) -> int:
    """The length of the last axis."""
    if not input_shape or not isinstance(input_shape[-1], int):
        raise ShapeError(f"{type(layer).__name__}: the last axis must have a known length, got {input_shape}")
    return int(input_shape[-1])


class Sorted(Layer):
    """The values of each row in their order: ties everywhere that there are equal ones."""

    def build(self, input_shape: Shape) -> Shape:
        known(self, input_shape)
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.order = np.argsort(x, axis=-1, kind="stable")
        return np.take_along_axis(x, ctx.saved.order, axis=-1)

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.empty_like(grad)
        np.put_along_axis(below, ctx.saved.order, grad, axis=-1)
        return below


class Largest(Layer):
    """The largest value of each row; the first of several has the gradient."""

    def build(self, input_shape: Shape) -> Shape:
        known(self, input_shape)
        return (*input_shape[:-1], 1)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.place, ctx.saved.shape = x.argmax(axis=-1)[..., None], x.shape
        return np.take_along_axis(x, ctx.saved.place, axis=-1)

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.zeros(ctx.saved.shape, grad.dtype)
        np.put_along_axis(below, ctx.saved.place, grad, axis=-1)
        return below


class ProductOfOthers(Layer):
    """The product of each row's values, with a gradient that needs no division."""

    def build(self, input_shape: Shape) -> Shape:
        known(self, input_shape)
        return (*input_shape[:-1], 1)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x.prod(axis=-1, keepdims=True)

    def backward(self, grad: Array, ctx: Context) -> Array:
        x = ctx.saved.x
        others = np.stack([np.delete(x, place, axis=-1).prod(axis=-1) for place in range(x.shape[-1])], axis=-1)
        below: Array = grad * others
        return below


class Angle(Layer):
    """The angles of pairs of values, which jump by a whole turn, and are none at (0, 0)."""

    def build(self, input_shape: Shape) -> Shape:
        if known(self, input_shape) % 2:
            raise ShapeError(f"Angle: the last axis must have an even length, got {input_shape}")
        return (*input_shape[:-1], known(self, input_shape) // 2)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return np.arctan2(x[..., 1::2], x[..., ::2])

    def backward(self, grad: Array, ctx: Context) -> Array:
        x = ctx.saved.x
        square = np.maximum(x[..., ::2] ** 2 + x[..., 1::2] ** 2, np.finfo(x.dtype).tiny)
        below = np.empty_like(x)
        below[..., ::2], below[..., 1::2] = -grad * x[..., 1::2] / square, grad * x[..., ::2] / square
        return below


class Root(Curve):
    """√|x|, infinitely steep at 0."""

    def value(self, x: Array) -> Array:
        return np.sqrt(np.abs(x))

    def slope(self, x: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.sign(x) / np.where(x == 0, 1, 2 * np.sqrt(np.abs(x)))


class Sawtooth(Curve):
    """x − ⌊x⌋, which jumps at each whole number."""

    def value(self, x: Array) -> Array:
        return x - np.floor(x)

    def slope(self, x: Array) -> Array:
        return np.ones_like(x)


class LogOfSize(Curve):
    """log |x|, which has no value at 0."""

    def value(self, x: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.log(np.abs(x))

    def slope(self, x: Array) -> Array:
        with np.errstate(divide="ignore"):
            return 1 / x


class Reciprocal(Curve):
    """1 / x, with a pole at 0, near which it is steep beyond measure."""

    def value(self, x: Array) -> Array:
        with np.errstate(divide="ignore"):
            return 1 / x

    def slope(self, x: Array) -> Array:
        with np.errstate(divide="ignore"):
            return -1 / x**2


class NormOfRow(Layer):
    """‖x‖, with a gradient of 0 where there is none."""

    def build(self, input_shape: Shape) -> Shape:
        known(self, input_shape)
        return (*input_shape[:-1], 1)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x, ctx.saved.norm = x, np.sqrt((x * x).sum(axis=-1, keepdims=True))
        y: Array = ctx.saved.norm
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        norm = ctx.saved.norm
        below: Array = grad * ctx.saved.x / np.where(norm > 0, norm, 1)
        return below


class EvenRank(SoftRank):
    """A smooth rank whose gradient leaves out nothing: i = j adds nothing by itself."""

    def others(self, apart: Array) -> Array:
        return np.ones_like(apart)


class Places(Layer):
    """Adds a learned row for each step, from a table that is longer than any sequence: most of it stays as it is."""

    table: Array

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("table", (40, steps_of(self, input_shape)), Normal(0.1))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        if x.shape[1] > 40:
            raise ShapeError(f"Places: at most 40 steps, got {x.shape[1]}")
        return x + self.table[: x.shape[1]]

    def backward(self, grad: Array, ctx: Context) -> Array:
        gradient = ctx.gradient("table")
        gradient[...] = 0
        gradient[: grad.shape[1]] = grad.sum(axis=0)
        return grad


class ViewKept(Affine):
    """Keeps a view of the weight from the tree's set-up, which shows what the weight becomes."""

    def connect(self, ctx: Context) -> None:
        ctx.saved.turned = self.weight.T if "weight" in self.__dict__ else None

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.saved.turned is None:
            ctx.saved.turned = self.weight.T
        return super().forward(x, ctx)

    def backward(self, grad: Array, ctx: Context) -> Array:
        super().backward(grad, ctx)
        below: Array = grad @ ctx.saved.turned
        return below


class KeptByValue(Affine):
    """Computes the size of the weight anew where a number of it differs."""

    def forward(self, x: Array, ctx: Context) -> Array:
        saved = ctx.saved
        if not np.array_equal(getattr(saved, "weight", np.nan), self.weight):
            saved.weight, saved.half = self.weight.copy(), self.weight / 2
        saved.x = x
        y: Array = 2 * (x @ saved.half) + self.bias
        return y


class OwnCopy(Around):
    """Adds to a copy of what its part gave."""

    def forward(self, x: Array, ctx: Context) -> Array:
        inner = np.array(ctx.part("inner").forward(x))
        inner += x
        ctx.saved.sum = inner
        y: Array = inner * self.factor
        return y


class PassesOn(Layer):
    """Gives what its part gives, as it is."""

    def __init__(self, layer: Layer | None = None) -> None:
        check_instance(self, "layer", layer, Layer, optional=True)
        self.layer = layer
        self._inner = Dense(3) if layer is None else layer

    def build(self, input_shape: Shape) -> Shape:
        return self.part("inner", self._inner, input_shape)

    def connect(self, ctx: Context) -> None:
        ctx.part("inner").needs_input_gradient = ctx.needs_input_gradient

    def forward(self, x: Array, ctx: Context) -> Any:
        return ctx.part("inner").forward(x)

    def backward(self, grad: Array, ctx: Context) -> Any:
        return ctx.part("inner").backward(grad)


class EachStep(Layer):
    """Runs a dense layer on each step by itself, whatever the mask."""

    def __init__(self, units: int = 3) -> None:
        check_integer(self, "units", units, minimum=1)
        self.units = units
        self._inner = Dense(units)

    def build(self, input_shape: Shape) -> Shape:
        features = steps_of(self, input_shape)
        return (input_shape[0], *self.part("inner", self._inner, (features,)))

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.shape = x.shape
        y: Any = ctx.part("inner").forward(x.reshape(-1, x.shape[-1]))
        return np.array(y).reshape(*x.shape[:2], self.units)

    def backward(self, grad: Array, ctx: Context) -> Array:
        below: Any = ctx.part("inner").backward(grad.reshape(-1, self.units))
        return np.array(below).reshape(ctx.saved.shape)


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


class SharedTie(Layer):
    """The largest value of each row; all that are equal to it share the gradient."""

    def build(self, input_shape: Shape) -> Shape:
        known(self, input_shape)
        return (*input_shape[:-1], 1)

    def forward(self, x: Array, ctx: Context) -> Array:
        largest = x.max(axis=-1, keepdims=True)
        chosen = x == largest
        ctx.saved.shares = (chosen / chosen.sum(axis=-1, keepdims=True)).astype(x.dtype)
        return largest

    def backward(self, grad: Array, ctx: Context) -> Array:
        below: Array = grad * ctx.saved.shares
        return below


class TheLarger(Layer):
    """The larger of two inputs; the first of two equal ones has the gradient."""

    def build(self, input_shape: Shape) -> Shape:
        if not is_many(input_shape) or len(input_shape) != 2 or input_shape[0] != input_shape[1]:
            raise ShapeError(f"TheLarger: takes two inputs of one shape, got {input_shape}")
        return input_shape[0]

    def forward(self, x: tuple[Array, Array], ctx: Context) -> Array:
        ctx.saved.first = x[0] >= x[1]
        return np.maximum(*x)

    def backward(self, grad: Array, ctx: Context) -> tuple[Array, Array]:
        return grad * ctx.saved.first, grad * ~ctx.saved.first


class ZeroFactor(Layer):
    """y = s · x, with s at first 0."""

    factor: Array

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("factor", (known(self, input_shape),), Zeros())
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x * self.factor

    def backward(self, grad: Array, ctx: Context) -> Array:
        product = grad * ctx.saved.x
        ctx.gradient("factor")[...] = product.reshape(-1, product.shape[-1]).sum(axis=0)
        return grad * self.factor


class UnitWeights(Affine):
    """y = x · g v / ‖v‖, each column of v of length 1."""

    def forward(self, x: Array, ctx: Context) -> Array:
        norm = np.sqrt((self.weight**2).sum(axis=0))
        ctx.saved.x, ctx.saved.norm, ctx.saved.unit = x, norm, self.weight / norm
        y: Array = x @ ctx.saved.unit + self.bias
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        unit = ctx.saved.unit
        of_unit = ctx.saved.x.T @ grad
        ctx.gradient("weight")[...] = (of_unit - unit * (of_unit * unit).sum(axis=0)) / ctx.saved.norm
        ctx.gradient("bias")[...] = grad.sum(axis=0)
        below: Array = grad @ unit.T
        return below


class LongMemory(Layer):
    """yₜ = 0.9 yₜ₋₁ + xₜ, which goes on over padding."""

    def build(self, input_shape: Shape) -> Shape:
        steps_of(self, input_shape)
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        y = np.array(x)
        for step in range(1, x.shape[1]):
            y[:, step] += 0.9 * y[:, step - 1]
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.array(grad)
        for step in range(grad.shape[1] - 1, 0, -1):
            below[:, step - 1] += 0.9 * below[:, step]
        return below


class TurnedSteps(Layer):
    """The steps that count in the other order, found by how many there are; padding stays where it is."""

    def build(self, input_shape: Shape) -> Shape:
        steps_of(self, input_shape)
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        require_padding_at_ends(self, ctx.mask)
        time = np.arange(x.shape[1])
        count = np.full((len(x), 1), x.shape[1]) if ctx.mask is None else ctx.mask.sum(axis=1, keepdims=True)
        ctx.saved.order = np.where(time < count, count - 1 - time, time)[..., None]
        return np.take_along_axis(x, ctx.saved.order, axis=1)

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.empty_like(grad)
        np.put_along_axis(below, np.broadcast_to(ctx.saved.order, grad.shape), grad, axis=1)
        return below


class Compared(Layer):
    """What the steps of one sequence have in common with the mean of another's, of the same lengths."""

    def build(self, input_shape: Shape) -> Shape:
        if not is_many(input_shape) or len(input_shape) != 2 or input_shape[0] != input_shape[1]:
            raise ShapeError(f"Compared: takes two sequences of one shape, got {input_shape}")
        steps_of(self, input_shape[0])
        return (input_shape[0][0],)

    def forward(self, x: tuple[Array, Array], ctx: Context) -> Array:
        one, other = x
        mask = np.ones(one.shape[:2], bool) if ctx.mask is None else ctx.mask
        shares = (mask / np.maximum(mask.sum(axis=1, keepdims=True), 1)).astype(one.dtype)
        mean = np.einsum("bt,btf->bf", shares, other)
        ctx.saved.given = one, mean, mask, shares
        return np.einsum("btf,bf->bt", one, mean) * mask

    def backward(self, grad: Array, ctx: Context) -> tuple[Array, Array]:
        one, mean, mask, shares = ctx.saved.given
        counted = grad * mask
        of_mean = np.einsum("bt,btf->bf", counted, one)
        return counted[..., None] * mean[:, None], np.einsum("bt,bf->btf", shares, of_mean)


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


class Whitened(Layer):
    """(x − μ) / √(σ² + 1e-5) over the last axis: steep where a row's values are equal."""

    shift: Array

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("shift", (known(self, input_shape),), Zeros())
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        centred = x - x.mean(axis=-1, keepdims=True)
        deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.asarray(1e-5, x.dtype))
        ctx.saved.normal, ctx.saved.deviation = centred / deviation, deviation
        y: Array = ctx.saved.normal + self.shift
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        normal = ctx.saved.normal
        ctx.gradient("shift")[...] = grad.reshape(-1, grad.shape[-1]).sum(axis=0)
        along = (grad * normal).mean(axis=-1, keepdims=True)
        below: Array = (grad - grad.mean(axis=-1, keepdims=True) - normal * along) / ctx.saved.deviation
        return below


class Temperature(Layer):
    """y = x / t, with one learned number for all."""

    temperature: Array

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("temperature", (), Constant(1.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.y = x / self.temperature
        y: Array = ctx.saved.y
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("temperature")[...] = -(grad * ctx.saved.y).sum() / self.temperature
        below: Array = grad / self.temperature
        return below


def draw_tokens(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.integers(0, 5, shape)


STEPS: dict[str, Any] = {"input_shapes": [(None, 2), (4, 3)]}

NO_BIAS = Sequential([Dense(4, use_bias=False), ReLU(), Dense(4)])

VALUES: dict[type[Layer], dict[str, Any]] = {
    Sorted: {},
    Largest: {},
    ProductOfOthers: {},
    Angle: {"input_shapes": [(4,), (2, 6)]},
    SymmetricLog: {},
    Root: {},
    Sawtooth: {},
    LogOfSize: {"waived": {"finite-on-special-rows": "log 0 is what it says"}},
    Reciprocal: {
        "waived": {
            "finite-on-special-rows": "0 is its pole",
            "learns": "the target that the kit makes up lies beyond poles",
        }
    },
    NormOfRow: {},
    EvenRank: {},
    Places: STEPS,
    ViewKept: {"input_shapes": [(4,)]},
    KeptByValue: {"input_shapes": [(4,)]},
    Around: {"input_shapes": [(4,)]},
    OwnCopy: {"input_shapes": [(4,)]},
    PassesOn: {},
    EachStep: STEPS,
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
    Whitened: {},
    SharedTie: {},
    TheLarger: {"input_shapes": [((4,), (4,))]},
    ZeroFactor: {},
    UnitWeights: {"input_shapes": [(4,)]},
    LongMemory: STEPS,
    TurnedSteps: STEPS,
    Compared: {"input_shapes": [((None, 2), (None, 2)), ((4, 3), (4, 3))]},
    NoMasks: STEPS,
    DropsSteps: STEPS,
    NormalizedSteps: STEPS,
    Temperature: {"input_shapes": [(4,), (3, 5), ()]},
    Residual: {
        "arguments": {"layer": Sequential([Dense(4, use_bias=False), ReLU(), Dense(4)])},
        "input_shapes": [(4,)],
    },
    Sequential: {"arguments": {"layers": [BatchNormalization(), MeanOfSteps()]}, "input_shapes": [(4, 3)]},
}
