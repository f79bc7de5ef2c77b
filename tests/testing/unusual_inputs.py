"""Sound layers of unusual inputs: integers first, any shape and none, bytes, several arrays of several shapes."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Constant, Context, Layer
from layerkit.errors import ShapeError
from layerkit.shapes import is_many
from layerkit.types import Array, Shape, Value


class LookUp(Layer):
    """A learned row for each integer, times numbers: integers come first, and have no gradient."""

    integer_input = "accept"
    table: Array

    def build(self, input_shape: Shape) -> Shape:
        known = is_many(input_shape) and len(input_shape) == 2 and input_shape[0] == ()
        if not known or len(input_shape[1]) != 1 or not isinstance(input_shape[1][0], int):
            raise ShapeError(f"LookUp: takes single integers and vectors, got {input_shape}")
        self.parameter("table", (4, input_shape[1][0]), Constant(0.5))
        return input_shape[1]

    def forward(self, x: tuple[Array, Array], ctx: Context) -> Array:
        places, numbers = x
        if places.dtype.kind == "f":
            raise ShapeError("LookUp: the first input must be integers")
        ctx.saved.places, ctx.saved.numbers = places, numbers
        return numbers * self.table[places]

    def backward(self, grad: Array, ctx: Context) -> tuple[None, Array]:
        gradient = ctx.gradient("table")
        gradient[...] = 0
        np.add.at(gradient, ctx.saved.places, grad * ctx.saved.numbers)
        return None, grad * self.table[ctx.saved.places]


class Affinity(Layer):
    """y = a · x + b for examples that are single numbers."""

    factor: Array
    shift: Array

    def build(self, input_shape: Shape) -> Shape:
        if input_shape != ():
            raise ShapeError(f"Affinity: takes single numbers, got {input_shape}")
        self.parameter("factor", (), Constant(1.0))
        self.parameter("shift", (), Constant(0.1))
        return ()

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return self.factor * x + self.shift

    def backward(self, grad: Array, ctx: Context) -> Array:
        np.sum(grad * ctx.saved.x, out=ctx.gradient("factor"))
        np.sum(grad, out=ctx.gradient("shift"))
        return grad * self.factor


class ByShape(Layer):
    """Waves over time, added in memory that is kept for each shape of batch."""

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            raise ShapeError(f"ByShape: takes (batch, time, features), got {input_shape}")
        return input_shape

    def connect(self, ctx: Context) -> None:
        ctx.saved.waves = {}

    def forward(self, x: Array, ctx: Context) -> Array:
        if x.shape not in ctx.saved.waves:
            ctx.saved.waves[x.shape] = np.sin(np.arange(x.shape[1], dtype=x.dtype))[:, None]
        y: Array = x + ctx.saved.waves[x.shape]
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class Strided(Layer):
    """Every second step, the first among them, of any length."""

    integer_input = "keep"

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or is_many(input_shape):
            raise ShapeError(f"Strided: there must be an axis, got {input_shape}")
        length = input_shape[0]
        return (None if length is None else (length + 1) // 2, *input_shape[1:])

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.shape = x.shape
        return x[:, ::2]

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.zeros(ctx.saved.shape, grad.dtype)
        below[:, ::2] = grad
        return below


class Bytes(Layer):
    """y = (x − 128) / 128 in the model's dtype, for bytes, other integers and numbers."""

    integer_input = "accept"

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.integer = x.dtype.kind != "f"
        y = x.astype(ctx.scratch.dtype)
        y -= 128
        y /= 128
        return y

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return None if ctx.saved.integer else grad / 128


class Mixer(Layer):
    """Three inputs of different ranks, two outputs: their sum over space, and a product."""

    factor: Array

    def build(self, input_shape: Shape) -> Shape:
        known = is_many(input_shape) and len(input_shape) == 3
        if not known or (len(input_shape[0]), input_shape[1:]) != (4, (input_shape[0][-1:], ())):
            raise ShapeError(f"Mixer: takes volumes, vectors of as many channels and single numbers, got {input_shape}")
        if not isinstance(input_shape[0][-1], int):
            raise ShapeError(f"Mixer: the channels must be known, got {input_shape}")
        self.parameter("factor", input_shape[0][-1:], Constant(1.0))
        return (input_shape[0][-1:], input_shape[0])

    def forward(self, x: tuple[Array, ...], ctx: Context) -> tuple[Array, Array]:
        ctx.saved.x = x
        volume, vector, number = x
        return volume.sum(axis=(1, 2, 3)) * self.factor + vector, volume * number[:, None, None, None, None]

    def backward(self, grad: tuple[Array, Array], ctx: Context) -> tuple[Array, ...]:
        volume, _, number = ctx.saved.x
        ctx.gradient("factor")[...] = (grad[0] * volume.sum(axis=(1, 2, 3))).sum(axis=0)
        below = (grad[0] * self.factor)[:, None, None, None] + grad[1] * number[:, None, None, None, None]
        return below, grad[0], (grad[1] * volume).sum(axis=(1, 2, 3, 4))


class Nothing(Layer):
    """The same values, whatever they are: no parameters, no states, any rank, any number of inputs."""

    integer_input = "keep"

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Value, ctx: Context) -> Value:
        return x

    def backward(self, grad: Value, ctx: Context) -> Value:
        return grad


def draw_numbers(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.normal(size=shape)


def draw_places(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.integers(0, 4, shape)


HONEST: list[tuple[type, dict[str, Any]]] = [
    (LookUp, {"input_shapes": [((), (3,))], "inputs": [draw_places, draw_numbers]}),
    (Affinity, {"input_shapes": [()]}),
    (ByShape, {"input_shapes": [(3, 2), (None, 4), (None, None)]}),
    (Strided, {"input_shapes": [(4,), (5, 2), (None, 3)]}),
    (Bytes, {}),
    (Mixer, {"input_shapes": [((2, 3, 2, 2), (2,), ())]}),
    (Nothing, {"input_shapes": [(), (4,), (2, 1, 2, 1, 2), ((3,), (2, 2)), (None, None, 2)]}),
]
