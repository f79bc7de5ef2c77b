"""The Poisson cost, on the logarithm of a rate."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.exponential import Exponential
from layerkit.costs.summed import SummedCost, refuse_targets
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class Poisson(SummedCost):
    """C = Σⱼ (e^zⱼ − yⱼ zⱼ), for counts y and the logarithm z of their expectation; ∂C/∂z = e^z − y.

    The negative logarithm of the Poisson distribution's y ↦ e^(−λ) λ^y / y! at λ = e^z, without log y!, in which z has
    no part. The exponential function is part of the cost: end the network with a linear layer. ``predict`` then gives
    expected counts, for the cost brings ``Exponential`` as the model's readout. Targets are numbers of at least 0,
    whole or not; a negative one is refused before the first step.

    Source: McCullagh and Nelder, *Generalized linear models*, 1989, chapter 6.

    >>> import numpy as np
    >>> from layerkit import Adam, Dense, Poisson, Sequential, Trainer
    >>> x, y = np.array([[0.0], [1.0], [2.0]]), np.array([1, 2, 4])
    >>> model = Sequential([Dense(1)])
    >>> _ = Trainer(model, cost=Poisson(), optimizer=Adam(0.1), seed=0).fit((x, y), epochs=300)
    >>> model.predict(np.array([[3.0]])).round(1)
    array([[8.]], dtype=float32)
    """

    def check_target(self, target: Array, ctx: Context) -> None:
        cure = "for numbers of both signs take another cost, such as Quadratic"
        refuse_targets(self, target < 0, target, ctx, wanted="counts or rates, at least 0", cure=cure)

    def terms(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        rate, terms = scratch("rate", prediction.shape), scratch("terms", prediction.shape)
        np.exp(prediction, out=rate)
        np.multiply(prediction, target, out=terms)
        return np.subtract(rate, terms, out=terms)

    def slopes(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        return np.subtract(scratch("rate", prediction.shape), target, out=scratch("gradient", prediction.shape))

    def readout(self) -> Activation:
        return Exponential()
