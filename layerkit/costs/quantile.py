"""The quantile cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np

from layerkit.arguments import check_number
from layerkit.costs.summed import SummedCost
from layerkit.errors import ArgumentError, ShapeError
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class Quantile(SummedCost):
    """C = Σⱼ max(q (yⱼ − aⱼ), (1 − q) (aⱼ − yⱼ)), the pinball: what lies too low costs q, what is too high 1 − q.

    The best prediction is the number below which a part q of the targets lies, so with 0.5 it is ``AbsoluteError`` by
    half. ∂C/∂a = 1 − q above the target, −q below it, and 0 where both are equal.

    With several quantiles, each number to be predicted has as many outputs, in their order, and is given once: for
    ``Quantile([0.1, 0.5, 0.9])`` end the network with ``Dense(3)``, and give targets ``(n,)`` or ``(n, 1)``; with
    ``Dense(6)``, ``(n, 2)``. Nothing keeps the outputs in order where the network is uncertain.

    Args:
        quantiles: q, between 0 and 1, or several in a list.

    Raises:
        ShapeError: the outputs are no multiple of the quantiles.

    Source: Koenker and Bassett, *Regression quantiles*, Econometrica 46, 1978.

    >>> import numpy as np
    >>> from layerkit import Adam, Dense, Quantile, Sequential, Trainer
    >>> x, y = np.zeros((1000, 1)), np.random.default_rng(0).normal(size=1000)
    >>> model = Sequential([Dense(3)])
    >>> trainer = Trainer(model, cost=Quantile([0.1, 0.5, 0.9]), optimizer=Adam(0.01), seed=0)
    >>> _ = trainer.fit((x, y), epochs=20)
    >>> (y[:, None] < model.predict(x[:1])).mean(axis=0).round(1)
    array([0.1, 0.5, 0.9])
    """

    minimum = 0.0

    def __init__(self, quantiles: float | Sequence[float] = 0.5) -> None:
        if isinstance(quantiles, (list, tuple)) and not quantiles:
            raise ArgumentError(f"Quantile: quantiles must hold at least one number, got {quantiles!r}")
        for each in _several(quantiles):
            check_number(self, "quantiles", each, above=0, below=1)
        self.quantiles = quantiles

    @property
    def outputs_per_target(self) -> int:
        return len(_several(self.quantiles))

    def terms(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        difference = np.subtract(prediction, target, out=scratch("difference", prediction.shape))
        low, high = self._sides(prediction, scratch)
        terms, work = scratch("terms", prediction.shape), scratch("work", prediction.shape)
        np.multiply(difference, high, out=terms)
        np.multiply(difference, low, out=work)
        return np.maximum(terms, work, out=terms)

    def slopes(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        difference, zero = scratch("difference", prediction.shape), scratch.scalar("zero", 0.0)
        low, high = self._sides(prediction, scratch)
        gradient, work = scratch("gradient", prediction.shape), scratch("work", prediction.shape)
        np.multiply(np.greater(difference, zero, out=gradient), high, out=gradient)
        np.multiply(np.less(difference, zero, out=work), low, out=work)
        return np.add(gradient, work, out=gradient)

    def _sides(self, prediction: Array, scratch: Scratch) -> tuple[Array, Array]:
        """The slopes below and above the target, −q and 1 − q, for each output."""
        outputs, each = prediction.shape[-1], _several(self.quantiles)
        if outputs % len(each):
            raise ShapeError(
                f"Quantile: {len(each)} quantiles take as many outputs for each number, got predictions "
                f"{prediction.shape}"
            )
        # in memory that a recording knows
        low, high = scratch("low", (outputs,)), scratch("high", (outputs,))
        repeats = outputs // len(each)
        low[...] = [-q for q in each] * repeats
        high[...] = [1 - q for q in each] * repeats
        return low, high


def _several(quantiles: Any) -> Sequence[float]:
    return quantiles if isinstance(quantiles, (list, tuple)) else (quantiles,)
