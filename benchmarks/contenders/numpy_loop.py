"""The best training loop that a person would write by hand in NumPy."""

from __future__ import annotations

import math
from typing import Any, final

import numpy as np

from benchmarks.contender import Contender, Problem
from benchmarks.data import Array
from benchmarks.reference import Parameters, sigmoid


@final
class NumpyLoop(Contender):
    """Flat parameters and gradients, every result in a buffer made beforehand, constants as 0-d arrays.

    The sigmoid is ½ tanh(½ z) + ½. An array's method (``a.dot``) skips the dispatch that ``np.dot`` pays, and passing
    results by position costs less than by keyword. An update is two calls, however many layers there are.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        case = problem.case
        self._x = np.empty((case.batch_size, case.sizes[0]), np.float32)
        self._y = np.empty((case.batch_size, case.sizes[-1]), np.float32)
        self._ones = np.ones(case.batch_size, np.float32)
        count = sum(weights.size + biases.size for weights, biases in problem.initial)
        self._flat, self._gradient = np.empty(count, np.float32), np.empty(count, np.float32)
        self._views = self._lay_out(self._flat)
        self._gradients = self._lay_out(self._gradient)
        for views, values in zip(self._views, problem.initial, strict=True):
            for view, value in zip(views, values, strict=True):
                view[...] = value
        shapes = [(case.batch_size, size) for size in case.sizes[1:]]
        self._activations = [self._x, *(np.empty(shape, np.float32) for shape in shapes)]
        self._deltas = [np.empty(shape, np.float32) for shape in shapes]
        self._scratch = [np.empty(shape, np.float32) for shape in shapes]

    def train(self, rows: Array) -> float:
        add, multiply, subtract, tanh, isfinite = np.add, np.multiply, np.subtract, np.tanh, math.isfinite
        data, case = self.problem.data, self.problem.case
        take_x, take_y, batch_x, batch_y = data.x.take, data.y.take, self._x, self._y
        half, one = np.array(0.5, np.float32), np.array(1.0, np.float32)
        rate = np.array(case.learning_rate / case.batch_size, np.float32)
        flat, gradient, sum_of = self._flat, self._gradient, self._ones.dot
        output, error = self._activations[-1], self._deltas[-1]
        errors = error.ravel()
        squares = errors.dot
        forward = self._forward_plan()
        *backward, first = self._backward_plan()
        total = 0.0
        for batch in rows:
            take_x(batch, 0, batch_x, "clip")
            take_y(batch, 0, batch_y, "clip")
            for dot, weights, biases, z in forward:
                dot(weights, z)
                add(z, biases, z)
                multiply(z, half, z)
                tanh(z, z)
                multiply(z, half, z)
                add(z, half, z)
            subtract(output, batch_y, error)
            total += float(squares(errors))
            if not isfinite(total):
                raise FloatingPointError("the cost is not finite")
            for activation, slope, delta, dot, weight_gradient, bias_gradient, dot_below, transposed, below in backward:
                subtract(one, activation, slope)
                multiply(slope, activation, slope)
                multiply(delta, slope, delta)
                dot(delta, weight_gradient)
                sum_of(delta, bias_gradient)
                dot_below(transposed, below)
            activation, slope, delta, dot, weight_gradient, bias_gradient, *_ = first
            subtract(one, activation, slope)
            multiply(slope, activation, slope)
            multiply(delta, slope, delta)
            dot(delta, weight_gradient)
            sum_of(delta, bias_gradient)
            multiply(gradient, rate, gradient)
            subtract(flat, gradient, flat)
        return 0.5 * total

    def parameters(self) -> Parameters:
        return [(weights.copy(), biases.copy()) for weights, biases in self._views]

    def predict(self, x: Array) -> Array:
        for weights, biases in self._views:
            x = sigmoid(x @ weights + biases)
        return x

    def _lay_out(self, flat: Array) -> Parameters:
        views, start = [], 0
        for weights, biases in self.problem.initial:
            middle = start + weights.size
            views.append((flat[start:middle].reshape(weights.shape), flat[middle : middle + biases.size]))
            start = middle + biases.size
        return views

    def _forward_plan(self) -> list[tuple[Any, ...]]:
        pairs = zip(self._activations, self._views, self._activations[1:], strict=False)
        return [(a.dot, weights, biases, z) for a, (weights, biases), z in pairs]

    def _backward_plan(self) -> list[tuple[Any, ...]]:
        plan = []
        for index in reversed(range(len(self._views))):
            delta, (weights, _), gradients = self._deltas[index], self._views[index], self._gradients[index]
            step = (self._activations[index + 1], self._scratch[index], delta, self._activations[index].T.dot)
            plan.append((*step, *gradients, delta.dot, weights.T, self._deltas[index - 1]))
        return plan
