"""The fully connected layer: products in registers, for the layer's exact shapes; very large ones by BLAS."""

from __future__ import annotations

import math
from typing import Any

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Argument, Buffer, Call, Fixed, LayerKernel, Part, kernel
from layerkit_numba.library import COLUMNS, library_product
from layerkit_numba.mathematics import natural
from layerkit_numba.packed import packed_product, panel_size, panels
from layerkit_numba.product import product
from layerkit_numba.tiles import ADD, BIAS, STORE, best_blocks, best_together, widest_lanes
from layerkit_numba.turning import turn

_LIBRARY_FROM = 150_000_000
"""From so many multiplications on, a product is left to BLAS."""

_NEAR = 32_768
"""A matrix of more bytes than this does not stay in the nearest cache: pieces of it are copied there, if they are then
used for enough rows."""

_DEEP = 1 << 20
"""Of so many bytes, a sum over rows is made in pieces of these, each with a panel that stays near."""

_ENOUGH_ROWS = 24
_WORTH_CUTTING = 250_000
"""From so many multiplications on, a product is worth several threads."""

_POINTERS = 10
"""Of so many columns of x a block of the weights' gradient is made at the most."""

_ASKED = ("columns", "data", "lines")


@compiled
def add_bias(y: Any, bias: Any, begin: int, end: int) -> None:
    """Add the bias to each row."""
    for row in range(y.shape[0]):
        for column in range(natural(begin), natural(end)):
            y[row, column] += bias[column]


@compiled
def bias_gradient(dy: Any, gradient: Any, begin: int, end: int) -> None:
    """The sum of the rows of δ."""
    for column in range(natural(begin), natural(end)):
        gradient[column] = 0
    add_rows(dy, gradient, begin, end)


@compiled
def add_rows(dy: Any, total: Any, begin: int, end: int) -> None:
    """Add the sum of the rows to a vector."""
    # along the rows, as they lie in memory: for wide layers the other way takes ten times as long
    for row in range(dy.shape[0]):
        for column in range(natural(begin), natural(end)):
            total[column] += dy[row, column]


@compiled
def clear(gradient: Any, begin: int, end: int) -> None:
    """Zeros, for the rows of which an indexed product writes none."""
    for row in range(gradient.shape[0]):
        for column in range(natural(begin), natural(end)):
            gradient[row, column] = 0


@kernel("layerkit.layers.dense:Dense")
def _dense(part: Part) -> LayerKernel:
    layer = part.layer
    features, units = part.input_shape[-1], layer.units
    rows = part.batch_size * math.prod(part.input_shape[:-1])
    biased = bool(layer.use_bias)
    columns: dict[str, Any] = {"over": units, "grain": widest_lanes(part.dtype.itemsize)}
    sum_bias = (Call(bias_gradient, "dy:rows", "gradient bias", "begin", "end", **columns),) if biased else ()
    then = () if layer.activation is None else ("function",)
    move_bias = (Call(add_rows, "dy:rows", "bias", "begin", "end", **columns),) if biased else ()
    if rows * features * units >= _LIBRARY_FROM:
        bias = (Call(add_bias, "y:rows", "bias", "begin", "end", **columns),) if biased else ()
        product_of_weight = _by_library(0, 0, STORE, "x:rows", "weight", "y:rows", over=units)
        gradient = _by_library(1, 0, STORE, "x:rows", "dy:rows", "gradient weight", over=units)
        descent = _by_library(1, 0, ADD, "x:rows", "dy:rows", "weight", over=units)
        return LayerKernel(
            forward=(product_of_weight, *bias),
            parameter_gradients=(gradient, *sum_bias) if part.trained else (),
            input_gradient=(_by_library(0, 1, STORE, "dy:rows", "weight", "dx:rows", over=features),),
            descend=(descent, *move_bias) if part.trained else (),
            reads_input=part.trained,
            reads_output=False,
            then=then,
            masks="ignored",
        )
    own = _Products(part, features, units, rows)
    cleared = (Call(clear, "gradient weight", "begin", "end", **columns),) if part.sparse_input else ()
    return LayerKernel(
        forward=(own.forward(biased=biased),),
        parameter_gradients=(
            (*cleared, own.weight_gradient("gradient weight", STORE), *sum_bias) if part.trained else ()
        ),
        input_gradient=own.input_gradient(),
        descend=(own.weight_gradient("weight", ADD), *move_bias) if part.trained else (),
        buffers=own.buffers,
        reads_input=part.trained,
        reads_output=False,
        together=own.together,
        then=then,
        masks="ignored",
    )


