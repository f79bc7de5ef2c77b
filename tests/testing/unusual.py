"""Sound layers of unusual form: several inputs, several outputs, integers among them, parts, states, no axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Constant, Context, Dense, Layer, Tanh
from layerkit.arguments import check_integer
from layerkit.errors import ShapeError
from layerkit.shapes import is_many
from layerkit.types import Array, Shape


class Product(Layer):
    """The product of two inputs of one shape."""

    def build(self, input_shape: Shape) -> Shape:
        if not is_many(input_shape) or len(input_shape) != 2 or input_shape[0] != input_shape[1]:
            raise ShapeError(f"Product: takes two inputs of one shape, got {input_shape}")
        return input_shape[0]

    def forward(self, x: tuple[Array, Array], ctx: Context) -> Array:
        ctx.saved.x = x
        return x[0] * x[1]

    def backward(self, grad: Array, ctx: Context) -> tuple[Array, Array]:
        one, other = ctx.saved.x
        return grad * other, grad * one


class Choose(Layer):
    """Adds to each row of numbers the one of four learned rows that an integer chooses."""

    integer_input = "accept"
    table: Array

    def build(self, input_shape: Shape) -> Shape:
        known = is_many(input_shape) and len(input_shape) == 2 and input_shape[1] == ()
        if not known or len(input_shape[0]) != 1 or not isinstance(input_shape[0][0], int):
            raise ShapeError(f"Choose: takes vectors and single integers, got {input_shape}")
        self.parameter("table", (4, input_shape[0][0]), Constant(0.5))
        return input_shape[0]

    def forward(self, x: tuple[Array, Array], ctx: Context) -> Array:
        numbers, places = x
        if places.dtype.kind == "f":
            raise ShapeError("Choose: the second input must be integers")
        ctx.saved.places = places
        return numbers.astype(self.table.dtype) + self.table[places]

    def backward(self, grad: Array, ctx: Context) -> tuple[Array, None]:
        gradient = ctx.gradient("table")
        gradient[...] = 0
        np.add.at(gradient, ctx.saved.places, grad)
        return grad, None


class Halves(Layer):
    """Cuts the features into two outputs."""

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or not isinstance(input_shape[-1], int) or input_shape[-1] % 2:
            raise ShapeError(f"Halves: the last axis must have an even length, got {input_shape}")
        half = (*input_shape[:-1], input_shape[-1] // 2)
        return (half, half)

    def forward(self, x: Array, ctx: Context) -> tuple[Array, Array]:
        middle = x.shape[-1] // 2
        return x[..., :middle], x[..., middle:]

    def backward(self, grad: tuple[Array, Array], ctx: Context) -> Array:
        return np.concatenate(grad, axis=-1)


class Total(Layer):
    """The sum of an example's values: an output without axes."""

    def build(self, input_shape: Shape) -> Shape:
        if is_many(input_shape):
            raise ShapeError(f"Total: takes one input, got {input_shape}")
        return ()

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.shape = x.shape
        total: Array = x.reshape(len(x), int(np.prod(x.shape[1:]))).sum(axis=1)
        return total

    def backward(self, grad: Array, ctx: Context) -> Array:
        shape = ctx.saved.shape
        return np.broadcast_to(grad.reshape(-1, *[1] * (len(shape) - 1)), shape).copy()


class Twins(Layer):
    """f(f(x)): a container that uses one part twice."""

    def __init__(self, units: int = 3) -> None:
        check_integer(self, "units", units, minimum=1)
        self.units = units
        self._inner = Dense(units, activation=Tanh())

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or input_shape[-1] != self.units:
            raise ShapeError(f"Twins: the last axis must have the length {self.units}, got {input_shape}")
        return self.part("second", self._inner, self.part("first", self._inner, input_shape))

    def forward(self, x: Array, ctx: Context) -> Any:
        return ctx.part("second").forward(ctx.part("first").forward(x))

    def backward(self, grad: Array, ctx: Context) -> Any:
        return ctx.part("first").backward(ctx.part("second").backward(grad))

    def connect(self, ctx: Context) -> None:
        ctx.part("first").needs_input_gradient = ctx.needs_input_gradient


def draw_numbers(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.normal(size=shape)


def draw_places(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.integers(0, 4, shape)
