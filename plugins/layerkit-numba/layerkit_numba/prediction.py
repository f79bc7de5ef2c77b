"""Predictions in compiled code."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any, final

import numpy as np

from layerkit.engines import FixedPrediction, Pass, Prediction, PredictionJob, limited, threads_for
from layerkit.memory import aligned
from layerkit.types import Array, Value
from layerkit_numba.crew import crew
from layerkit_numba.failures import raise_failure
from layerkit_numba.forward_program import VECTORS, ForwardProgram, write_forward
from layerkit_numba.meeting import meeting_place
from layerkit_numba.occurrences import as_shapes
from layerkit_numba.source import readable, table
from layerkit_numba.tables import Registers, Stretch, Table, Walk
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
        self._trees: list[Pass] = job.inference.passes()
        self._inference = job.inference
        self._rows, self._block = job.rows, min(job.rows, BLOCK)
        self._forms: dict[tuple[Any, ...], _Form] = {}
        blocks = -(-self._rows // self._block)
        self._threads = min(threads, blocks)
        self._pace = Pace(self._threads)
        node, dtype = self._trees[0].node, self._trees[0].structure.dtype
        self._large = threads_for(node, self._block) is None
        # what stands in the way is told before the first prediction
        write_forward(self._trees, [np.empty((1, 1), dtype) for _ in as_shapes(node.input_shape)], self._block)

    def run(self, x: Value) -> Array:
        tables = self._tables(x)
        form = self._form(tables)
        predictions = self._made()
        blocks = -(-self._rows // self._block)
        threads = self._pace.choose(blocks)
        began = time.perf_counter()
        # the bits of BLAS depend on its threads; only a large model is given several
        with limited(1) if self._large else nullcontext():
            sound = form.run(tables, table(predictions), threads)
        if not sound:
            return self._in_numpy(x)
        self._pace.note(threads, blocks, time.perf_counter() - began)
        return predictions

    def fixed(self, x: Value) -> FixedPrediction | None:
        if isinstance(x, tuple) or x.size > _FEW_NUMBERS or self._large:
            return None
        held, predictions = np.array(x, order="C"), self._made()
        tables = self._tables(held)
        if not np.shares_memory(tables[0], held):
            return None
        walk = self._form(tables).bound(tables, table(predictions))

        def run() -> None:
            if not walk():
                predictions[...] = self._in_numpy(held)

        return FixedPrediction(held, run, predictions)

    def _in_numpy(self, x: Value) -> Array:
        found: Array = self._inference.again().predict_in_pieces(x, None, self._rows)
        return found

    def _made(self) -> Array:
        last = self._trees[-1]
        return np.empty((self._rows, *last.node.output_shape), last.structure.dtype)

    def _tables(self, x: Value) -> list[Array]:
        parts = x if isinstance(x, tuple) else (x,)
        dtype = self._trees[0].structure.dtype
        return [table(np.ascontiguousarray(readable(part, dtype))) for part in parts]

    def _form(self, tables: Sequence[Array]) -> _Form:
        key = tuple(each.dtype for each in tables)
        if key not in self._forms:
            program = write_forward(self._trees, tables, self._block)
            self._forms[key] = _Form(program, self._trees, tables, self._rows, self._block, self._threads)
        return self._forms[key]


@final
class _Form:
    """The program for data of one dtype, bound to memory for each thread."""

    def __init__(
        self,
        program: ForwardProgram,
        trees: Sequence[Pass],
        tables: Sequence[Array],
        rows: int,
        block: int,
        threads: int,
    ) -> None:
        self._blocks = -(-rows // block)
        given: dict[str, Any] = {"order": np.arange(rows), "columns": np.zeros(1, np.int64)}
        given["lines"] = given["columns"]
        for vectors, tree in zip(VECTORS, trees, strict=False):
            given[f"{vectors}parameters"], given[f"{vectors}states"] = tree.structure.parameters, tree.structure.states
        last = trees[-1]
        given["predictions"] = table(np.empty((rows, *last.node.output_shape), last.structure.dtype))
        given |= {_source(number): each for number, each in enumerate(tables)}
        self._make = partial(_Lane, program, given, last.structure.dtype, rows, block)
        self._lanes = [self._make()]
        self._most = threads

    def run(self, tables: Sequence[Array], predictions: Array, threads: int) -> bool:
        """Predict what lies in ``tables``, in so many threads; whether all numbers are finite.

        Raises:
            Exception: what a function raised.
        """
        while len(self._lanes) < threads:
            self._lanes.append(self._make())
        lanes = self._lanes[:threads]
        for lane in lanes:
            lane.point(tables, predictions)
        edges = [self._blocks * number // threads for number in range(threads + 1)]
        calls = [lane.walk(*edges[number : number + 2]) for number, lane in enumerate(lanes)]
        sound: list[bool | None] = [None] * threads

        def make(number: int) -> None:
            sound[number] = calls[number]()

        if threads > 1:
            crew.run([partial(make, number) for number in range(threads)], break_up=_nothing)
        # others may have the threads, or have not begun while this one made its part
        return all(call() if made is None else made for call, made in zip(calls, sound, strict=True))

    def bound(self, tables: Sequence[Array], predictions: Array) -> Callable[[], bool]:
        """What predicts what lies in ``tables``, in this thread, each time that it is called."""
        lane = self._make()
        lane.point(tables, predictions)
        return lane.walk(0, self._blocks)


@final
class _Lane:
    """One thread's memory, and its walks over whole blocks and over what is left."""

    def __init__(self, program: ForwardProgram, given: Mapping[str, Any], dtype: Any, rows: int, block: int) -> None:
        arrays = {
            **given,
            "memory": aligned((program.memory_size,), dtype, zero=True),
            "room": aligned((program.room_size,), np.dtype(np.uint8), zero=True),
            "scratch": aligned((program.scratch_size,), dtype, zero=True),
        }
        self._block, self._whole = block, rows // block
        registers, rates = Registers(), np.zeros(1)
        sizes = [block, rows % block] if rows % block else [block]
        self._tables = [Table(program.instructions, arrays, registers, dtype, n) for n in sizes]
        self._walks = [Walk(each, registers, rates, meeting_place()) for each in self._tables]

    def point(self, tables: Sequence[Array], predictions: Array) -> None:
        """Read from, and write to, these arrays from now on."""
        self._held = tables, predictions
        for each in self._tables:
            each.point("predictions", predictions)
            for number, source in enumerate(tables):
                each.point(_source(number), source)

    def walk(self, begin: int, end: int) -> Callable[[], bool]:
        """What predicts some blocks, and says whether all numbers are finite.

        Raises (when called):
            Exception: what a function raised.
        """
        bounds = (begin, min(end, self._whole)), (max(begin, self._whole), end)
        calls = [
            _call(walk, Stretch(first, last, first, self._block, last - first, 0))
            for walk, (first, last) in zip(self._walks, bounds, strict=False)
            if last > first
        ]
        return calls[0] if len(calls) == 1 else lambda: all(call() for call in calls)


def _call(walk: Walk, stretch: Stretch) -> Callable[[], bool]:
    enter = walk.again(stretch)

    def call() -> bool:
        code = enter()
        if code == FAILED:
            # naming it keeps the walk, and with it all memory that the table leads to
            raise_failure(walk.failure)
        return code == GO_ON

    return call


def _source(number: int) -> str:
    return f"source{number or ''}"


def _nothing() -> None:
    """No thread waits for another."""
