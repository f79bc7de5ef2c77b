"""The plain recurrent layer."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit import Activation, Context, Initializer
from layerkit.arguments import check_instance
from layerkit.errors import ArgumentError
from layerkit.types import Array
from layerkit_sequence.masks import place_of
from layerkit_sequence.recurrent import Recurrent
from layerkit_sequence.unrolled import Unrolled


@final
class SimpleRNN(Recurrent):
    """hₜ = f(xₜ W + hₜ₋₁ U + b), with h₀ = 0: the output of a step is its state.

    With δₜ the gradient with respect to hₜ and dₜ = δₜ f′: δₜ₋₁ gains dₜ Uᵀ, and over all steps ∂W = Σ xₜᵀ dₜ,
    ∂U = Σ hₜ₋₁ᵀ dₜ, ∂b = Σ dₜ, ∂xₜ = dₜ Wᵀ.

    Shapes: x ``(batch, time, features)``, ``weight`` W ``(features, units)``, ``recurrent_weight`` U
    ``(units, units)``, ``bias`` b ``(units,)``, y ``(batch, time, units)`` or ``(batch, units)``. A step that the mask
    leaves out carries the state over, and its output is zeros.

    Args:
        units: the length of the state.
        activation: f, an elementwise activation without parameters; tanh by default.
        return_sequences: whether y holds every step's output, or the last state alone.
        reverse: whether time runs backwards; outputs stay in the places of their inputs.
        initializer: draws W; Glorot's uniform by default.
        recurrent_initializer: draws U; an orthogonal matrix by default.

    Source: Elman, *Finding structure in time*, Cognitive Science 14, 1990.

    >>> from layerkit import Sequential
    >>> Sequential([SimpleRNN(8)]).initialize((None, 3)).output_shape
    (None, 8)
    """

    recordable = True
    gates = 1

    def __init__(
        self,
        units: int,
        *,
        activation: Activation | None = None,
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
        check_instance(self, "activation", activation, Activation, optional=True)
        if activation is not None and not activation.elementwise:
            raise ArgumentError(f"SimpleRNN: activation must be an elementwise activation, got {activation!r}")
        self.activation = activation

    def declare(self) -> None:
        if self.activation is not None:
            self.part("function", self.activation, (self.units,))

    def connect(self, ctx: Context) -> None:
        if self.activation is not None and ctx.part("function").gradients:
            # one context would have to keep the values of every step
            raise ArgumentError(
                f"{place_of(ctx)}: the activation must be one without parameters, got {self.activation!r}"
            )

    def lay_out(self, run: Unrolled, ctx: Context) -> None:
        slope = ctx.scratch("slope", run.projected.shape)
        one = ctx.scratch.scalar("one", 1.0)
        function = None if self.activation is None else ctx.part("function").forward
        run.cell = slope, one, function
        product = ctx.scratch("product", run.drift.shape)
        run.steps = [
            (product, run.projected[place], slope[place], run.projected_gradient[place]) for place in range(run.time)
        ]

    def step(self, run: Unrolled, place: int) -> None:
        product, z, _, _ = run.steps[place]
        _, _, function = run.cell
        run.before[place].dot(self.recurrent_weight, product)
        np.add(z, product, z)
        if function is None:
            np.tanh(z, run.after[place])
        else:
            run.after[place][...] = function(z)

    def prepare_back(self, run: Unrolled) -> None:
        slope, one, function = run.cell
        if function is None:
            # where a step is idle this is the slope at another state, which nothing is multiplied by
            np.multiply(run.later, run.later, slope)
            np.subtract(one, slope, slope)
        else:
            slope[...] = self._derivative(run.projected)

    def step_back(self, run: Unrolled, place: int) -> None:
        _, _, slope, gradient = run.steps[place]
        np.multiply(run.drift, slope, gradient)
        gradient.dot(self.recurrent_weight.T, run.drift)

    def _derivative(self, z: Array) -> Array:
        assert self.activation is not None
        return self.activation.derivative(z)
