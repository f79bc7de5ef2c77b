"""Slow weights that follow the fast ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

import numpy as np

from layerkit.arguments import check_integer, check_number
from layerkit.interfaces.transform import Transform
from layerkit.interfaces.update_context import UpdateContext
from layerkit.types import Array


@final
class Lookahead(Transform):
    """Every ``period`` updates φ ← φ + α (θ − φ) and θ ← φ; between them the optimizer moves θ alone.

    φ begins as the parameters before the first update.

    Args:
        period: how many updates the optimizer goes ahead, at least 1.
        alpha: α, how far the slow weights follow, 0 < α ≤ 1.

    Source: Zhang et al., *Lookahead optimizer: k steps forward, 1 step back*, NeurIPS 2019.

    >>> Lookahead(period=6)
    Lookahead(period=6)
    """

    minima: ClassVar[Mapping[str, float]] = {"count": 0}

    def __init__(self, *, period: int = 5, alpha: float = 0.5) -> None:
        check_integer(self, "period", period, minimum=1)
        check_number(self, "alpha", alpha, above=0, maximum=1)
        self.period = period
        self.alpha = alpha

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        slow, begun = ctx.state("slow"), ctx.state("begun")
        # what was frozen until now has no slow weights yet: by place, for the layout may have changed
        if not begun.all():
            np.copyto(slow, parameters, where=begun == 0)
            begun.fill(1)

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        count = ctx.numbers("count", 1)
        count += 1
        if count[0] % self.period:
            return
        slow = ctx.state("slow")
        slow += ctx.scratch.scalar("alpha", self.alpha) * (parameters - slow)
        np.copyto(parameters, slow)
