"""One layer for sequences, forward and backward, by each contender: what takes the time of one pass of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, final

import numpy as np
from layerkit_sequence import GRU, LSTM, SimpleRNN

from benchmarks.passes import Contender, LayerPasses
from layerkit import Layer
from layerkit.types import Array

BATCH = 64
STEPS = 32


@final
@dataclass(frozen=True, slots=True)
class Case:
    """A layer whose input has as many features as it has units.

    ``products``: multiplications of all products of a pass forward, for each step of a sequence.
    """

    name: str
    layer: Callable[[], Layer]
    features: int
    products: int
    torch: Callable[[LayerPasses], Contender]

    @property
    def operations(self) -> int:
        """Multiplications and additions of all products of both passes."""
        return 3 * 2 * BATCH * STEPS * self.products

    def contenders(self) -> dict[str, Contender]:
        """By their names; PyTorch only where it is installed."""
        passes = LayerPasses(self.layer(), (STEPS, self.features), BATCH)
        made = {"compiled": passes.compiled(), "numpy": passes.numpy()}
        if find_spec("torch") is not None:
            made["torch"] = self.torch(passes)
        return made


def _torch_recurrent(kind: str, order: tuple[int, ...]) -> Callable[[LayerPasses], Contender]:
    """``torch.nn``'s layer of that name; ``order``: for each of PyTorch's gates, which of ours it is."""

    def make(passes: LayerPasses) -> Contender:
        import torch

        torch.set_num_threads(1)
        parameters = {name.partition(".")[2]: each for name, each in passes.model.parameters.items()}
        features, width = parameters["weight"].shape
        gates, units = len(order), width // len(order)
        layer = getattr(torch.nn, kind)(features, units, batch_first=True)

        def turned(matrix: Array) -> Any:
            columns = matrix.reshape(-1, gates, units)[:, list(order)].reshape(-1, width)
            return torch.from_numpy(np.ascontiguousarray(columns.T))

        second = np.zeros((1, width), np.float32)
        if "candidate_bias" in parameters:
            second[:, 2 * units :] = parameters["candidate_bias"]
        with torch.no_grad():
            layer.weight_ih_l0.copy_(turned(parameters["weight"]))
            layer.weight_hh_l0.copy_(turned(parameters["recurrent_weight"]))
            layer.bias_ih_l0.copy_(turned(parameters["bias"][None])[:, 0])
            layer.bias_hh_l0.copy_(torch.from_numpy(second[0]))
        x, delta = torch.from_numpy(passes.x).requires_grad_(), torch.from_numpy(passes.delta)
        wanted = [layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0, x]
        found: list[Any] = []

        def run() -> None:
            found[:] = torch.autograd.grad(layer(x)[0], wanted, delta)

        back = np.argsort(order)

        def turned_back(gradient: Any) -> Array:
            matrix = gradient.detach().numpy().reshape(gates, units, -1)[back].reshape(width, -1)
            return np.ascontiguousarray(matrix.T).ravel()

        def left() -> Array:
            parts = [turned_back(each) for each in found[:3]]
            if "candidate_bias" in parameters:
                parts.append(found[3].detach().numpy()[2 * units :])
            return np.concatenate(parts)

        return run, left

    return make


def _recurrent(kind: Any, units: int, gates: int, order: tuple[int, ...]) -> Case:
    name = "RNN" if kind is SimpleRNN else kind.__name__
    make = _torch_recurrent(name, order)
    return Case(f"{kind.__name__}, {units} units", lambda: kind(units), units, 2 * gates * units * units, make)


CASES = (
    _recurrent(SimpleRNN, 128, 1, (0,)),
    _recurrent(GRU, 128, 3, (0, 1, 2)),
    _recurrent(GRU, 256, 3, (0, 1, 2)),
    _recurrent(LSTM, 128, 4, (1, 2, 3, 0)),
    _recurrent(LSTM, 256, 4, (1, 2, 3, 0)),
)
