"""A training step as a recorded list of NumPy operations."""

from __future__ import annotations

from functools import partial
from typing import final

import numpy as np

from layerkit.engines.job import Job
from layerkit.interfaces.context import Context
from layerkit.interfaces.dataset import Batch
from layerkit.models.passes import Pass
from layerkit.models.recording import RecordedScratch, Tape
from layerkit.random_streams import RandomStreams
from layerkit.types import Array


@final
class RecordedStep:
    """Forward, cost and backward of one batch, as operations that are repeated for each batch that lies in its place.

    Nothing is left of Python but the calls of NumPy, the same ones in the same order, so the results are the same bits.
    """

    def __init__(self, job: Job, batch: Batch) -> None:
        structure = job.model.structure
        tape = self._tape = Tape()
        for vector in (structure.parameters, structure.states):
            tape.know(vector)
        tree = Pass(
            structure,
            structure.node,
            # what may be recorded draws nothing; what draws all the same must not disturb the run
            RandomStreams(0),
            training=True,
            gradient=structure.gradient,
            scratch=partial(RecordedScratch, tape=tape),
            wrap=tape.wrap,
        )
        x = tuple(map(tape.wrap, batch.x)) if isinstance(batch.x, tuple) else tape.wrap(batch.x)
        assert batch.y is not None
        y = tape.wrap(batch.y)
        rows = len(y)
        context = Context("cost", tree.shared, RecordedScratch(structure.dtype, tape), training=True)
        prediction = tree.forward(x, float(rows))
        costs = job.cost.forward(prediction, y, context)
        grad = job.cost.backward(prediction, y, context)
        mean = context.scratch.scalar("mean", 1 / rows)
        tree.backward(np.multiply(grad, mean, context.scratch("scaled", grad.shape)))
        self.batch = batch
        self.valid = tape.valid and not tree.shared.proposals
        self.weight = float(rows)
        self.costs: Array = costs.view(np.ndarray)
        self._ones = np.ones(rows, structure.dtype)

    def run(self) -> float:
        """Fill the model's gradient for the batch that now lies in the batch's arrays; returns the sum of costs."""
        self._tape.run()
        return float(self.costs.dot(self._ones))


def recordable(job: Job) -> bool:
    """Whether every part of the model, and the cost, declares that its passes may be recorded."""
    return job.cost.recordable and all(node.layer.recordable for node in job.model.structure.node.walk())
