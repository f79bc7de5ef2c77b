"""What a worker does: one trial, or one training of the winner. Tasks are sent to other processes and machines."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, final

from layerkit.data.examples import Examples
from layerkit.experiments.building import built, trained
from layerkit.experiments.classification import classify
from layerkit.experiments.experiment import Experiment
from layerkit.experiments.experiment_file import parse_experiment
from layerkit.steps.threads import limited
from layerkit.training.trainer import Trainer
from layerkit.tuning.halving import Pause, Stage
from layerkit.tuning.outcome import FinalRun, Outcome
from layerkit.tuning.pruning import Pruning, PruningCallback

Data = Mapping[str, Any]
"""By name: ``"parts"``, a list of pairs to train and to validate with; ``"train"`` and ``"test"``, for the winner."""


Watch: TypeAlias = PruningCallback | Pause

Fitted: TypeAlias = tuple[list[float], Watch | None]
"""The curve of a fit, and what watched it."""


class Task(Protocol):
    """Something to do on data, and what to say where the process that does it is lost again and again."""

    @property
    def number(self) -> int: ...

    def perform(self, data: Data) -> Any: ...

    def lost(self, reason: str) -> Any: ...


class Final(Protocol):
    """The winner's training with one seed."""

    @property
    def number(self) -> int: ...

    @property
    def seed(self) -> int: ...

    def lost(self, reason: str) -> FinalRun: ...


@final
@dataclass(frozen=True)
class TrialTask:
    """Train as the table says, on each part in turn; the value is the mean of the measure after the last epoch."""

    number: int
    seed: int
    settings: Mapping[str, Any]
    name: str
    measure: str
    judge: Pruning | Stage | None = None

    def perform(self, data: Data) -> Outcome:
        """What came of it."""

        def fit(train: Any, validation: Any) -> Fitted:
            experiment = seeded(self.settings, self.name, self.seed)
            trainer = built(experiment, train, silence=("all",))
            watch = watch_of(self.judge, trainer, self.number, self.measure)
            callbacks = [*experiment.callbacks, *([] if watch is None else [watch])]
            trained(trainer, experiment, train, validation=validation, callbacks=callbacks)
            curve = [float(value) for value in trainer.history[self.measure]]
            if experiment.callbacks and not paused(watch):
                # one of them may have gone back to the best epoch: what counts is the model that is left
                curve.append(float(trainer.evaluate(validation)[self.measure.removeprefix("validation_")]))
            return curve, watch

        return outcome_of_fits(self.number, self.measure, data, fit)

    def lost(self, reason: str) -> Outcome:
        return Outcome(number=self.number, state="failed", reason=reason)


@final
@dataclass(frozen=True)
class FinalTask:
    """Train the winner on all training data with one seed, as ``layerkit run`` would, and look at the test data."""

    number: int
    seed: int
    settings: Mapping[str, Any]
    name: str

    def perform(self, data: Data) -> FinalRun:
        """What the test data say."""

        def fit() -> Trainer:
            experiment = seeded(self.settings, self.name, self.seed)
            train, validation = data["final"]
            trainer = built(experiment, train, silence=("all",))
            trained(trainer, experiment, train, validation=validation, callbacks=experiment.callbacks)
            return trainer

        return final_run(self, fit, data["test"])

    def lost(self, reason: str) -> FinalRun:
        return FinalRun(number=self.number, seed=self.seed, reason=reason)


def outcome_of_fits(number: int, measure: str, data: Data, fit: Callable[[Any, Any], Fitted]) -> Outcome:
    """What comes of a fit on each part in turn; whatever it raises is the trial's failure, and no more."""
    began = time.perf_counter()
    curves: list[list[float]] = []
    watch: Watch | None = None
    try:
        with one_thread():
            for train, validation in data["parts"]:
                curve, watch = fit(train, validation)
                curves.append(curve)
    except (Exception, SystemExit) as error:
        return Outcome(number=number, state="failed", reason=reason_of(error), seconds=time.perf_counter() - began)
    return judged(number, measure, curves, watch, time.perf_counter() - began)


def final_run(task: Final, fit: Callable[[], Trainer], test: Examples) -> FinalRun:
    """What the test data say of the model that a fit leaves, or why there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trainer = fit()
            measured = trainer.evaluate(test)
            found = classify(trainer.model, test, trainer.cost)
    except (Exception, SystemExit) as error:
        return task.lost(reason_of(error))
    return FinalRun(
        number=task.number,
        seed=task.seed,
        measured={name: value for name, value in measured.items() if isinstance(value, (int, float))},
        classes=() if found is None else found.classes,
        confusion=None if found is None else found.confusion.counts.tolist(),
    )


def judged(
    number: int, measure: str, curves: Sequence[Sequence[float]], watch: Watch | None, seconds: float
) -> Outcome:
    """What a trial's curves, one of each part, come to."""
    value = sum(curve[-1] for curve in curves) / len(curves)
    if not math.isfinite(value):
        return Outcome(number=number, state="failed", reason=f"{measure} is {value}", seconds=seconds)
    pruned = isinstance(watch, PruningCallback) and watch.pruned
    return Outcome(
        number=number,
        state="paused" if paused(watch) else "pruned" if pruned else "complete",
        value=value,
        curve=tuple(sum(each) / len(each) for each in zip(*curves, strict=False)),
        seconds=seconds,
        marks=watch.marks if isinstance(watch, PruningCallback) else {},
        kept=watch.kept if isinstance(watch, Pause) else None,
    )


def watch_of(judge: Pruning | Stage | None, trainer: Trainer, number: int, measure: str) -> Watch | None:
    """The callback that may end a trial early; a trainer whose trial was paused is brought back to there."""
    if isinstance(judge, Pruning):
        return judge.watch(number, measure)
    if judge is None:
        return None
    if judge.state is not None:
        trainer.restore(judge.state)
    return judge.pause()


def paused(watch: Watch | None) -> bool:
    """Whether a trial was stopped and may go on."""
    return isinstance(watch, Pause) and watch.kept is not None


def seeded(settings: Mapping[str, Any], name: str, seed: int) -> Experiment:
    """The experiment of a table, with another seed."""
    return parse_experiment(settings, name=name, source=name).with_settings(seed=seed)


def reason_of(error: BaseException) -> str:
    """An error in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@contextmanager
def one_thread() -> Iterator[None]:
    """All computations on one thread, and no warnings: what is wrong with a trial is its outcome."""
    # trials are side by side in processes: threads would only stand in each other's way
    with warnings.catch_warnings(), limited(1, everything=True):
        warnings.simplefilter("ignore")
        yield
