"""The gated recurrent unit."""

from __future__ import annotations

from typing import Any

from layerkit_numba import Buffer, Call, LayerKernel, Part, compiled, kernel, like, natural, tanh
from layerkit_numba.kernels.activations import sigmoid

from layerkit_sequence.numba_kernels.matrices import Matrix, sum_of_rows
from layerkit_sequence.numba_kernels.products import multiply
from layerkit_sequence.numba_kernels.recurrence import Recurrence
from layerkit_sequence.numba_kernels.states import begin_gradient, carry, clear_rows, give_last, give_step, take_step
from layerkit_sequence.numba_kernels.time_order import time_of


@compiled
def replace(
    tall: int,
    abreast: int,
    panel: int,
    limit: int,
    projected: Any,
    states: Any,
    lifted: Any,
    packed_gates: Any,
    packed_candidate: Any,
    candidate_bias: Any,
    zeros: Any,
    y: Any,
    mask: Any,
    masked: bool,
    sequences: bool,
    backwards: bool,
    steps: int,
    units: int,
    n: int,
    begin: int,
    end: int,
) -> None:
    """All steps: r, z and n = tanh(x Wₙ + bₙ + r · (h Uₙ + c)) in the place of x W + b, and h′ = n + z (h − n)."""
    clear_rows(states, begin * units, end * units)
    for step in range(steps):
        first = step * n + begin
        multiply(
            tall, abreast, panel, limit, end - begin, units, 2 * units,
            states, first * units, units, 1, packed_gates, units, 0, zeros, 0, projected, first * 3 * units, 3 * units,
        )  # fmt: skip
        multiply(
            tall, abreast, panel, limit, end - begin, units, units,
            states, first * units, units, 1, packed_candidate, units, 1, candidate_bias, 0,
            lifted, first * units, units,
        )  # fmt: skip
        for row in range(begin, end):
            place = row * steps + time_of(step, steps, backwards)
            before = natural((step * n + row) * units)
            after = natural(((step + 1) * n + row) * units)
            counts = not masked or mask[place]
            if counts:
                r = natural((step * n + row) * 3 * units)
                z, candidate = r + natural(units), r + natural(2 * units)
                for unit in range(natural(2 * units)):
                    projected[r + unit] = sigmoid(projected[r + unit])
                for unit in range(natural(units)):
                    projected[candidate + unit] = tanh(
                        projected[candidate + unit] + projected[r + unit] * lifted[before + unit]
                    )
                for unit in range(natural(units)):
                    new = projected[candidate + unit]
                    states[after + unit] = new + projected[z + unit] * (states[before + unit] - new)
            else:
                carry(states, before, after, units)
            if sequences:
                give_step(states, after, y, place, units, counts)
    if not sequences:
        give_last(states, y, (steps * n + begin) * units, begin * units, end * units)


@compiled
def look_back(
    tall: int,
    abreast: int,
    panel: int,
    limit: int,
    projected: Any,
    states: Any,
    lifted: Any,
    turned: Any,
    zeros: Any,
    lifted_gradient: Any,
    candidate_gradient: Any,
    drift: Any,
    dy: Any,
    mask: Any,
    masked: bool,
    sequences: bool,
    backwards: bool,
    steps: int,
    units: int,
    n: int,
    begin: int,
    end: int,
) -> None:
    """The way back: with δ the gradient with respect to h′, dₙ = δ (1 − z)(1 − n²) with respect to x Wₙ + bₙ; and with
    respect to h U + (0, 0, c), dᵣ = dₙ (h Uₙ + c) r (1 − r), d_z = δ (h − n) z (1 − z), and dₙ r."""
    begin_gradient(drift, dy, sequences, begin * units, end * units)
    for back in range(steps):
        step = steps - 1 - back
        for row in range(begin, end):
            place = row * steps + time_of(step, steps, backwards)
            r, own = natural((step * n + row) * 3 * units), natural(row * units)
            before = natural((step * n + row) * units)
            if masked and not mask[place]:
                clear_rows(lifted_gradient, (step * n + row) * 3 * units, (step * n + row + 1) * 3 * units)
                clear_rows(candidate_gradient, (step * n + row) * units, (step * n + row + 1) * units)
                continue
            z, candidate = r + natural(units), r + natural(2 * units)
            one = like(1, drift[own])
            if sequences:
                take_step(drift, own, dy, place, units)
            for unit in range(natural(units)):
                update, new = projected[z + unit], projected[candidate + unit]
                candidate_gradient[before + unit] = drift[own + unit] * ((one - update) * (one - new * new))
            for unit in range(natural(units)):
                reset, delta = projected[r + unit], candidate_gradient[before + unit]
                lifted_gradient[r + unit] = delta * (lifted[before + unit] * (reset * (one - reset)))
                lifted_gradient[candidate + unit] = delta * reset
            for unit in range(natural(units)):
                update, delta = projected[z + unit], drift[own + unit]
                difference = states[before + unit] - projected[candidate + unit]
                lifted_gradient[z + unit] = delta * (difference * (update * (one - update)))
                drift[own + unit] = delta * update
        if step > 0:
            multiply(
                tall, abreast, panel, limit, end - begin, 3 * units, units, lifted_gradient,
                (step * n + begin) * 3 * units, 3 * units, 1, turned, 3 * units, 0, zeros, 0,
                drift, begin * units, units,
            )  # fmt: skip


@kernel("layerkit_sequence.gru:GRU")
def _gru(part: Part) -> LayerKernel:
    shared = Recurrence(part, 3)
    blocks, units, width = shared.blocks, shared.units, shared.width
    gates = Matrix("recurrent_weight:flat", width, 0, 2 * units)
    candidate = Matrix("recurrent_weight:flat", width, 2 * units, units)
    lifted = Matrix("lifted gradient:flat", width)
    new = Matrix("candidate gradient:flat", units)
    kept = "projected:flat", "states:flat", "lifted:flat"
    forward: tuple[Call, ...] = (
        blocks.pack(gates, units, "packed gates"),
        blocks.pack(candidate, units, "packed candidate"),
        blocks.pack(Matrix("candidate_bias", units), 1, "packed candidate bias"),
        shared.walk(replace, *kept, "packed gates", "packed candidate", "packed candidate bias", "zeros"),
    )
    ways = (*kept, "turned recurrent", "zeros", lifted.name, new.name, "drift:flat")
    return shared.kernel(
        forward,
        (
            shared.back.pack_turned(shared.recurrent_weight, units, "turned recurrent"),
            shared.walk_back(look_back, *ways),
        ),
        (
            shared.recurrent_gradient(lifted),
            sum_of_rows(
                "projected:count",
                Matrix(lifted.name, width, 2 * units, units),
                Matrix("gradient candidate_bias", units),
            ),
        ),
        (Matrix(lifted.name, width, 0, 2 * units), new),
        {
            "lifted": shared.of_step(units),
            "packed gates": blocks.packed(units, 2 * units),
            "packed candidate": blocks.packed(units, units),
            "packed candidate bias": blocks.packed(1, units),
            "turned recurrent": shared.back.packed(width, units),
            "lifted gradient": shared.of_step(width),
            "candidate gradient": shared.of_step(units),
            "drift": Buffer((units,)),
        },
    )
