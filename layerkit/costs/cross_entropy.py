"""Cross-entropy on logits."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.softmax import Softmax
from layerkit.arguments import check_number
from layerkit.costs.class_rows import added_up, counted, require_classes, require_rows_of_probabilities
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.types import Array


@final
class CrossEntropy(Cost):
    """C = −Σⱼ yⱼ log softmax(z)ⱼ, on logits z, the last axis being the classes; ∂C/∂z = softmax(z) Σⱼ yⱼ − y.

    Softmax is part of the cost: end the network with a linear layer. ``predict`` then gives probabilities, for the cost
    brings softmax as the model's readout. Targets are one-hot rows or probabilities (integer labels are turned into
    one-hot rows); other axes, such as time, are summed over, without the positions that a mask leaves out. A row with a
    negative number, or whose sum misses 1 by more than 0.001, is refused before the first step.

    Args:
        label_smoothing: ε from 0 to 1, with which y becomes (1 − ε) y + ε / classes, so that no certainty is asked for.

    Source: Bishop, *Pattern Recognition and Machine Learning*, 2006, section 4.3.4; of the smoothing, Szegedy,
    Vanhoucke, Ioffe, Shlens and Wojna, *Rethinking the Inception architecture for computer vision*, CVPR 2016.
    """

    recordable = True
    of_classes = True

    def __init__(self, *, label_smoothing: float = 0.0) -> None:
        check_number(self, "label_smoothing", label_smoothing, minimum=0, maximum=1)
        self.label_smoothing = label_smoothing

    def check_target(self, target: Array, ctx: Context) -> None:
        require_rows_of_probabilities(self, target, ctx)

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        require_classes(self, prediction)
        scratch, saved = ctx.scratch, ctx.saved
        shifted = scratch("shifted", prediction.shape)
        np.subtract(prediction, prediction.max(axis=-1, keepdims=True), out=shifted)
        exponential = np.exp(shifted, out=scratch("probability", prediction.shape))
        total = exponential.sum(axis=-1, keepdims=True)
        np.divide(exponential, total, out=exponential)
        saved.probability = exponential
        target = saved.target = self._smoothed(target, ctx)
        saved.weight = target.sum(axis=-1, keepdims=True)
        np.multiply(shifted, target, out=shifted)
        return added_up(np.log(total[..., 0]) * saved.weight[..., 0] - shifted.sum(axis=-1), ctx, prediction)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        gradient = np.multiply(ctx.saved.probability, ctx.saved.weight, out=ctx.scratch("gradient", prediction.shape))
        return counted(np.subtract(gradient, ctx.saved.target, out=gradient), ctx)

    def _smoothed(self, target: Array, ctx: Context) -> Array:
        if not self.label_smoothing:
            return target
        smoothed, scratch = ctx.scratch("smoothed", target.shape), ctx.scratch
        np.multiply(target, scratch.scalar("kept", 1 - self.label_smoothing), out=smoothed)
        return np.add(smoothed, scratch.scalar("moved", self.label_smoothing / target.shape[-1]), out=smoothed)

    def readout(self) -> Activation:
        return Softmax()
