"""The Kullback–Leibler divergence, on logits."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.softmax import Softmax
from layerkit.costs.class_rows import added_up, counted, log_softmax, require_classes, require_rows_of_probabilities
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.types import Array


@final
class KullbackLeibler(Cost):
    """C = Σⱼ yⱼ (log yⱼ − log softmax(z)ⱼ), on logits z, the last axis being the classes; ∂C/∂z = softmax(z) Σⱼ yⱼ − y.

    For targets that are distributions, of which it is 0 at the best: what another network predicts (distillation), or
    how often each answer was given. Its gradient is that of ``CrossEntropy``, which differs by the targets' own
    entropy; for classes that are certain take that one. Readout, targets, masks and refusals are those of
    ``CrossEntropy``.

    Source: Kullback and Leibler, *On information and sufficiency*, Annals of Mathematical Statistics 22, 1951.
    """

    recordable = True
    of_classes = True

    def check_target(self, target: Array, ctx: Context) -> None:
        require_rows_of_probabilities(self, target, ctx)

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        require_classes(self, prediction)
        logs, ctx.saved.probability = log_softmax(prediction, ctx.scratch)
        own = ctx.scratch("own", target.shape)
        # 0 · log 0 is 0
        np.maximum(target, ctx.scratch.scalar("least", float(np.finfo(prediction.dtype).tiny)), out=own)
        np.subtract(np.log(own, out=own), logs, out=own)
        return added_up(np.multiply(own, target, out=own).sum(axis=-1), ctx, prediction)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        gradient = ctx.scratch("gradient", prediction.shape)
        np.multiply(ctx.saved.probability, target.sum(axis=-1, keepdims=True), out=gradient)
        return counted(np.subtract(gradient, target, out=gradient), ctx)

    def readout(self) -> Activation:
        return Softmax()
