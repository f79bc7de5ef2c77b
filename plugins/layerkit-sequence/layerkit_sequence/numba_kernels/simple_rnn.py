"""The plain recurrent layer."""

from __future__ import annotations

from typing import Any

from layerkit_numba import Buffer, Elementwise, LayerKernel, Part, compiled, kernel, like, natural
from layerkit_numba.kernels.activations import hyperbolic_tangent, hyperbolic_tangent_slope
from layerkit_numba.registry import layer_kernel
from layerkit_numba.writer import loop

from layerkit.errors import EngineError
from layerkit_sequence.numba_kernels.matrices import Matrix
from layerkit_sequence.numba_kernels.products import multiply
from layerkit_sequence.numba_kernels.recurrence import Recurrence
from layerkit_sequence.numba_kernels.states import begin_gradient, carry, clear_rows, give_last, give_step, take_step
from layerkit_sequence.numba_kernels.time_order import time_of

# written around the functions of an activation: h′ = f(x W + b + h U), which keeps x W + b + h U
_FORWARD = """
def run(
    tall, abreast, panel, limit, projected, states, packed, zeros{0},
    y, mask, masked, sequences, backwards, steps, units, n, begin, end
):
    clear_rows(states, begin * units, end * units)
    for step in range(steps):
        first = (step * n + begin) * units
        multiply(
            tall, abreast, panel, limit, end - begin, units, units,
            states, first, units, 1, packed, units, 0, zeros, 0, projected, first, units
        )
        for row in range(begin, end):
            place = row * steps + time_of(step, steps, backwards)
            before, after = natural((step * n + row) * units), natural(((step + 1) * n + row) * units)
            counts = not masked or mask[place]
            if counts:
                for unit in range(natural(units)):
                    states[after + unit] = function(projected[before + unit]{0})
            else:
                carry(states, before, after, units)
            if sequences:
                give_step(states, after, y, place, units, counts)
    if not sequences:
        give_last(states, y, (steps * n + begin) * units, begin * units, end * units)
"""

# the way back: δ f′, with respect to x W + b + h U; `shift` is where f′ finds what it is computed from
_BACKWARD = """
def run(
    tall, abreast, panel, limit, seen, shift, turned, zeros, gradient, drift{0},
    dy, mask, masked, sequences, backwards, steps, units, n, begin, end
):
    begin_gradient(drift, dy, sequences, begin * units, end * units)
    for back in range(steps):
        step = steps - 1 - back
        for row in range(begin, end):
            place = row * steps + time_of(step, steps, backwards)
            before, own = natural((step * n + row) * units), natural(row * units)
            at = natural(((step + shift) * n + row) * units)
            if masked and not mask[place]:
                clear_rows(gradient, (step * n + row) * units, (step * n + row + 1) * units)
                continue
            if sequences:
                take_step(drift, own, dy, place, units)
            for unit in range(natural(units)):
                gradient[before + unit] = drift[own + unit] * slope(seen[at + unit]{0})
            clear_rows(drift, row * units, (row + 1) * units)
        if step > 0:
            first = (step * n + begin) * units
            multiply(
                tall, abreast, panel, limit, end - begin, units, units,
                gradient, first, units, 1, turned, units, 0, zeros, 0, drift, begin * units, units
            )
"""

_CALLED: dict[str, Any] = {
    "begin_gradient": begin_gradient,
    "carry": carry,
    "clear_rows": clear_rows,
    "give_last": give_last,
    "give_step": give_step,
    "multiply": multiply,
    "natural": natural,
    "take_step": take_step,
    "time_of": time_of,
}


@compiled
def unchanged(z: Any) -> Any:
    """z."""
    return z


@compiled
def unchanged_slope(z: Any) -> Any:
    """1."""
    return like(1, z)


@kernel("layerkit_sequence.simple_rnn:SimpleRNN")
def _simple_rnn(part: Part) -> LayerKernel:
    function = _function(part)
    constants = "".join(f", c{place}" for place in range(len(function.constants)))
    forward = loop(_FORWARD.format(constants), function=function.forward, **_CALLED)
    backward = loop(_BACKWARD.format(constants), slope=function.slope, **_CALLED)
    shared = Recurrence(part, 1)
    blocks, units = shared.blocks, shared.units
    gradient = Matrix("projected gradient:flat", units)
    seen: tuple[Any, ...] = ("projected:flat", 0) if function.of == "z" else ("states:flat", 1)
    ways = (*seen, "turned recurrent", "zeros", gradient.name, "drift:flat", *function.constants)
    return shared.kernel(
        (
            blocks.pack(shared.recurrent_weight, units, "packed recurrent"),
            shared.walk(forward, "projected:flat", "states:flat", "packed recurrent", "zeros", *function.constants),
        ),
        (
            shared.back.pack_turned(shared.recurrent_weight, units, "turned recurrent"),
            shared.walk_back(backward, *ways),
        ),
        (shared.recurrent_gradient(gradient),),
        (gradient,),
        {
            "packed recurrent": blocks.packed(units, units),
            "turned recurrent": shared.back.packed(units, units),
            "projected gradient": shared.of_step(units),
            "drift": Buffer((units,)),
        },
    )


def _function(part: Part) -> Elementwise:
    if "function" not in part.parts:
        return Elementwise(hyperbolic_tangent, hyperbolic_tangent_slope, of="y")
    inner = part.parts["function"]
    found = layer_kernel(inner, f"layer {inner.path} ({type(inner.layer).__name__})")
    if isinstance(found, Elementwise):
        return found
    if isinstance(found, LayerKernel) and found.only_shapes:
        return Elementwise(unchanged, unchanged_slope)
    raise EngineError(
        f"layer {part.path} (SimpleRNN): the engine numba/jit runs it with activations that act on each number alone, "
        f"without state or random numbers, got {inner.layer!r}: train with the engine 'numpy', which runs everything"
    )
