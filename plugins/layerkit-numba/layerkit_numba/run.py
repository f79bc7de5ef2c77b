"""A job under way in a compiled program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

import numpy as np

from layerkit import Run, Schedule
from layerkit.engines import Job, NumpyEngine, snapshot_before
from layerkit.memory import aligned
from layerkit.types import Array
from layerkit_numba.program import Program
from layerkit_numba.source import Source


@final
class NumbaRun(Run):
    """Runs whole pieces of an epoch in compiled code.

    Numbers that are not finite are found at the end of a piece, or in it; the piece is then undone and run again by the
    ``numpy`` engine, which stops at the very step, with the parameters before it, and names the layer.
    """

    def __init__(self, job: Job, program: Program, source: Source) -> None:
        self._job = job
        self._source = source
        structure = job.model.structure
        self._parameters = structure.parameters
        self._memory = aligned((program.memory_size,), structure.dtype, zero=True)
        self._room = aligned((program.room_size,), np.dtype(np.uint8), zero=True)
        self._floats = np.array(program.late.floats, np.float64)
        first = source.x[0]
        self._marks = np.zeros(first.shape[1], first.dtype)
        self._columns = np.zeros(first.shape[1] + 1, np.int64)
        self._lines = np.zeros(source.lines_per_row * job.rows_per_batch, np.int64)
        self._proposals = np.zeros_like(structure.states)
        self._extra: list[Any] = [*source.x[1:], *(job.streams.generator("layer", path) for path in program.generators)]
        for update, context in zip(program.updates, job.contexts, strict=True):
            states = [context.state(name, fill) for name, fill in update.states.items()]
            numbers = [context.numbers(name, count) for name, count in update.numbers.items()]
            self._extra += [*states, *numbers, *update.arrays.values()]
        self._weights = np.empty(0) if source.weights is None else source.weights
        self._mask = np.empty((0, 0), np.bool_) if source.mask is None else source.mask
        self._order = np.empty(0, np.int64)
        self._epoch = -1
        self._run: Callable[..., int]

    def bind(self, run: Callable[..., int]) -> None:
        """Take the compiled function of the program."""
        self._run = run

    def arguments(self, begin: int, stop: int, n: int, rates: Array, results: Array) -> tuple[Any, ...]:
        """What the program is called with, for the batches from ``begin`` to ``stop``, each of ``n`` rows."""
        job, structure = self._job, self._job.model.structure
        batches = job.batches_per_epoch
        assert batches is not None
        numbers = (begin, stop, n, batches - 1, job.position.batch, job.position.step)
        data = (self._source.x[0], self._order, self._source.y, self._weights, self._mask)
        vectors = (structure.parameters, structure.gradient, structure.states, self._proposals)
        return (
            *numbers,
            *data,
            *vectors,
            self._memory,
            self._room,
            self._floats,
            self._marks,
            self._columns,
            self._lines,
            rates,
            results,
            *self._extra,
        )

    def run(self, steps: int) -> Array:
        job, position = self._job, self._job.position
        batches = job.batches_per_epoch
        assert batches is not None
        if position.epoch != self._epoch:
            self._order = job.order(position.epoch).astype(np.int64, copy=False)
            self._epoch = position.epoch
        first = position.batch
        stop = min(first + steps * job.accumulate, batches)
        steps = -(-(stop - first) // job.accumulate)
        if steps <= 0:
            return np.empty((0, 2))
        results = np.empty((steps, 2))
        before = snapshot_before(job)
        if not self._advance(first, stop, self._rates(steps), results):
            before.restore()
            return NumpyEngine().start(job).run(steps)
        position.batch = stop
        position.step += steps
        return results

    def _advance(self, first: int, stop: int, rates: Array, results: Array) -> bool:
        """Run the batches; whether all that came out is finite."""
        size, rows = self._job.rows_per_batch, len(self._job.source)  # type: ignore[arg-type]
        whole = max(first, min(stop, rows // size))
        if whole > first and self._run(*self.arguments(first, whole, size, rates, results)) < 0:
            return False
        if stop > whole and self._run(*self.arguments(whole, stop, rows - whole * size, rates, results)) < 0:
            return False
        with np.errstate(all="ignore"):
            square = float(self._parameters.dot(self._parameters))
        return np.isfinite(square) or bool(np.isfinite(self._parameters).all())

    def _rates(self, steps: int) -> Array:
        job = self._job
        if not isinstance(job.optimizer.learning_rate, Schedule):
            return np.full(steps, job.learning_rate(job.position.step))
        return np.array([job.learning_rate(job.position.step + step) for step in range(steps)], np.float64)
