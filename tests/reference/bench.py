"""Runs one layer forward and backward, the way training does."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Sequential
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.models.passes import Pass, commit
from layerkit.random_streams import RandomStreams
from layerkit.types import Array, DTypeLike, Shape


class Bench:
    """A network of one layer, and a tree of contexts to run it in."""

    def __init__(
        self, layer: Layer, shape: Shape, *, dtype: DTypeLike = "float64", training: bool = True, seed: int = 0
    ) -> None:
        self.model = Sequential([layer]).initialize(shape, seed=seed, dtype=dtype)
        self.structure = self.model.structure
        self._training = training
        self._seed = seed
        self.renew()

    def renew(self) -> None:
        """Begin with fresh contexts, scratch memory and generators."""
        structure, streams = self.structure, RandomStreams(self._seed)
        self.tree = Pass(
            structure,
            structure.node,
            streams,
            training=self._training,
            gradient=structure.gradient,
            needs_input_gradient=True,
        )

    @property
    def context(self) -> Context:
        """The layer's own context."""
        return self.tree.context.parts[0]

    @property
    def values(self) -> dict[str, Array]:
        """Parameters and states, as live views (states too), by name within the layer."""
        structure = self.structure
        found = {entry.path: entry.view(structure.parameters) for entry in structure.entries}
        found |= {entry.path: entry.view(structure.states) for entry in structure.state_entries}
        return {path.removeprefix("0."): array for path, array in found.items()}

    @property
    def gradients(self) -> dict[str, Array]:
        """Copies of the parameters' gradients, by name within the layer."""
        structure = self.structure
        return {entry.path.removeprefix("0."): entry.view(structure.gradient).copy() for entry in structure.entries}

    def forward(self, x: Any) -> Any:
        """The output for ``x``, as a copy."""
        rows = x[0].shape[0] if isinstance(x, tuple) else x.shape[0]
        return np.array(self.tree.forward(x, float(rows)))

    def backward(self, grad: Array) -> Any:
        """The input's gradient, as a copy (None where there is none)."""
        found = self.tree.backward(grad)
        return found if found is None else np.array(found)

    def commit(self) -> None:
        """End the step: proposed states become the states."""
        commit(self.tree.shared.proposals)
