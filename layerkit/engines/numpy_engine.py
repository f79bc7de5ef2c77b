"""The reference engine: every step in NumPy, through each component's own methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import final

import numpy as np

from layerkit.engines.recorded_step import RecordedDifferentiate, recordable
from layerkit.errors import EngineError
from layerkit.interfaces.dataset import Batch
from layerkit.interfaces.engine import Engine, Run
from layerkit.interfaces.job import Job
from layerkit.interfaces.prediction import Prediction, PredictionJob
from layerkit.memory import aligned
from layerkit.models.numpy_prediction import NumpyPrediction
from layerkit.steps.differentiate import Differentiate
from layerkit.steps.guard import Guard
from layerkit.steps.reader import Reader
from layerkit.steps.threads import wanted_threads
from layerkit.steps.update import Update
from layerkit.types import Array


@final
class NumpyEngine(Engine):
    """Runs every model, cost and optimizer; the default, and what other engines are compared with."""

    def start(self, job: Job) -> Run:
        return _NumpyRun(job)

    def start_prediction(self, job: PredictionJob) -> Prediction:
        return NumpyPrediction(job)

    def blas_threads(self, job: Job) -> int | None:
        return wanted_threads(job)


@final
class _NumpyRun(Run):
    def __init__(self, job: Job) -> None:
        accumulates = job.accumulate > 1
        self._job = job
        self._reader = Reader(job)
        self._guard = Guard(job)
        self._plain = Differentiate(job.model, job.cost, job.streams, check=self._guard.check)
        self._differentiate: Callable[[Batch], tuple[float, float]] = self._plain
        if accumulates:
            self._differentiate = self._accumulate
        elif recordable(job):
            self._differentiate = RecordedDifferentiate(self._plain, self._reader, check=self._guard.check)
        self._update = Update(job)
        gradient = self._gradient = self._plain.gradient
        self._proposals = self._plain.proposals
        self._sum = aligned(gradient.shape, gradient.dtype) if accumulates else gradient
        self._batch: Batch
        if job.optimizer.needs_evaluate:
            if accumulates:
                raise EngineError(
                    f"{type(job.optimizer).__name__} evaluates the cost at several points of one batch, so it cannot "
                    "accumulate gradients over batches; use a larger batch_size and accumulate=1"
                )
            job.contexts[0].bind(self._evaluate)

    def run(self, steps: int) -> Array:
        return self._guard.run(self._step, steps)

    def _step(self) -> tuple[float, float] | None:
        """One update, by the gradient of one batch or of several; None at the end of the epoch."""
        batch = self._reader.next()
        if batch is None:
            return None
        self._batch = batch
        outcome = self._differentiate(batch)
        self._update(self._gradient, self._proposals)
        return outcome

    def _accumulate(self, first: Batch) -> tuple[float, float]:
        """Differentiate the mean of several batches, this one and those after it."""
        total = weight = 0.0
        self._sum.fill(0.0)
        for place in range(self._job.accumulate):
            batch: Batch | None = first if place == 0 else self._reader.next()
            if batch is None:
                break
            cost, rows = self._plain(batch, mean=False)
            self._sum += self._gradient
            total += cost
            weight += rows
        np.multiply(self._sum, 1 / weight if weight else 0.0, out=self._gradient)
        return total, weight

    def _evaluate(self) -> tuple[float, Array]:
        """The mean cost and gradient of the step's batch, at the parameters as they are now."""
        proposed, given = len(self._proposals), self._gradient.copy()
        total, weight = self._plain(self._batch)
        # the step's own pass has proposed already
        del self._proposals[proposed:]
        found = self._gradient.copy()
        # the optimizer was given this vector, and goes on reading the step's gradient in it
        np.copyto(self._gradient, given)
        return total / weight if weight else 0.0, found
