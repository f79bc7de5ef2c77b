"""A package of somebody else's layers of several inputs, parts, integers, masks; a cost of labels; and kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
from layerkit_numba import (
    Backward,
    Buffer,
    Call,
    CostKernel,
    CostPart,
    Forward,
    LayerKernel,
    Part,
    compiled,
    kernel,
    like,
)

from layerkit import Context, Cost, Dense, Layer, Normal
from layerkit.types import Array, Shape, Value


class Lookup(Layer):
    """A row of a table for each integer."""

    integer_input = "accept"

    def __init__(self, rows: int, features: int) -> None:
        self.rows = rows
        self.features = features

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("table", (self.rows, self.features), Normal(0.5))
        return (*input_shape, self.features)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        found: Array = self.table[x]
        return found

    def backward(self, grad: Array, ctx: Context) -> None:
        gradient = ctx.gradient("table")
        gradient[...] = 0
        np.add.at(gradient, ctx.saved.x, grad)


class TwoWays(Layer):
    """f(e(i) + x) + e(i) + x for integers i and numbers x: a graph of two inputs, with a sum that two layers read.

    e is a table, f a dense layer.
    """

    integer_input = "accept"

    def __init__(self, rows: int, features: int) -> None:
        self.rows = rows
        self.features = features
        self._table, self._dense = Lookup(rows, features), Dense(features)

    def build(self, input_shape: Shape) -> Shape:
        first, second = input_shape
        self.part("table", self._table, first)
        return self.part("dense", self._dense, second)

    def forward(self, x: Value, ctx: Context) -> Array:
        integers, numbers = x
        total = ctx.part("table").forward(integers) + numbers
        found: Array = ctx.part("dense").forward(total) + total
        return found

    def backward(self, grad: Array, ctx: Context) -> Any:
        total = grad + ctx.part("dense").backward(grad)
        ctx.part("table").backward(total)
        return None, total


class Through(Layer):
    """Another layer under a name of its own."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer

    def build(self, input_shape: Shape) -> Shape:
        return self.part("inner", self.layer, input_shape)

    def forward(self, x: Value, ctx: Context) -> Value:
        return ctx.part("inner").forward(x)

    def backward(self, grad: Value, ctx: Context) -> Any:
        return ctx.part("inner").backward(grad)


class LastStep(Layer):
    """The last step that counts of each sequence."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape[1:]

    def forward(self, x: Array, ctx: Context) -> Array:
        mask, time = ctx.mask, x.shape[1]
        ctx.saved.shape = x.shape
        counts = np.ones(x.shape[:2], bool) if mask is None else mask
        ctx.saved.last = np.where(counts, np.arange(time), 0).max(axis=1)
        found: Array = x[np.arange(len(x)), ctx.saved.last]
        return found

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.zeros(ctx.saved.shape, grad.dtype)
        below[np.arange(len(grad)), ctx.saved.last] = grad
        return below


class Hinge(Cost):
    """Σⱼ max(0, 1 + zⱼ − z_y) over the other classes."""

    target_form = "labels"

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        right = np.take_along_axis(prediction, target[:, None].astype(np.int64), -1)
        ctx.saved.gaps = np.maximum(1 + prediction - right, 0)
        np.put_along_axis(ctx.saved.gaps, target[:, None].astype(np.int64), 0, -1)
        costs: Array = ctx.saved.gaps.sum(axis=1)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        above = (ctx.saved.gaps > 0).astype(prediction.dtype)
        total = -above.sum(axis=-1, keepdims=True)
        np.put_along_axis(above, target[:, None].astype(np.int64), total, -1)
        return above


@compiled
def look_up(x: Any, table: Any, y: Any) -> None:
    for place in range(x.size):
        y[place, :] = table[x[place]]


@compiled
def table_gradient(x: Any, dy: Any, gradient: Any, begin: int, end: int) -> None:
    # columns may be cut, rows may not: they are sums
    for column in range(begin, end):
        gradient[:, column] = 0
        for place in range(x.size):
            gradient[x[place], column] += dy[place, column]


@compiled
def add(one: Any, other: Any, total: Any) -> None:
    for place in range(one.size):
        total[place] = one[place] + other[place]


@compiled
def find_last(mask: Any, last: Any) -> None:
    for row in range(mask.shape[0]):
        last[row] = 0
        for time in range(mask.shape[1]):
            if mask[row, time]:
                last[row] = time


@compiled
def take_last(x: Any, last: Any, y: Any) -> None:
    for row in range(x.shape[0]):
        y[row, :] = x[row, last[row]]


@compiled
def give_last(dy: Any, last: Any, dx: Any) -> None:
    dx[...] = 0
    for row in range(dy.shape[0]):
        dx[row, last[row], :] = dy[row]


@compiled
def fill(last: Any, number: int) -> None:
    last[:] = number


@compiled
def hinge(prediction: Any, target: Any, costs: Any, gradient: Any) -> None:
    for row in range(prediction.shape[0]):
        right = target[row]
        costs[row] = 0
        gradient[row, :] = 0
        for column in range(prediction.shape[1]):
            gap = like(1, costs[row]) + prediction[row, column] - prediction[row, right]
            if column != right and gap > 0:
                costs[row] += gap
                gradient[row, column] += 1
                gradient[row, right] -= 1


@kernel(Lookup)
def _lookup(part: Part) -> LayerKernel:
    return LayerKernel(
        forward=(Call(look_up, "x:flat", "table", "y:rows"),),
        parameter_gradients=(
            Call(table_gradient, "x:flat", "dy:rows", "gradient table", "begin", "end", over=part.layer.features),
        ),
        reads_output=False,
        integers=True,
        masks="ignored",
    )


@kernel(TwoWays)
def _two_ways(part: Part) -> LayerKernel:
    shape = part.output_shape
    return LayerKernel(
        forward=(
            Forward("table", "x0"),
            Call(add, "table.y:flat", "x1:flat", "total:flat"),
            Forward("dense", "total"),
            Call(add, "dense.y:flat", "total:flat", "y:flat"),
        ),
        backward=(
            Backward("dense", "dy"),
            Call(add, "dy:flat", "dense.dx:flat", "total gradient:flat"),
            Backward("table", "total gradient"),
        ),
        buffers={"total": Buffer(shape), "total gradient": Buffer(shape)},
        same={"dx1": "total gradient"},
        masks="ignored",
    )


@kernel(Through)
def _through(part: Part) -> LayerKernel:
    return LayerKernel(
        forward=(Forward("inner", "x"),),
        backward=(Backward("inner", "dy"),),
        same={"y": "inner.y", "dx": "inner.dx"},
        masks="ignored",
    )


@kernel(LastStep)
def _last_step(part: Part) -> LayerKernel:
    # a number made of a shape is a value like any other
    found = Call(find_last, "mask", "last") if part.masked else Call(fill, "last", part.input_shape[0] - 1)
    return LayerKernel(
        forward=(found, Call(take_last, "x", "last", "y")),
        input_gradient=(Call(give_last, "dy", "last", "dx"),),
        buffers={"last": Buffer((), dtype="int64")},
        reads_input=False,
        reads_output=False,
        masks="heeded",
    )


@kernel(Hinge)
def _hinge(part: CostPart) -> CostKernel:
    return CostKernel((Call(hinge, "prediction", "target", "costs", "gradient"),))
