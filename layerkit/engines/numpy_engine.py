"""The reference engine: every step in NumPy, through each component's own methods."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import final

import numpy as np

from layerkit.engines.diagnosis import diagnose, overflowed
from layerkit.engines.job import Job
from layerkit.engines.reader import Reader
from layerkit.engines.recorded_step import RecordedStep, recordable
from layerkit.engines.snapshot import Snapshot
from layerkit.engines.threads import wanted_threads
from layerkit.errors import EngineError, NonFiniteError
from layerkit.interfaces.context import Context
from layerkit.interfaces.dataset import Batch, Stream
from layerkit.interfaces.engine import Engine, Run
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.scratch import Scratch
from layerkit.memory import aligned
from layerkit.models.passes import Pass, commit
from layerkit.types import Array

_SIZES_KEPT = 4
_COMPARED_STEPS = 3


@final
class NumpyEngine(Engine):
    """Runs every model, cost and optimizer; the default, and what other engines are compared with."""

    def start(self, job: Job) -> Run:
        return _NumpyRun(job)

    def blas_threads(self, job: Job) -> int | None:
        return wanted_threads(job)


@final
class _Work:
    """What batches of one size need: a context tree, a context for the cost, and constants."""

    def __init__(self, job: Job, rows: int, proposals: list[tuple[Array, Array, float]]) -> None:
        structure = job.model.structure
        self.tree = Pass(structure, structure.node, job.streams, training=True, gradient=structure.gradient)
        self.tree.shared.proposals = proposals
        self.cost = Context("cost", self.tree.shared, Scratch(structure.dtype), training=True)
        self.costs: Array
        self.ones = self.cost.scratch.ones(rows)
        self.mean = self.cost.scratch.scalar("mean", 1 / max(rows, 1))


@final
class _NumpyRun(Run):
    def __init__(self, job: Job) -> None:
        structure = job.model.structure
        self._job = job
        self._reader = Reader(job, structure.node)
        self._work: dict[int, _Work] = {}
        self._proposals: list[tuple[Array, Array, float]] = []
        self._parameters = structure.parameters[: structure.trainable]
        self._gradient = structure.gradient[: structure.trainable]
        self._transforms = list(zip(job.transforms, job.contexts[1:], strict=True))
        self._recorded: RecordedStep | None = None
        self._candidate: RecordedStep | None = None
        self._to_compare = _COMPARED_STEPS if recordable(job) and job.accumulate == 1 else 0
        self._snapshot = Snapshot(job)
        self._sum = aligned(self._gradient.shape, structure.dtype) if job.accumulate > 1 else self._gradient
        self._batch: Batch
        # a stream cannot be read again, and a transform may hide what was not finite
        self._strict = not job.optimizer.keeps_non_finite or bool(job.transforms) or isinstance(job.source, Stream)
        self._scheduled = isinstance(job.optimizer.learning_rate, Schedule)
        job.contexts[0].learning_rate = job.learning_rate(job.position.step)
        if job.optimizer.needs_evaluate:
            if job.accumulate > 1:
                raise EngineError(
                    f"{type(job.optimizer).__name__} evaluates the cost at several points of one batch, so it cannot "
                    "accumulate gradients over batches; use a larger batch_size and accumulate=1"
                )
            job.contexts[0].bind(self._evaluate)

    def run(self, steps: int) -> Array:
        step = self._step if self._job.accumulate == 1 else self._accumulated_step
        # numbers that are not finite are looked for here, and told with the layer's name
        with np.errstate(all="ignore"):
            if self._strict:
                return self._run_strictly(step, steps)
            self._snapshot.take()
            try:
                results = self._run(step, steps)
            except NonFiniteError:
                results = None
            if results is not None and all(_all_finite(array) for array in self._kept()):
                return results
            # in one of these steps a gradient was not finite: go through them again, and look at each
            self._snapshot.restore()
            self._reader = Reader(self._job, self._job.model.structure.node)
            self._strict = True
            return self._run_strictly(step, steps)

    def _run_strictly(self, step: Callable[[], tuple[float, float] | None], steps: int) -> Array:
        position = self._job.position

        def careful_step() -> tuple[float, float] | None:
            batch = position.batch
            try:
                return step()
            except NonFiniteError:
                # the position is that of the parameters: before this step
                position.batch = batch
                raise

        results = self._run(careful_step, steps)
        if not _all_finite(self._parameters):
            raise overflowed(self._job.position)
        return results

    def _run(self, step: Callable[[], tuple[float, float] | None], steps: int) -> Array:
        results: list[tuple[float, float]] = []
        while len(results) < steps and (outcome := step()) is not None:
            results.append(outcome)
        return np.array(results, np.float64).reshape(-1, 2)

    def _kept(self) -> list[Array]:
        """What a gradient that is not finite would have left a trace in."""
        return [self._parameters, *self._job.contexts[0].arrays()]

    def _step(self) -> tuple[float, float] | None:
        batch = self._reader.next()
        if batch is None:
            return None
        recorded = self._recorded
        if recorded is not None and batch is recorded.batch:
            outcome = recorded.run(), recorded.weight
            if not (isfinite(outcome[0]) and (not self._strict or _all_finite(self._gradient))):
                # repeat it in Python, to see where
                outcome = self._differentiate(batch, mean=True)
        else:
            self._batch = batch
            outcome = self._differentiate(batch, mean=True)
            if self._to_compare and batch is self._reader.full_batch:
                self._record(batch)
        self._update()
        return outcome

    def _record(self, batch: Batch) -> None:
        """Record the step that was just made, and use the recording once it gave the same bits a few times."""
        gradient = self._gradient.copy()
        if self._candidate is None:
            self._candidate = RecordedStep(self._job, batch)
        step = self._candidate
        costs = self._work[int(step.weight)].costs.copy()
        step.run()
        same = step.valid and np.array_equal(step.costs, costs) and np.array_equal(self._gradient, gradient)
        np.copyto(self._gradient, gradient)
        self._to_compare = self._to_compare - 1 if same else 0
        if same and not self._to_compare:
            self._recorded = step
        elif not same:
            self._candidate = None

    def _accumulated_step(self) -> tuple[float, float] | None:
        total = weight = 0.0
        batches = 0
        gradient = self._sum
        gradient.fill(0.0)
        while batches < self._job.accumulate and (batch := self._reader.next()) is not None:
            cost, rows = self._differentiate(batch, mean=False)
            gradient += self._gradient
            total += cost
            weight += rows
            batches += 1
        if not batches:
            return None
        np.multiply(gradient, 1 / weight if weight else 0.0, out=self._gradient)
        self._update()
        return total, weight

    def _differentiate(self, batch: Batch, *, mean: bool) -> tuple[float, float]:
        """The batch's sum of weighted costs and sum of weights; fills the gradient: their sum's, or their mean's."""
        x, y, weights = batch.x, batch.y, batch.weights
        assert y is not None
        rows = y.shape[0]
        work = self._work.get(rows)
        if work is None:
            work = self._new_work(rows)
        tree, context = work.tree, work.cost
        weight = float(rows if weights is None else weights.sum())
        prediction = tree.forward(x, weight, batch.mask)
        costs = work.costs = self._job.cost.forward(prediction, y, context)
        total = float(costs.dot(work.ones if weights is None else weights))
        grad = self._job.cost.backward(prediction, y, context)
        if weights is not None:
            scale = weights / weight if mean and weight else weights
            scale = scale.astype(grad.dtype).reshape(-1, *[1] * (grad.ndim - 1))
            grad = np.multiply(grad, scale, out=context.scratch("scaled", grad.shape))
        elif mean:
            grad = np.multiply(grad, work.mean, context.scratch("scaled", grad.shape))
        tree.backward(grad)
        if not (isfinite(total) and (not self._strict or _all_finite(self._gradient))):
            raise diagnose(tree, batch, weight, self._job.cost, context, self._job.position)
        return total, weight

    def _update(self) -> None:
        job = self._job
        position = job.position
        parameters, gradient = self._parameters, self._gradient
        context = job.contexts[0]
        context.step = position.step
        if self._scheduled:
            context.learning_rate = job.learning_rate(position.step)
        for transform, own in self._transforms:
            own.step = context.step
            own.learning_rate = context.learning_rate
            transform.before(parameters, gradient, own)
        job.optimizer.update(parameters, gradient, context)
        for transform, own in self._transforms:
            transform.after(parameters, own)
        if self._proposals:
            commit(self._proposals)
        position.step += 1

    def _evaluate(self) -> tuple[float, Array]:
        proposed = len(self._proposals)
        total, weight = self._differentiate(self._batch, mean=True)
        del self._proposals[proposed:]
        return total / weight, self._gradient.copy()

    def _new_work(self, rows: int) -> _Work:
        if len(self._work) >= _SIZES_KEPT:
            self._work.pop(next(iter(self._work)))
        work = self._work[rows] = _Work(self._job, rows, self._proposals)
        return work


def _all_finite(vector: Array) -> bool:
    # one product says so for all of them at once; only where it overflows must each be looked at
    return isfinite(vector.dot(vector)) or bool(np.isfinite(vector).all())
