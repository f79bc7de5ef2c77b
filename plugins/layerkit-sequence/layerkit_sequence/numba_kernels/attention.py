"""Attention with several heads: of a sequence to itself, and to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

from layerkit_numba import Buffer, Call, LayerKernel, Part, compiled, kernel, natural

from layerkit.errors import EngineError
from layerkit_sequence.numba_kernels.heads import Heads
from layerkit_sequence.numba_kernels.matrices import Matrix
from layerkit_sequence.numba_kernels.projection import Projection


@compiled
def clear_idle(rows: Any, mask: Any, begin: int, end: int) -> None:
    """Zeros for steps that do not count."""
    for row in range(begin, end):
        if not mask[row]:
            for column in range(natural(rows.shape[1])):
                rows[row, column] = 0


@compiled
def keep_counted(rows: Any, mask: Any, kept: Any, begin: int, end: int) -> None:
    """The steps that count, and zeros for the others."""
    for row in range(begin, end):
        counts = mask[row]
        for column in range(natural(rows.shape[1])):
            kept[row, column] = rows[row, column] if counts else 0


@kernel("layerkit_sequence.attention:MultiHeadSelfAttention")
def _self_attention(part: Part) -> LayerKernel:
    steps, features = part.input_shape
    x, dx = Matrix("x:flat", features), Matrix("dx:flat", features)
    asked = [
        _Asked(name, x, dx, Matrix("weight:flat", 3 * features, place * features, features), "bias", adds=place > 0)
        for place, name in enumerate(_NAMES)
    ]
    return _attention(part, asked, steps, steps, causal=bool(part.layer.causal))


@kernel("layerkit_sequence.cross_attention:MultiHeadCrossAttention")
def _cross_attention(part: Part) -> LayerKernel:
    (steps, features), (read, other) = part.input_shape
    x, dx = Matrix("x0:flat", features), Matrix("dx0:flat", features)
    source, d_source = Matrix("x1:flat", other), Matrix("dx1:flat", other)
    asked = [
        _Asked("queries", x, dx, Matrix("query_weight:flat", features), "query_bias"),
        _Asked("keys", source, d_source, Matrix("weight:flat", 2 * features, 0, features), "bias"),
        _Asked("values", source, d_source, Matrix("weight:flat", 2 * features, features, features), "bias", adds=True),
    ]
    if part.masked and steps != read:
        raise EngineError(
            f"layer {part.path} (MultiHeadCrossAttention): the engine numba/jit runs it under a mask where both "
            f"sequences are as long, got {steps} and {read} steps: train with the engine 'numpy', which runs everything"
        )
    return _attention(part, asked, steps, read, causal=False)


_NAMES = ("queries", "keys", "values")


@final
@dataclass(frozen=True)
class _Asked:
    """What x, or another input, is asked for: its queries, keys or values, by columns of a weight.

    ``adds``: the gradient is added to what ``dx`` holds.
    """

    name: str
    x: Matrix
    dx: Matrix
    weight: Matrix
    bias: str
    adds: bool = False

    def projection(self, itemsize: int) -> Projection:
        """What computes them."""
        rows = self.x.name.replace(":flat", ":count")
        return Projection(self.name, rows, self.x.width, self.weight, self.bias, itemsize)


def _attention(part: Part, asked: Sequence[_Asked], steps: int, read: int, *, causal: bool) -> LayerKernel:
    features, layer, size, masked = part.output_shape[-1], part.layer, part.dtype.itemsize, part.masked
    heads = Heads(layer.heads, features // layer.heads, steps, read, causal, masked, size)
    given = Projection("output", "y:count", features, Matrix("output_weight:flat", features), "output_bias", size)
    found, d_found = Matrix("found:flat", features), Matrix("found gradient:flat", features)
    d_y = Matrix("counted gradient:flat" if masked else "dy:flat", features)
    forward: list[Call] = []
    back: list[Call] = []
    buffers = heads.buffers(back=part.runs_back) | given.buffers(trained=part.trained, back=True)
    for each in asked:
        forward += each.projection(size).forward(each.x, Matrix(f"{each.name}:flat", features))
    forward += [heads.read_forward(), *given.forward(found, Matrix("y:flat", features))]
    if masked:
        forward.append(Call(clear_idle, "y:rows", "mask:flat", "begin", "end", over="y:count"))
        kept = ("dy:rows", "mask:flat", "counted gradient:rows")
        back.append(Call(keep_counted, *kept, "begin", "end", over="dy:count"))
        buffers["counted gradient"] = Buffer(part.output_shape)
    if part.trained:
        back += given.gradients(found, d_y)
    back += [*given.backward(d_y, d_found), heads.read_back()]
    for each in asked:
        projection, gradient = each.projection(size), Matrix(f"{each.name} gradient:flat", features)
        buffers |= projection.buffers(trained=part.trained, back=part.needs_input_gradient)
        if part.trained:
            back += projection.gradients(each.x, gradient)
        if part.needs_input_gradient:
            back += projection.backward(gradient, each.dx, adds=each.adds)
    return LayerKernel(
        forward=tuple(forward),
        backward=tuple(back),
        buffers=buffers,
        reads_input=part.trained,
        reads_output=False,
        masks="heeded",
    )
