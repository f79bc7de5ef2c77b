"""Gradients whose numbers are bounded."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.transform import Transform
from layerkit.interfaces.update_context import UpdateContext
from layerkit.types import Array


@final
class ClipValue(Transform):
    """g ← min(max(g, −limit), limit), each number by itself.

    Args:
        limit: the greatest number that passes unchanged, above 0.

    >>> ClipValue(0.5)
    ClipValue(0.5)
    """

    def __init__(self, limit: float) -> None:
        check_number(self, "limit", limit, above=0)
        self.limit = limit

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        limit = ctx.scratch.scalar("limit", self.limit)
        np.clip(gradient, -limit, limit, out=gradient)
