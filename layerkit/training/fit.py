"""One call of Trainer.fit: runs the engine from callback to callback, epoch by epoch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

import numpy as np

from layerkit.engines.job import Job
from layerkit.engines.threads import limited
from layerkit.errors import DataError
from layerkit.interfaces.callback import Callback
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.interfaces.engine import Run
from layerkit.training.evaluation import evaluate
from layerkit.training.history import History
from layerkit.training.resumption import described

if TYPE_CHECKING:
    from layerkit.models.model import Model
    from layerkit.training.trainer import Trainer

_CHUNK_SECONDS = 0.05


@final
class Fit:
    """Training under way: what callbacks see, and may stop."""

    def __init__(
        self,
        trainer: Trainer,
        job: Job,
        *,
        validation: RandomAccess | Stream | None,
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
        return self.job.model

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

    @cached_property
    def given(self) -> dict[str, Any]:
        """What identifies the data and the settings of this fit, for whoever resumes it: JSON-safe values."""
        return described(self.job, self._validation, self.callbacks)

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
                    while self._goes_on() and self._run_epoch():
                        pass
        finally:
            self.history.stop_reason = self._reason
            for callback in self.callbacks:
                callback.fit_ended(self)
        return self.history

    def _goes_on(self) -> bool:
        return self._reason is None and self.epoch < self.epochs

    def _run_epoch(self) -> bool:
        """Whether the epoch came to its end."""
        position = self.job.position
        while not self._stop_now:
            if self.model.structure.version != self._version:
                self._start()
            began = time.perf_counter()
            steps = self._steps_to_run()
            results = self._run.run(steps)
            taken = time.perf_counter() - began
            # one after another, as Python would, so that a run in other pieces has the same bits
            sums = np.add.accumulate(np.vstack([(position.cost, position.weight), results]))[-1]
            position.cost, position.weight = sums.tolist()
            position.seconds += taken
            if len(results):
                self._chunk = self._next_chunk(len(results), taken)
                self._tell_steps()
            if len(results) < steps or self._at_end():
                break
        if self._stop_now:
            return False
        self._end_epoch()
        return True

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
        record: dict[str, Any] = {
            "epoch": position.epoch + 1,
            "cost": position.cost / position.weight if position.weight else float("nan"),
        }
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
