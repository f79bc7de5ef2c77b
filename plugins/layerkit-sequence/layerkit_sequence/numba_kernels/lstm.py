"""The long short-term memory."""

from __future__ import annotations

from typing import Any

from layerkit_numba import Buffer, LayerKernel, Part, compiled, kernel, like, natural, tanh
from layerkit_numba.kernels.activations import sigmoid

from layerkit_sequence.numba_kernels.matrices import Matrix
from layerkit_sequence.numba_kernels.products import multiply
from layerkit_sequence.numba_kernels.recurrence import Recurrence
from layerkit_sequence.numba_kernels.states import begin_gradient, carry, clear_rows, give_last, give_step, take_step
from layerkit_sequence.numba_kernels.time_order import time_of


@compiled
def remember(
    tall: int,
    abreast: int,
    panel: int,
    limit: int,
    projected: Any,
    states: Any,
    cells: Any,
    squashed: Any,
    packed: Any,
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
    """All steps: the gates o, i, f, g in the place of x W + b, then c′ = f c + i g, tanh c′, and h′ = o tanh c′."""
    clear_rows(states, begin * units, end * units)
    clear_rows(cells, begin * units, end * units)
    for step in range(steps):
        first = step * n + begin
        multiply(
            tall, abreast, panel, limit, end - begin, units, 4 * units,
            states, first * units, units, 1, packed, units, 0, zeros, 0, projected, first * 4 * units, 4 * units,
        )  # fmt: skip
        for row in range(begin, end):
            place = (row * steps) + time_of(step, steps, backwards)
            before = natural((step * n + row) * units)
            after = natural(((step + 1) * n + row) * units)
            counts = not masked or mask[place]
            if counts:
                o = natural((step * n + row) * 4 * units)
                i, f, g = o + natural(units), o + natural(2 * units), o + natural(3 * units)
                for unit in range(natural(3 * units)):
                    projected[o + unit] = sigmoid(projected[o + unit])
                for unit in range(natural(units)):
                    projected[g + unit] = tanh(projected[g + unit])
                for unit in range(natural(units)):
                    cells[after + unit] = (
                        projected[f + unit] * cells[before + unit] + projected[i + unit] * projected[g + unit]
                    )
                for unit in range(natural(units)):
                    squashed[before + unit] = tanh(cells[after + unit])
                for unit in range(natural(units)):
                    states[after + unit] = projected[o + unit] * squashed[before + unit]
            else:
                carry(states, before, after, units)
                carry(cells, before, after, units)
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
    cells: Any,
    squashed: Any,
    turned: Any,
    zeros: Any,
    gradient: Any,
    drift: Any,
    cell_drift: Any,
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
    """The way back: with δ and γ the gradients with respect to h′ and c′, γ gains δ o (1 − tanh² c′), and those with
    respect to the arguments of the gates are δ tanh(c′) o (1 − o), γ g i (1 − i), γ c f (1 − f) and γ i (1 − g²)."""
    begin_gradient(drift, dy, sequences, begin * units, end * units)
    clear_rows(cell_drift, begin * units, end * units)
    for back in range(steps):
        step = steps - 1 - back
        for row in range(begin, end):
            place = row * steps + time_of(step, steps, backwards)
            d_o = natural((step * n + row) * 4 * units)
            if masked and not mask[place]:
                clear_rows(gradient, (step * n + row) * 4 * units, (step * n + row + 1) * 4 * units)
                continue
            i, f, g = natural(units), natural(2 * units), natural(3 * units)
            before, own = natural((step * n + row) * units), natural(row * units)
            one = like(1, drift[own])
            if sequences:
                take_step(drift, own, dy, place, units)
            for unit in range(natural(units)):
                delta, o, s = drift[own + unit], projected[d_o + unit], squashed[before + unit]
                gradient[d_o + unit] = delta * s * (o * (one - o))
                cell_drift[own + unit] += delta * (o * (one - s * s))
            for unit in range(natural(units)):
                delta, written, new = cell_drift[own + unit], projected[d_o + i + unit], projected[d_o + g + unit]
                gradient[d_o + i + unit] = delta * new * (written * (one - written))
                gradient[d_o + g + unit] = delta * written * (one - new * new)
            for unit in range(natural(units)):
                delta, kept = cell_drift[own + unit], projected[d_o + f + unit]
                gradient[d_o + f + unit] = delta * cells[before + unit] * (kept * (one - kept))
                cell_drift[own + unit] = delta * kept
            clear_rows(drift, row * units, (row + 1) * units)
        if step > 0:
            multiply(
                tall, abreast, panel, limit, end - begin, 4 * units, units, gradient, (step * n + begin) * 4 * units,
                4 * units, 1, turned, 4 * units, 0, zeros, 0, drift, begin * units, units,
            )  # fmt: skip


@kernel("layerkit_sequence.lstm:LSTM")
def _lstm(part: Part) -> LayerKernel:
    shared = Recurrence(part, 4)
    blocks, units, width = shared.blocks, shared.units, shared.width
    gradient = Matrix("projected gradient:flat", width)
    kept = "projected:flat", "cells:flat", "squashed:flat"
    return shared.kernel(
        (
            blocks.pack(shared.recurrent_weight, units, "packed recurrent"),
            shared.walk(remember, kept[0], "states:flat", *kept[1:], "packed recurrent", "zeros"),
        ),
        (
            shared.back.pack_turned(shared.recurrent_weight, units, "turned recurrent"),
            shared.walk_back(
                look_back, *kept, "turned recurrent", "zeros", gradient.name, "drift:flat", "cell drift:flat"
            ),
        ),
        (shared.recurrent_gradient(gradient),),
        (gradient,),
        {
            "cells": Buffer((shared.steps + 1, units)),
            "squashed": shared.of_step(units),
            "packed recurrent": blocks.packed(units, width),
            "turned recurrent": shared.back.packed(width, units),
            "projected gradient": shared.of_step(width),
            "drift": Buffer((units,)),
            "cell drift": Buffer((units,)),
        },
    )
