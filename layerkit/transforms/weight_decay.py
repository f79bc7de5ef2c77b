"""Decoupled weight decay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.transform import Transform
from layerkit.interfaces.update_context import UpdateContext
from layerkit.types import Array


@final
class WeightDecay(Transform):
    """θ ← θ − η λ θ after each update, apart from the optimizer's own step, for all parameters but those tagged so.

    Args:
        rate: λ, at least 0; η is the step's learning rate.
        except_tags: parameters with one of these tags do not decay; biases by default.

    Source: Loshchilov and Hutter, *Decoupled weight decay regularization*, ICLR 2019.
    """

    def __init__(self, rate: float, *, except_tags: Sequence[str] = ("bias",)) -> None:
        check_number(self, "rate", rate, minimum=0)
        self.rate = rate
        self.except_tags = except_tags

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        factor = ctx.scratch.scalar("factor", 1 - ctx.learning_rate * self.rate)
        for place in ctx.slices:
            if not set(place.tags) & set(self.except_tags):
                weights = parameters[place.start : place.stop]
                np.multiply(weights, factor, out=weights)
