"""A way around another layer, with a gate."""

from __future__ import annotations

from typing import Any

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Backward, Buffer, Forward, LayerKernel, Part, Step, kernel
from layerkit_numba.kernels.joins import add_to, multiply, over_all
from layerkit_numba.kernels.linear import inside, linear
from layerkit_numba.mathematics import natural


@compiled
def mix(x: Any, gate: Any, inner: Any, y: Any, begin: int, end: int) -> None:
    """x + g (f(x) − x)."""
    for place in range(natural(begin), natural(end)):
        y[place] = gate[place] * (inner[place] - x[place]) + x[place]


@compiled
def open_gate(dy: Any, x: Any, inner: Any, opened: Any, begin: int, end: int) -> None:
    """δ (f(x) − x), the gradient of the gate."""
    for place in range(natural(begin), natural(end)):
        opened[place] = dy[place] * (inner[place] - x[place])


@compiled
def go_around(dy: Any, through: Any, dx: Any, begin: int, end: int) -> None:
    """Add what does not go through f."""
    for place in range(natural(begin), natural(end)):
        dx[place] += dy[place] - through[place]


@kernel("layerkit.layers.highway:Highway")
def _highway(part: Part) -> LayerKernel:
    own = linear(inside(part), part.input_shape[-1], y="z", dy="gate.dx")
    back: tuple[Step, ...] = ()
    if part.trained or part.needs_input_gradient:
        opened = over_all(open_gate, "dy:flat", "x:flat", "inner.y:flat", "opened:flat")
        back += (opened, Backward("gate", "opened"), *own.parameter_gradients)
    back += (over_all(multiply, "dy:flat", "gate.y:flat", "through:flat"), Backward("inner", "through"))
    if part.needs_input_gradient:
        around = over_all(go_around, "dy:flat", "through:flat", "dx:flat")
        back += (*own.input_gradient, around, over_all(add_to, "inner.dx:flat", "dx:flat"))
    return LayerKernel(
        forward=(
            *own.forward,
            Forward("gate", "z"),
            Forward("inner", "x"),
            over_all(mix, "x:flat", "gate.y:flat", "inner.y:flat", "y:flat"),
        ),
        backward=back,
        buffers={**own.buffers, **{name: Buffer(part.input_shape) for name in ("z", "opened", "through")}},
        reads_output=False,
        masks="ignored",
    )
