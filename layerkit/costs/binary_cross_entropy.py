"""Binary cross-entropy on logits."""

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
class BinaryCrossEntropy(SummedCost):
    """C = −Σⱼ (yⱼ log σ(zⱼ) + (1 − yⱼ) log(1 − σ(zⱼ))), on logits z, each output a yes or no; ∂C/∂z = σ(z) − y.

    Computed as max(z, 0) − z y + log(1 + e^−|z|), which is finite for logits of any size. Sigmoid is part of the cost:
    end the network with a linear layer, ``Dense(1)`` for two classes. ``predict`` then gives the probability of class
    1, for the cost brings sigmoid as the model's readout. Several outputs are several labels of one example, each of
    which may hold or not: ``Dense(5)`` and targets ``(n, 5)`` of 0 and 1.

    Targets are 0, 1 or probabilities between (integers ``(n,)`` are labels, 0 or 1 for one output; for several, the one
    that holds), summed over outputs and other axes, such as time, without the positions that a mask leaves out. Any
    other number is refused before the first step.

    Args:
        label_smoothing: ε from 0 to 1, with which y becomes (1 − ε) y + ε / 2, so that no certainty is asked for.

    Source: Bishop, *Pattern Recognition and Machine Learning*, 2006, section 4.3.2; of the smoothing, Szegedy,
    Vanhoucke, Ioffe, Shlens and Wojna, *Rethinking the Inception architecture for computer vision*, CVPR 2016.

    >>> import numpy as np
    >>> from layerkit import Adam, BinaryCrossEntropy, Dense, Sequential, Trainer
    >>> x, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1])
    >>> model = Sequential([Dense(1)])
    >>> _ = Trainer(model, cost=BinaryCrossEntropy(), optimizer=Adam(0.1), seed=0).fit((x, y), epochs=300)
    >>> model.classify(x)
    array([0, 0, 1, 1])
    """

    of_classes = True

    def __init__(self, *, label_smoothing: float = 0.0) -> None:
        check_number(self, "label_smoothing", label_smoothing, minimum=0, maximum=1)
        self.label_smoothing = label_smoothing

    def check_target(self, target: Array, ctx: Context) -> None:
        require_unit(self, target, ctx, several="CrossEntropy")

    def terms(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        terms, work = scratch("terms", prediction.shape), scratch("work", prediction.shape)
        decay = scratch("decay", prediction.shape)
        np.exp(np.copysign(prediction, scratch.scalar("minus", -1.0), terms), decay)
        # the small logarithm last, or a certain and right prediction would cost 0
        np.maximum(prediction, scratch.scalar("zero", 0.0), out=terms)
        np.subtract(terms, np.multiply(prediction, self._smoothed(target, scratch), work), terms)
        return np.add(terms, np.log1p(decay, work), terms)

    def slopes(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        decay, gradient = scratch("decay", prediction.shape), scratch("gradient", prediction.shape)
        work = scratch("work", prediction.shape)
        # σ(z) = e^min(z,0) / (1 + e^−|z|), as Sigmoid has it
        np.maximum(np.heaviside(prediction, scratch.scalar("one", 1.0), gradient), decay, out=gradient)
        np.divide(gradient, np.add(decay, scratch.scalar("one", 1.0), work), gradient)
        return np.subtract(gradient, self._smoothed(target, scratch), gradient)

    def _smoothed(self, target: Array, scratch: Scratch) -> Array:
        if not self.label_smoothing:
            return target
        smoothed = scratch("smoothed", target.shape)
        np.multiply(target, scratch.scalar("kept", 1 - self.label_smoothing), out=smoothed)
        return np.add(smoothed, scratch.scalar("moved", self.label_smoothing / 2), out=smoothed)

    def readout(self) -> Activation:
        return Sigmoid()
