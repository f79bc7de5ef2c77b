"""Engines that train something else than they are asked to."""

from __future__ import annotations

import copy
from dataclasses import replace
from itertools import islice

import numpy as np

from layerkit import Adam, Engine, Examples, NumpyEngine, Run
from layerkit.engines import Differentiate, Guard, Reader, Update
from layerkit.errors import EngineError
from layerkit.interfaces.job import Job
from layerkit.types import Array
from tests.testing.gallery.bug import Bug


class NotShuffled(Engine):
    """Takes the rows in their order."""

    def start(self, job: Job) -> Run:
        return NumpyEngine().start(replace(job, shuffle=False))


class DropsTheLast(Engine):
    """Leaves the last, shorter batch out."""

    def start(self, job: Job) -> Run:
        return NumpyEngine().start(replace(job, drop_last=True))


class _Around(Run):
    def __init__(self, run: Run, job: Job) -> None:
        self._inner = run
        self.job = job

    def run(self, steps: int) -> Array:
        return self._inner.run(steps)


class MeanCosts(Engine):
    """Gives the mean of the costs instead of their sum."""

    def start(self, job: Job) -> Run:
        return _MeanRun(NumpyEngine().start(job), job)


class _MeanRun(_Around):
    def run(self, steps: int) -> Array:
        found = super().run(steps)
        found[:, 0] /= found[:, 1]
        return found


class TransformsOnce(Engine):
    """Something is done once a call instead of once a step."""

    def start(self, job: Job) -> Run:
        return _OnceRun(NumpyEngine().start(job), job)


class _OnceRun(_Around):
    def run(self, steps: int) -> Array:
        found = super().run(steps)
        if len(found) > 1:
            self.job.model.structure.parameters *= 0.999
        return found


class ForgetsMemory(Engine):
    """The optimizer's memory is lost when a run begins."""

    def start(self, job: Job) -> Run:
        for context in job.contexts:
            context.reset()
        return NumpyEngine().start(job)


class RefusesSilently(Engine):
    """Refuses Adam, and does not say so."""

    def start(self, job: Job) -> Run:
        if isinstance(job.optimizer, Adam):
            raise EngineError("this cannot be run")
        return NumpyEngine().start(job)


class RefusesAll(Engine):
    """Refuses everything."""

    def start(self, job: Job) -> Run:
        raise EngineError(f"{type(job.cost).__name__} cannot be run")


class TrainsOnInfinity(Engine):
    """Goes on where a cost is not finite."""

    def start(self, job: Job) -> Run:
        return _DeafRun(NumpyEngine().start(job), job)


class _DeafRun(_Around):
    def run(self, steps: int) -> Array:
        try:
            return super().run(steps)
        except FloatingPointError:
            self.job.position.step += 1
            return np.full((1, 2), np.nan)


class IgnoresMasks(Engine):
    """Trains on what a mask leaves out."""

    def start(self, job: Job) -> Run:
        if isinstance(job.data.source, Examples):
            job.data.source = job.data.source.replace(mask=None)
        return NumpyEngine().start(job)


class RemembersTheRate(Engine):
    """Takes the learning rate for a constant."""

    def start(self, job: Job) -> Run:
        return NumpyEngine().start(replace(job, optimizer=copy.deepcopy(job.optimizer)))


class Unguarded(Engine):
    """Goes on where a gradient is not finite, since costs are looked at alone."""

    def start(self, job: Job) -> Run:
        return _UnguardedRun(job)


class _UnguardedRun(Run):
    def __init__(self, job: Job) -> None:
        self._reader, self._update = Reader(job), Update(job)
        self._differentiate = Differentiate(job.model, job.cost, job.streams, check=Guard(job).check)
        self._accumulate = job.accumulate

    def run(self, steps: int) -> Array:
        found = list(islice(iter(self._step, None), steps))
        return np.array(found, np.float64).reshape(len(found), 2)

    def _step(self) -> tuple[float, float] | None:
        total = weight = 0.0
        gradient = np.zeros_like(self._differentiate.gradient)
        for batch in islice(iter(self._reader.next, None), self._accumulate):
            cost, weights = self._differentiate(batch, mean=False)
            gradient += self._differentiate.gradient
            total, weight = total + cost, weight + weights
        if not weight:
            return None
        self._update(gradient / weight, self._differentiate.proposals)
        return total, weight


class MeanOfMeans(Engine):
    """Averages the gradients of the batches of a step, also where the last of them is shorter."""

    def start(self, job: Job) -> Run:
        return _MeansRun(NumpyEngine().start(job), job)


class _MeansRun(_Around):
    def __init__(self, run: Run, job: Job) -> None:
        super().__init__(run, job)
        self._reader, self._update = Reader(job), Update(job)
        self._guard = Guard(job)
        self._differentiate = Differentiate(job.model, job.cost, job.streams, check=self._guard.check)

    def run(self, steps: int) -> Array:
        return super().run(steps) if self.job.accumulate == 1 else self._guard.run(self._step, steps)

    def _step(self) -> tuple[float, float] | None:
        found = []
        for batch in islice(iter(self._reader.next, None), self.job.accumulate):
            cost, weight = self._differentiate(batch)
            found.append((cost, weight, self._differentiate.gradient.copy()))
        if not found:
            return None
        costs, weights, gradients = zip(*found, strict=True)
        self._update(np.mean(gradients, axis=0), self._differentiate.proposals)
        return sum(costs), sum(weights)


BUGS = [
    Bug(Unguarded, "not-finite-is-an-error", "Guard(job).run", {"checks": ["not-finite-is-an-error"]}),
    Bug(MeanOfMeans, "equals-numpy", "accumulated", {"checks": ["equals-numpy"]}),
    Bug(IgnoresMasks, "equals-numpy", "mask", {"checks": ["equals-numpy"]}),
    Bug(RemembersTheRate, "obeys-changes", "learning rate", {"checks": ["obeys-changes"]}),
    Bug(NotShuffled, "equals-numpy", "order of rows", {"checks": ["equals-numpy"]}),
    Bug(DropsTheLast, "equals-numpy", "shorter batch", {"checks": ["equals-numpy"]}),
    Bug(MeanCosts, "equals-numpy", "scale", {"checks": ["equals-numpy"]}),
    Bug(TransformsOnce, "steps-at-once", "once a call", {"checks": ["steps-at-once"]}),
    Bug(ForgetsMemory, "resumed-from-arrays", "job's arrays", {"checks": ["resumed-from-arrays"]}),
    Bug(RefusesSilently, "refusals-name-the-part", "message", {"checks": ["refusals-name-the-part"]}),
    Bug(RefusesAll, "equals-numpy", "refuses too much", {"checks": ["equals-numpy"]}),
    Bug(TrainsOnInfinity, "not-finite-is-an-error", "looked at", {"checks": ["not-finite-is-an-error"]}),
]
