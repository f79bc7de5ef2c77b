"""The compiled engine."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, final

import numba
import numpy as np

from layerkit import Engine
from layerkit.engines import Job, wanted_threads
from layerkit_numba.cache import load, module_text
from layerkit_numba.compilation import OPTIONS
from layerkit_numba.program import Author, Program
from layerkit_numba.run import NumbaRun
from layerkit_numba.source import read

_log = logging.getLogger(__name__)
_compiled: dict[Callable[..., Any], Any] = {}
_spent: list[float] = []
_SMALL, _LARGE = 0.6, 1.1


@final
class NumbaEngine(Engine):
    """Compiles a chain of layers, its cost and its updates into one function, and trains whole epochs in it.

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

    def start(self, job: Job) -> NumbaRun:
        source = read(job)
        program = Author(job, source).write()
        run = NumbaRun(job, program, source)
        run.bind(self._function(program, run))
        return run

    def blas_threads(self, job: Job) -> int | None:
        return wanted_threads(job)

    def relative_time(self, job: Job) -> float:
        # a pass that is worth several threads is BLAS's work, whoever calls it
        return _SMALL if wanted_threads(job) == 1 else _LARGE

    @property
    def compile_seconds(self) -> float:
        return sum(_spent)

    def _function(self, program: Program, run: NumbaRun) -> Callable[..., int]:
        """The compiled function, for arguments of the kinds that this run has."""
        function, keep = load(module_text(program.body, program.functions))
        dispatcher = _compiled.get(function)
        if dispatcher is None:
            dispatcher = _compiled[function] = numba.njit(cache=keep, **OPTIONS)(function)
        kinds = tuple(numba.typeof(value) for value in run.arguments(0, 0, 0, np.empty(0), np.empty((0, 2))))
        if kinds not in dispatcher.overloads:
            began = time.perf_counter()
            dispatcher.compile(kinds)
            seconds = time.perf_counter() - began
            _spent.append(seconds)
            found = sum(dispatcher.stats.cache_hits.values())
            _log.info("%s in %.2f s", "loaded a compiled program" if found else "compiled a program", seconds)
        compiled: Callable[..., int] = dispatcher
        return compiled
