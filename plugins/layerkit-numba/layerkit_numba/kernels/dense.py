"""The fully connected layer: small products in registers, large ones by BLAS."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Argument, Buffer, Call, LayerKernel, Part, kernel
from layerkit_numba.machine import vector_bytes
from layerkit_numba.mathematics import like
from layerkit_numba.product import ADD, BIAS, STORE, blocks, product

_ASKED = ("columns", "data", "lines")
_LIBRARY_FROM = 4_000_000
"""From so many multiplications on, BLAS is as fast as products in registers, and may use several threads."""


_TURNED_TO = 2048
_POINTERS = 10


@compiled
def large_forward(x: Any, weight: Any, y: Any) -> None:
    """x W."""
    np.dot(x, weight, y)


@compiled
def add_bias(y: Any, bias: Any) -> None:
    """Add the bias to each row."""
    for row in range(y.shape[0]):
        for column in range(y.shape[1]):
            y[row, column] += bias[column]


@compiled
def large_input_gradient(dy: Any, weight: Any, dx: Any) -> None:
    """δ Wᵀ."""
    np.dot(dy, weight.T, dx)


@compiled
def large_weight_gradient(x: Any, dy: Any, gradient: Any) -> None:
    """xᵀ δ."""
    np.dot(x.T, dy, gradient)


@compiled
def transpose(weight: Any, turned: Any) -> None:
    """The weights with rows for columns."""
    for row in range(weight.shape[0]):
        for column in range(weight.shape[1]):
            turned[column, row] = weight[row, column]


@compiled
def bias_gradient(dy: Any, gradient: Any) -> None:
    """The sum of the rows of δ."""
    gradient[:] = 0
    add_rows(dy, gradient)


@compiled
def add_rows(dy: Any, total: Any) -> None:
    """Add the sum of the rows to a vector."""
    for column in range(dy.shape[1]):
        number = like(0, total[column])
        for row in range(dy.shape[0]):
            number += dy[row, column]
        total[column] += number


@compiled
def clear(gradient: Any) -> None:
    """Zeros, for the rows of which an indexed product writes none."""
    gradient[:] = 0


@kernel("layerkit.layers.dense:Dense")
def _dense(part: Part) -> LayerKernel:
    layer = part.layer
    features, units = part.input_shape[-1], layer.units
    rows = part.batch_size * math.prod(part.input_shape[:-1])
    large = rows * features * units >= _LIBRARY_FROM
    small = _Small(part, features, units, rows)
    biased = bool(layer.use_bias)
    sum_bias = (Call(bias_gradient, "dy:rows", "gradient bias"),) if biased else ()
    then = () if layer.activation is None else ("function",)
    if large:
        bias = (Call(add_bias, "y:rows", "bias"),) if biased else ()
        return LayerKernel(
            forward=(Call(large_forward, "x:rows", "weight", "y:rows"), *bias),
            parameter_gradients=(
                (Call(large_weight_gradient, "x:rows", "dy:rows", "gradient weight"), *sum_bias) if part.trained else ()
            ),
            input_gradient=(Call(large_input_gradient, "dy:rows", "weight", "dx:rows"),),
            reads_input=part.trained,
            reads_output=False,
            then=then,
        )
    move_bias = (Call(add_rows, "dy:rows", "bias"),) if biased else ()
    cleared = (Call(clear, "gradient weight"),) if part.sparse_input else ()
    return LayerKernel(
        forward=(small.forward(biased=biased),),
        parameter_gradients=(
            (*cleared, small.weight_gradient("gradient weight", STORE), *sum_bias) if part.trained else ()
        ),
        input_gradient=small.input_gradient(),
        descend=(small.weight_gradient("weight", ADD), *move_bias) if part.trained else (),
        buffers={"turned": Buffer((units, features), per_example=False)} if small.turns else {},
        reads_input=part.trained,
        reads_output=False,
        then=then,
    )


class _Small:
    """The three products of a small layer, each with the blocks that suit its shape."""

    def __init__(self, part: Part, features: int, units: int, rows: int) -> None:
        self._features, self._units, self._rows = features, units, rows
        self._itemsize = part.dtype.itemsize
        self._lines = part.lines_ahead
        self._indexed = int(part.sparse_input)
        self._counted: Argument = "active" if part.sparse_input else features

    def forward(self, *, biased: bool) -> Call:
        tall, abreast = best_blocks(self._rows, self._units, self._itemsize)
        start = BIAS if biased else STORE
        # as many lines at each turn of the loop as the turns need to have asked for all of them
        turns = self._features * max(1, self._rows // tall) // (2 if self._indexed else 1)
        ahead = math.ceil(self._lines / turns)
        literals = (tall, abreast, self._units, self._features, 0, start, self._indexed, ahead)
        arrays = ("x:rows", "weight", "y:rows", "bias" if biased else "weight:flat")
        return Call(product, *literals, "x:count", self._counted, *arrays, *_ASKED)

    def weight_gradient(self, into: str, start: int) -> Call:
        # each row of the result has a column of x of its own, and so a pointer, of which there are few
        tall, abreast = best_blocks(min(self._features, _POINTERS), self._units, self._itemsize)
        literals = (tall, abreast, self._units, self._features, 1, start, self._indexed, 0)
        arrays = ("x:rows", "dy:rows", into, "weight:flat")
        return Call(product, *literals, self._counted, "x:count", *arrays, *_ASKED)

    @property
    def turns(self) -> bool:
        """Whether δ Wᵀ is made in registers, which wants the weights turned: not worth it for many of them."""
        return self._features * self._units <= _TURNED_TO

    def input_gradient(self) -> tuple[Call, ...]:
        if not self.turns:
            return (Call(large_input_gradient, "dy:rows", "weight", "dx:rows"),)
        tall, abreast = best_blocks(self._rows, self._features, self._itemsize)
        literals = (tall, abreast, self._features, self._units, 0, STORE, 0, 0)
        shape = ("dy:count", self._units)
        arrays = ("dy:rows", "turned", "dx:rows", "weight:flat")
        return Call(transpose, "weight", "turned"), Call(product, *literals, *shape, *arrays, *_ASKED)


def best_blocks(rows: int, width: int, itemsize: int) -> tuple[int, int]:
    """How many rows and vectors of the result to hold in registers at once: the shape that needs the fewest cycles.

    Counted are two multiplications and two loads a cycle, and the four cycles that a sum takes.

    >>> tall, abreast = best_blocks(10, 30, 4)
    >>> 10 % tall
    0
    """
    registers = 28 if vector_bytes() == 64 else 12
    best: tuple[float, int, int] | None = None
    for abreast in range(2, 6):
        panels = blocks(width, itemsize, abreast).panels
        for tall in range(1, min(rows, registers // max(map(len, panels))) + 1):
            cycles = 0.0
            for panel in map(len, panels):
                whole, single = divmod(rows, tall)
                cycles += whole * max(tall * panel / 2, (tall + panel) / 2, 4) + single * max(panel / 2, 4)
            if best is None or cycles < best[0]:
                best = (cycles, tall, abreast)
    assert best is not None
    return best[1:]
