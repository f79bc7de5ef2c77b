"""PyTorch, with the whole step compiled."""

from __future__ import annotations

from typing import Any, final

import numpy as np
import torch

from benchmarks.contender import Contender, Problem
from benchmarks.data import Array
from benchmarks.reference import Parameters


@final
class TorchCompile(Contender):
    """``torch.compile`` of one function that gathers a batch, takes the gradient and updates the parameters."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        torch.set_num_threads(problem.threads)
        rate = problem.case.learning_rate
        self._x, self._y = torch.from_numpy(problem.data.x), torch.from_numpy(problem.data.y)
        self._parameters = [torch.from_numpy(value.copy()) for layer in problem.initial for value in layer]

        def forward(parameters: Any, x: Any) -> Any:
            for weights, biases in zip(parameters[::2], parameters[1::2], strict=True):
                x = torch.sigmoid(torch.addmm(biases, x, weights))
            return x

        def cost(parameters: Any, x: Any, y: Any) -> Any:
            return 0.5 * (forward(parameters, x) - y).square().sum(dim=1).mean()

        def step(parameters: Any, x: Any, y: Any, batch: Any, total: Any) -> None:
            gradients, value = torch.func.grad_and_value(cost)(parameters, x[batch], y[batch])
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.sub_(gradient, alpha=rate)
            total.add_(value)

        self._step: Any = torch.compile(step, dynamic=False)
        self._forward: Any = torch.compile(forward)

    def train(self, rows: Array) -> float:
        total = torch.zeros(())
        with torch.no_grad():
            for batch in torch.from_numpy(rows):
                self._step(self._parameters, self._x, self._y, batch, total)
        return float(total) * rows.shape[1]

    def parameters(self) -> Parameters:
        values = [np.array(parameter) for parameter in self._parameters]
        return list(zip(values[::2], values[1::2], strict=True))

    def predict(self, x: Array) -> Array:
        with torch.inference_mode():
            return np.array(self._forward(self._parameters, torch.from_numpy(x)))
