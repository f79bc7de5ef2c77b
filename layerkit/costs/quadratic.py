"""The quadratic cost."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.types import Array


@final
class Quadratic(Cost):
    """C = ½ Σⱼ (aⱼ − yⱼ)², over all outputs of an example; ∂C/∂a = a − y.

    With a mask, ``(batch, time)``, the positions that do not count are left out.

    Source: the assignment; M. Nielsen, *Neural Networks and Deep Learning*, 2015, chapter 1.
    """

    recordable = True
    minimum = 0.0

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        saved = ctx.saved
        difference = getattr(saved, "difference", None)
        if difference is None or not prediction.shape == target.shape == difference.shape:
            self.require_same_shape(prediction, target)
            scratch = ctx.scratch
            difference = saved.difference = scratch("difference", prediction.shape)
            saved.rows = difference.reshape(difference.shape[0], -1)
            saved.squares = scratch("squares", saved.rows.shape)
            saved.halves = scratch.full(saved.rows.shape[1], 0.5)
            saved.costs = scratch("costs", difference.shape[:1])
        np.subtract(prediction, target, difference)
        if ctx.mask is not None and (mask := ctx.mask_over(difference)) is not None:
            np.multiply(difference, mask, difference)
        # a product with ½ for each column adds up every row in one call
        np.multiply(saved.rows, saved.rows, saved.squares)
        return saved.squares.dot(saved.halves, saved.costs)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        difference: Array = ctx.saved.difference
        return difference
