"""The compiled engine."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import final

from layerkit import Engine, Examples, Run
from layerkit.arguments import check_integer
from layerkit.engines import Job, PredictionJob, cores, estimated_step, multiplications, wanted_threads
from layerkit.errors import EngineError
from layerkit_numba.interface import Fixed
from layerkit_numba.meeting import ABLE
from layerkit_numba.natives import spent
from layerkit_numba.prediction import NumbaPrediction
from layerkit_numba.program import Author, Plan
from layerkit_numba.registry import announced
from layerkit_numba.run import NumbaRun
from layerkit_numba.source import parts
from layerkit_numba.supply import supply_of

_log = logging.getLogger(__name__)
_OVERHEAD, _ARITHMETIC, _LARGE = 0.1, 0.6, 1.1
"""Of NumPy's calls, of its arithmetic, and of a step that is BLAS's work: what is left, about."""

_COMPILER, _EACH_FUNCTION = 0.5, 0.3
"""Seconds of compiling: measured for small networks and large, it is as good as the same for every function."""
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

    def start(self, job: Job) -> Run:
        before = replace(spent)
        supply = supply_of(job)
        run = NumbaRun(job, supply, threads=self._threads_for(job))
        if run.hosted and run.hosted != self._told:
            _log.warning("run in NumPy, between compiled pieces, for there is no kernel: %s", ", ".join(run.hosted))
            self._told = run.hosted
        seconds = spent.seconds - before.seconds
        if seconds:
            counts = spent.compiled - before.compiled, spent.loaded - before.loaded
            _log.info("compiled %d functions and loaded %d in %.2f s", *counts, seconds)
        return run

    def start_prediction(self, job: PredictionJob) -> NumbaPrediction:
        model = job.inference.passes()[0]
        able = ABLE and (job.rows is None or multiplications(model.node, job.rows) >= _WORTH_THREADS)
        return NumbaPrediction(job, threads=(self.threads or cores()) if able else 1)

    def _threads_for(self, job: Job) -> int:
        """By the shapes: what is small is done before another thread has begun."""
        if not ABLE or multiplications(job.model.structure.node, job.batch_size) < _WORTH_THREADS:
            return 1
        return self.threads or cores()

    def blas_threads(self, job: Job) -> int | None:
        return wanted_threads(job)

    def relative_time(self, job: Job) -> float:
        if wanted_threads(job) is None:
            # a pass that is worth several threads is BLAS's work, whoever calls it
            return _LARGE
        step = estimated_step(job)
        compiled = (_OVERHEAD * step.overhead + _ARITHMETIC * step.arithmetic) / step.seconds
        share, calls = _hosted(job)
        return compiled + (1 - compiled) * share + _CALLED * calls

    def compile_time(self, job: Job) -> float:
        if not isinstance(job.source, Examples):
            # batches are not read before it is known who runs them
            return 0.0
        try:
            source = supply_of(job).source
            assert source is not None
            program = Author(job, source).write()
        except EngineError:
            # it will be refused, and told, when it is started
            return 0.0
        functions = {
            (each.function, *(operand for operand in each.operands if isinstance(operand, Fixed)))
            for each in program.instructions
        }
        return _COMPILER + _EACH_FUNCTION * len(functions)

    @property
    def compile_seconds(self) -> float:
        return spent.seconds


def _hosted(job: Job) -> tuple[float, int]:
    """What runs in NumPy between compiled pieces: its share of the multiplications, and how many calls of it there are.

    Of a stream, nothing is known before it is read.
    """
    examples = job.source
    if not isinstance(examples, Examples):
        return 0.0, 0
    others = job.cost, job.optimizer, *job.transforms
    try:
        hosted = Plan(job, parts(examples.x), examples.mask, rows=job.rows_per_batch).hosted
        calls = len(hosted) + sum(not announced(type(each), type(each).__name__) for each in others)
    except EngineError:
        # why not is said when it is started
        return 0.0, 0
    whole = multiplications(job.model.structure.node, 1)
    share = sum(multiplications(place.node, 1) for place in hosted) / whole if whole else float(bool(calls))
    return share, calls
