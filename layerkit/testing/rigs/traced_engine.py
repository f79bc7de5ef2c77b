"""A small training run under an engine, with everything after each step kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

import numpy as np

from layerkit.interfaces.engine import Engine, Run
from layerkit.interfaces.job import Job
from layerkit.types import Array


@final
@dataclass(slots=True)
class Trace:
    """Copies of what a job's arrays held after each call of ``run``."""

    results: list[Array] = field(default_factory=list)
    parameters: list[Array] = field(default_factory=list)
    states: list[Array] = field(default_factory=list)
    memory: list[list[Array]] = field(default_factory=list)
    positions: list[tuple[int, int]] = field(default_factory=list)


@final
class TracedEngine(Engine):
    """Another engine, watched. ``stride`` is how many steps it is asked for at once; None: as many as the trainer
    asks for."""

    def __init__(self, engine: Engine, *, stride: int | None = 1) -> None:
        self.engine = engine
        self.stride = stride
        self.trace = Trace()

    def start(self, job: Job) -> Run:
        return _TracedRun(self.engine.start(job), job, self.trace, self.stride)


@final
class _TracedRun(Run):
    def __init__(self, run: Run, job: Job, trace: Trace, stride: int | None) -> None:
        self._run = run
        self._job = job
        self._trace = trace
        self._stride = stride

    def run(self, steps: int) -> Array:
        results = np.empty((0, 2))
        while len(results) < steps:
            asked = steps - len(results) if self._stride is None else min(self._stride, steps - len(results))
            found = self._run.run(asked)
            if len(found):
                self._keep(found)
            results = np.concatenate([results, found])
            if len(found) < asked:
                break
        return results

    def _keep(self, found: Array) -> None:
        trace, structure, position = self._trace, self._job.model.structure, self._job.position
        trace.results.append(np.array(found))
        trace.parameters.append(structure.parameters.copy())
        trace.states.append(structure.states.copy())
        trace.positions.append((position.step, position.batch))
        trace.memory.append(
            [
                array
                for context in self._job.contexts
                for kind in ("flat", "numbers", "slice_numbers")
                for array in context.memory()[kind].values()
            ]
        )
