"""The hinge cost, and its square."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.sigmoid import Sigmoid
from layerkit.costs.summed import SummedCost
from layerkit.costs.yes_or_no import require_binary
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class Hinge(SummedCost):
    """C = Σⱼ max(0, 1 − sⱼ zⱼ), with s = 1 for a yes and −1 for a no; ∂C/∂z = −s where s z < 1, else 0.

    A support vector machine's cost: what is right by a margin of 1 costs nothing. Each output is a yes or no, as under
    ``BinaryCrossEntropy``: ``Dense(1)`` for two classes, ``Dense(5)`` for five labels of which any number may hold.
    Targets are 0 and 1 (integers ``(n,)`` are labels; for several outputs, the one that holds). Classes that exclude
    each other have ``CategoricalHinge``.

    Scores above 0 are a yes. The readout is a sigmoid, which takes them to between 0 and 1, so that classes, thresholds
    and metrics are told as usual; it keeps the order, but is no probability that could be trusted.

    Source: Cortes and Vapnik, *Support-vector networks*, Machine Learning 20, 1995.
    """

    of_classes = True

    def check_target(self, target: Array, ctx: Context) -> None:
        require_binary(self, target, ctx, several="CategoricalHinge")

    def terms(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        return shortfall(prediction, target, scratch)

    def slopes(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        short = np.greater(
            scratch("shortfall", prediction.shape), scratch.scalar("zero", 0.0), out=scratch("slope", prediction.shape)
        )
        return np.multiply(short, scratch("minus-sign", prediction.shape), out=short)

    def readout(self) -> Activation:
        return Sigmoid()


def shortfall(prediction: Array, target: Array, scratch: Scratch) -> Array:
    """max(0, 1 − s z), a copy of which is ``"shortfall"``; ``"minus-sign"`` holds −s, 1 for a no."""
    shape = prediction.shape
    sign = np.multiply(target, scratch.scalar("minus-two", -2.0), out=scratch("minus-sign", shape))
    np.add(sign, scratch.scalar("one", 1.0), out=sign)
    terms, kept = scratch("terms", shape), scratch("shortfall", shape)
    np.multiply(prediction, sign, out=terms)
    np.add(terms, scratch.scalar("one", 1.0), out=terms)
    np.maximum(terms, scratch.scalar("zero", 0.0), out=kept)
    np.copyto(terms, kept)
    return terms
