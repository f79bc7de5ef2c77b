"""Adam."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, NamedTuple, final

import numpy as np

from layerkit.arguments import check_learning_rate, check_number
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.update_context import UpdateContext
from layerkit.types import Array


@final
class Adam(Optimizer):
    """m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  θ ← θ − η m̂ / (√v̂ + ε).

    At a parameter's t-th update, counted from 1, m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ).

    Args:
        learning_rate: η, at least 0, or a Schedule.
        beta1: β₁, 0 ≤ β₁ < 1.
        beta2: β₂, 0 ≤ β₂ < 1.
        epsilon: ε, above 0.

    Source: Kingma and Ba, *Adam: a method for stochastic optimization*, ICLR 2015.
    """

    bounded_steps = True
    keeps_non_finite = True
    minima: ClassVar[Mapping[str, float]] = {"count": 0, "square": 0}

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
        adam_update(parameters, gradient, ctx, beta1=self.beta1, beta2=self.beta2, epsilon=self.epsilon)


class AdamNumbers(NamedTuple):
    """What an update of Adam multiplies by, each an array without axes, in the parameters' dtype."""

    rate: Array
    epsilon: Array
    beta1: Array
    rest1: Array
    beta2: Array
    rest2: Array


def counted(ctx: UpdateContext) -> Array:
    """Count one update more for each parameter; how many each has had, this one among them."""
    counts = ctx.slice_numbers("count")
    counts += 1
    return counts


def adam_numbers(ctx: UpdateContext, count: float, *, beta1: float, beta2: float, epsilon: float) -> AdamNumbers:
    """The numbers of the update that is a parameter's ``count``-th."""
    # both corrections are numbers, so they go into the rate and ε instead of two more passes over the vectors:
    # η m̂ / (√v̂ + ε) = η √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε √(1 − β₂ᵗ))
    root = math.sqrt(1 - beta2**count)
    scalar = ctx.scratch.scalar
    return AdamNumbers(
        scalar("rate", ctx.learning_rate * root / (1 - beta1**count)),
        scalar("epsilon", epsilon * root),
        scalar("beta1", beta1),
        scalar("rest1", 1 - beta1),
        scalar("beta2", beta2),
        scalar("rest2", 1 - beta2),
    )


def running_means(slope: Array, mean: Array, square: Array, work: Array, by: AdamNumbers) -> None:
    """m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g², in place; ``work`` is as large as they are."""
    np.multiply(mean, by.beta1, mean)
    np.multiply(slope, by.rest1, work)
    np.add(mean, work, mean)

    np.multiply(square, by.beta2, square)
    np.multiply(slope, slope, work)
    np.multiply(work, by.rest2, work)
    np.add(square, work, square)


def adam_update(
    parameters: Array, gradient: Array, ctx: UpdateContext, *, beta1: float, beta2: float, epsilon: float
) -> None:
    """One update of Adam of all parameters, by the count of each."""
    counts = counted(ctx)
    vectors = parameters, gradient, ctx.state("mean"), ctx.state("square")
    for place, blocks in ctx.blocks_by(counts, *vectors, work=1):
        by = adam_numbers(ctx, counts[place.start], beta1=beta1, beta2=beta2, epsilon=epsilon)
        for values, slope, mean, square, work in blocks:
            adam_move(values, slope, mean, square, work, by)


def adam_move(values: Array, slope: Array, mean: Array, square: Array, work: Array, by: AdamNumbers) -> None:
    """One update of Adam: ``values`` and their two running means change in place; ``work`` is as large as they are."""
    running_means(slope, mean, square, work, by)
    np.sqrt(square, work)
    np.add(work, by.epsilon, work)
    np.divide(mean, work, work)
    np.multiply(work, by.rate, work)
    np.subtract(values, work, values)