def _by_library(turned_left: int, turned_right: int, start: int, *operands: Argument, over: int) -> Call:
    literals = map(Fixed, (turned_left, turned_right, start))
    return Call(library_product, *literals, "begin", "end", *operands, over=over, grain=COLUMNS)


class _Products:
    """The three products of a layer, each in the blocks that suit its shape."""

    def __init__(self, part: Part, features: int, units: int, rows: int) -> None:
        self._features, self._units, self._rows = features, units, rows
        self._itemsize = part.dtype.itemsize
        self._lines = part.lines_ahead
        self._indexed = int(part.sparse_input)
        wide = units > widest_lanes(self._itemsize) and rows >= _ENOUGH_ROWS
        self._packed = wide and features * units * self._itemsize > _NEAR
        # what a sum over many rows reads does not stay near for the next block of sums
        self._deep = self._packed or (wide and rows * (features + units) * self._itemsize > _DEEP)
        self.together = 1 if self._packed else best_together(features, units, self._itemsize)
        self._counted: Argument = "active" if part.sparse_input else features // self.together
        self._lanes = widest_lanes(self._itemsize)
        self._shared = rows * features * units >= _WORTH_CUTTING
        self.buffers = {"panel": Buffer((panel_size(self._itemsize),), scratch=True)} if self._deep else {}
        if part.needs_input_gradient:
            self.buffers["turned"] = Buffer((units, features), per_example=False)

    def forward(self, *, biased: bool) -> Call:
        tall, _ = best_blocks(self._rows, self._units, self._itemsize, together=self.together)
        # as many lines at each turn of the loop as the turns need to have asked for all of them
        rounds = panels(self._units, self._itemsize) if self._packed else max(1, self._rows // tall)
        turns = self._features // self.together * rounds // (2 if self._indexed else 1)
        return self._product(
            (self._units, self._features, 0, BIAS if biased else STORE, self._indexed),
            math.ceil(self._lines / max(1, turns)),
            ("x:count", self._counted),
            ("x:rows", "weight", "y:rows", "bias" if biased else "weight:flat"),
            rows=self._rows,
            together=self.together,
        )

    def weight_gradient(self, into: str, start: int) -> Call:
        return self._product(
            (self._units, self._features, 1, start, self._indexed),
            0,
            (self._counted, "x:count"),
            ("x:rows", "dy:rows", into, "weight:flat"),
            # with an index, each row of the result has a column of x of its own, and so a pointer: there are few
            rows=min(self._features // self.together, _POINTERS),
            together=self.together,
            packed=self._deep,
        )

    def input_gradient(self) -> tuple[Call, ...]:
        together = 1 if self._packed else best_together(self._units, self._features, self._itemsize)
        made = self._product(
            (self._features, self._units, 0, STORE, 0),
            0,
            ("dy:count", self._units // together),
            ("dy:rows", "turned", "dx:rows", "weight:flat"),
            rows=self._rows,
            together=together,
        )
        return self._call(turn, ("weight", "turned", "begin", "end"), self._features, self._lanes), made

    def _product(
        self,
        literals: tuple[int, int, int, int, int],
        ahead: int,
        sizes: tuple[Argument, Argument],
        operands: tuple[Argument, ...],
        *,
        rows: int,
        together: int,
        packed: bool | None = None,
    ) -> Call:
        """A call of the product that suits; ``literals``: width, stride, transposed, start, indexed; ``sizes``: rows of
        the result, and how many products each sum has."""
        if self._packed if packed is None else packed:
            given = *map(Fixed, (*literals, ahead)), "begin", "end", *sizes, *operands, "panel", *_ASKED
            return self._call(packed_product, given, literals[0], self._lanes)
        tall, abreast = best_blocks(rows, literals[0], self._itemsize, together=together)
        given = *map(Fixed, (tall, abreast, *literals, together, ahead)), "begin", "end", sizes[1], *operands, *_ASKED
        return self._call(product, given, sizes[0], tall)

    def _call(self, function: Any, arguments: tuple[Argument, ...], over: Argument, grain: int) -> Call:
        """A call of which a piece has columns of the result, so that each thread keeps its own of the weights; or, of a
        product in registers, rows."""
        assert isinstance(over, (str, int))
        if self._shared:
            return Call(function, *arguments, over=over, grain=grain)
        ends: dict[Argument, Argument] = {"begin": 0, "end": over}
        return Call(function, *(ends.get(each, each) for each in arguments))
