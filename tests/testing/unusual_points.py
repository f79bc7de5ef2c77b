"""Sound layers of unusual values: ties, poles, dead places, and slopes that are steep or none."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Constant, Context, Layer, Zeros
from layerkit.errors import ShapeError
from layerkit.shapes import is_many
from layerkit.types import Array, Shape
from tests.testing.gallery.layers_points import Curve, SoftRank, SymmetricLog


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


POINTS: dict[type[Layer], dict[str, Any]] = {
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
    SharedTie: {},
    TheLarger: {"input_shapes": [((4,), (4,))]},
    ZeroFactor: {},
    Temperature: {"input_shapes": [(4,), (3, 5), ()]},
}
