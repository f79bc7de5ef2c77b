"""Lion."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_learning_rate, check_number
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.update_context import UpdateContext
from layerkit.types import Array


@final
class Lion(Optimizer):
    """θ ← θ − η sign(β₁ m + (1 − β₁) g);  m ← β₂ m + (1 − β₂) g: every parameter moves by η, or not at all.

    Take a tenth to a third of the rate that suits Adam, and with ``WeightDecay`` three to ten times the decay.

    Args:
        learning_rate: η, at least 0, or a Schedule.
        beta1: β₁, 0 ≤ β₁ < 1.
        beta2: β₂, 0 ≤ β₂ < 1.

    Source: Chen et al., *Symbolic discovery of optimization algorithms*, NeurIPS 2023.

    >>> Lion(3e-4)
    Lion(learning_rate=0.0003)
    """

    bounded_steps = True
    keeps_non_finite = True

    def __init__(self, learning_rate: float | Schedule = 1e-4, *, beta1: float = 0.9, beta2: float = 0.99) -> None:
        check_learning_rate(self, learning_rate)
        check_number(self, "beta1", beta1, minimum=0, below=1)
        check_number(self, "beta2", beta2, minimum=0, below=1)
        self.learning_rate = learning_rate
        self.beta1 = beta1
        self.beta2 = beta2

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        scalar = ctx.scratch.scalar
        rate = scalar("rate", ctx.learning_rate)
        beta1, rest1 = scalar("beta1", self.beta1), scalar("rest1", 1 - self.beta1)
        beta2, rest2 = scalar("beta2", self.beta2), scalar("rest2", 1 - self.beta2)
        for values, slope, mean, move, work in ctx.blocks(parameters, gradient, ctx.state("mean"), work=2):
            np.multiply(mean, beta1, move)
            np.multiply(slope, rest1, work)
            np.add(move, work, move)
            np.sign(move, move)
            np.multiply(move, rate, move)
            np.subtract(values, move, values)

            np.multiply(mean, beta2, mean)
            np.multiply(slope, rest2, work)
            np.add(mean, work, mean)
