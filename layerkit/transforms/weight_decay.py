"""Decoupled weight decay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.errors import ArgumentError
from layerkit.interfaces.transform import Transform
from layerkit.interfaces.update_context import UpdateContext
from layerkit.types import Array


@final
class WeightDecay(Transform):
    """θ ← θ − η λ θ₀ after each update, for all parameters but those tagged so; θ₀ is what they were before the update.

    So the decay is apart from the optimizer's own step: neither is computed from what the other did.

    Args:
        rate: λ, at least 0; η is the step's learning rate.
        except_tags: parameters with one of these tags do not decay; biases by default.

    Source: Loshchilov and Hutter, *Decoupled weight decay regularization*, ICLR 2019.
    """

    def __init__(self, rate: float, *, except_tags: Sequence[str] = ("bias",)) -> None:
        check_number(self, "rate", rate, minimum=0)
        listed = isinstance(except_tags, (list, tuple)) and all(isinstance(tag, str) for tag in except_tags)
        if not listed:
            raise ArgumentError(f"WeightDecay: except_tags must be a list or tuple of strings, got {except_tags!r}")
        self.rate = rate
        self.except_tags = except_tags

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        rate = ctx.scratch.scalar("rate", ctx.learning_rate * self.rate)
        decay = ctx.scratch("decay", parameters.shape)
        for start, stop in self._places(ctx):
            np.multiply(parameters[start:stop], rate, out=decay[start:stop])

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        decay = ctx.scratch("decay", parameters.shape)
        for start, stop in self._places(ctx):
            np.subtract(parameters[start:stop], decay[start:stop], out=parameters[start:stop])

    def _places(self, ctx: UpdateContext) -> list[tuple[int, int]]:
        kept = set(self.except_tags)
        return [(place.start, place.stop) for place in ctx.slices if kept.isdisjoint(place.tags)]
