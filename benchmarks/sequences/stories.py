"""The step of the example ``sequence/stories``: gather, forward, cost, backward, the gradient's norm bounded, Adam."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, final

import numpy as np
from layerkit_sequence import Stories
from layerkit_sequence.stories_example import experiment

from layerkit import Adam, Sequential, Trainer
from layerkit.types import Array

BATCH = 64
RATE = 0.004
LIMIT = 1.0


@final
class StoryData:
    """Stories to learn from, and the example's network with its first parameters."""

    def __init__(self, stories: int) -> None:
        self.examples = Stories(train=stories, test=1).load("train")

    def trainer(self, engine: Any) -> Trainer:
        """The example's own training, at a constant rate."""
        told = experiment()
        return Trainer(
            Sequential([layer.copy() for layer in told.layers]),
            cost=told.cost,
            optimizer=Adam(RATE),
            transforms=told.transforms,
            engine=engine,
            seed=0,
        )


@final
class LayerkitSteps:
    """Epochs of the example under one of layerkit's engines."""

    def __init__(self, data: StoryData, engine: Any) -> None:
        self._data, self._trainer = data, data.trainer(engine)

    def epoch(self) -> None:
        """Every story once."""
        self._trainer.fit(self._data.examples, epochs=1, batch_size=BATCH, shuffle=False)

    def parameters(self) -> Array:
        """All parameters, one after another."""
        return np.concatenate([each.ravel() for each in self._trainer.model.parameters.values()])


@final
class TorchSteps:
    """The same network and the same steps by PyTorch, eager."""

    def __init__(self, data: StoryData) -> None:
        import torch
        from torch import nn

        torch.set_num_threads(1)
        trainer = data.trainer(None)
        trainer.model.initialize(data.examples.x.shape[1:], seed=0)
        self._torch, self._data = torch, data
        parameters = list(trainer.model.parameters.items())
        characters, features = parameters[0][1].shape
        block = {"dropout": 0.0, "batch_first": True, "norm_first": True}
        self._embedding = nn.Embedding(characters, features)
        hidden = next(each.shape[1] for name, each in parameters if name.endswith("network.inner.1.weight"))
        self._blocks = nn.ModuleList(nn.TransformerEncoderLayer(features, 4, hidden, **block) for _ in range(2))
        self._norm, self._dense = nn.LayerNorm(features), nn.Linear(features, characters)
        table, *_ = (layer for layer in trainer.model.layers if type(layer).__name__ == "PositionalEncoding")
        steps = data.examples.x.shape[1]
        self._waves = torch.from_numpy(table._table(steps, features, np.dtype(np.float32)))
        self._later = nn.Transformer.generate_square_subsequent_mask(steps)
        self._order = [self._embedding.weight]
        for one in self._blocks:
            own = dict(one.named_parameters())
            self._order += [own[name] for name in _BLOCK]
        self._order += [self._norm.weight, self._norm.bias, self._dense.weight, self._dense.bias]
        with torch.no_grad():
            for place, (theirs, (_, ours)) in enumerate(zip(self._order, parameters, strict=True)):
                theirs.copy_(torch.from_numpy(np.ascontiguousarray(ours.T if place else ours)))
        self._optimizer = torch.optim.Adam(self._order, lr=RATE)
        examples = data.examples
        self._x, self._y = torch.from_numpy(np.asarray(examples.x)), torch.from_numpy(np.asarray(examples.y))
        assert examples.mask is not None
        self._mask = torch.from_numpy(np.asarray(examples.mask))

    def epoch(self) -> None:
        """Every story once."""
        for first in range(0, len(self._x), BATCH):
            self._step(slice(first, first + BATCH))

    def parameters(self) -> Array:
        """All parameters, in the order and with the axes of layerkit's."""
        return np.concatenate(
            [
                (each.detach().numpy().T if place else each.detach().numpy()).ravel()
                for place, each in enumerate(self._order)
            ]
        )

    def _step(self, rows: slice) -> None:
        torch = self._torch
        counts = self._mask[rows]
        values = self._embedding(self._x[rows]) + self._waves
        for block in self._blocks:
            # padding stands behind what counts, so that causal attention never reads it
            values = block(values, src_mask=self._later, is_causal=True)
        logits = self._dense(self._norm(values))
        costs = torch.nn.functional.cross_entropy(logits.flatten(0, 1), self._y[rows].flatten(), reduction="none")
        cost = (costs.view(counts.shape) * counts).sum() / counts.sum()
        self._optimizer.zero_grad()
        cost.backward()
        torch.nn.utils.clip_grad_norm_(self._order, LIMIT)
        self._optimizer.step()
        float(cost.detach())


_BLOCK = (
    "norm1.weight",
    "norm1.bias",
    "self_attn.in_proj_weight",
    "self_attn.in_proj_bias",
    "self_attn.out_proj.weight",
    "self_attn.out_proj.bias",
    "norm2.weight",
    "norm2.bias",
    "linear1.weight",
    "linear1.bias",
    "linear2.weight",
    "linear2.bias",
)


def contenders(stories: int) -> dict[str, Any]:
    """By their names, each with ``epoch`` and ``parameters``; PyTorch only where it is installed."""
    from layerkit_numba import NumbaEngine

    data = StoryData(stories)
    found: dict[str, Any] = {
        "compiled": LayerkitSteps(data, NumbaEngine(threads=1)),
        "numpy": LayerkitSteps(data, None),
    }
    if find_spec("torch") is not None:
        found["torch"] = TorchSteps(data)
    return found


def step_times(rounds: int, measure: Callable[[Callable[[], object]], float], steps: int = 8) -> dict[str, list[float]]:
    """The seconds of a step, by contender, in turns.

    Raises:
        SystemExit: a contender's parameters are not the numpy engine's after an epoch of so many steps.
    """
    made = contenders(steps * BATCH)
    for contender in made.values():
        contender.epoch()
    ends = {name: contender.parameters() for name, contender in made.items()}
    for name, end in ends.items():
        if np.abs(end - ends["numpy"]).max() > _TOLERANCE:
            raise SystemExit(f"sequence/stories: the parameters of {name} are not those of the numpy engine")
    times: dict[str, list[float]] = {name: [] for name in made}
    for _ in range(rounds):
        for name, contender in made.items():
            times[name].append(measure(contender.epoch) / steps)
    return times


_TOLERANCE = 2e-2
