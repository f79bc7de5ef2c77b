"""Dropout with factors that are normally distributed."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.interfaces.context import Context
from layerkit.layers.random_factors import RandomFactors
from layerkit.types import Array


@final
class GaussianDropout(RandomFactors):
    """In training, y = x · m, each m being drawn from N(1, rate / (1 − rate)); else y = x.

    Mean and variance of the factors are those of ``Dropout(rate)``, so nothing changes at inference.

    Args:
        rate: 0 ≤ rate < 1.

    Source: Srivastava et al., *Dropout: a simple way to prevent neural networks from overfitting*, JMLR 15, 2014,
    section 10.

    >>> import numpy as np
    >>> from layerkit import GaussianDropout, Sequential
    >>> Sequential([GaussianDropout(0.5)]).initialize(2).predict(np.ones((1, 2)))
    array([[1., 1.]], dtype=float32)
    """

    def draw(self, x: Array, ctx: Context) -> Array:
        factor = ctx.rng.standard_normal(dtype=x.dtype.type, out=ctx.scratch("factor", x.shape))
        np.multiply(factor, ctx.scratch.scalar("deviation", (self.rate / (1 - self.rate)) ** 0.5), out=factor)
        return np.add(factor, ctx.scratch.scalar("one", 1.0), out=factor)
