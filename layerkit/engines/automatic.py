"""The fastest engine that can do it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import final

from layerkit.arguments import check_instance
from layerkit.engines.step_estimate import estimated_step, steps_of
from layerkit.errors import ArgumentError, EngineError
from layerkit.interfaces.engine import Engine, Run
from layerkit.interfaces.job import Job
from layerkit.interfaces.prediction import Prediction, PredictionJob


@final
class Automatic(Engine):
    """Runs a job by the fastest of several engines that does not refuse it.

    Which would be the fastest, each engine estimates for itself: how long a step takes (``Engine.relative_time``), and
    compiling (``Engine.compile_time``), which weighs the more the shorter the run is. A run goes from its first epoch
    to the last of the fit, so one that is resumed meets the same engine. Among equals the order counts.

    Args:
        engines: the candidates; one should take everything, such as ``NumpyEngine()``.

    Raises:
        ArgumentError: there is no candidate, or something among them is no engine.
        EngineError (``start``): every one of them refuses the job.
    """

    def __init__(self, engines: Sequence[Engine]) -> None:
        self.engines = engines
        if not engines:
            raise ArgumentError("Automatic: engines must hold at least one engine")
        for place, engine in enumerate(engines):
            check_instance(self, f"engines[{place}]", engine, Engine)
        self.chosen: Engine | None = None
        """The engine that runs the job; None before one is started."""
        self.refusals: dict[str, str] = {}
        """Why those that would be faster refused, by class name."""

    def blas_threads(self, job: Job) -> int | None:
        return None if self.chosen is None else self.chosen.blas_threads(job)

    def start(self, job: Job) -> Run:
        self.refusals = {}
        steps = steps_of(job)
        # where nobody knows how long it is, it is long
        whole = math.inf if steps is None else max(1, steps) * estimated_step(job).seconds
        for engine in sorted(self.engines, key=lambda each: each.relative_time(job) + each.compile_time(job) / whole):
            try:
                run = engine.start(job)
            except EngineError as error:
                self.refusals[type(engine).__name__] = str(error)
            else:
                self.chosen = engine
                return run
        raise EngineError("no engine can run this: " + "; ".join(self.refusals.values()))

    def start_prediction(self, job: PredictionJob) -> Prediction:
        """By the first of the engines, in their order, that does not refuse."""
        refusals: list[str] = []
        for engine in self.engines:
            try:
                return engine.start_prediction(job)
            except EngineError as error:
                refusals.append(str(error))
        raise EngineError("no engine can predict this: " + "; ".join(refusals))
