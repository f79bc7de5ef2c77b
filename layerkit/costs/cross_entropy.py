"""Cross-entropy on logits."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.softmax import Softmax
from layerkit.errors import DataError, ShapeError
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.types import Array

_TOLERANCE = 1e-3


@final
class CrossEntropy(Cost):
    """C = −Σⱼ yⱼ log softmax(z)ⱼ, on logits z, the last axis being the classes; ∂C/∂z = softmax(z) Σⱼ yⱼ − y.

    Softmax is part of the cost: end the network with a linear layer. ``predict`` then gives probabilities, for the cost
    brings softmax as the model's readout. Targets are one-hot rows or probabilities (integer labels are turned into
    one-hot rows); other axes, such as time, are summed over, without the positions that a mask leaves out. A row with a
    negative number, or whose sum misses 1 by more than 0.001, is refused before the first step.

    Source: Bishop, *Pattern Recognition and Machine Learning*, 2006, section 4.3.4.
    """

    recordable = True
    of_classes = True

    def check_target(self, target: Array, ctx: Context) -> None:
        _require_classes(target)
        mask = ctx.mask_over(target)
        total = target.sum(axis=-1, dtype=np.float64)
        wrong = (target.min(axis=-1) < 0) | (np.abs(total - 1) > _TOLERANCE)
        if mask is not None:
            wrong &= mask[..., 0]
        if wrong.any():
            place = tuple(map(int, np.argwhere(wrong)[0]))
            told = f"holds {target[place].min()}" if target[place].min() < 0 else f"sums to {total[place]:.6g}"
            position = f", position {', '.join(map(str, place[1:]))}" if place[1:] else ""
            raise DataError(
                f"CrossEntropy: targets must be probabilities, rows of numbers of at least 0 that sum to 1, but row "
                f"{place[0]}{position} {told}: give one-hot rows, probabilities or integer labels (n,); for several "
                "labels of one example take BinaryCrossEntropy, for other numbers another cost, such as Quadratic"
            )

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        _require_classes(prediction)
        scratch = ctx.scratch
        shifted = scratch("shifted", prediction.shape)
        np.subtract(prediction, prediction.max(axis=-1, keepdims=True), out=shifted)
        exponential = np.exp(shifted, out=scratch("probability", prediction.shape))
        total = exponential.sum(axis=-1, keepdims=True)
        np.divide(exponential, total, out=exponential)
        ctx.saved.probability = exponential
        ctx.saved.weight = target.sum(axis=-1, keepdims=True)
        np.multiply(shifted, target, out=shifted)
        cost: Array = np.log(total[..., 0]) * ctx.saved.weight[..., 0] - shifted.sum(axis=-1)
        mask = ctx.mask_over(prediction)
        if mask is not None:
            cost *= mask[..., 0]
        return cost if cost.ndim == 1 else cost.reshape(cost.shape[0], -1).sum(axis=1)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        gradient = np.multiply(ctx.saved.probability, ctx.saved.weight, out=ctx.scratch("gradient", prediction.shape))
        np.subtract(gradient, target, out=gradient)
        mask = ctx.mask_over(prediction)
        if mask is not None:
            np.multiply(gradient, mask, out=gradient)
        return gradient

    def readout(self) -> Activation:
        return Softmax()


def _require_classes(array: Array) -> None:
    if array.shape[-1] < 2:
        raise ShapeError(
            f"CrossEntropy: a softmax over one output is always 1, and nothing is learned; predictions or targets "
            f"are {array.shape}. Give the last layer one output a class, two for yes or no, or take BinaryCrossEntropy"
        )
