"""What it takes to predict: the passes of a model in inference mode, and those of its readout."""

from __future__ import annotations

from collections.abc import Callable
from typing import final

import numpy as np

from layerkit.interfaces.activation import Activation
from layerkit.models.boundary import row_count, row_slice
from layerkit.models.node import Node
from layerkit.models.passes import Pass
from layerkit.models.plan import plan
from layerkit.models.structure import Structure
from layerkit.models.trial import watch_once
from layerkit.random_streams import RandomStreams
from layerkit.types import Array, Value


@final
class Inference:
    """Runs a model, and then its readout, in inference mode: one batch after another, by one thread at a time.

    ``node`` is the model's place in the structure: its root, or a part of it. What is returned is valid until the next
    batch. ``wrap`` is as for ``Pass``.
    """

    def __init__(
        self,
        structure: Structure,
        node: Node,
        readout: Activation | None,
        *,
        wrap: Callable[[Array], Array] | None = None,
    ) -> None:
        self._made_of = structure, node, readout
        self.version = structure.version
        """That of the vectors for which this was made: once they are laid out anew, another is needed."""
        self.model = _inference(structure, node, wrap)
        self.readout: Pass | None = None
        if readout is not None:
            own = plan(readout.copy(), node.output_shape)
            self.readout = _inference(Structure(own, structure.dtype).draw(0).install(), own, wrap)

    def predict(self, x: Value, mask: Array | None = None) -> Value:
        """The model's output for ``x``, through the readout."""
        return self.read(self.model.forward(x, row_count(x), mask), mask)

    def read(self, output: Value, mask: Array | None = None) -> Value:
        """What ``predict`` makes of the model's output."""
        return output if self.readout is None else self.readout.forward(output, row_count(output), mask)

    def predict_in_pieces(self, x: Value, mask: Array | None, most: int) -> Array:
        """``predict`` for at most so many rows at a time: an array of the caller's own."""
        rows = row_count(x)
        if rows <= most:
            return np.array(self.predict(x, mask))
        pieces = []
        for start in range(0, rows, most):
            stop = start + most
            own_mask = None if mask is None else mask[start:stop]
            # a copy, for the next piece is computed in the same memory
            pieces.append(np.array(self.predict(row_slice(x, start, stop), own_mask)))
        return np.concatenate(pieces)

    def again(self, wrap: Callable[[Array], Array] | None = None) -> Inference:
        """Another one of the same model, in memory of its own."""
        return Inference(*self._made_of, wrap=wrap)

    def passes(self) -> list[Pass]:
        """The model's, and the readout's if there is one."""
        return [self.model] if self.readout is None else [self.model, self.readout]


def _inference(structure: Structure, node: Node, wrap: Callable[[Array], Array] | None) -> Pass:
    # in inference mode nothing may be drawn, so any seed will do
    passes = Pass(structure, node, RandomStreams(0), training=False, wrap=wrap)
    if wrap is None:
        watch_once(passes, training=False)
    return passes
