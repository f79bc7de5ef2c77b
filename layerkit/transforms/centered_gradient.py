"""Gradients of mean 0."""

from __future__ import annotations

from typing import final

from layerkit.interfaces.transform import Transform
from layerkit.interfaces.update_context import UpdateContext
from layerkit.types import Array


@final
class CenteredGradient(Transform):
    """g ← g − mean(g), for the incoming weights of each unit: the mean of their gradient is taken off.

    These are a column of a weight matrix; of a parameter of more axes, all that leads to one place of the last axis.
    Parameters of one axis, biases and scales, are left alone.

    Source: Yong et al., *Gradient centralization: a new optimization technique for deep neural networks*, ECCV 2020.

    >>> CenteredGradient()
    CenteredGradient()
    """

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            if len(each.shape) > 1 and each.stop > each.start:
                slope = gradient[each.start : each.stop].reshape(-1, each.shape[-1])
                slope -= slope.mean(axis=0)
