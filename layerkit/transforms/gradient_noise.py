"""Gradients with noise."""

from __future__ import annotations

from typing import final

from layerkit.arguments import check_number
from layerkit.interfaces.transform import Transform
from layerkit.interfaces.update_context import UpdateContext
from layerkit.types import Array


@final
class GradientNoise(Transform):
    """g ← g + n, with n normal of mean 0 and standard deviation σ / (1 + t)^(γ / 2) at step t, counted from 0.

    Args:
        deviation: σ, at least 0.
        decay: γ, at least 0: how fast the noise falls; with 0 it stays.

    Source: Neelakantan et al., *Adding gradient noise improves learning for very deep networks*, 2015.

    >>> GradientNoise(0.01)
    GradientNoise(0.01)
    """

    def __init__(self, deviation: float, *, decay: float = 0.55) -> None:
        check_number(self, "deviation", deviation, minimum=0)
        check_number(self, "decay", decay, minimum=0)
        self.deviation = deviation
        self.decay = decay

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        try:
            deviation = self.deviation / (1 + ctx.step) ** (self.decay / 2)
        except OverflowError:
            # so small that no float holds it
            return
        # drawn in float64 whatever the dtype, so that both see the same numbers
        gradient += (deviation * ctx.rng.standard_normal(gradient.size)).astype(gradient.dtype)
