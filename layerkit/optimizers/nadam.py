"""Nadam."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, final

import numpy as np

from layerkit.arguments import check_learning_rate, check_number
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.update_context import UpdateContext
from layerkit.optimizers.adam import adam_numbers, counted, running_means
from layerkit.types import Array

_DECAY = 0.96


@final
class Nadam(Optimizer):
    """Adam with Nesterov's momentum: θ ← θ − η (μₜ₊₁ m / (1 − Πₜ₊₁) + (1 − μₜ) g / (1 − Πₜ)) / (√v̂ + ε).

    At a parameter's t-th update; m and v are Adam's running means, μₜ = β₁ (1 − ½ · 0.96^(t ψ)) rises to β₁, and
    Πₜ = μ₁ μ₂ … μₜ.

    Args:
        learning_rate: η, at least 0, or a Schedule.
        beta1: β₁, 0 ≤ β₁ < 1.
        beta2: β₂, 0 ≤ β₂ < 1.
        epsilon: ε, above 0.
        momentum_decay: ψ, at least 0.

    Source: Dozat, *Incorporating Nesterov momentum into Adam*, ICLR workshop 2016.

    >>> Nadam(1e-3)
    Nadam(learning_rate=0.001)
    """

    bounded_steps = True
    keeps_non_finite = True
    minima: ClassVar[Mapping[str, float]] = {"count": 0, "lost": 0, "square": 0}

    def __init__(
        self,
        learning_rate: float | Schedule = 2e-3,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        momentum_decay: float = 4e-3,
    ) -> None:
        check_learning_rate(self, learning_rate)
        check_number(self, "beta1", beta1, minimum=0, below=1)
        check_number(self, "beta2", beta2, minimum=0, below=1)
        check_number(self, "epsilon", epsilon, above=0)
        check_number(self, "momentum_decay", momentum_decay, minimum=0)
        self.learning_rate = learning_rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.momentum_decay = momentum_decay

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        # 1 − Π is kept, not Π: numbers begin at 0
        counts, lost = counted(ctx), ctx.slice_numbers("lost")
        vectors = parameters, gradient, ctx.state("mean"), ctx.state("square")
        for place, blocks in ctx.blocks_by(counts, *vectors, work=2):
            count = counts[place.start]
            by = adam_numbers(ctx, count, beta1=self.beta1, beta2=self.beta2, epsilon=self.epsilon)
            now, following = self._momentum(count), self._momentum(count + 1)
            lost[place] = so_far = 1 - (1 - lost[place.start]) * now
            after = 1 - (1 - so_far) * following
            # as in Adam, the correction of v goes into the rates and ε
            root = ctx.learning_rate * math.sqrt(1 - self.beta2**count)
            by_mean = ctx.scratch.scalar("by mean", root * following / after)
            by_slope = ctx.scratch.scalar("by slope", root * (1 - now) / so_far)
            for values, slope, mean, square, work, move in blocks:
                running_means(slope, mean, square, work, by)
                np.multiply(mean, by_mean, move)
                np.multiply(slope, by_slope, work)
                np.add(move, work, move)
                np.sqrt(square, work)
                np.add(work, by.epsilon, work)
                np.divide(move, work, move)
                np.subtract(values, move, values)

    def _momentum(self, count: float) -> float:
        return self.beta1 * (1 - 0.5 * _DECAY ** (count * self.momentum_decay))
