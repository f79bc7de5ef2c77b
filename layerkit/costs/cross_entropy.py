"""Cross-entropy on logits."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.softmax import Softmax
from layerkit.errors import ShapeError
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.types import Array


@final
class CrossEntropy(Cost):
    """C = −Σⱼ yⱼ log softmax(z)ⱼ, on logits z, the last axis being the classes; ∂C/∂z = softmax(z) Σⱼ yⱼ − y.

    Softmax is part of the cost: end the network with a linear layer. ``predict`` then gives probabilities, for the cost
    brings softmax as the model's readout. Targets are one-hot rows or probabilities (integer labels are turned into
    one-hot rows); other axes, such as time, are summed over, without the positions that a mask leaves out.

    Source: Bishop, *Pattern Recognition and Machine Learning*, 2006, section 4.3.4.
    """

    recordable = True

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        if prediction.shape[-1] < 2:
            raise ShapeError(
                f"CrossEntropy: a softmax over one output is always 1, and there is nothing to learn; predictions are "
                f"{prediction.shape}. Give the last layer one output a class, two for yes or no"
            )
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
