"""Binary cross-entropy on logits."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.sigmoid import Sigmoid
from layerkit.errors import DataError
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.types import Array

_ROUNDING = 1e-6


@final
class BinaryCrossEntropy(Cost):
    """C = −Σⱼ (yⱼ log σ(zⱼ) + (1 − yⱼ) log(1 − σ(zⱼ))), on logits z, each output a yes or no; ∂C/∂z = σ(z) − y.

    Computed as max(z, 0) − z y + log(1 + e^−|z|), which is finite for logits of any size. Sigmoid is part of the cost:
    end the network with a linear layer, ``Dense(1)`` for two classes. ``predict`` then gives the probability of class
    1, for the cost brings sigmoid as the model's readout. Several outputs are several labels of one example, each of
    which may hold or not: ``Dense(5)`` and targets ``(n, 5)`` of 0 and 1.

    Targets are 0, 1 or probabilities between (integers ``(n,)`` are labels, 0 or 1 for one output; for several, the one
    that holds), summed over outputs and other axes, such as time, without the positions that a mask leaves out. Any
    other number is refused before the first step.

    Source: Bishop, *Pattern Recognition and Machine Learning*, 2006, section 4.3.2.

    >>> import numpy as np
    >>> from layerkit import Adam, BinaryCrossEntropy, Dense, Sequential, Trainer
    >>> x, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1])
    >>> model = Sequential([Dense(1)])
    >>> _ = Trainer(model, cost=BinaryCrossEntropy(), optimizer=Adam(0.1), seed=0).fit((x, y), epochs=300)
    >>> model.classify(x)
    array([0, 0, 1, 1])
    """

    recordable = True
    of_classes = True

    def check_target(self, target: Array, ctx: Context) -> None:
        wrong = (target < -_ROUNDING) | (target > 1 + _ROUNDING)
        mask = ctx.mask_over(target)
        if mask is not None:
            wrong &= mask
        if not wrong.any():
            return
        place = tuple(map(int, np.argwhere(wrong)[0]))
        where = f"row {place[0]}" + (f", place {', '.join(map(str, place[1:]))}" if target[0].size > 1 else "")
        cure = (
            "write (y + 1) / 2 for targets of -1 and 1"
            if np.isin(target, (-1, 1)).all()
            else "for more than two classes that exclude each other take CrossEntropy and one output a class, for "
            "numbers another cost, such as Quadratic"
        )
        raise DataError(
            f"BinaryCrossEntropy: targets must be 0 (no), 1 (yes) or a probability between, but {where} holds "
            f"{target[place]}: {cure}"
        )

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        scratch = ctx.scratch
        terms, work = scratch("terms", prediction.shape), scratch("work", prediction.shape)
        decay = ctx.saved.decay = scratch("decay", prediction.shape)
        np.exp(np.copysign(prediction, scratch.scalar("minus", -1.0), terms), decay)
        # the small logarithm last, or a certain and right prediction would cost 0
        np.maximum(prediction, scratch.scalar("zero", 0.0), out=terms)
        np.subtract(terms, np.multiply(prediction, target, work), terms)
        np.add(terms, np.log1p(decay, work), terms)
        mask = ctx.mask_over(prediction)
        if mask is not None:
            np.multiply(terms, mask, terms)
        rows = terms.reshape(terms.shape[0], -1)
        return rows.dot(scratch.ones(rows.shape[1]))

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        scratch, decay = ctx.scratch, ctx.saved.decay
        gradient, work = scratch("gradient", prediction.shape), scratch("work", prediction.shape)
        # σ(z) = e^min(z,0) / (1 + e^−|z|), as Sigmoid has it
        np.maximum(np.heaviside(prediction, scratch.scalar("one", 1.0), gradient), decay, out=gradient)
        np.divide(gradient, np.add(decay, scratch.scalar("one", 1.0), work), gradient)
        np.subtract(gradient, target, gradient)
        mask = ctx.mask_over(prediction)
        if mask is not None:
            np.multiply(gradient, mask, gradient)
        return gradient

    def readout(self) -> Activation:
        return Sigmoid()
