"""Dropout of whole features."""

from __future__ import annotations

from typing import final

from layerkit.interfaces.context import Context
from layerkit.layers.features import features_of
from layerkit.layers.random_factors import RandomFactors, kept_or_not
from layerkit.types import Array, Shape


@final
class SpatialDropout(RandomFactors):
    """In training, y = x · m / (1 − rate), one m a feature of an example, 0 with probability ``rate``, else 1.

    Neighbours in an image or a sequence are alike, so what ``Dropout`` takes away there stands beside it all the same;
    this takes a feature, or channel, away at all places. At inference y = x. Without axes between, it is ``Dropout``.

    Shapes: x and y ``(batch, …, features)``.

    Args:
        rate: the probability that a feature of an example is dropped, 0 ≤ rate < 1.

    Source: Tompson et al., *Efficient object localization using convolutional networks*, CVPR 2015.

    >>> from layerkit import Sequential, SpatialDropout
    >>> Sequential([SpatialDropout(0.2)]).initialize((28, 28, 16)).output_shape
    (28, 28, 16)
    """

    def build(self, input_shape: Shape) -> Shape:
        features_of(self, input_shape)
        return input_shape

    def draw(self, x: Array, ctx: Context) -> Array:
        shape = (x.shape[0], *[1] * (x.ndim - 2), x.shape[-1])
        return kept_or_not(self.rate, 1 / (1 - self.rate), shape, ctx)
