"""The long short-term memory."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit import Context, Initializer
from layerkit.arguments import check_number
from layerkit.types import Array, DType
from layerkit_sequence.recurrent import Recurrent
from layerkit_sequence.unrolled import Unrolled


@final
class LSTM(Recurrent):
    """A recurrent layer with a cell c that an input gate i writes to, a forget gate f keeps and an output gate o reads.

    i, f, o = σ(x W + h U + b), each with its own columns, g = tanh(x W + h U + b) with those left; the new cell is
    c′ = f · c + i · g, and the new output h′ = o · tanh(c′). With δ and γ the gradients with respect to h′ and c′, the
    latter with δ o (1 − tanh² c′) added, those with respect to the arguments of the four functions are
    γ g i (1 − i), γ c f (1 − f), γ i (1 − g²) and δ tanh(c′) o (1 − o); c gets γ f.

    Shapes: x ``(batch, time, features)``; ``weight`` W ``(features, 4 · units)``, ``recurrent_weight`` U
    ``(units, 4 · units)`` and ``bias`` b ``(4 · units,)``, in the order o, i, f, g; y ``(batch, time, units)`` or
    ``(batch, units)``. A step that the mask leaves out carries the state over, and its output is zeros.

    Args:
        units: the length of the state.
        forget_bias: the first value of the forget gate's bias: at 1, the cell keeps most of what it holds.
        return_sequences: whether y holds every step's output, or the last state alone.
        reverse: whether time runs backwards; outputs stay in the places of their inputs.
        initializer: draws W; Glorot's uniform by default.
        recurrent_initializer: draws U; an orthogonal matrix for each gate by default.

    Source: Hochreiter and Schmidhuber, *Long short-term memory*, Neural Computation 9, 1997; Gers, Schmidhuber and
    Cummins, *Learning to forget*, Neural Computation 12, 2000.

    >>> from layerkit import Sequential
    >>> Sequential([LSTM(2)]).initialize((None, 3)).parameters["0.bias"]
    array([0., 0., 0., 0., 1., 1., 0., 0.], dtype=float32)
    """

    recordable = True
    gates = 4
    memory = 2

    def __init__(
        self,
        units: int,
        *,
        forget_bias: float = 1.0,
        return_sequences: bool = True,
        reverse: bool = False,
        initializer: Initializer | None = None,
        recurrent_initializer: Initializer | None = None,
    ) -> None:
        super().__init__(
            units,
            return_sequences=return_sequences,
            reverse=reverse,
            initializer=initializer,
            recurrent_initializer=recurrent_initializer,
        )
        check_number(self, "forget_bias", forget_bias)
        self.forget_bias = forget_bias

    def first_bias(self) -> Initializer:
        return _ForgetBias(self.forget_bias)

    def lay_out(self, run: Unrolled, ctx: Context) -> None:
        units, scratch = self.units, ctx.scratch
        gates = run.projected.reshape(run.time, run.batch, 4, units)
        gradients = run.projected_gradient.reshape(gates.shape)
        squashed = scratch("squashed cells", (run.time, run.batch, units))
        factors, leak = scratch("factors", gates.shape), scratch("leak", squashed.shape)
        product = scratch("product", (run.batch, 4 * units))
        work = scratch("work", (run.batch, units))
        output, cell = run.drift[:, :units], run.drift[:, units:]
        run.cell = gates, squashed, factors, leak, scratch.scalar("half", 0.5), scratch.scalar("one", 1.0)
        run.steps = [
            (
                (
                    run.before[place][:, :units],
                    run.before[place][:, units:],
                    run.after[place][:, :units],
                    run.after[place][:, units:],
                    run.projected[place],
                    run.projected[place][:, : 3 * units],
                    *(gates[place, :, gate] for gate in range(4)),
                    squashed[place],
                    product,
                    work,
                ),
                (
                    output,
                    cell,
                    leak[place],
                    cell[:, None, :],
                    factors[place, :, 0],
                    factors[place, :, 1:],
                    gradients[place, :, 0],
                    gradients[place, :, 1:],
                    gates[place, :, 2],
                    run.projected_gradient[place],
                    work,
                ),
            )
            for place in range(run.time)
        ]

    def step(self, run: Unrolled, place: int) -> None:
        before, cell_before, after, cell, gates, sigmoids, o, i, f, g, squashed, product, work = run.steps[place][0]
        half = run.cell[4]
        before.dot(self.recurrent_weight, product)
        np.add(gates, product, gates)
        # one tanh for all four: σ(a) = ½ tanh(½ a) + ½
        np.multiply(sigmoids, half, sigmoids)
        np.tanh(gates, gates)
        np.multiply(sigmoids, half, sigmoids)
        np.add(sigmoids, half, sigmoids)
        np.multiply(f, cell_before, cell)
        np.multiply(i, g, work)
        np.add(cell, work, cell)
        np.tanh(cell, squashed)
        np.multiply(o, squashed, after)

    def prepare_back(self, run: Unrolled) -> None:
        gates, squashed, factors, leak, _, one = run.cell
        o, i, g = (gates[:, :, gate] for gate in (0, 1, 3))
        # the slopes y (1 − y) = y − y² of the gates, and 1 − y² of what is written
        np.multiply(gates, gates, factors)
        np.subtract(gates[:, :, :3], factors[:, :, :3], factors[:, :, :3])
        np.subtract(one, factors[:, :, 3], factors[:, :, 3])
        for gate, partner in enumerate((squashed, g, run.earlier[..., self.units :], i)):
            np.multiply(factors[:, :, gate], partner, factors[:, :, gate])
        # o (1 − tanh² c′)
        np.multiply(squashed, squashed, leak)
        np.multiply(leak, o, leak)
        np.subtract(o, leak, leak)

    def step_back(self, run: Unrolled, place: int) -> None:
        output, cell, leak, cell_row, output_factor, factors, d_output, d_others, forget, gradient, work = run.steps[
            place
        ][1]
        np.multiply(output, leak, work)
        np.add(cell, work, cell)
        np.multiply(output, output_factor, d_output)
        np.multiply(cell_row, factors, d_others)
        np.multiply(cell, forget, cell)
        gradient.dot(self.recurrent_weight.T, work)
        output[...] = work


@final
class _ForgetBias(Initializer):
    """Zeros, but for the third of four gates."""

    def __init__(self, value: float) -> None:
        self.value = value

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        units = shape[0] // 4
        bias = np.zeros(shape, dtype)
        bias[2 * units : 3 * units] = self.value
        return bias
