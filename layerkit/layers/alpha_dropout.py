"""Dropout for networks that normalise themselves."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.constants import SELU_LOWEST
from layerkit.interfaces.context import Context
from layerkit.layers.random_factors import RandomFactors, kept_or_not
from layerkit.types import Array


@final
class AlphaDropout(RandomFactors):
    """In training, y = a (x m + α′ (1 − m)) + b, each m being 0 with probability ``rate`` and 1 otherwise; else y = x.

    α′ = −1.7581 is the value that SELU gives for what is far below 0. With a = 1 / √((1 − rate) (1 + rate α′²)) and
    b = −a rate α′, features of mean 0 and variance 1 keep both: it stands behind SELU, where ``Dropout`` would move
    them.

    Args:
        rate: the probability that a value is dropped, 0 ≤ rate < 1.

    Source: Klambauer, Unterthiner, Mayr and Hochreiter, *Self-normalizing neural networks*, NIPS 2017.

    >>> import numpy as np
    >>> from layerkit import AlphaDropout, Sequential
    >>> Sequential([AlphaDropout(0.1)]).initialize(2).predict(np.ones((1, 2)))
    array([[1., 1.]], dtype=float32)
    """

    def draw(self, x: Array, ctx: Context) -> Array:
        return kept_or_not(self.rate, self.stretch, x.shape, ctx)

    def finish(self, y: Array, factor: Array, ctx: Context) -> Array:
        # a α′ (1 − m) + b, from the factors a m
        rest = np.multiply(factor, ctx.scratch.scalar("lowest", -SELU_LOWEST), out=ctx.scratch("rest", y.shape))
        np.add(rest, ctx.scratch.scalar("shift", self.shift), out=rest)
        return np.add(y, rest, out=y)

    @property
    def stretch(self) -> float:
        """The number a."""
        stretch: float = ((1 - self.rate) * (1 + self.rate * SELU_LOWEST**2)) ** -0.5
        return stretch

    @property
    def shift(self) -> float:
        """The sum a α′ + b."""
        return self.stretch * SELU_LOWEST * (1 - self.rate)
