"""Runs a cost by itself, the way training does."""

from __future__ import annotations

import numpy as np

from layerkit import Cost
from layerkit.interfaces.context import Context, PassState
from layerkit.interfaces.scratch import Scratch
from layerkit.random_streams import RandomStreams
from layerkit.types import Array, DTypeLike


class CostBench:
    """A cost and a context to run it in."""

    def __init__(self, cost: Cost, dtype: DTypeLike = "float64", mask: Array | None = None) -> None:
        self._cost = cost
        shared = PassState(lambda path: RandomStreams(0).fresh(path))
        shared.mask = mask
        self.context = Context("cost", shared, Scratch(np.dtype(dtype)), training=True)

    def forward(self, prediction: Array, target: Array) -> Array:
        """Each example's cost, as a copy."""
        return np.array(self._cost.forward(prediction, target, self.context))

    def backward(self, prediction: Array, target: Array) -> Array:
        """The gradient, as a copy."""
        return np.array(self._cost.backward(prediction, target, self.context))
