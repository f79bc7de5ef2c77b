"""The focal cost of two classes, or of labels, on logits."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.sigmoid import Sigmoid
from layerkit.arguments import check_number
from layerkit.costs.summed import SummedCost
from layerkit.costs.yes_or_no import require_unit
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class BinaryFocal(SummedCost):
    """C = −Σⱼ (yⱼ (1 − pⱼ)^gamma log pⱼ + (1 − yⱼ) pⱼ^gamma log(1 − pⱼ)), with p = σ(z), each output a yes or no.

    With q = 1 − p, ∂C/∂z = y q^gamma (gamma p log p − q) + (1 − y) p^gamma (p − gamma q log q). What is right already
    counts little, so the rare and the difficult are not drowned. The paper's α, a weight of classes, is the trainer's:
    ``fit(class_weights=…)``. Outputs, readout, targets, masks and refusals are those of ``BinaryCrossEntropy``.

    Args:
        gamma: how fast the weight falls, at least 0; 0 is ``BinaryCrossEntropy``.

    Source: Lin, Goyal, Girshick, He and Dollár, *Focal loss for dense object detection*, ICCV 2017.
    """

    of_classes = True

    def __init__(self, gamma: float = 2.0) -> None:
        check_number(self, "gamma", gamma, minimum=0)
        self.gamma = gamma

    def check_target(self, target: Array, ctx: Context) -> None:
        require_unit(self, target, ctx, several="Focal")

    def terms(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        shape, zero = prediction.shape, scratch.scalar("zero", 0.0)
        yes, no, rest = scratch("log-yes", shape), scratch("log-no", shape), scratch("rest", shape)
        # log σ(z) = min(z, 0) − log(1 + e^−|z|), and log(1 − σ(z)) = −max(z, 0) − log(1 + e^−|z|)
        np.absolute(prediction, out=rest)
        np.log1p(np.exp(np.negative(rest, out=rest), out=rest), out=rest)
        np.subtract(np.minimum(prediction, zero, out=yes), rest, out=yes)
        np.add(np.maximum(prediction, zero, out=no), rest, out=no)
        np.negative(no, out=no)
        of_yes, of_no = self._weights(target, scratch)
        terms = np.multiply(of_yes, yes, out=scratch("terms", shape))
        np.add(terms, np.multiply(of_no, no, out=rest), out=terms)
        return np.negative(terms, out=terms)

    def slopes(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        shape = prediction.shape
        yes, no = scratch("log-yes", shape), scratch("log-no", shape)
        of_yes, of_no = scratch("of-yes", shape), scratch("of-no", shape)
        p, q = np.exp(yes, out=scratch("p", shape)), np.exp(no, out=scratch("q", shape))
        gamma, slope, work = scratch.scalar("gamma", self.gamma), scratch("slope", shape), scratch("rest", shape)
        np.multiply(np.multiply(p, yes, out=slope), gamma, out=slope)
        np.multiply(np.subtract(slope, q, out=slope), of_yes, out=slope)
        np.multiply(np.multiply(q, no, out=work), gamma, out=work)
        np.multiply(np.subtract(p, work, out=work), of_no, out=work)
        return np.add(slope, work, out=slope)

    def _weights(self, target: Array, scratch: Scratch) -> tuple[Array, Array]:
        """y (1 − p)^gamma and (1 − y) p^gamma, from the logarithms."""
        shape, gamma = target.shape, scratch.scalar("gamma", self.gamma)
        of_yes = np.multiply(scratch("log-no", shape), gamma, out=scratch("of-yes", shape))
        np.multiply(np.exp(of_yes, out=of_yes), target, out=of_yes)
        of_no = np.multiply(scratch("log-yes", shape), gamma, out=scratch("of-no", shape))
        rest = np.subtract(scratch.scalar("one", 1.0), target, out=scratch("terms", shape))
        return of_yes, np.multiply(np.exp(of_no, out=of_no), rest, out=of_no)

    def readout(self) -> Activation:
        return Sigmoid()
