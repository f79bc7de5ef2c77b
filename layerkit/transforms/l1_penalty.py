"""A penalty on the sizes of weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.transform import Transform
from layerkit.interfaces.update_context import UpdateContext, check_tags, places_without
from layerkit.types import Array


@final
class L1Penalty(Transform):
    """g ← g + λ sign(θ): the gradient of a cost with λ ‖θ‖₁ added to it, which drives weights to 0.

    The cost that is shown is the one without the penalty.

    Args:
        rate: λ, at least 0.
        except_tags: parameters with one of these tags are left alone; by default biases, scales of norms and
            learned slopes.

    Source: Tibshirani, *Regression shrinkage and selection via the lasso*, Journal of the Royal Statistical Society B
    58, 1996.

    >>> L1Penalty(1e-4)
    L1Penalty(0.0001)
    """

    def __init__(self, rate: float, *, except_tags: Sequence[str] = ("bias", "scale", "slope")) -> None:
        check_number(self, "rate", rate, minimum=0)
        check_tags(self, "except_tags", except_tags)
        self.rate = rate
        self.except_tags = except_tags

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        rate, work = ctx.scratch.scalar("rate", self.rate), ctx.scratch("work", parameters.shape)
        for place in places_without(ctx.slices, self.except_tags):
            np.sign(parameters[place], out=work[place])
            np.multiply(work[place], rate, out=work[place])
            np.add(gradient[place], work[place], out=gradient[place])
