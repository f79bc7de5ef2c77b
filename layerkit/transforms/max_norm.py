"""Weights of bounded length."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.transform import Transform
from layerkit.interfaces.update_context import UpdateContext
from layerkit.types import Array


@final
class MaxNorm(Transform):
    """w ← w · min(1, limit / ‖w‖₂) after each update, for the incoming weights w of each unit.

    These are a column of a weight matrix; of a parameter of more axes, all that leads to one place of the last axis.
    Parameters of one axis, biases and scales, are left alone.

    Args:
        limit: the greatest norm, above 0.

    Source: Srivastava et al., *Dropout: a simple way to prevent neural networks from overfitting*, JMLR 15, 2014.

    >>> MaxNorm(3.0)
    MaxNorm(3.0)
    """

    def __init__(self, limit: float) -> None:
        check_number(self, "limit", limit, above=0)
        self.limit = limit

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            if len(each.shape) > 1 and each.stop > each.start:
                weights = parameters[each.start : each.stop].reshape(-1, each.shape[-1])
                norms = np.linalg.norm(weights, axis=0)
                limit = norms.dtype.type(self.limit)
                weights *= limit / np.maximum(norms, limit)
