"""A program bound to the arrays of a job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, final

import numpy as np

from layerkit.engines import Job
from layerkit.memory import aligned
from layerkit.types import Array
from layerkit_numba.hosting import Hosts, Mix
from layerkit_numba.meeting import meeting_place
from layerkit_numba.program import Program
from layerkit_numba.source import Source
from layerkit_numba.tables import Registers, Table, Walk, place_of
from layerkit_numba.team import Team
from layerkit_numba.updating import generator_of
from layerkit_numba.writer import Instruction


@final
class Bound:
    """What a program is given, and the memory that it needs, for as long as the data lies in these arrays.

    All that is to outlast it is in the job's own arrays.
    """

    def __init__(self, job: Job, program: Program, source: Source, order: Array, *, threads: int) -> None:
        structure = self._structure = job.model.structure
        self._program = program
        self.source = source
        first = source.x[0]
        given: dict[str, Any] = {f"source{place}": each for place, each in enumerate(source.x) if place}
        for place, path in enumerate(program.generators):
            given[f"rng{place}"] = job.streams.generator("layer", path)
        arrays: list[Array] = []
        for update, context in zip(program.updates, job.contexts, strict=True):
            arrays += [*update.kept(context).values(), *update.arrays.values()]
        given |= {generator_of(number): context.rng for number, context in enumerate(job.contexts)}
        # plain descent is part of the passes, and names none of them
        given |= dict(zip(program.arguments, arrays, strict=bool(program.arguments)))
        self._given = given | {
            "source": first,
            "order": order,
            "targets": source.y,
            "example_weights": source.weights,
            "masks": source.mask,
            "proposals": np.zeros_like(structure.states),
            "memory": aligned((program.memory_size,), structure.dtype, zero=True),
            "room": aligned((program.room_size,), np.dtype(np.uint8), zero=True),
            "marks": np.zeros(first.shape[1], first.dtype),
            "columns": np.zeros(first.shape[1] + 1, np.int64),
            "lines": np.zeros(source.lines_per_row * source.rows, np.int64),
        }
        self._registers = [Registers()]
        self._registers += [Registers(self._registers[0]) for _ in range(1, threads)]
        self._scratch = [aligned((program.scratch_size,), structure.dtype, zero=True) for _ in range(threads)]
        self._shared = meeting_place()
        self.threads = threads
        self._job = job
        self._teams: dict[tuple[int, int], Team | Mix] = {}
        self._places: tuple[int, ...] = ()

    def team(self, n: int, threads: int, rates: Array, results: Array) -> Team | Mix:
        """The run over batches of n rows by so many threads, which reads ``rates`` and writes ``results``."""
        structure = self._structure
        vectors = structure.parameters, structure.gradient, structure.states, rates, results
        places = tuple(place_of(vector) for vector in vectors)
        if places != self._places:
            # what was bound to others is bound anew
            self._places = places
            self._teams.clear()
        if (n, threads) not in self._teams:
            own = dict(zip(("parameters", "gradients", "states"), vectors, strict=False))
            arrays = self._given | own | {"results": results}
            if self._program.hosted:
                self._teams[n, threads] = self._mix(arrays, n, rates)
            else:
                instructions = self._program.instructions
                walks = [self._walk(instructions, arrays, n, rates, number, threads) for number in range(threads)]
                self._teams[n, threads] = Team(walks, self._shared)
        return self._teams[n, threads]

    def _mix(self, arrays: dict[str, Any], n: int, rates: Array) -> Mix:
        """The instructions in pieces, in one thread, with calls between them."""
        program, hosts = self._program, Hosts(self._job, arrays, self._registers[0], n)
        pieces: list[Walk | Callable[[], None]] = []
        begin = 0
        for end, call in [*program.hosted, (len(program.instructions), None)]:
            if end > begin:
                pieces.append(self._walk(program.instructions[begin:end], arrays, n, rates))
            if call is not None:
                pieces.append(hosts.bound(call))
            begin = end
        return Mix(pieces, hosts, self._shared)

    def _walk(
        self,
        instructions: Sequence[Instruction],
        arrays: dict[str, Any],
        n: int,
        rates: Array,
        number: int = 0,
        threads: int = 1,
    ) -> Walk:
        own = {**arrays, "scratch": self._scratch[number]}
        registers, dtype = self._registers[number], self._structure.dtype
        table = Table(instructions, own, registers, dtype, n, own=(number,), pieces=threads)
        return Walk(table, registers, rates, self._shared, number=number, threads=threads)
