"""The gated recurrent unit."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit import Context, Zeros
from layerkit.types import Array
from layerkit_sequence.recurrent import Recurrent
from layerkit_sequence.unrolled import Unrolled


@final
class GRU(Recurrent):
    """A recurrent layer with a reset gate r and an update gate z.

    r = σ(x Wᵣ + h Uᵣ + bᵣ), z = σ(x W_z + h U_z + b_z), n = tanh(x Wₙ + bₙ + r · (h Uₙ + c)) and the new state is
    (1 − z) · n + z · h: PyTorch's and cuDNN's form, in which the reset comes after the product. With δ the gradient
    with respect to the new state, those with respect to the arguments of the three functions are
    dₙ = δ (1 − z)(1 − n²), d_z = δ (h − n) z (1 − z), dᵣ = dₙ (h Uₙ + c) r (1 − r); h gets
    δ z + dᵣ Uᵣᵀ + d_z U_zᵀ + (dₙ r) Uₙᵀ.

    Shapes: x ``(batch, time, features)``; ``weight`` ``(features, 3 · units)``, ``recurrent_weight``
    ``(units, 3 · units)`` and ``bias`` ``(3 · units,)``, in the order r, z, n; ``candidate_bias`` c ``(units,)``; y
    ``(batch, time, units)`` or ``(batch, units)``. A step that the mask leaves out carries the state over, and its
    output is zeros.

    Args:
        units: the length of the state.
        return_sequences: whether y holds every step's output, or the last state alone.
        reverse: whether time runs backwards; outputs stay in the places of their inputs.
        initializer: draws W; Glorot's uniform by default.
        recurrent_initializer: draws U; an orthogonal matrix for each gate by default.

    Source: Cho et al., *Learning phrase representations using RNN encoder-decoder for statistical machine translation*,
    EMNLP 2014.

    >>> from layerkit import Sequential
    >>> Sequential([GRU(8, return_sequences=False)]).initialize((None, 3)).output_shape
    (8,)
    """

    recordable = True
    gates = 3
    candidate_bias: Array

    def declare(self) -> None:
        self.parameter("candidate_bias", (self.units,), Zeros(), tags=("bias",))

    def lay_out(self, run: Unrolled, ctx: Context) -> None:
        units, scratch = self.units, ctx.scratch
        shape = (run.time, run.batch, units)
        gates, candidate = run.projected[..., : 2 * units], run.projected[..., 2 * units :]
        # h Uᵣ, h U_z and h Uₙ + c of each step, and the gradients with respect to them
        lifted = scratch("lifted", run.projected.shape)
        lifted_gradient = scratch("lifted gradient", run.projected.shape)
        reset_slope, update_slope, candidate_slope = (
            scratch(f"{name} slope", shape) for name in ("reset", "update", "candidate")
        )
        run.cell = (
            gates[..., :units],
            gates[..., units:],
            candidate,
            lifted[..., 2 * units :],
            lifted_gradient,
            reset_slope,
            update_slope,
            candidate_slope,
            scratch.scalar("half", 0.5),
            scratch.scalar("one", 1.0),
        )
        work = scratch("work", (run.batch, units))
        run.steps = [
            (
                lifted[place],
                lifted[place][:, : 2 * units],
                lifted[place][:, 2 * units :],
                gates[place],
                gates[place][:, :units],
                gates[place][:, units:],
                candidate[place],
                lifted_gradient[place],
                lifted_gradient[place][:, :units],
                lifted_gradient[place][:, units : 2 * units],
                lifted_gradient[place][:, 2 * units :],
                run.projected_gradient[place][:, 2 * units :],
                reset_slope[place],
                update_slope[place],
                candidate_slope[place],
                work,
            )
            for place in range(run.time)
        ]

    def step(self, run: Unrolled, place: int) -> None:
        lifted, lifted_gates, lifted_candidate, gates, reset, update, candidate = run.steps[place][:7]
        half = run.cell[8]
        before, after = run.before[place], run.after[place]
        before.dot(self.recurrent_weight, lifted)
        np.add(lifted_candidate, self.candidate_bias, lifted_candidate)
        # σ(a) = ½ tanh(½ a) + ½
        np.add(gates, lifted_gates, gates)
        np.multiply(gates, half, gates)
        np.tanh(gates, gates)
        np.multiply(gates, half, gates)
        np.add(gates, half, gates)
        np.multiply(reset, lifted_candidate, after)
        np.add(candidate, after, candidate)
        np.tanh(candidate, candidate)
        np.subtract(before, candidate, after)
        np.multiply(update, after, after)
        np.add(candidate, after, after)

    def prepare_back(self, run: Unrolled) -> None:
        reset, update, candidate, lifted, _, reset_slope, update_slope, candidate_slope, _, one = run.cell
        # (1 − z)(1 − n²), borrowing the update's slope for 1 − z
        np.multiply(candidate, candidate, candidate_slope)
        np.subtract(one, candidate_slope, candidate_slope)
        np.subtract(one, update, update_slope)
        np.multiply(candidate_slope, update_slope, candidate_slope)
        # (h − n) z (1 − z), borrowing the reset's slope for h − n
        np.multiply(update_slope, update, update_slope)
        np.subtract(run.earlier, candidate, reset_slope)
        np.multiply(update_slope, reset_slope, update_slope)
        # (h Uₙ + c) r (1 − r)
        np.subtract(one, reset, reset_slope)
        np.multiply(reset_slope, reset, reset_slope)
        np.multiply(reset_slope, lifted, reset_slope)

    def step_back(self, run: Unrolled, place: int) -> None:
        views = run.steps[place]
        reset, update = views[4:6]
        lifted, d_reset, d_update, d_lifted, d_candidate, reset_slope, update_slope, candidate_slope, work = views[7:]
        drift = run.drift
        np.multiply(drift, candidate_slope, d_candidate)
        np.multiply(drift, update_slope, d_update)
        np.multiply(d_candidate, reset_slope, d_reset)
        np.multiply(d_candidate, reset, d_lifted)
        np.multiply(drift, update, work)
        lifted.dot(self.recurrent_weight.T, drift)
        np.add(drift, work, drift)

    def finish(self, run: Unrolled, ctx: Context) -> None:
        both = 2 * self.units
        lifted_gradient = run.cell[4]
        run.projected_gradient[..., :both] = lifted_gradient[..., :both]
        gradient = run.rows(lifted_gradient)
        run.rows(run.earlier).T.dot(gradient, ctx.gradient("recurrent_weight"))
        ctx.scratch.ones(gradient.shape[0]).dot(gradient[:, both:], ctx.gradient("candidate_bias"))
