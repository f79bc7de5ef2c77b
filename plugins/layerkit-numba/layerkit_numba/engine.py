"""The compiled engine."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import final

from layerkit import Engine, Examples
from layerkit.arguments import check_integer
from layerkit.engines import Job, cores, multiplications, wanted_threads
from layerkit.errors import EngineError
from layerkit_numba.meeting import ABLE
from layerkit_numba.natives import spent
from layerkit_numba.program import Author, Plan
from layerkit_numba.registry import announced
from layerkit_numba.run import NumbaRun
from layerkit_numba.source import read

_log = logging.getLogger(__name__)
_SMALL, _LARGE = 0.6, 1.1
_CALLED = 0.03
"""What a component that runs in NumPy costs beside its own time, as a share of a step of the ``numpy`` engine."""

_WORTH_THREADS = 1_000_000
"""Multiplications of a forward pass."""


@final
class NumbaEngine(Engine):
    """Compiles the parts of a step, and trains whole epochs in them, on all cores.

    ``threads`` is how many threads a step is shared among at most, 1 or more; left out, as many as the process may use
    cores (``layerkit.engines.cores``). The bits do not depend on it.

    The same permutations and random numbers as the ``numpy`` engine, and the same results within rounding. What was
    compiled is kept on disk, in the user's cache folder or ``$LAYERKIT_CACHE``. ``compile_seconds`` says how long this
    process has spent on compiling, or on loading what was compiled before; the logger ``layerkit_numba`` tells it too.

    >>> import numpy as np
    >>> from layerkit import Dense, GradientDescent, Quadratic, Sequential, Sigmoid, Trainer
    >>> model = Sequential([Dense(4, activation=Sigmoid()), Dense(1, activation=Sigmoid())])
    >>> trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(5.0), engine=NumbaEngine(), seed=0)
    >>> x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
    >>> history = trainer.fit((x, y), epochs=2000, batch_size=4)
    >>> model.predict(x).round().ravel()
    array([0., 1., 1., 0.], dtype=float32)
    """

    def __init__(self, threads: int | None = None) -> None:
        if threads is not None:
            check_integer(self, "threads", threads, minimum=1)
        self.threads = threads
        self._told: list[str] = []

    def start(self, job: Job) -> NumbaRun:
        source = read(job)
        program = Author(job, source).write()
        if program.titles and program.titles != self._told:
            _log.warning("run in NumPy, between compiled pieces, for there is no kernel: %s", ", ".join(program.titles))
            self._told = program.titles
        # threads would wait for each other at every call
        run = NumbaRun(job, program, source, threads=1 if program.hosted else self._threads_for(job))
        before = replace(spent)
        run.prepare()
        seconds = spent.seconds - before.seconds
        if seconds:
            counts = spent.compiled - before.compiled, spent.loaded - before.loaded
            _log.info("compiled %d functions and loaded %d in %.2f s", *counts, seconds)
        return run

    def _threads_for(self, job: Job) -> int:
        """By the shapes: what is small is done before another thread has begun."""
        if not ABLE or multiplications(job.model.structure.node, job.batch_size) < _WORTH_THREADS:
            return 1
        return self.threads or cores()

    def blas_threads(self, job: Job) -> int | None:
        return wanted_threads(job)

    def relative_time(self, job: Job) -> float:
        # a pass that is worth several threads is BLAS's work, whoever calls it
        return _SMALL + _lost(job) if wanted_threads(job) == 1 else _LARGE

    @property
    def compile_seconds(self) -> float:
        return spent.seconds


def _lost(job: Job) -> float:
    """What calls of NumPy between compiled pieces take of the time that is won: their share of it, and each call's."""
    examples = job.source
    if not isinstance(examples, Examples):
        return 0.0
    inputs = examples.x if isinstance(examples.x, tuple) else (examples.x,)
    others = job.cost, job.optimizer, *job.transforms
    try:
        hosted = Plan(job, inputs, examples.mask).hosted
        calls = len(hosted) + sum(not announced(type(each), type(each).__name__) for each in others)
    except EngineError:
        # why not is said when it is started
        return 0.0
    if not calls:
        return 0.0
    whole = multiplications(job.model.structure.node, 1)
    share = sum(multiplications(place.node, 1) for place in hosted) / whole if whole else 1.0
    return (1 - _SMALL) * share + _CALLED * calls
