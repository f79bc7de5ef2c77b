"""Adadelta."""

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
class Adadelta(Optimizer):
    """s ← ρ s + (1 − ρ) g²;  Δ = g √(d + ε) / √(s + ε);  d ← ρ d + (1 − ρ) Δ²;  θ ← θ − η Δ.

    Steps have the unit of the parameters: d is the running mean of the squares of earlier ones.

    Args:
        learning_rate: η, at least 0, or a Schedule; 1, as in the paper, unless said.
        rho: ρ, 0 ≤ ρ < 1.
        epsilon: ε, above 0; it makes the first steps as short as √ε.

    Source: Zeiler, *Adadelta: an adaptive learning rate method*, 2012.

    >>> Adadelta()
    Adadelta()
    """

    keeps_non_finite = True
    minima: ClassVar[Mapping[str, float]] = {"square": 0, "moved": 0}

    def __init__(self, learning_rate: float | Schedule = 1.0, *, rho: float = 0.9, epsilon: float = 1e-6) -> None:
        check_learning_rate(self, learning_rate)
        check_number(self, "rho", rho, minimum=0, below=1)
        check_number(self, "epsilon", epsilon, above=0)
        self.learning_rate = learning_rate
        self.rho = rho
        self.epsilon = epsilon

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        scalar = ctx.scratch.scalar
        rate, epsilon = scalar("rate", ctx.learning_rate), scalar("epsilon", self.epsilon)
        rho, rest = scalar("rho", self.rho), scalar("rest", 1 - self.rho)
        vectors = parameters, gradient, ctx.state("square"), ctx.state("moved")
        for values, slope, square, moved, move, work in ctx.blocks(*vectors, work=2):
            np.multiply(square, rho, square)
            np.multiply(slope, slope, work)
            np.multiply(work, rest, work)
            np.add(square, work, square)

            np.add(moved, epsilon, move)
            np.add(square, epsilon, work)
            np.divide(move, work, move)
            np.sqrt(move, move)
            np.multiply(move, slope, move)

            np.multiply(moved, rho, moved)
            np.multiply(move, move, work)
            np.multiply(work, rest, work)
            np.add(moved, work, moved)

            np.multiply(move, rate, move)
            np.subtract(values, move, values)
