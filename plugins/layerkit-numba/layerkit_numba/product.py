"""The products of small layers: one pass over the right matrix for every few rows of the left one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.core.imputils import impl_ret_untracked
from numba.extending import intrinsic
from numba.np import arrayobj

from layerkit_numba.tiles import INDEX, Tiles, blocks


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def product(
    typing_context: Any,
    tall: Any,
    abreast: Any,
    width: Any,
    stride: Any,
    transposed: Any,
    start: Any,
    indexed: Any,
    together: Any,
    ahead: Any,
    begin: Any,
    end: Any,
    depth: Any,
    left: Any,
    right: Any,
    result: Any,
    bias: Any,
    index: Any,
    data: Any,
    lines: Any,
) -> Any:
    """The rows from ``begin`` to ``end`` of result = left · right, or leftᵀ · right, ``(…, depth)`` times
    ``(depth, width)``.

    Literal integers: ``tall`` rows and ``abreast`` vectors a block; ``width``, the columns of right and result;
    ``stride``, the columns of left as it lies in memory; ``transposed``; ``start``; ``indexed``: then ``index`` says
    which columns of left, as it lies in memory, count at all; ``together``: so many of them are one group, and counted
    as one (see ``Tiles``); ``ahead``: how many of ``lines``, places in ``data`` that are counted in bytes, to ask for
    with each of ``depth``, so that they are in the cache when they are read.
    """
    literals = (tall, abreast, width, stride, transposed, start, indexed, together, ahead)
    return product_of("product", literals, 3, (left, right, result, bias, index, data, lines), _emit)


def product_of(
    name: str, literals: tuple[Any, ...], sizes: int, kinds: tuple[Any, ...], write: Callable[..., None]
) -> Any:
    """The signature and the code of an intrinsic that is called with literal integers, so many sizes, and arrays.

    ``write(builder, numbers, sizes, arrays, itemsize)`` writes the instructions.

    Raises:
        TypingError: what should be a literal integer is none.
    """
    if not all(isinstance(value, types.IntegerLiteral) for value in literals):
        raise TypingError(f"{name}: shapes must be literal integers")
    numbers = [value.literal_value for value in literals]

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        given = arguments[len(literals) :]
        arrays = [
            arrayobj.make_array(kind)(context, builder, value) for kind, value in zip(kinds, given[sizes:], strict=True)
        ]
        write(builder, numbers, given[:sizes], arrays, kinds[0].dtype.bitwidth // 8)
        return impl_ret_untracked(context, builder, signature.return_type, context.get_dummy_value())

    return types.void(*literals, *[types.intp] * sizes, *kinds), emit


def _emit(b: Any, numbers: list[int], sizes: list[Any], arrays: list[Any], itemsize: int) -> None:
    tall, abreast, width, stride, transposed, start, indexed, together, ahead = numbers
    shape = blocks(width, itemsize, abreast)
    tiles = Tiles(b, itemsize, shape.lanes, transposed=bool(transposed), together=together)
    left, right, result, bias, index, data, lines = arrays
    tiles.left, tiles.left_stride = left.data, stride
    tiles.right, tiles.right_stride = right.data, width
    tiles.result, tiles.result_stride = result.data, width
    tiles.bias = bias.data
    tiles.index = index.data if indexed else None
    begin, end, depth = sizes
    whole = b.add(begin, b.mul(b.sdiv(b.sub(end, begin), INDEX(tall)), INDEX(tall)))

    def panel(columns: tuple[int, ...], ahead: int) -> None:
        with cgutils.for_range_slice(b, begin, whole, INDEX(tall), INDEX) as (row, _):
            done = b.mul(b.sdiv(row, INDEX(tall)), depth)
            asks = Asking(b, data, lines, ahead, done).ask if ahead else None
            tiles.block(row, tall, columns, (INDEX(0), depth), start, each=asks)
        if tall > 1:
            with cgutils.for_range_slice(b, whole, end, INDEX(1), INDEX) as (row, _):
                tiles.block(row, 1, columns, (INDEX(0), depth), start)

    first, *others = shape.panels
    panel(first, ahead)
    for left_edge, right_edge, columns in _alike(others, shape.lanes):
        if right_edge == left_edge:
            panel(tuple(left_edge + column for column in columns), 0)
            continue
        step = INDEX(len(columns) * shape.lanes)
        with cgutils.for_range_slice(b, INDEX(left_edge), INDEX(right_edge), step, INDEX) as (into, _):
            tiles.right, tiles.result, tiles.bias = (tiles.at(array.data, into) for array in (right, result, bias))
            panel(columns, 0)
        tiles.right, tiles.result, tiles.bias = right.data, result.data, bias.data


def _alike(panels: Sequence[tuple[int, ...]], lanes: int) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Panels that lie side by side and look the same, so that one loop does for all: where the first begins, behind
    the last (or the same place: one alone), and the columns from there.

    >>> list(_alike([(8, 16), (24, 32), (40, 46)], 8))
    [(8, 40, (0, 8)), (40, 40, (0, 6))]
    """
    place = 0
    while place < len(panels):
        begin = panels[place][0]
        columns = tuple(column - begin for column in panels[place])
        step, count = len(columns) * lanes, 1
        if columns == tuple(range(0, step, lanes)):
            while place + count < len(panels) and panels[place + count] == tuple(
                begin + count * step + column for column in columns
            ):
                count += 1
        yield begin, begin + step * count if count > 1 else begin, columns
        place += count


class Asking:
    """Asks for ``ahead`` cache lines of the next batch in each turn, ``done`` turns having been made before."""

    def __init__(self, builder: Any, data: Any, lines: Any, ahead: int, done: Any) -> None:
        self._builder = builder
        self._data = builder.bitcast(data.data, ir.IntType(8).as_pointer())
        self._lines, self._ahead, self._done = lines.data, ahead, done
        self._last = builder.sub(lines.nitems, INDEX(1))

    def ask(self, count: Any) -> None:
        """Write the instructions of turn ``count``."""
        b = self._builder
        done = b.mul(b.add(self._done, count), INDEX(self._ahead))
        for number in range(self._ahead):
            place = b.add(done, INDEX(number))
            place = b.select(b.icmp_signed("<", place, self._last), place, self._last)
            self._prefetch(b.gep(self._data, [b.load(b.gep(self._lines, [place]))]))

    def _prefetch(self, pointer: Any) -> None:
        # into the second level, for it is read a little later
        b, number = self._builder, ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, number, number, number])
        function = b.module.declare_intrinsic("llvm.prefetch", [pointer.type], kind)
        b.call(function, [pointer, number(0), number(2), number(1)])
