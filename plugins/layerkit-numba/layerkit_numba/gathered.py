"""Products whose left matrix is not copied out of an array: each of its numbers lies where its row and its column say.

The windows of an image are such a matrix (im2col without the copy): a row is a window, a column one of its pixels and
channels, and where a number lies is the sum of two places. The transposed matrix is it too, rows and columns exchanged.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from functools import cache
from typing import Any, final

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.core.imputils import impl_ret_untracked
from numba.extending import intrinsic
from numba.np import arrayobj

from layerkit_numba.tiles import INDEX, registers, widest_lanes

_POINTERS = 8
"""Each row of a block has a pointer of its own: more than these do not fit the registers."""

_PANEL = 20_480
"""So many bytes of a panel are used before the next: most of the nearest cache, where it is small."""

_LANE = ir.IntType(32)
_CONTRACT = ("contract",)


@cache
def gathered_blocks(width: int, itemsize: int) -> tuple[int, int]:
    """How many rows and vectors of the result to hold in registers, for so many columns: what needs the fewest cycles.

    Counted are two multiplications and two loads a cycle, and the four cycles that a sum takes. There are three blocks
    in all, whatever the width, so that a function is compiled three times at the most.

    >>> tall, abreast = gathered_blocks(64, 4)
    >>> 8 <= tall * abreast <= 28
    True
    """
    vectors = math.ceil(width / widest_lanes(itemsize))
    found = []
    for abreast in range(1, min(vectors, 3) + 1):
        tall = min(_POINTERS, registers() // abreast)
        turn = max(tall * abreast / 2, (tall + abreast + 1) / 2, 4)
        found.append((math.ceil(vectors / abreast) * turn / tall, -abreast, tall))
    _, abreast, tall = min(found)
    return tall, -abreast


def panel_width(abreast: int, itemsize: int) -> int:
    """How many columns a panel of so many vectors has."""
    return abreast * widest_lanes(itemsize)


def panel_depth(abreast: int, itemsize: int) -> int:
    """How many rows of a panel to use before the next, so that they stay in the nearest cache."""
    return _PANEL // (panel_width(abreast, itemsize) * itemsize)


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def gathered_product(
    typing_context: Any,
    tall: Any,
    abreast: Any,
    rows: Any,
    depth: Any,
    left: Any,
    left_at: Any,
    row_places: Any,
    row_at: Any,
    depth_places: Any,
    depth_at: Any,
    panel: Any,
    panel_at: Any,
    stride: Any,
    result: Any,
    result_at: Any,
    result_places: Any,
    columns: Any,
    begins: Any,
    start: Any,
    start_at: Any,
) -> Any:
    """result[m, j] = start[j] + Σ_d left[row_places[m] + depth_places[d]] · panel[d, j], for ``rows`` and ``depth``.

    Arrays have one axis, and each is followed by the place at which it is begun with; places are int32. The rows of
    ``panel`` begin ``stride`` numbers apart; it has ``panel_width(abreast, itemsize)`` columns, of which the first
    ``columns`` count; what stands in the others is read and comes to nothing. Row m of the result begins at
    ``result_places[m]``, counted as ``row_places`` are. Where ``begins`` is 0, ``start``, as long as the panel is wide,
    is left out, and the sums are added to what the result holds. Each number is the same sum, in the same order,
    whatever rows are computed with it.

    ``tall`` and ``abreast``, literal integers, are rows and vectors of a block (see ``gathered_blocks``).
    """
    if not all(isinstance(value, types.IntegerLiteral) for value in (tall, abreast)):
        raise TypingError("gathered_product: rows and vectors of a block must be literal integers")
    height, breadth = tall.literal_value, abreast.literal_value
    kinds = (left, row_places, depth_places, panel, result, result_places, start)
    whole = types.intp

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        given = dict(zip(_NAMES, arguments, strict=True))
        for name, kind in zip(_ARRAYS, kinds, strict=True):
            data = arrayobj.make_array(kind)(context, builder, given[name]).data
            given[name] = builder.gep(data, [given[_ARRAYS[name]]])

        def place(name: str, number: Any) -> Any:
            return builder.sext(builder.load(builder.gep(given[name], [number])), INDEX)

        RegisterBlocks(builder, height, breadth, left.dtype.bitwidth // 8, given, place).emit()
        return impl_ret_untracked(context, builder, signature.return_type, context.get_dummy_value())

    signature = types.void(
        *(tall, abreast, whole, whole),
        *(left, whole, row_places, whole, depth_places, whole, panel, whole, whole),
        *(result, whole, result_places, whole, whole, start, whole),
    )
    return signature, emit


_ARRAYS = {
    "left": "left_at",
    "row_places": "row_at",
    "depth_places": "depth_at",
    "panel": "panel_at",
    "result": "result_at",
    "result_places": "row_at",
    "start": "start_at",
}
_NAMES = tuple(inspect.signature(gathered_product._defn).parameters)[1:]


@final
class RegisterBlocks:
    """Writes the instructions: the blocks of the result one below the other.

    ``place(name, number)`` gives where a row (``"row_places"``), one of the depth (``"depth_places"``) or a row of the
    result (``"result_places"``) lies, counted from where ``given`` says that its array begins.
    """

    def __init__(
        self,
        builder: Any,
        tall: int,
        abreast: int,
        itemsize: int,
        given: dict[str, Any],
        place: Callable[[str, Any], Any],
    ) -> None:
        self.builder, self.tall, self.abreast, self.itemsize = builder, tall, abreast, itemsize
        self.given, self._place = given, place
        self.lanes = widest_lanes(itemsize)
        self.scalar = ir.FloatType() if itemsize == 4 else ir.DoubleType()
        self.vector = ir.VectorType(self.scalar, self.lanes)
        self._kind = f"v{self.lanes}f{8 * itemsize}.p0v{self.lanes}f{8 * itemsize}"

    def emit(self) -> None:
        b = self.builder
        width = INDEX(self.abreast * self.lanes)
        complete = b.icmp_signed("==", self.given["columns"], width)
        masks = [self._mask(number) for number in range(self.abreast)]
        last = b.sub(self.given["rows"], INDEX(1))
        with cgutils.for_range_slice(b, INDEX(0), self.given["rows"], INDEX(self.tall), INDEX) as (row, _):
            # rows beyond the last are computed from the last one's numbers, and not stored
            asked = [b.add(row, INDEX(number)) for number in range(self.tall)]
            each = [b.select(b.icmp_signed("<", one, last), one, last) for one in asked]
            sources = [self._at("left", self._place("row_places", one)) for one in each]
            targets = [self._at("result", self._place("result_places", one)) for one in each]
            sums = self._summed(sources, self._begun(targets, complete, masks))
            there = b.icmp_signed("<=", b.add(row, INDEX(self.tall)), self.given["rows"])
            with b.if_else(b.and_(there, complete), likely=True) as (simply, otherwise):
                with simply:
                    for own, target in zip(sums, targets, strict=True):
                        for number, value in enumerate(own):
                            b.store(value, self._vector_at(target, number), align=self.itemsize)
                with otherwise:
                    for one, own, target in zip(asked, sums, targets, strict=True):
                        with b.if_then(b.icmp_signed("<", one, self.given["rows"])):
                            for number, (value, mask) in enumerate(zip(own, masks, strict=True)):
                                self._masked_store(value, self._vector_at(target, number), mask)

    def _begun(self, targets: list[Any], complete: Any, masks: list[Any]) -> list[list[Any]]:
        """What the sums begin with: a vector for all rows, or what is there."""
        b = self.builder
        ways: list[tuple[Any, list[list[Any]]]] = []
        with b.if_else(b.icmp_signed("!=", self.given["begins"], INDEX(0))) as (anew, further):
            with anew:
                vectors = [self._load(self.given["start"], number) for number in range(self.abreast)]
                ways.append((b.basic_block, [vectors] * self.tall))
            with further:
                with b.if_else(complete, likely=True) as (simply, otherwise):
                    inner: list[tuple[Any, list[list[Any]]]] = []
                    with simply:
                        found = [[self._load(one, number) for number in range(self.abreast)] for one in targets]
                        inner.append((b.basic_block, found))
                    with otherwise:
                        found = [
                            [self._masked_load(self._vector_at(one, number), mask) for number, mask in enumerate(masks)]
                            for one in targets
                        ]
                        inner.append((b.basic_block, found))
                there = self._merged(inner)
                ways.append((b.basic_block, there))
        return self._merged(ways)

    def _merged(self, ways: list[tuple[Any, list[list[Any]]]]) -> list[list[Any]]:
        b = self.builder
        merged = [[b.phi(self.vector) for _ in range(self.abreast)] for _ in range(self.tall)]
        for block, values in ways:
            for own, given in zip(merged, values, strict=True):
                for phi, value in zip(own, given, strict=True):
                    phi.add_incoming(value, block)
        return merged

    def _summed(self, sources: list[Any], begun: list[list[Any]]) -> list[list[Any]]:
        """The loop over the depth, with all sums in registers."""
        b = self.builder
        entry = b.basic_block
        loop, done = b.append_basic_block("gathered"), b.append_basic_block("done")
        b.cbranch(b.icmp_signed(">", self.given["depth"], INDEX(0)), loop, done)
        b.position_at_end(loop)
        count = b.phi(INDEX)
        count.add_incoming(INDEX(0), entry)
        sums = [[b.phi(self.vector) for _ in range(self.abreast)] for _ in range(self.tall)]
        place = self._place("depth_places", count)
        base = b.gep(self.given["panel"], [b.mul(count, self.given["stride"])])
        vectors = [self._load(base, number) for number in range(self.abreast)]
        moved = []
        for source, own in zip(sources, sums, strict=True):
            factor = self._spread(b.load(b.gep(source, [place])))
            moved.append(
                [
                    b.fadd(b.fmul(factor, vector, flags=_CONTRACT), total, flags=_CONTRACT)
                    for vector, total in zip(vectors, own, strict=True)
                ]
            )
        following = b.add(count, INDEX(1))
        count.add_incoming(following, loop)
        for own, before, after in zip(sums, begun, moved, strict=True):
            for phi, first, then in zip(own, before, after, strict=True):
                phi.add_incoming(first, entry)
                phi.add_incoming(then, loop)
        b.cbranch(b.icmp_signed("<", following, self.given["depth"]), loop, done)
        b.position_at_end(done)
        return self._merged([(entry, begun), (loop, moved)])

    def _mask(self, number: int) -> Any:
        """Which lanes of the panel's vector ``number`` count."""
        b = self.builder
        left = b.trunc(b.sub(self.given["columns"], INDEX(number * self.lanes)), _LANE)
        lanes = ir.Constant(ir.VectorType(_LANE, self.lanes), [_LANE(lane) for lane in range(self.lanes)])
        return b.icmp_signed("<", lanes, self._spread(left))

    def _spread(self, value: Any) -> Any:
        b = self.builder
        kind = ir.VectorType(value.type, self.lanes)
        single = b.insert_element(ir.Constant(kind, ir.Undefined), value, _LANE(0))
        everywhere = ir.Constant(ir.VectorType(_LANE, self.lanes), [_LANE(0)] * self.lanes)
        return b.shuffle_vector(single, ir.Constant(kind, ir.Undefined), everywhere)

    def _at(self, name: str, place: Any) -> Any:
        return self.builder.gep(self.given[name], [place])

    def _vector_at(self, pointer: Any, number: int) -> Any:
        b = self.builder
        return b.bitcast(b.gep(pointer, [INDEX(number * self.lanes)]), self.vector.as_pointer())

    def _load(self, pointer: Any, number: int) -> Any:
        return self.builder.load(self._vector_at(pointer, number), align=self.itemsize)

    def _masked_load(self, pointer: Any, mask: Any) -> Any:
        b = self.builder
        kind = ir.FunctionType(self.vector, [pointer.type, _LANE, mask.type, self.vector])
        function = cgutils.get_or_insert_function(b.module, kind, f"llvm.masked.load.{self._kind}")
        return b.call(function, [pointer, _LANE(self.itemsize), mask, ir.Constant(self.vector, None)])

    def _masked_store(self, value: Any, pointer: Any, mask: Any) -> None:
        b = self.builder
        kind = ir.FunctionType(ir.VoidType(), [self.vector, pointer.type, _LANE, mask.type])
        function = cgutils.get_or_insert_function(b.module, kind, f"llvm.masked.store.{self._kind}")
        b.call(function, [value, pointer, _LANE(self.itemsize), mask])
