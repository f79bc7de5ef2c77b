"""Gradient descent, with momentum if wanted."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_boolean, check_learning_rate, check_number
from layerkit.errors import ArgumentError
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.update_context import UpdateContext
from layerkit.types import Array


@final
class GradientDescent(Optimizer):
    """θ ← θ − η g; with momentum μ: v ← μ v + g, θ ← θ − η v, or θ ← θ − η (g + μ v) in Nesterov's form.

    Args:
        learning_rate: η, at least 0, or a Schedule.
        momentum: μ, 0 ≤ μ < 1.
        nesterov: whether momentum looks ahead.

    Source: Polyak, *Some methods of speeding up the convergence of iteration methods*, 1964; Sutskever et al., *On the
    importance of initialization and momentum in deep learning*, ICML 2013.

    >>> GradientDescent(3.0)
    GradientDescent(3.0)
    """

    keeps_non_finite = True

    def __init__(self, learning_rate: float | Schedule, *, momentum: float = 0.0, nesterov: bool = False) -> None:
        check_learning_rate(self, learning_rate)
        check_number(self, "momentum", momentum, minimum=0, below=1)
        check_boolean(self, "nesterov", nesterov)
        if nesterov and momentum == 0:
            raise ArgumentError("GradientDescent: nesterov needs a momentum above 0; give momentum=0.9, say")
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.nesterov = nesterov

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        rate = ctx.scratch.scalar("rate", ctx.learning_rate)
        if not self.momentum:
            for values, slope, move in ctx.blocks(parameters, gradient, work=1):
                np.multiply(slope, rate, move)
                np.subtract(values, move, values)
            return
        momentum = ctx.scratch.scalar("momentum", self.momentum)
        for values, slope, velocity, move in ctx.blocks(parameters, gradient, ctx.state("velocity"), work=1):
            np.multiply(velocity, momentum, velocity)
            np.add(velocity, slope, velocity)
            if self.nesterov:
                np.multiply(velocity, momentum, move)
                np.add(move, slope, move)
                np.multiply(move, rate, move)
            else:
                np.multiply(velocity, rate, move)
            np.subtract(values, move, values)
