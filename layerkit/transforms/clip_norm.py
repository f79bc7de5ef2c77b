"""Gradients of bounded length."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.transform import Transform
from layerkit.interfaces.update_context import UpdateContext
from layerkit.types import Array


@final
class ClipNorm(Transform):
    """g ← g · min(1, limit / ‖g‖₂), over all trained parameters together.

    Args:
        limit: the greatest norm that passes unchanged, above 0.

    Source: Pascanu, Mikolov and Bengio, *On the difficulty of training recurrent neural networks*, ICML 2013.
    """

    def __init__(self, limit: float) -> None:
        check_number(self, "limit", limit, above=0)
        self.limit = limit

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        norm = math.sqrt(float(np.dot(gradient, gradient)))
        if math.isinf(norm):
            # the squares overflowed, and not the gradient: bring its largest number to 1 first
            np.divide(gradient, np.abs(gradient).max(), out=gradient)
            norm = math.sqrt(float(np.dot(gradient, gradient)))
            np.multiply(gradient, self.limit / norm, out=gradient)
            return
        if norm > self.limit:
            np.multiply(gradient, ctx.scratch.scalar("factor", self.limit / norm), out=gradient)
