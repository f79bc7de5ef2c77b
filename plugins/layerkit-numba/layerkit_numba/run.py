"""A job under way in a compiled program."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from layerkit import Run, Schedule
from layerkit.engines import Job, NumpyEngine, snapshot_before
from layerkit.memory import aligned
from layerkit.types import Array
from layerkit_numba.program import Program
from layerkit_numba.source import Source
from layerkit_numba.tables import Registers, Table, Walk, place_of

_STEPS = 64
"""For so many steps there is room from the beginning; it grows."""


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
        first = source.x[0]
        self._marks = np.zeros(first.shape[1], first.dtype)
        self._columns = np.zeros(first.shape[1] + 1, np.int64)
        self._lines = np.zeros(source.lines_per_row * job.rows_per_batch, np.int64)
        self._proposals = np.zeros_like(structure.states)
        self._given: dict[str, Any] = {f"source{place}": each for place, each in enumerate(source.x) if place}
        self._given["source"] = first
        for place, path in enumerate(program.generators):
            self._given[f"rng{place}"] = job.streams.generator("layer", path)
        arrays: list[Array] = []
        for update, context in zip(program.updates, job.contexts, strict=True):
            arrays += [*update.kept(context).values(), *update.arrays.values()]
        # plain descent is part of the passes, and names none of them
        self._given |= dict(zip(program.arguments, arrays, strict=bool(program.arguments)))
        self._program = program
        self._registers = Registers()
        self._order = np.empty(len(job.source), np.int64)  # type: ignore[arg-type]
        self._rates, self._results = np.empty(0), np.empty((0, 2))
        self._epoch = -1
        self._walks: dict[int, Walk] = {}
        self._bound: tuple[int, ...] = ()

    def run(self, steps: int) -> Array:
        job, position = self._job, self._job.position
        batches = job.batches_per_epoch
        assert batches is not None
        if position.epoch != self._epoch:
            self._order[:] = job.order(position.epoch)
            self._epoch = position.epoch
        first = position.batch
        stop = min(first + steps * job.accumulate, batches)
        steps = -(-(stop - first) // job.accumulate)
        if steps <= 0:
            return np.empty((0, 2))
        self._make_room(steps)
        self._rates[:steps] = self._rates_of(steps)
        before = snapshot_before(job)
        if not self._advance(first, stop):
            before.restore()
            return NumpyEngine().start(job).run(steps)
        results = self._results[:steps].copy()
        position.batch = stop
        position.step += steps
        return results

    def prepare(self) -> None:
        """Have all compiled, or loaded, that a batch takes."""
        self._make_room(_STEPS)
        self._walk(self._job.rows_per_batch)

    def _make_room(self, steps: int) -> None:
        """Let rates and results hold so many steps; what was bound to others is bound anew."""
        if steps > len(self._rates):
            self._rates, self._results = np.empty(2 * steps), np.empty((2 * steps, 2))
        structure = self._job.model.structure
        vectors = structure.parameters, structure.gradient, structure.states, self._rates
        bound = tuple(place_of(vector) for vector in vectors)
        if bound != self._bound:
            self._bound = bound
            self._walks.clear()

    def _walk(self, n: int) -> Walk:
        """The run over batches of n rows."""
        if n not in self._walks:
            structure, source = self._job.model.structure, self._source
            arrays = self._given | {
                "parameters": structure.parameters,
                "gradients": structure.gradient,
                "states": structure.states,
                "proposals": self._proposals,
                "memory": self._memory,
                "room": self._room,
                "order": self._order,
                "targets": source.y,
                "example_weights": source.weights,
                "masks": source.mask,
                "marks": self._marks,
                "columns": self._columns,
                "lines": self._lines,
                "results": self._results,
            }
            table = Table(self._program.instructions, arrays, self._registers, structure.dtype, n)
            self._walks[n] = Walk(table, self._registers, self._rates)
        return self._walks[n]

    def _advance(self, first: int, stop: int) -> bool:
        """Run the batches; whether all that came out is finite."""
        job = self._job
        size, rows = job.rows_per_batch, len(self._order)
        whole = max(first, min(stop, rows // size))
        for begin, end, n in ((first, whole, size), (whole, stop, rows - whole * size)):
            told = {"base": first, "rows": size, "accumulate": job.accumulate, "step": job.position.step}
            if end > begin and not self._walk(n).run(begin, end, **told):
                return False
        with np.errstate(all="ignore"):
            square = float(self._parameters.dot(self._parameters))
        return np.isfinite(square) or bool(np.isfinite(self._parameters).all())

    def _rates_of(self, steps: int) -> Array:
        job = self._job
        if not isinstance(job.optimizer.learning_rate, Schedule):
            return np.full(steps, job.learning_rate(job.position.step))
        return np.array([job.learning_rate(job.position.step + step) for step in range(steps)], np.float64)
