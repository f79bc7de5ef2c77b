"""Dropout."""

from __future__ import annotations

from typing import final

from layerkit.interfaces.context import Context
from layerkit.layers.random_factors import RandomFactors, kept_or_not
from layerkit.types import Array


@final
class Dropout(RandomFactors):
    """In training, y = x · m / (1 − rate), each m being 0 with probability ``rate`` and 1 otherwise; else y = x.

    The factor 1 / (1 − rate) keeps the mean, so nothing changes at inference.

    Args:
        rate: the probability that a value is dropped, 0 ≤ rate < 1.

    Source: Srivastava et al., *Dropout: a simple way to prevent neural networks from overfitting*, JMLR 15, 2014.
    """

    def draw(self, x: Array, ctx: Context) -> Array:
        return kept_or_not(self.rate, 1 / (1 - self.rate), x.shape, ctx)
