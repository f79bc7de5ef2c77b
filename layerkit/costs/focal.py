"""The focal cost, on logits."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.softmax import Softmax
from layerkit.arguments import check_number
from layerkit.costs.class_rows import added_up, counted, log_softmax, require_classes, require_rows_of_probabilities
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.types import Array


@final
class Focal(Cost):
    """C = −Σⱼ yⱼ (1 − pⱼ)^gamma log pⱼ, with p = softmax(z): what is right already counts little.

    With gⱼ = yⱼ (gamma pⱼ (1 − pⱼ)^(gamma − 1) log pⱼ − (1 − pⱼ)^gamma), ∂C/∂z = g − p Σⱼ gⱼ. For data of which most is
    easy. Two classes by one output, and labels, have ``BinaryFocal``; weights of classes, the paper's α, are the
    trainer's: ``fit(class_weights=…)``. Readout, targets, masks and refusals are those of ``CrossEntropy``.

    Args:
        gamma: how fast the weight falls with p, at least 0; 0 is ``CrossEntropy``.

    Source: Lin, Goyal, Girshick, He and Dollár, *Focal loss for dense object detection*, ICCV 2017.
    """

    recordable = True
    of_classes = True

    def __init__(self, gamma: float = 2.0) -> None:
        check_number(self, "gamma", gamma, minimum=0)
        self.gamma = gamma

    def check_target(self, target: Array, ctx: Context) -> None:
        require_rows_of_probabilities(self, target, ctx)

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        require_classes(self, prediction)
        scratch, saved, shape = ctx.scratch, ctx.saved, prediction.shape
        saved.logs, saved.probability = log_softmax(prediction, scratch)
        # 1 − p, with its digits also where p is nearly 1
        miss = saved.miss = np.expm1(saved.logs, out=scratch("miss", shape))
        np.negative(miss, out=miss)
        weight = saved.weight = np.power(miss, scratch.scalar("gamma", self.gamma), out=scratch("weight", shape))
        np.multiply(weight, target, out=weight)
        terms = np.multiply(weight, saved.logs, out=scratch("terms", shape))
        return added_up(np.negative(terms, out=terms).sum(axis=-1), ctx, prediction)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        scratch, saved, shape = ctx.scratch, ctx.saved, prediction.shape
        gradient, work = scratch("gradient", shape), scratch("work", shape)
        np.maximum(saved.miss, scratch.scalar("least", float(np.finfo(prediction.dtype).tiny)), out=work)
        np.divide(saved.logs, work, out=work)
        np.multiply(work, saved.probability, out=work)
        np.multiply(work, scratch.scalar("gamma", self.gamma), out=work)
        np.subtract(work, scratch.scalar("one", 1.0), out=work)
        np.multiply(work, saved.weight, out=work)
        np.multiply(saved.probability, work.sum(axis=-1, keepdims=True), out=gradient)
        return counted(np.subtract(work, gradient, out=gradient), ctx)

    def readout(self) -> Activation:
        return Softmax()
