"""AdamW."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, final

from layerkit.arguments import check_learning_rate, check_number
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.update_context import UpdateContext, check_tags, places_without
from layerkit.optimizers.adam import adam_update
from layerkit.types import Array


@final
class AdamW(Optimizer):
    """Adam with decoupled weight decay: θ ← (1 − η λ) θ, then Adam's step.

    The same as ``Adam`` with the transform ``WeightDecay``, under the name that people look for.

    Args:
        learning_rate: η, at least 0, or a Schedule.
        beta1: β₁, 0 ≤ β₁ < 1.
        beta2: β₂, 0 ≤ β₂ < 1.
        epsilon: ε, above 0.
        weight_decay: λ, at least 0.
        except_tags: parameters with one of these tags do not decay; by default biases, scales of norms and learned
            slopes.

    Source: Loshchilov and Hutter, *Decoupled weight decay regularization*, ICLR 2019.

    >>> AdamW(1e-3, weight_decay=0.05)
    AdamW(weight_decay=0.05)
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
        weight_decay: float = 0.01,
        except_tags: Sequence[str] = ("bias", "scale", "slope"),
    ) -> None:
        check_learning_rate(self, learning_rate)
        check_number(self, "beta1", beta1, minimum=0, below=1)
        check_number(self, "beta2", beta2, minimum=0, below=1)
        check_number(self, "epsilon", epsilon, above=0)
        check_number(self, "weight_decay", weight_decay, minimum=0)
        check_tags(self, "except_tags", except_tags)
        self.learning_rate = learning_rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weight_decay = weight_decay
        self.except_tags = except_tags

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        kept = ctx.scratch.scalar("kept", 1 - ctx.learning_rate * self.weight_decay)
        for place in places_without(ctx.slices, self.except_tags):
            parameters[place] *= kept
        adam_update(parameters, gradient, ctx, beta1=self.beta1, beta2=self.beta2, epsilon=self.epsilon)
