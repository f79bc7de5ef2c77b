"""The linear layer with gates."""

from __future__ import annotations

from typing import Any

from layerkit_numba import Backward, Buffer, Call, Forward, LayerKernel, Part, compiled, kernel, natural

from layerkit_sequence.numba_kernels.matrices import Matrix
from layerkit_sequence.numba_kernels.projection import Projection

_GRAIN = 64


@compiled
def let_through(values: Any, gates: Any, product: Any, begin: int, end: int) -> None:
    """Values times gates."""
    for place in range(natural(begin), natural(end)):
        product[place] = values[place] * gates[place]


@kernel("layerkit_sequence.gated_linear_unit:GatedLinearUnit")
def _gated_linear_unit(part: Part) -> LayerKernel:
    units, features, size = part.layer.units, part.input_shape[-1], part.dtype.itemsize
    bias = "bias" if part.layer.use_bias else ""
    of_values, of_gates = (
        Projection(name, "x:count", features, Matrix("weight:flat", 2 * units, first, units), bias, size)
        for name, first in (("values", 0), ("gates", units))
    )
    x, dx = Matrix("x:flat", features), Matrix("dx:flat", features)
    values, closed = Matrix("u:flat", units), Matrix("z:flat", units)
    d_values, d_closed = Matrix("d values:flat", units), Matrix("function.dx:flat", units)
    back: tuple[Any, ...] = (
        _product("dy:flat", "function.y:flat", "d values:flat"),
        _product("dy:flat", "u:flat", "d gates:flat"),
        Backward("function", "d gates"),
    )
    if part.trained:
        back += (*of_values.gradients(x, d_values), *of_gates.gradients(x, d_closed))
    if part.needs_input_gradient:
        back += (*of_values.backward(d_values, dx), *of_gates.backward(d_closed, dx, adds=True))
    shape = part.output_shape
    given = {"trained": part.trained, "back": part.needs_input_gradient}
    return LayerKernel(
        forward=(
            *of_values.forward(x, values),
            *of_gates.forward(x, closed),
            Forward("function", "z"),
            _product("u:flat", "function.y:flat", "y:flat"),
        ),
        backward=back,
        buffers=of_values.buffers(**given)
        | of_gates.buffers(**given)
        | {name: Buffer(shape) for name in ("u", "z", "d values", "d gates")},
        reads_input=part.trained,
        reads_output=False,
        masks="ignored",
    )


def _product(one: str, other: str, into: str) -> Call:
    over = into.replace(":flat", ":size")
    return Call(let_through, one, other, into, "begin", "end", over=over, grain=_GRAIN)
