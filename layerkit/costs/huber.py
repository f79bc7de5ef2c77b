"""The Huber cost."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.costs.summed import SummedCost
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class Huber(SummedCost):
    """C = Σⱼ h(aⱼ − yⱼ), with h(d) = ½ d² where |d| ≤ delta, else delta (|d| − ½ delta); ∂C/∂a = d, cut at ±delta.

    Quadratic near the target, absolute far off, so that outliers pull no harder than ``delta``.

    Args:
        delta: where one becomes the other, above 0, in the units that the cost sees (deviations of the targets where
            they are standardised).

    Source: Huber, *Robust estimation of a location parameter*, Annals of Mathematical Statistics 35, 1964.

    >>> import numpy as np
    >>> from layerkit import Adam, Dense, Huber, Sequential, Trainer
    >>> x = np.linspace(-1, 1, 50)[:, None]
    >>> y = 2 * x
    >>> y[::10] += 20  # outliers
    >>> model = Sequential([Dense(1)])
    >>> _ = Trainer(model, cost=Huber(0.1), optimizer=Adam(0.1), seed=0).fit((x, y), epochs=100)
    >>> model.predict(np.array([[0.5]])).round(1)
    array([[1.]], dtype=float32)
    """

    minimum = 0.0

    def __init__(self, delta: float = 1.0) -> None:
        check_number(self, "delta", delta, above=0)
        self.delta = delta

    def terms(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        # with c = d cut at ±delta, h = c (d − ½ c)
        difference = np.subtract(prediction, target, out=scratch("difference", prediction.shape))
        cut, terms = scratch("cut", prediction.shape), scratch("terms", prediction.shape)
        np.minimum(difference, scratch.scalar("delta", self.delta), out=cut)
        np.maximum(cut, scratch.scalar("minus-delta", -self.delta), out=cut)
        np.multiply(cut, scratch.scalar("half", 0.5), out=terms)
        np.subtract(difference, terms, out=terms)
        return np.multiply(terms, cut, out=terms)

    def slopes(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        return scratch("cut", prediction.shape)
