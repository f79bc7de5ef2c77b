"""One layer for sequences, forward and backward, by each contender: what takes the time of one pass of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, final

import numpy as np
from layerkit_sequence import GRU, LSTM, MultiHeadSelfAttention, SimpleRNN, TransformerBlock

from benchmarks.passes import Contender, LayerPasses
from layerkit import Layer
from layerkit.types import Array

BATCH = 64
STEPS = 32
_HEADS = 4


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


def _torch_attention(passes: LayerPasses) -> Contender:
    """``torch.nn.MultiheadAttention``, of four heads."""
    import torch

    torch.set_num_threads(1)
    layer = torch.nn.MultiheadAttention(passes.x.shape[-1], _HEADS, batch_first=True)
    names = ("weight", "bias", "output_weight", "output_bias")
    wanted = [layer.in_proj_weight, layer.in_proj_bias, layer.out_proj.weight, layer.out_proj.bias]
    return _torch_module(
        lambda x: layer(x, x, x, need_weights=False)[0], [f"0.{name}" for name in names], wanted, passes
    )


def _torch_encoder(passes: LayerPasses) -> Contender:
    """``torch.nn.TransformerEncoderLayer``, norms first, of four heads."""
    import torch

    torch.set_num_threads(1)
    features = passes.x.shape[-1]
    layer = torch.nn.TransformerEncoderLayer(
        features, _HEADS, 4 * features, dropout=0.0, batch_first=True, norm_first=True
    )
    attention = "self_attn."
    pairs = {
        "attention.inner.0.scale": "norm1.weight",
        "attention.inner.0.shift": "norm1.bias",
        "attention.inner.1.weight": attention + "in_proj_weight",
        "attention.inner.1.bias": attention + "in_proj_bias",
        "attention.inner.1.output_weight": attention + "out_proj.weight",
        "attention.inner.1.output_bias": attention + "out_proj.bias",
        "network.inner.0.scale": "norm2.weight",
        "network.inner.0.shift": "norm2.bias",
        "network.inner.1.weight": "linear1.weight",
        "network.inner.1.bias": "linear1.bias",
        "network.inner.2.weight": "linear2.weight",
        "network.inner.2.bias": "linear2.bias",
    }
    own = dict(layer.named_parameters())
    return _torch_module(layer, [f"0.{name}" for name in pairs], [own[name] for name in pairs.values()], passes)


def _torch_module(run_layer: Any, names: list[str], wanted: list[Any], passes: LayerPasses) -> Contender:
    """A layer of PyTorch with the parameters of ours that have these names, matrices turned."""
    import torch

    assert list(passes.model.parameters) == names
    with torch.no_grad():
        for theirs, ours in zip(wanted, passes.model.parameters.values(), strict=True):
            theirs.copy_(torch.from_numpy(np.ascontiguousarray(ours.T)))
    x, delta = torch.from_numpy(passes.x).requires_grad_(), torch.from_numpy(passes.delta)
    found: list[Any] = []

    def run() -> None:
        found[:] = torch.autograd.grad(run_layer(x), [*wanted, x], delta)

    def left() -> Array:
        return np.concatenate([each.detach().numpy().T.ravel() for each in found[:-1]])

    return run, left


def _attention(features: int) -> Case:
    products = 4 * features * features + 2 * STEPS * features
    name = f"MultiHeadSelfAttention, {features} features"
    return Case(name, lambda: MultiHeadSelfAttention(_HEADS), features, products, _torch_attention)


def _encoder(features: int) -> Case:
    products = 12 * features * features + 2 * STEPS * features
    name = f"TransformerBlock, {features} features"
    return Case(name, lambda: TransformerBlock(features, _HEADS), features, products, _torch_encoder)


CASES = (
    _recurrent(SimpleRNN, 128, 1, (0,)),
    _recurrent(GRU, 128, 3, (0, 1, 2)),
    _recurrent(GRU, 256, 3, (0, 1, 2)),
    _recurrent(LSTM, 128, 4, (1, 2, 3, 0)),
    _recurrent(LSTM, 256, 4, (1, 2, 3, 0)),
    _attention(128),
    _encoder(64),
)
