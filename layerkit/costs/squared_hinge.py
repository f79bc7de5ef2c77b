"""The squared hinge cost."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.sigmoid import Sigmoid
from layerkit.costs.hinge import shortfall
from layerkit.costs.summed import SummedCost
from layerkit.costs.yes_or_no import require_binary
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class SquaredHinge(SummedCost):
    """C = Σⱼ max(0, 1 − sⱼ zⱼ)², with s = 1 for a yes and −1 for a no; ∂C/∂z = −2 s max(0, 1 − s z).

    As ``Hinge``, in outputs, targets and readout, but smooth, and harder on what is far wrong.

    Source: Chang, Hsieh and Lin, *Coordinate descent method for large-scale L2-loss linear support vector machines*,
    Journal of Machine Learning Research 9, 2008.
    """

    of_classes = True

    def check_target(self, target: Array, ctx: Context) -> None:
        require_binary(self, target, ctx, several="CategoricalHinge")

    def terms(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        terms = shortfall(prediction, target, scratch)
        return np.multiply(terms, terms, out=terms)

    def slopes(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        short, sign = scratch("shortfall", prediction.shape), scratch("minus-sign", prediction.shape)
        slope = np.multiply(short, sign, out=scratch("slope", prediction.shape))
        return np.add(slope, slope, out=slope)

    def readout(self) -> Activation:
        return Sigmoid()
