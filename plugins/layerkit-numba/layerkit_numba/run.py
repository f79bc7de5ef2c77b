"""A job under way in a compiled program."""

from __future__ import annotations

import logging
import time
from contextlib import nullcontext
from typing import final

import numpy as np

from layerkit import Run, Schedule
from layerkit.engines import Job, NumpyEngine, all_finite, limited, snapshot_before, wanted_threads
from layerkit.types import Array
from layerkit_numba.bound import Bound
from layerkit_numba.hosting import Mix
from layerkit_numba.program import Author
from layerkit_numba.source import Source
from layerkit_numba.supply import Supply
from layerkit_numba.tables import Piece, Stretch
from layerkit_numba.team import Pace
from layerkit_numba.updating import shows_non_finite

_log = logging.getLogger(__name__)
_STEPS = 64
"""For so many steps there is room from the beginning; it grows."""


@final
class NumbaRun(Run):
    """Runs whole pieces of an epoch in compiled code, each in one thread or in ``threads``: the bits are the same.

    Numbers that are not finite are found at the end of a piece, or in it; all steps of the call are then undone and run
    again by the ``numpy`` engine, which stops at the very step, with the parameters before it, and names the layer.
    """

    def __init__(self, job: Job, supply: Supply, *, threads: int = 1) -> None:
        self._job = job
        self._supply = supply
        self._threads = threads
        self._pace = Pace(threads)
        self._large = wanted_threads(job) is None
        self._rates, self._results = np.empty(_STEPS), np.empty((_STEPS, 2))
        self.hosted: list[str] = []
        """What runs in NumPy, as messages name it."""
        self._bound: Bound | None = None
        if supply.source is not None:
            # all that a batch takes is compiled, or loaded, now
            self._bind(supply.source).team(supply.source.rows, 1, self._rates, self._results)

    def run(self, steps: int) -> Array:
        job, position = self._job, self._job.position
        first, stop = position.batch, position.batch + steps * job.accumulate
        batches = job.batches_per_epoch
        if batches is not None:
            stop = min(stop, batches)
        most = -(-(stop - first) // job.accumulate)
        if most <= 0:
            return np.empty((0, 2))
        if most > len(self._rates):
            self._rates, self._results = np.empty(2 * most), np.empty((2 * most, 2))
        self._rates[:most] = self._rates_of(most)
        before = snapshot_before(job)
        wanted = threads = self._pace.choose(stop - first)
        done, seconds = first, 0.0
        for piece in self._supply.pieces(first, stop):
            source = self._supply.source
            assert source is not None
            bound = self._bound
            if bound is None or bound.source is not source:
                bound = self._bind(source)
            threads = min(wanted, bound.threads)
            # what is bound once for so many threads is no part of their time
            bound.team(piece.rows, threads, self._rates, self._results)
            began = time.perf_counter()
            # the bits of BLAS depend on its threads; only a large model is given several
            with limited(1) if self._large else nullcontext():
                finite = self._advance(bound, piece, first, threads)
            if not finite:
                before.restore()
                return NumpyEngine().start(job).run(steps)
            seconds += time.perf_counter() - began
            done = piece.end
        if done == first:
            return np.empty((0, 2))
        if threads == wanted:
            self._pace.note(threads, done - first, seconds)
        made = -(-(done - first) // job.accumulate)
        position.batch = done
        position.step += made
        return self._results[:made].copy()

    def _bind(self, source: Source) -> Bound:
        """The program for the data as it is now, which of a stream's batches one may change, on this job's arrays."""
        program = Author(self._job, source).write()
        self.hosted = program.titles
        # threads would wait for each other at every call
        threads = 1 if program.hosted else self._threads
        self._bound = Bound(self._job, program, source, self._supply.order, threads=threads)
        return self._bound

    def _advance(self, bound: Bound, piece: Piece, base: int, threads: int) -> bool:
        """Run the batches; whether all that came out is finite."""
        job = self._job
        stretch = Stretch(piece, base, job.accumulate, job.position.step)
        given = self._rates, self._results
        team = bound.team(piece.rows, threads, *given)
        finite = self._run_mixed(team, stretch) if isinstance(team, Mix) else team.run(stretch)
        if finite is None:
            finite = bound.team(piece.rows, 1, *given).run(stretch)
        if not finite:
            return False
        kept = [job.model.structure.parameters]
        if shows_non_finite(job):
            kept += job.contexts[0].arrays()
        with np.errstate(all="ignore"):
            return all(map(all_finite, kept))

    def _run_mixed(self, mix: Mix, stretch: Stretch) -> bool:
        """Run the batches; false too where a layer raised: the engine that goes through them again says where."""
        try:
            with np.errstate(all="ignore"):
                return mix.run(stretch)
        except Exception:
            _log.debug("a layer raised", exc_info=True)
            return False

    def _rates_of(self, steps: int) -> Array:
        job = self._job
        if not isinstance(job.optimizer.learning_rate, Schedule):
            return np.full(steps, job.learning_rate(job.position.step))
        return np.array([job.learning_rate(job.position.step + step) for step in range(steps)], np.float64)
