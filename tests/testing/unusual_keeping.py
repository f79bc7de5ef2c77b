"""Sound layers that keep views, copies and shares from pass to pass, rightly."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Context, Dense, Layer, Normal, ReLU, Residual, Sequential, Zeros
from layerkit.arguments import check_instance, check_integer
from layerkit.errors import ShapeError
from layerkit.shapes import is_many
from layerkit.types import Array, Shape
from tests.testing.gallery.containers import Around
from tests.testing.gallery.layers_masked import steps_of
from tests.testing.gallery.sound import Affine
from tests.testing.unusual_masks import STEPS, require_padding_at_ends
from tests.testing.unusual_points import known


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


KEEPING: dict[type[Layer], dict[str, Any]] = {
    Places: STEPS,
    ViewKept: {"input_shapes": [(4,)]},
    KeptByValue: {"input_shapes": [(4,)]},
    Around: {"input_shapes": [(4,)]},
    OwnCopy: {"input_shapes": [(4,)]},
    PassesOn: {},
    EachStep: STEPS,
    Whitened: {},
    UnitWeights: {"input_shapes": [(4,)]},
    LongMemory: STEPS,
    TurnedSteps: STEPS,
    Compared: {"input_shapes": [((None, 2), (None, 2)), ((4, 3), (4, 3))]},
    Residual: {
        "arguments": {"layer": Sequential([Dense(4, use_bias=False), ReLU(), Dense(4)])},
        "input_shapes": [(4,)],
    },
}
