"""One call of Trainer.fit: runs the engine from callback to callback, epoch by epoch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

import numpy as np

from layerkit.errors import DataError
from layerkit.interfaces.callback import Callback
from layerkit.interfaces.engine import Run
from layerkit.interfaces.job import Job
from layerkit.models.model import Model
from layerkit.steps.evaluation import evaluate
from layerkit.steps.intake import Intake
from layerkit.steps.threads import limited
from layerkit.training.history import History
from layerkit.training.resumption import identity_of_fit
from layerkit.types import Array

if TYPE_CHECKING:
    from layerkit.training.trainer import Trainer

_CHUNK_SECONDS = 0.05


@final
class Fit:
    """Training under way: what callbacks see of it is their ``FitView``."""

    def __init__(
        self,
        trainer: Trainer,
        job: Job,
        *,
        validation: Intake | None,
        callbacks: Sequence[Callback],
    ) -> None:
        self.trainer = trainer
        self.job = job
        self.history = History()
        self._validation = validation
        self.callbacks = callbacks
        self._reason: str | None = None
        self._stop_now = False
        self._chunk = 1
        self._run: Run
        self._version = -1

    @property
    def model(self) -> Model:
        """The model being trained."""
        model: Model = self.job.model
        return model

    @property
    def epoch(self) -> int:
        """How many epochs are done, over all fits."""
        return self.job.position.epoch

    @property
    def epochs(self) -> int:
        """The count of epochs at which this fit ends."""
        until = self.job.position.until
        assert until is not None
        return until

    @property
    def step(self) -> int:
        """How many updates are done, over all fits."""
        return self.job.position.step

    @property
    def batch(self) -> int:
        """How many batches of this epoch are done."""
        return self.job.position.batch

    @property
    def batches_per_epoch(self) -> int | None:
        """How many batches an epoch has; None for a stream."""
        return self.job.batches_per_epoch

    @property
    def cost(self) -> float | None:
        """The weighted mean cost of this epoch's examples so far; None before the first."""
        position = self.job.position
        return position.cost / position.weight if position.weight else None

    @cached_property
    def given(self) -> dict[str, Any]:
        """What identifies the data and the settings of this fit, for whoever resumes it: JSON-safe values."""
        validation = None if self._validation is None else self._validation.source
        return identity_of_fit(self.job, validation, self.callbacks)

    @property
    def stop_reason(self) -> str | None:
        """Why a callback asked for the end, if one did."""
        return self._reason

    @property
    def interrupted(self) -> bool:
        """Whether a callback asked for the end before the next step, in the middle of an epoch perhaps."""
        return self._stop_now

    def stop(self, reason: str, *, now: bool = False) -> None:
        """End the fit after this epoch, or before the next step if ``now``; the history keeps the reason."""
        self._reason = reason
        self._stop_now = self._stop_now or now

    def run(self) -> History:
        """Train to the end."""
        try:
            for callback in self.callbacks:
                callback.fit_started(self)
            if self._goes_on():
                self._start()
                # asked once it is started: an engine may choose another that does the work
                with limited(self.trainer.engine.blas_threads(self.job)) as threads:
                    self.history.blas_threads = threads
                    ended = True
                    while self._goes_on() if ended else not self._stop_now:
                        if self.model.structure.version != self._version:
                            self._start()
                        steps = self._steps_to_run()
                        began = time.perf_counter()
                        results = self._run.run(steps)
                        self._count(results, time.perf_counter() - began)
                        ended = not self._stop_now and (len(results) < steps or self._at_end())
                        if ended:
                            self._end_epoch()
        finally:
            self.history.stop_reason = self._reason
            for callback in self.callbacks:
                callback.fit_ended(self)
        return self.history

    def _goes_on(self) -> bool:
        return self._reason is None and self.epoch < self.epochs

    def _count(self, results: Array, seconds: float) -> None:
        """Add what the engine has run to the position, and tell the callbacks."""
        position = self.job.position
        # one after another, as Python would, so that a run in other pieces has the same bits
        sums = np.add.accumulate(np.vstack([(position.cost, position.weight), results]))[-1]
        position.cost, position.weight = sums.tolist()
        position.seconds += seconds
        if len(results):
            self._chunk = self._next_chunk(len(results), seconds)
            self._tell_steps()

    def _start(self) -> None:
        """Start the engine, at first and whenever the model's vectors were laid out anew."""
        self.trainer.lay_out_memory(self.job)
        self._run = self.trainer.engine.start(self.job)
        self._version = self.model.structure.version

    def _steps_to_run(self) -> int:
        steps = self._chunk
        for callback in self.callbacks:
            if callback.every_steps:
                steps = min(steps, callback.every_steps - self.step % callback.every_steps)
        return steps

    def _next_chunk(self, steps: int, seconds: float) -> int:
        # never more than double: one slow first step must not be followed by a very long chunk, nor the other way
        fitting = int(_CHUNK_SECONDS * steps / max(seconds, 1e-9))
        return max(1, min(fitting, 2 * self._chunk))

    def _tell_steps(self) -> None:
        for callback in self.callbacks:
            callback.progress(self)
            if callback.every_steps and self.step % callback.every_steps == 0:
                callback.steps_ended(self)

    def _at_end(self) -> bool:
        batches = self.job.batches_per_epoch
        return batches is not None and self.batch >= batches

    def _end_epoch(self) -> None:
        position = self.job.position
        if position.batch == 0:
            raise DataError("the epoch has not one batch: the data is empty, or shorter than a batch with drop_last")
        if not position.weight:
            raise DataError("the sample weights of this epoch's examples are all 0, so none of them counts")
        record: dict[str, Any] = {"epoch": position.epoch + 1, "cost": position.cost / position.weight}
        if self._validation is not None:
            measured = evaluate(self.model, self._validation, cost=self.trainer.cost, metrics=self.trainer.metrics)
            record |= {f"validation_{name}": value for name, value in measured.items()}
        record["seconds"] = position.seconds
        position.epoch += 1
        position.begin_epoch()
        self.history.records.append(record)
        self.trainer.history.records.append(record)
        for callback in self.callbacks:
            callback.epoch_ended(self, record)
