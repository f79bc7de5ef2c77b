"""Reading a batch from the data: rows in the order of the epoch, in the model's dtype."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np import arrayobj

from layerkit_numba.compilation import compiled
from layerkit_numba.mathematics import like

_LINE = 64


@intrinsic  # type: ignore[untyped-decorator]
def _prefetch(typing_context: Any, array: Any, offset: Any) -> Any:
    def emit(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        data = arrayobj.make_array(signature.args[0])(context, builder, arguments[0]).data
        byte = builder.bitcast(data, ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte.type, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [byte.type], kind)
        builder.call(function, [builder.gep(byte, [arguments[1]]), number(0), number(2), number(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp), emit


@compiled
def prefetch(source: Any, order: Any, first: int, stop: int) -> None:
    """Ask for rows that will be read soon, so that they are on their way while this batch is worked on."""
    size = source.shape[1] * source.itemsize
    for place in range(first, min(stop, order.size)):
        start = order[place] * size
        for offset in range(0, size, _LINE):
            _prefetch(source, start + offset)


@compiled
def gather(source: Any, order: Any, first: int, out: Any) -> None:
    """Copy the rows of a batch."""
    for row in range(out.shape[0]):
        place = order[first + row]
        for column in range(out.shape[1]):
            out[row, column] = source[place, column]


@compiled
def gather_active(source: Any, order: Any, first: int, out: Any, sizes: Any, columns: Any) -> int:
    """Gather, and find the columns that are not zero in every row; how many they are."""
    sizes[:] = 0
    for row in range(out.shape[0]):
        place = order[first + row]
        for column in range(out.shape[1]):
            value = like(source[place, column], out[row, column])
            out[row, column] = value
            # NaN is kept too, for it differs from 0
            sizes[column] += abs(value)
    active = 0
    for column in range(out.shape[1]):
        columns[active] = column
        active += int(sizes[column] != like(0, sizes[column]))
    return active


@compiled
def gather_one_hot(labels: Any, order: Any, first: int, out: Any) -> None:
    """Rows of zeros with a 1 at each label; ``labels`` ``(examples, places)``, ``out`` ``(batch·places, classes)``."""
    places = labels.shape[1]
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            out[row, column] = 0
        out[row, labels[order[first + row // places], row % places]] = 1


@compiled
def gather_weights(weights: Any, order: Any, first: int, out: Any) -> float:
    """Copy the weights of a batch's rows; their sum."""
    total = 0.0
    for row in range(out.shape[0]):
        out[row] = weights[order[first + row]]
        total += out[row]
    return total
