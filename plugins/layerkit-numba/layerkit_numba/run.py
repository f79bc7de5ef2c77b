"""A job under way in a compiled program."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, final

import numpy as np

from layerkit import Run, Schedule
from layerkit.engines import Job, NumpyEngine, limited, snapshot_before, wanted_threads
from layerkit.memory import aligned
from layerkit.types import Array
from layerkit_numba.hosting import Hosts, Mix
from layerkit_numba.meeting import meeting_place
from layerkit_numba.program import Program
from layerkit_numba.source import Source
from layerkit_numba.tables import Registers, Stretch, Table, Walk, place_of
from layerkit_numba.team import Pace, Team
from layerkit_numba.updating import generator_of
from layerkit_numba.writer import Instruction

_log = logging.getLogger(__name__)
_STEPS = 64
"""For so many steps there is room from the beginning; it grows."""


@final
class NumbaRun(Run):
    """Runs whole pieces of an epoch in compiled code, each in one thread or in ``threads``: the bits are the same.

    Numbers that are not finite are found at the end of a piece, or in it; the piece is then undone and run again by the
    ``numpy`` engine, which stops at the very step, with the parameters before it, and names the layer.
    """

    def __init__(self, job: Job, program: Program, source: Source, *, threads: int = 1) -> None:
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
        self._given |= {generator_of(number): context.rng for number, context in enumerate(job.contexts)}
        # plain descent is part of the passes, and names none of them
        self._given |= dict(zip(program.arguments, arrays, strict=bool(program.arguments)))
        self._program = program
        self._registers = [Registers()]
        self._registers += [Registers(self._registers[0]) for _ in range(1, threads)]
        self._scratch = [aligned((program.scratch_size,), structure.dtype, zero=True) for _ in range(threads)]
        self._shared = meeting_place()
        self._pace = Pace(threads)
        self._large = wanted_threads(job) is None
        self._order = np.empty(len(job.source), np.int64)  # type: ignore[arg-type]
        self._rates, self._results = np.empty(0), np.empty((0, 2))
        self._epoch = -1
        self._teams: dict[tuple[int, int], Team | Mix] = {}
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
        threads = self._pace.choose(stop - first)
        # what is bound once for so many threads is no part of their time
        self._team(job.rows_per_batch, threads)
        began = time.perf_counter()
        # the bits of BLAS depend on its threads; only a large model is given several
        with limited(1) if self._large else nullcontext():
            finite = self._advance_mixed(first, stop) if self._program.hosted else self._advance(first, stop, threads)
        if not finite:
            before.restore()
            return NumpyEngine().start(job).run(steps)
        self._pace.note(threads, stop - first, time.perf_counter() - began)
        results = self._results[:steps].copy()
        position.batch = stop
        position.step += steps
        return results

    def prepare(self) -> None:
        """Have all compiled, or loaded, that a batch takes."""
        self._make_room(_STEPS)
        self._team(self._job.rows_per_batch, 1)

    def _make_room(self, steps: int) -> None:
        """Let rates and results hold so many steps; what was bound to others is bound anew."""
        if steps > len(self._rates):
            self._rates, self._results = np.empty(2 * steps), np.empty((2 * steps, 2))
        structure = self._job.model.structure
        vectors = structure.parameters, structure.gradient, structure.states, self._rates
        bound = tuple(place_of(vector) for vector in vectors)
        if bound != self._bound:
            self._bound = bound
            self._teams.clear()

    def _team(self, n: int, threads: int) -> Team | Mix:
        """The run over batches of n rows by so many threads."""
        if (n, threads) not in self._teams:
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
            program = self._program
            if program.hosted:
                self._teams[n, threads] = self._mix(n, arrays)
            else:
                self._teams[n, threads] = Team(self._walks(program.instructions, n, threads, arrays), self._shared)
        return self._teams[n, threads]

    def _walks(self, instructions: list[Instruction], n: int, threads: int, arrays: dict[str, Any]) -> list[Walk]:
        walks = []
        for number in range(threads):
            own = {**arrays, "scratch": self._scratch[number]}
            registers, dtype = self._registers[number], self._job.model.structure.dtype
            table = Table(instructions, own, registers, dtype, n, own=(number,), pieces=threads)
            walks.append(Walk(table, registers, self._rates, self._shared, number=number, threads=threads))
        return walks

    def _mix(self, n: int, arrays: dict[str, Any]) -> Mix:
        """The instructions in pieces, in one thread, with calls between them."""
        program, hosts = self._program, Hosts(self._job, arrays, self._registers[0], n)
        pieces: list[Walk | Callable[[], None]] = []
        begin = 0
        for end, call in [*program.hosted, (len(program.instructions), None)]:
            if end > begin:
                pieces += self._walks(program.instructions[begin:end], n, 1, arrays)
            if call is not None:
                pieces.append(hosts.bound(call))
            begin = end
        return Mix(pieces, hosts, self._shared)

    def _advance_mixed(self, first: int, stop: int) -> bool:
        """Run the batches; false too where a layer raised: the engine that goes through them again says where."""
        try:
            with np.errstate(all="ignore"):
                return self._advance(first, stop, 1)
        except Exception:
            _log.debug("a layer raised", exc_info=True)
            return False

    def _advance(self, first: int, stop: int, threads: int) -> bool:
        """Run the batches; whether all that came out is finite."""
        job = self._job
        size, rows = job.rows_per_batch, len(self._order)
        whole = max(first, min(stop, rows // size))
        for begin, end, n in ((first, whole, size), (whole, stop, rows - whole * size)):
            if end <= begin:
                continue
            stretch = Stretch(begin, end, first, size, job.accumulate, job.position.step)
            finite = self._team(n, threads).run(stretch)
            if finite is None:
                finite = self._team(n, 1).run(stretch)
            if not finite:
                return False
        with np.errstate(all="ignore"):
            square = float(self._parameters.dot(self._parameters))
        return np.isfinite(square) or bool(np.isfinite(self._parameters).all())

    def _rates_of(self, steps: int) -> Array:
        job = self._job
        if not isinstance(job.optimizer.learning_rate, Schedule):
            return np.full(steps, job.learning_rate(job.position.step))
        return np.array([job.learning_rate(job.position.step + step) for step in range(steps)], np.float64)
