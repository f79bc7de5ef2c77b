"""PyTorch, eager, as most people write it."""

from __future__ import annotations

import math
from typing import final

import numpy as np
import torch
from torch import nn

from benchmarks.conv.network import BATCH, EPOCHS, FILTERS, KERNEL, RATE, SIDE, STRIDE, UNITS, Parameters, order
from benchmarks.data import CLASSES, Array, Data


@final
class TorchConv:
    """``nn.Conv2d`` and ``nn.Linear`` in a ``Sequential``, ``optim.Adam``, batches by ``index_select``."""

    def __init__(self, data: Data, parameters: Parameters, threads: int) -> None:
        torch.set_num_threads(threads)
        self._x, self._labels = _images(data.x), torch.from_numpy(data.labels.astype("int64"))
        first, second = FILTERS
        self._side = math.isqrt(parameters["dense0.weight"].shape[0] // second)
        self._layers = {
            "conv0": nn.Conv2d(1, first, KERNEL, stride=STRIDE),
            "conv1": nn.Conv2d(first, second, KERNEL, stride=STRIDE),
            "dense0": nn.Linear(self._side**2 * second, UNITS),
            "dense1": nn.Linear(UNITS, CLASSES),
        }
        convolutions, dense = list(self._layers.values())[:2], list(self._layers.values())[2:]
        self._model = nn.Sequential(
            convolutions[0], nn.ReLU(), convolutions[1], nn.ReLU(), nn.Flatten(), dense[0], nn.ReLU(), dense[1]
        )
        with torch.no_grad():
            for name, layer in self._layers.items():
                layer.weight.copy_(torch.from_numpy(self._to_torch(name, parameters[f"{name}.weight"])))
                layer.bias.copy_(torch.from_numpy(parameters[f"{name}.bias"]))

    def steps(self, rows: Array) -> float:
        """Train on the batches ``rows``, at a constant rate; returns the mean cost."""
        optimizer = torch.optim.Adam(self._model.parameters(), lr=RATE)
        return sum(self._step(batch, optimizer) for batch in torch.from_numpy(rows)) / len(rows)

    def train(self, seed: int) -> None:
        """Train as the example does."""
        optimizer = torch.optim.Adam(self._model.parameters(), lr=RATE)
        length = EPOCHS * math.ceil(len(self._x) / BATCH)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: (1 + math.cos(math.pi * step / length)) / 2
        )
        for epoch in range(EPOCHS):
            for batch in torch.from_numpy(order(seed, epoch, len(self._x))).split(BATCH):
                self._step(batch, optimizer)
                schedule.step()

    def parameters(self) -> Parameters:
        """The present parameters, in the order of axes that they came in."""
        found = {}
        for name, layer in self._layers.items():
            found[f"{name}.weight"] = self._from_torch(name, layer.weight.detach().numpy())
            found[f"{name}.bias"] = layer.bias.detach().numpy().copy()
        return found

    @torch.inference_mode()  # type: ignore[untyped-decorator, unused-ignore]
    def predict(self, x: Array) -> Array:
        """The classes of these examples."""
        return np.asarray(self._model(_images(x)).argmax(dim=1))

    def _step(self, batch: torch.Tensor, optimizer: torch.optim.Optimizer) -> float:
        optimizer.zero_grad()
        logits = self._model(self._x.index_select(0, batch))
        cost = nn.functional.cross_entropy(logits, self._labels.index_select(0, batch))
        cost.backward()
        optimizer.step()
        return float(cost.detach())

    def _to_torch(self, name: str, weight: Array) -> Array:
        if name.startswith("conv"):
            return np.ascontiguousarray(weight.transpose(3, 2, 0, 1))
        if name == "dense0":
            # PyTorch flattens channels first
            weight = weight.reshape(self._side, self._side, FILTERS[1], UNITS).transpose(2, 0, 1, 3).reshape(-1, UNITS)
        return np.ascontiguousarray(weight.T)

    def _from_torch(self, name: str, weight: Array) -> Array:
        if name.startswith("conv"):
            return np.ascontiguousarray(weight.transpose(2, 3, 1, 0))
        if name == "dense0":
            weight = weight.reshape(UNITS, FILTERS[1], self._side, self._side).transpose(0, 2, 3, 1).reshape(UNITS, -1)
        return np.ascontiguousarray(weight.T)


def _images(x: Array) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(x.reshape(-1, 1, SIDE, SIDE)))
