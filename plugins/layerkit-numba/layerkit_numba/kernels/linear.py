"""Products with a matrix of parameters, for whatever layer has one: in registers, for its exact shapes; very large ones
by BLAS."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, final

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Argument, Buffer, Call, Fixed, Part
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


@final
@dataclass(frozen=True, slots=True)
class Linear:
    """The steps of y = x W + b, for the fields of a kernel that have these names."""

    forward: tuple[Call, ...]
    parameter_gradients: tuple[Call, ...]
    input_gradient: tuple[Call, ...]
    descend: tuple[Call, ...]
    buffers: Mapping[str, Buffer]
    together: int


def inside(part: Part) -> Part:
    """The part, for products that do not read the data: no columns of those are known to be zero."""
    return replace(part, sparse_input=False, lines_ahead=0)


def linear(
    part: Part, units: int, *, bias: str = "bias", x: str = "x", y: str = "y", dy: str = "dy", dx: str = "dx"
) -> Linear:
    """y = x W + b on the last axis of the part's input, W being its ``weight``; without b where ``bias`` is empty."""
    features = part.input_shape[-1]
    own = Products(part, features, units)
    sums, moves = of_bias(part, units, bias, dy)
    return Linear(
        forward=own.forward(x, "weight", y, bias),
        parameter_gradients=(*own.weight_gradient(x, dy, "weight"), *sums) if part.trained else (),
        input_gradient=own.input_gradient(dy, "weight", dx),
        descend=(*own.weight_gradient(x, dy, "weight", added=True), *moves) if part.trained else (),
        buffers=own.buffers | (own.room_to_turn if part.needs_input_gradient else {}),
        together=own.together,
    )


def of_bias(part: Part, units: int, bias: str, dy: str) -> tuple[tuple[Call, ...], tuple[Call, ...]]:
    """What makes the gradient of the bias, and what adds it to the bias; nothing where there is no bias."""
    if not bias:
        return (), ()
    piece: dict[str, Any] = {"over": units, "grain": widest_lanes(part.dtype.itemsize)}
    made = Call(bias_gradient, f"{dy}:rows", f"gradient {bias}", "begin", "end", **piece)
    return (made,), (Call(add_rows, f"{dy}:rows", bias, "begin", "end", **piece),)


@final
class Products:
    """The three products of a matrix of ``features`` rows and ``units`` columns, each in the blocks that suit."""

    def __init__(self, part: Part, features: int, units: int) -> None:
        self._features, self._units = features, units
        rows = self._rows = part.batch_size * math.prod(part.input_shape[:-1])
        self._itemsize = part.dtype.itemsize
        self._lanes = widest_lanes(self._itemsize)
        self._lines = part.lines_ahead
        self._library = rows * features * units >= _LIBRARY_FROM
        self._indexed = int(part.sparse_input and not self._library)
        wide = units > self._lanes and rows >= _ENOUGH_ROWS
        self._packed = not self._library and wide and features * units * self._itemsize > _NEAR
        # what a sum over many rows reads does not stay near for the next block of sums
        deep = wide and rows * (features + units) * self._itemsize > _DEEP
        blocks = self._library or self._packed
        self.together = 1 if blocks else best_together(features, units, self._itemsize)
        self._deep = not self._library and (self._packed or (deep and self.together == 1))
        self._counted: Argument = "active" if self._indexed else features // self.together
        self._shared = rows * features * units >= _WORTH_CUTTING
        self.buffers = {"panel": Buffer((panel_size(self._itemsize),), scratch=True)} if self._deep else {}
        self.room_to_turn = {} if self._library else {"turned": Buffer((units, features), per_example=False)}

    def forward(self, x: str, weight: str, y: str, bias: str = "") -> tuple[Call, ...]:
        """y = x W + b."""
        if self._library:
            made = _by_library(0, 0, STORE, f"{x}:rows", weight, f"{y}:rows", over=self._units)
            return made, *self._add_bias(y, bias)
        tall, _ = best_blocks(self._rows, self._units, self._itemsize, together=self.together)
        # as many lines at each turn of the loop as the turns need to have asked for all of them
        rounds = panels(self._units, self._itemsize) if self._packed else max(1, self._rows // tall)
        turns = self._features // self.together * rounds // (2 if self._indexed else 1)
        made = self._product(
            (self._units, self._features, 0, BIAS if bias else STORE, self._indexed),
            math.ceil(self._lines / max(1, turns)),
            (f"{x}:count", self._counted),
            (f"{x}:rows", weight, f"{y}:rows", bias or f"{weight}:flat"),
            rows=self._rows,
            together=self.together,
        )
        return (made,)

    def forward_turned(self, x: str, matrix: str, y: str, bias: str) -> tuple[Call, ...]:
        """y = x W + b, the matrix being Wᵀ."""
        if self._library:
            made = _by_library(0, 1, STORE, f"{x}:rows", matrix, f"{y}:rows", over=self._units)
            return made, *self._add_bias(y, bias)
        return self._turn(matrix, self._units), *self.forward(x, "turned", y, bias)

    def weight_gradient(self, x: str, dy: str, weight: str, *, added: bool = False) -> tuple[Call, ...]:
        """xᵀδ, as the gradient of W, or added to W."""
        into, start = (weight, ADD) if added else (f"gradient {weight}", STORE)
        if self._library:
            return (_by_library(1, 0, start, f"{x}:rows", f"{dy}:rows", into, over=self._units),)
        cleared: tuple[Call, ...] = ()
        if self._indexed and not added:
            cleared = (Call(clear, into, "begin", "end", over=self._units, grain=self._lanes),)
        made = self._product(
            (self._units, self._features, 1, start, self._indexed),
            0,
            (self._counted, f"{x}:count"),
            (f"{x}:rows", f"{dy}:rows", into, f"{weight}:flat"),
            # with an index, each row of the result has a column of x of its own, and so a pointer: there are few
            rows=min(self._features // self.together, _POINTERS),
            together=self.together,
            packed=self._deep,
        )
        return *cleared, made

    def input_gradient(self, dy: str, weight: str, dx: str) -> tuple[Call, ...]:
        """δ Wᵀ."""
        if self._library:
            return (_by_library(0, 1, STORE, f"{dy}:rows", weight, f"{dx}:rows", over=self._features),)
        together = 1 if self._packed else best_together(self._units, self._features, self._itemsize)
        made = self._product(
            (self._features, self._units, 0, STORE, 0),
            0,
            (f"{dy}:count", self._units // together),
            (f"{dy}:rows", "turned", f"{dx}:rows", f"{weight}:flat"),
            rows=self._rows,
            together=together,
        )
        return self._turn(weight, self._features), made

    def _turn(self, matrix: str, over: int) -> Call:
        return self._call(turn, (matrix, "turned", "begin", "end"), over, self._lanes)

    def _add_bias(self, y: str, bias: str) -> tuple[Call, ...]:
        piece: dict[str, Any] = {"over": self._units, "grain": self._lanes}
        return (Call(add_bias, f"{y}:rows", bias, "begin", "end", **piece),) if bias else ()

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


def _by_library(turned_left: int, turned_right: int, start: int, *operands: Argument, over: int) -> Call:
    literals = map(Fixed, (turned_left, turned_right, start))
    return Call(library_product, *literals, "begin", "end", *operands, over=over, grain=COLUMNS)
