"""The absolute cost."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.costs.summed import SummedCost
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class AbsoluteError(SummedCost):
    """C = Σⱼ |aⱼ − yⱼ|, over all outputs of an example; ∂C/∂a = sign(a − y), and 0 where both are equal.

    The best constant prediction is the median of the targets, so a few that are far off count little. Its gradient does
    not shrink near the target: let the learning rate fall, or take ``Huber``.

    Source: Laplace, *Théorie analytique des probabilités*, 1812; Koenker and Bassett, *Regression quantiles*,
    Econometrica 46, 1978.
    """

    minimum = 0.0

    def terms(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        difference = np.subtract(prediction, target, out=scratch("difference", prediction.shape))
        return np.absolute(difference, out=scratch("terms", prediction.shape))

    def slopes(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        return np.sign(scratch("difference", prediction.shape), out=scratch("gradient", prediction.shape))
