"""RMSProp."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

import numpy as np

from layerkit.arguments import check_boolean, check_learning_rate, check_number
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.update_context import UpdateContext
from layerkit.types import Array


@final
class RMSProp(Optimizer):
    """s ← ρ s + (1 − ρ) g²;  θ ← θ − η g / (√s + ε): each parameter's step by the size of its own gradients.

    Centred, the running mean m ← ρ m + (1 − ρ) g is taken off: √(s − m²) in the place of √s. With momentum μ,
    v ← μ v + g / (√s + ε) and θ ← θ − η v.

    Args:
        learning_rate: η, at least 0, or a Schedule.
        rho: ρ, how much of the running mean of squares is kept, 0 ≤ ρ < 1.
        momentum: μ, 0 ≤ μ < 1.
        epsilon: ε, above 0.
        centered: whether the running mean of the gradient is taken off.

    Source: Tieleman and Hinton, lecture 6.5 of *Neural networks for machine learning*, 2012; Graves, *Generating
    sequences with recurrent neural networks*, 2013 (centred).

    >>> RMSProp(0.01)
    RMSProp(learning_rate=0.01)
    """

    bounded_steps = True
    keeps_non_finite = True
    minima: ClassVar[Mapping[str, float]] = {"square": 0}

    def __init__(
        self,
        learning_rate: float | Schedule = 1e-3,
        *,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-8,
        centered: bool = False,
    ) -> None:
        check_learning_rate(self, learning_rate)
        check_number(self, "rho", rho, minimum=0, below=1)
        check_number(self, "momentum", momentum, minimum=0, below=1)
        check_number(self, "epsilon", epsilon, above=0)
        check_boolean(self, "centered", centered)
        self.learning_rate = learning_rate
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        scalar = ctx.scratch.scalar
        rate, epsilon, momentum = (
            scalar(name, value)
            for name, value in (("rate", ctx.learning_rate), ("epsilon", self.epsilon), ("momentum", self.momentum))
        )
        rho, rest, zero = scalar("rho", self.rho), scalar("rest", 1 - self.rho), scalar("zero", 0.0)
        vectors = [parameters, gradient, ctx.state("square")]
        vectors += [ctx.state("mean")] if self.centered else []
        vectors += [ctx.state("velocity")] if self.momentum else []
        for values, slope, square, *kept, work, move in ctx.blocks(*vectors, work=2):
            np.multiply(square, rho, square)
            np.multiply(slope, slope, work)
            np.multiply(work, rest, work)
            np.add(square, work, square)
            if self.centered:
                mean = kept[0]
                np.multiply(mean, rho, mean)
                np.multiply(slope, rest, work)
                np.add(mean, work, mean)
                np.multiply(mean, mean, work)
                np.subtract(square, work, work)
                # rounding may lead below 0, where the mean of squares is that of the square of the mean
                np.maximum(work, zero, out=work)
                np.sqrt(work, work)
            else:
                np.sqrt(square, work)
            np.add(work, epsilon, work)
            np.divide(slope, work, move)
            if self.momentum:
                velocity = kept[-1]
                np.multiply(velocity, momentum, velocity)
                np.add(velocity, move, velocity)
                np.multiply(velocity, rate, move)
            else:
                np.multiply(move, rate, move)
            np.subtract(values, move, values)
