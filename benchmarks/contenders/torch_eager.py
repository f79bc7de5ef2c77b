"""PyTorch as most people write it."""

from __future__ import annotations

from itertools import pairwise
from typing import final

import numpy as np
import torch

from benchmarks.contender import Contender, Problem
from benchmarks.data import Array
from benchmarks.reference import Parameters


@final
class TorchEager(Contender):
    """``nn.Linear`` and ``torch.sigmoid`` in a ``Sequential``, ``optim.SGD``, batches by ``index_select``."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        torch.set_num_threads(problem.threads)
        sizes = problem.case.sizes
        self._x, self._y = torch.from_numpy(problem.data.x), torch.from_numpy(problem.data.y)
        pairs = [(torch.nn.Linear(*pair), torch.nn.Sigmoid()) for pair in pairwise(sizes)]
        self._layers = [linear for linear, _ in pairs]
        self._model = torch.nn.Sequential(*(module for pair in pairs for module in pair))
        with torch.no_grad():
            for layer, (weights, biases) in zip(self._layers, problem.initial, strict=True):
                layer.weight.copy_(torch.from_numpy(weights.T.copy()))
                layer.bias.copy_(torch.from_numpy(biases))
        self._optimizer = torch.optim.SGD(self._model.parameters(), lr=problem.case.learning_rate)

    def train(self, rows: Array) -> float:
        x, y, model, optimizer = self._x, self._y, self._model, self._optimizer
        total = torch.zeros(())
        for batch in torch.from_numpy(rows):
            optimizer.zero_grad()
            cost = 0.5 * (model(x.index_select(0, batch)) - y.index_select(0, batch)).square().sum(dim=1).mean()
            cost.backward()
            optimizer.step()
            total += cost.detach()
        return float(total) * rows.shape[1]

    def parameters(self) -> Parameters:
        return [(_numpy(layer.weight).T, _numpy(layer.bias)) for layer in self._layers]

    @torch.inference_mode()  # type: ignore[untyped-decorator, unused-ignore]
    def predict(self, x: Array) -> Array:
        return _numpy(self._model(torch.from_numpy(x)))


def _numpy(tensor: torch.Tensor) -> Array:
    return np.array(tensor.detach())
