"""The same rows of the training data, forward and backward, beside a fit."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.interfaces.context import Context, Tracer
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Batch
from layerkit.models.boundary import row_count
from layerkit.models.model import Model
from layerkit.models.passes import Pass
from layerkit.random_streams import RandomStreams


@final
class SampledPass:
    """A model and a batch with passes, generators and memory of their own: no bit of the training changes.

    In inference mode; layers that mix rows, such as batch normalisation, as in training. Good until the model's vectors
    are laid out anew: see ``version``.
    """

    def __init__(self, model: Model, cost: Cost, batch: Batch) -> None:
        structure = model.structure
        self.version = structure.version
        self._cost = cost
        self._batch = batch
        coupled = any(node.layer.coupled_rows and not node.layer.frozen for node in structure.node.walk())
        self.gradient = np.zeros_like(structure.gradient)
        """That of the mean cost, in all parameters, as ``run`` has left it."""
        self._streams = RandomStreams(0)
        self._pass = Pass(structure, structure.node, self._streams, training=coupled, gradient=self.gradient)
        self._context = Context("cost", self._pass.shared, self._pass.scratch(), training=coupled)

    def run(self, tracer: Tracer | None = None) -> float:
        """The mean cost, now; ``tracer`` watches each layer."""
        batch, cost, passes = self._batch, self._cost, self._pass
        assert batch.y is not None
        rows = row_count(batch.x)
        # the same numbers each time, so that a run that is resumed keeps what one run would
        self._streams.begin_anew()
        with np.errstate(all="ignore"):
            passes.context.trace(tracer)
            output = passes.forward(batch.x, float(rows), batch.mask)
            costs = cost.forward(output, batch.y, self._context)
            passes.backward(cost.backward(output, batch.y, self._context) / rows)
            passes.shared.proposals.clear()
            return float(np.mean(costs, dtype=np.float64))
