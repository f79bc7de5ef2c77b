"""Predictions in compiled code."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from functools import partial
from itertools import pairwise
from typing import Any, final

import numpy as np

from layerkit.engines import (
    FixedPrediction,
    NumpyPrediction,
    Pass,
    Prediction,
    PredictionJob,
    limited,
    threads_for,
)
from layerkit.memory import aligned
from layerkit.types import Array, DType, Value
from layerkit_numba.crew import crew
from layerkit_numba.failures import raise_failure
from layerkit_numba.forward_program import VECTORS, ForwardProgram, write_forward
from layerkit_numba.meeting import meeting_place
from layerkit_numba.occurrences import as_shapes
from layerkit_numba.source import is_sparse, readable, table
from layerkit_numba.tables import Piece, Registers, Stretch, Table, Walk
from layerkit_numba.team import Pace
from layerkit_numba.walking import GO_ON
from layerkit_numba.wrapping import FAILED

BLOCK = 128
"""So many rows go through the model at once: what it computes of them stays near the processor."""

_FEW_NUMBERS = 2**15
"""So many of them are copied to memory that stays sooner than the program is told where they are."""


@final
class NumbaPrediction(Prediction):
    """Walks the instructions of a model's passes, block by block, in one thread or in several: the bits are the same.

    What is compiled follows from the dtype of the data, and is compiled, or loaded, at the first prediction. Where a
    number that comes out is not finite, NumPy's passes predict in its place: they know what to say of a token that is
    out of range, say.
    """

    def __init__(self, job: PredictionJob, *, threads: int = 1) -> None:
        self._inference = job.inference
        self._trees: list[Pass] = job.inference.passes()
        self._block = BLOCK if job.rows is None else min(job.rows, BLOCK)
        self._pace, self._most = Pace(threads), threads
        self._forms: dict[tuple[DType, ...], _Form] = {}
        node, dtype = self._trees[0].node, self._trees[0].structure.dtype
        self._large = threads_for(node, self._block) is None
        # what stands in the way is told before the first prediction
        write_forward(self._trees, [np.empty((1, 1), dtype) for _ in as_shapes(node.input_shape)], self._block)

    def run(self, x: Value) -> Array:
        tables = self._tables(x)
        rows = len(tables[0])
        predictions = self._made(rows)
        blocks = -(-rows // self._block)
        threads = max(1, min(self._pace.choose(blocks), blocks))
        form = self._form(tables)
        began = time.perf_counter()
        # the bits of BLAS depend on its threads; only a large model is given several
        with limited(1) if self._large else nullcontext():
            sound = form.run(tables, table(predictions), threads)
        if not sound:
            return self._in_numpy(x)
        if threads in (1, self._most):
            self._pace.note(threads, blocks, time.perf_counter() - began)
        return predictions

    def fixed(self, x: Value) -> FixedPrediction | None:
        if isinstance(x, tuple) or x.size > _FEW_NUMBERS or self._large:
            return None
        held = np.array(x, order="C")
        tables, predictions = self._tables(held), self._made(len(held))
        if not np.shares_memory(tables[0], held):
            return None
        walk = self._form(tables).bound(tables, table(predictions))

        def run() -> None:
            if not walk():
                predictions[...] = self._in_numpy(held)

        return FixedPrediction(held, run, predictions)

    def _in_numpy(self, x: Value) -> Array:
        # another tree, for layers hold on to what they were given
        found: Array = NumpyPrediction(PredictionJob(self._inference.again(), None)).run(x)
        return found

    def _made(self, rows: int) -> Array:
        last = self._trees[-1]
        return np.empty((rows, *last.node.output_shape), last.structure.dtype)

    def _tables(self, x: Value) -> list[Array]:
        parts = x if isinstance(x, tuple) else (x,)
        dtype = self._trees[0].structure.dtype
        return [table(np.require(readable(part, dtype), requirements=["C", "A"])) for part in parts]

    def _form(self, tables: Sequence[Array]) -> _Form:
        key = tuple(each.dtype for each in tables)
        if key not in self._forms:
            # the bits are the same either way, as long as zeros times the weights are zeros
            sparse = is_sparse(tables[0], self._block) and bool(np.isfinite(self._trees[0].structure.parameters).all())
            program = write_forward(self._trees, tables, self._block, sparse=sparse)
            self._forms[key] = _Form(program, self._trees, tables, table(self._made(0)), self._block)
        return self._forms[key]


@final
class _Form:
    """The program for data of one dtype, in the memory of each thread."""

    def __init__(
        self, program: ForwardProgram, trees: Sequence[Pass], tables: Sequence[Array], predictions: Array, block: int
    ) -> None:
        self._block = block
        self._order = np.arange(block)
        # of what is read and written, the kinds: where it lies is told before each run
        given = _places([np.empty((0, each.shape[1]), each.dtype) for each in tables], predictions, self._order)
        given["lines"] = np.zeros(1, np.int64)
        for vectors, tree in zip(VECTORS, trees, strict=False):
            given |= {f"{vectors}parameters": tree.structure.parameters, f"{vectors}states": tree.structure.states}
        self._make = partial(_Lane, program, given, trees[-1].structure.dtype, block)
        self._lanes = [self._make()]

    def run(self, tables: Sequence[Array], predictions: Array, threads: int) -> bool:
        """Predict what lies in ``tables``, in so many threads; whether all numbers are finite.

        Raises:
            Exception: what a function raised.
        """
        while len(self._lanes) < threads:
            self._lanes.append(self._make())
        rows = len(predictions)
        if rows > len(self._order):
            self._order = np.arange(rows)
        places = _places(tables, predictions, self._order)
        blocks = -(-rows // self._block)
        edges = [min(rows, blocks * number // threads * self._block) for number in range(threads + 1)]
        calls = [lane.walk(places, *edge) for lane, edge in zip(self._lanes, pairwise(edges), strict=False)]
        sound: list[bool | None] = [None] * threads

        def make(number: int) -> None:
            # what is raised here, is raised again below
            with suppress(Exception):
                sound[number] = calls[number]()

        if threads > 1:
            crew.run([partial(make, number) for number in range(threads)], break_up=_nothing)
        # others may have the threads, or these have not begun while the first part was made
        return all(call() if made is None else made for call, made in zip(calls, sound, strict=True))

    def bound(self, tables: Sequence[Array], predictions: Array) -> Callable[[], bool]:
        """What predicts what lies in ``tables``, in this thread, each time that it is called."""
        places = _places(tables, predictions, np.arange(len(predictions)))
        walk = self._make().walk(places, 0, len(predictions))
        # the default keeps the arrays
        return lambda _kept=places: walk()  # type: ignore[misc]


@final
class _Lane:
    """One thread's memory, and its walks over blocks of so many rows."""

    def __init__(self, program: ForwardProgram, given: Mapping[str, Any], dtype: DType, block: int) -> None:
        arrays = {
            **given,
            "memory": aligned((program.memory_size,), dtype, zero=True),
            "room": aligned((program.room_size,), np.dtype(np.uint8), zero=True),
            "scratch": aligned((program.scratch_size,), dtype, zero=True),
            "marks": np.zeros(given["source"].shape[1], given["source"].dtype),
            "columns": np.zeros(given["source"].shape[1] + 1, np.int64),
        }
        registers = Registers()
        self._bind = partial(Table, program.instructions, arrays, registers, dtype)
        self._begin = partial(Walk, registers=registers, rates=np.zeros(1), shared=meeting_place())
        self._block = block
        self._tables: dict[int, Table] = {}
        self._walks: dict[int, Walk] = {}

    def walk(self, places: Mapping[str, Array], begin: int, end: int) -> Callable[[], bool]:
        """What predicts the rows from ``begin`` to ``end``, and says whether all numbers are finite.

        Raises (when called):
            Exception: what a function raised.
        """
        block = self._block
        first, whole, rest = begin // block, end // block, end % block
        calls = [self._call(places, block, first, whole)] if whole > first else []
        calls += [self._call(places, rest, whole, whole + 1)] if rest else []
        return calls[0] if len(calls) == 1 else lambda: all(call() for call in calls)

    def _call(self, places: Mapping[str, Array], n: int, first: int, last: int) -> Callable[[], bool]:
        """Some blocks, numbered from 0 on, with so many rows each."""
        if n not in self._walks:
            self._tables[n] = self._bind(n)
            self._walks[n] = self._begin(self._tables[n])
        walk = self._walks[n]
        for name, array in places.items():
            self._tables[n].point(name, array)
        enter = walk.again(Stretch(Piece(first, last, n, stride=self._block, last=last - 1), first, last - first, 0))

        def call() -> bool:
            code = enter()
            if code == FAILED:
                # naming it keeps the walk, and with it all memory that the table leads to
                raise_failure(walk.failure)
            return code == GO_ON

        return call


def _places(tables: Sequence[Array], predictions: Array, order: Array) -> dict[str, Array]:
    """What is read and written, by the names that instructions have for it."""
    return {"order": order, "predictions": predictions} | {
        f"source{number or ''}": each for number, each in enumerate(tables)
    }


def _nothing() -> None:
    """No thread waits for another."""
