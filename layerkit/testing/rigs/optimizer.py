"""An optimizer at work on a few parameters."""

from __future__ import annotations

from collections.abc import Sequence

from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.update_context import UpdateContext
from layerkit.testing.rigs.update import bowl
from layerkit.types import Array


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
