"""The way around another layer."""

from __future__ import annotations

from typing import Any

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Backward, Call, Forward, LayerKernel, Part, kernel
from layerkit_numba.mathematics import natural


@compiled
def add(one: Any, other: Any, total: Any, begin: int, end: int) -> None:
    """one + other."""
    for place in range(natural(begin), natural(end)):
        total[place] = one[place] + other[place]


@kernel("layerkit.layers.residual:Residual")
def _residual(part: Part) -> LayerKernel:
    back: tuple[Backward | Call, ...] = (Backward("inner", "dy"),)
    if part.needs_input_gradient:
        back += (Call(add, "dy:flat", "inner.dx:flat", "dx:flat", "begin", "end", over="dx:size", grain=16),)
    return LayerKernel(
        forward=(
            Forward("inner", "x"),
            Call(add, "x:flat", "inner.y:flat", "y:flat", "begin", "end", over="y:size", grain=16),
        ),
        backward=back,
        reads_output=False,
        masks="ignored",
    )
