"""Decoupled weight decay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.transform import Transform
from layerkit.interfaces.update_context import UpdateContext, check_tags, places_without
from layerkit.types import Array


@final
class WeightDecay(Transform):
    """θ ← θ − η λ θ₀ after each update, for all parameters but those tagged so; θ₀ is what they were before the update.

    So the decay is apart from the optimizer's own step: neither is computed from what the other did.

    Args:
        rate: λ, at least 0; η is the step's learning rate.
        except_tags: parameters with one of these tags do not decay; by default biases, scales of norms and learned
            slopes.

    Source: Loshchilov and Hutter, *Decoupled weight decay regularization*, ICLR 2019.
    """

    def __init__(self, rate: float, *, except_tags: Sequence[str] = ("bias", "scale", "slope")) -> None:
        check_number(self, "rate", rate, minimum=0)
        check_tags(self, "except_tags", except_tags)
        self.rate = rate
        self.except_tags = except_tags

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        rate = ctx.scratch.scalar("rate", ctx.learning_rate * self.rate)
        decay = ctx.scratch("decay", parameters.shape)
        for place in places_without(ctx.slices, self.except_tags):
            np.multiply(parameters[place], rate, out=decay[place])

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        decay = ctx.scratch("decay", parameters.shape)
        for place in places_without(ctx.slices, self.except_tags):
            np.subtract(parameters[place], decay[place], out=parameters[place])
