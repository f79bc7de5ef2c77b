"""An optimizer, a transform or a schedule, with parameters to move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.update_context import ParameterSlice, UpdateContext
from layerkit.testing.subject import generator
from layerkit.types import Array

SLICES = (
    ParameterSlice("0.weight", 0, 12, (4, 3), ()),
    ParameterSlice("0.bias", 12, 15, (3,), ("bias",)),
    ParameterSlice("1.weight", 15, 21, (3, 2), ()),
)
SIZE = 21
STEPS_PER_EPOCH = 10
CURVATURE: Array = np.linspace(0.5, 2.0, SIZE)


def update_context(
    rate: float, *, dtype: Any = np.float64, steps_per_epoch: int | None = STEPS_PER_EPOCH
) -> UpdateContext:
    """A context over three parameters, at the first step."""
    context = UpdateContext(SLICES, np.dtype(dtype), rng=generator(4), steps_per_epoch=steps_per_epoch)
    context.learning_rate = rate
    return context


def first_parameters(dtype: Any = np.float64) -> Array:
    """Where the parameters start: nowhere near 0."""
    rng = generator(5)
    start: Array = (rng.uniform(1, 2, SIZE) * rng.choice([-1.0, 1.0], SIZE)).astype(dtype)
    return start


def gradients(count: int, dtype: Any = np.float64) -> list[Array]:
    """Gradients of the size that training has, read-only."""
    drawn = [generator(6 + step).normal(size=SIZE).astype(dtype) for step in range(count)]
    for gradient in drawn:
        gradient.flags.writeable = False
    return drawn


def bowl(parameters: Array) -> tuple[float, Array]:
    """½ Σ cᵢ θᵢ², a convex quadratic whose minimum is 0 at 0, and its gradient."""
    return float(0.5 * np.sum(CURVATURE * parameters**2)), CURVATURE.astype(parameters.dtype) * parameters


def bind(optimizer: Optimizer, parameters: Array, context: UpdateContext) -> None:
    """Give an optimizer that evaluates the cost itself something to evaluate."""
    if optimizer.needs_evaluate:
        context.bind(lambda: bowl(parameters))


def follow(optimizer: Optimizer, parameters: Array, gradients: Sequence[Array], context: UpdateContext) -> None:
    """Update the parameters by each gradient in turn."""
    bind(optimizer, parameters, context)
    for gradient in gradients:
        optimizer.update(parameters, gradient, context)
        context.step += 1


def descend(optimizer: Optimizer, parameters: Array, steps: int, context: UpdateContext) -> None:
    """Walk down the bowl."""
    bind(optimizer, parameters, context)
    for _ in range(steps):
        _, gradient = bowl(parameters)
        gradient.flags.writeable = False
        optimizer.update(parameters, gradient, context)
        context.step += 1
