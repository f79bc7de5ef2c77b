"""AMSGrad."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

import numpy as np

from layerkit.arguments import check_learning_rate, check_number
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.update_context import UpdateContext
from layerkit.optimizers.adam import adam_numbers, counted, running_means
from layerkit.types import Array


@final
class AMSGrad(Optimizer):
    """Adam whose steps never lengthen: the largest v so far stands in the place of v.

    m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  u ← max(u, v);  θ ← θ − η m̂ / (√û + ε), with m̂ = m / (1 − β₁ᵗ)
    and û = u / (1 − β₂ᵗ) at a parameter's t-th update.

    Args:
        learning_rate: η, at least 0, or a Schedule.
        beta1: β₁, 0 ≤ β₁ < 1.
        beta2: β₂, 0 ≤ β₂ < 1.
        epsilon: ε, above 0.

    Source: Reddi, Kale and Kumar, *On the convergence of Adam and beyond*, ICLR 2018.

    >>> AMSGrad(1e-2)
    AMSGrad(learning_rate=0.01)
    """

    bounded_steps = True
    keeps_non_finite = True
    minima: ClassVar[Mapping[str, float]] = {"count": 0, "square": 0, "largest": 0}

    def __init__(
        self,
        learning_rate: float | Schedule = 1e-3,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        check_learning_rate(self, learning_rate)
        check_number(self, "beta1", beta1, minimum=0, below=1)
        check_number(self, "beta2", beta2, minimum=0, below=1)
        check_number(self, "epsilon", epsilon, above=0)
        self.learning_rate = learning_rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        counts = counted(ctx)
        vectors = parameters, gradient, ctx.state("mean"), ctx.state("square"), ctx.state("largest")
        for place, blocks in ctx.blocks_by(counts, *vectors, work=1):
            by = adam_numbers(ctx, counts[place.start], beta1=self.beta1, beta2=self.beta2, epsilon=self.epsilon)
            for values, slope, mean, square, largest, work in blocks:
                running_means(slope, mean, square, work, by)
                np.maximum(largest, square, out=largest)

                np.sqrt(largest, work)
                np.add(work, by.epsilon, work)
                np.divide(mean, work, work)
                np.multiply(work, by.rate, work)
                np.subtract(values, work, values)
