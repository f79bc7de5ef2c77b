"""Adagrad."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

import numpy as np

from layerkit.arguments import check_learning_rate, check_number
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.update_context import UpdateContext
from layerkit.types import Array


@final
class Adagrad(Optimizer):
    """s ← s + g²;  θ ← θ − η g / (√s + ε): parameters that seldom have a gradient keep long steps.

    Args:
        learning_rate: η, at least 0, or a Schedule.
        epsilon: ε, above 0.

    Source: Duchi, Hazan and Singer, *Adaptive subgradient methods for online learning and stochastic optimization*,
    JMLR 12, 2011.

    >>> Adagrad(0.1)
    Adagrad(learning_rate=0.1)
    """

    bounded_steps = True
    keeps_non_finite = True
    minima: ClassVar[Mapping[str, float]] = {"square": 0}

    def __init__(self, learning_rate: float | Schedule = 1e-2, *, epsilon: float = 1e-10) -> None:
        check_learning_rate(self, learning_rate)
        check_number(self, "epsilon", epsilon, above=0)
        self.learning_rate = learning_rate
        self.epsilon = epsilon

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        rate = ctx.scratch.scalar("rate", ctx.learning_rate)
        epsilon = ctx.scratch.scalar("epsilon", self.epsilon)
        for values, slope, square, work in ctx.blocks(parameters, gradient, ctx.state("square"), work=1):
            np.multiply(slope, slope, work)
            np.add(square, work, square)
            np.sqrt(square, work)
            np.add(work, epsilon, work)
            np.divide(slope, work, work)
            np.multiply(work, rate, work)
            np.subtract(values, work, values)
