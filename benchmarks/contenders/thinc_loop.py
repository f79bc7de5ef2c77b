"""Thinc: its own layers and optimizer, the batches by hand."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, final

import numpy as np
from thinc.api import SGD, Sigmoid, chain

from benchmarks.contender import Contender, Problem
from benchmarks.data import Array
from benchmarks.reference import Parameters


@final
class ThincLoop(Contender):
    """A ``chain`` of ``Sigmoid`` layers, ``begin_update``, the gradient of the cost, ``finish_update``."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        sizes = problem.case.sizes
        self._layers: list[Any] = [Sigmoid(n_out, n_in) for n_in, n_out in pairwise(sizes)]
        self._model: Any = chain(*self._layers)
        self._model.initialize(X=problem.data.x[:2], Y=problem.data.y[:2])
        for layer, (weights, biases) in zip(self._layers, problem.initial, strict=True):
            layer.set_param("W", np.ascontiguousarray(weights.T))
            layer.set_param("b", biases.copy())
        self._optimizer = SGD(problem.case.learning_rate, L2=0.0, grad_clip=0.0, use_averages=False)

    def train(self, rows: Array) -> float:
        x, y, model, optimizer = self.problem.data.x, self.problem.data.y, self._model, self._optimizer
        scale, total = np.float32(1 / rows.shape[1]), 0.0
        for batch in rows:
            output, backpropagate = model.begin_update(x[batch])
            error = output - y[batch]
            total += float(np.vdot(error, error))
            backpropagate(error * scale)
            model.finish_update(optimizer)
        return 0.5 * total

    def parameters(self) -> Parameters:
        return [(layer.get_param("W").T, layer.get_param("b")) for layer in self._layers]

    def predict(self, x: Array) -> Array:
        return np.asarray(self._model.predict(x))
