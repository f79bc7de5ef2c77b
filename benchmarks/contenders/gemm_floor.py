"""What NumPy cannot go below: the matrix products of a step, and one pass over the parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import final

import numpy as np

from benchmarks.contender import Contender, Problem
from benchmarks.data import Array
from benchmarks.reference import Parameters


@final
class GemmFloor(Contender):
    """The step's products and the subtraction of the gradient, on buffers made beforehand; it learns nothing.

    Its deltas are zero, so that the parameters stay as they are however often it runs; that makes no product faster.
    """

    cost = None

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        sizes, batch = problem.case.sizes, problem.case.batch_size
        count = sum(weights.size + biases.size for weights, biases in problem.initial)
        self._flat, self._gradient = np.full(count, 0.01, np.float32), np.zeros(count, np.float32)
        self._products: list[tuple[Callable[..., Array], Array, Array]] = []
        activations = [np.ones((batch, size), np.float32) for size in sizes]
        deltas = [np.zeros((batch, size), np.float32) for size in sizes]
        start = 0
        for index, (weights, biases) in enumerate(problem.initial):
            stop = start + weights.size
            view, gradient = (flat[start:stop].reshape(weights.shape) for flat in (self._flat, self._gradient))
            self._products.append((activations[index].dot, view, activations[index + 1]))
            self._products.append((activations[index].T.dot, deltas[index + 1], gradient))
            if index:
                self._products.append((deltas[index + 1].dot, view.T, deltas[index]))
            start = stop + biases.size

    def train(self, rows: Array) -> float:
        products, subtract, flat, gradient = self._products, np.subtract, self._flat, self._gradient
        for _ in rows:
            for dot, right, out in products:
                dot(right, out)
            subtract(flat, gradient, flat)
        return 0.0

    def parameters(self) -> Parameters:
        return []
