"""One call of Trainer.fit: runs the engine from callback to callback, epoch by epoch."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, final

from layerkit.calls import Explained
from layerkit.errors import ArgumentError, DataError, NonFiniteError
from layerkit.familiar_members import OF_FITS
from layerkit.interfaces.assignment import Closed
from layerkit.interfaces.callback import Callback, Outcome
from layerkit.interfaces.constructor_arguments import arguments_of
from layerkit.interfaces.dataset import Stream
from layerkit.interfaces.engine import Run
from layerkit.interfaces.job import Job
from layerkit.interfaces.metric import Metric
from layerkit.interfaces.transform import trains_others
from layerkit.models.model import Model
from layerkit.steps.adaptation import adapt, putting_back, unlearned, waiting
from layerkit.steps.evaluation import evaluate
from layerkit.steps.held_stream import HeldStream
from layerkit.steps.intake import Intake
from layerkit.steps.snapshot import Snapshot
from layerkit.steps.threads import limited
from layerkit.training.history import History
from layerkit.training.model_state import frozen_in
from layerkit.training.resumption import goes_on, identity_of_fit
from layerkit.training.transaction import Transaction

if TYPE_CHECKING:
    from layerkit.training.trainer import Trainer

_CHUNK_SECONDS = 0.05
_COPYING_SHARE = 100
_LONGEST_SECONDS = 0.5
_PARTS = ("model", "cost", "optimizer", "metrics", "transforms", "engine")


@final
class Fit(Closed, metaclass=Explained):
    """Training under way: what callbacks see of it is their ``FitView``."""

    _instead = OF_FITS

    def __init__(
        self,
        trainer: Trainer,
        job: Job,
        *,
        length: int,
        transaction: Transaction,
        measured: dict[str, Intake],
        callbacks: Sequence[Callback],
        passed_over: Collection[str] | None = None,
    ) -> None:
        self.trainer = trainer
        self.job = job
        self._length = length
        self._transaction = transaction
        self.history = History()
        self._measured = measured
        """What is measured after each epoch, by the part that it is: ``training``, ``validation``."""
        self.callbacks = callbacks
        self.passed_over = passed_over
        """The layers, frozen then, that had learned nothing of the data when the run began; None: it has not begun."""
        self.frozen = frozen_in(job.model.structure.node)
        """The layers that were frozen when the run began."""
        self.begun = False
        """Whether no callback has refused it."""
        self.accepted = False
        """Whether the engine has not either."""
        self._reason: str | None = None
        self._ended: str | None = None
        self._stop_now = False
        self._outcome: Outcome | None = None
        self._identity: dict[str, Any] | None = None
        self._chunk = 1
        self._one_by_one = False
        # nobody takes the trainer's state in the middle of what belongs together
        self._alone = trainer.gate.writing
        self._parts = {name: getattr(trainer, name) for name in _PARTS}
        self._snapshot: Snapshot
        self._outer: Snapshot
        self._apart = next((place for place in enumerate(job.transforms, 1) if trains_others(place[1])), None)
        """The transform by which the model has other parameters than those that are trained, and its place."""
        self._run: Run
        self._prepared: list[Any] = []
        self._watched: list[tuple[dict[str, Any], list[str]]] = []
        """The attributes of all parts, and the names of those that an engine makes ready for."""
        self._in_step = False

    @property
    def in_step(self) -> bool:
        """Whether it is inside a piece, so that position and values do not belong together."""
        return self._in_step

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
        """How many batches an epoch has; None for a stream of unknown length."""
        return self.job.batches_per_epoch

    @property
    def cost(self) -> float | None:
        """The weighted mean cost of this epoch's examples so far; None before the first."""
        position = self.job.position
        return position.cost / position.weight if position.weight else None

    @property
    def given(self) -> dict[str, Any]:
        """What identifies the data and the settings of this fit, for whoever resumes it: JSON-safe values."""
        self._follow_model()
        if self._identity is None:
            self._identity = self._identified()
        return self._identity

    def _identified(self) -> dict[str, Any]:
        validation = self._measured.get("validation")
        return identity_of_fit(self.job, None if validation is None else validation.source, self.callbacks) | {
            "epochs": self._length,
            "asked": {
                "standardize_targets": self.trainer.standardize_targets,
                "training_metrics": "training" in self._measured,
            },
        }

    def can_go_on_as(self, other: Fit) -> bool:
        """Whether another fit can take up the epoch in which this one was stopped."""
        source = other.job.source
        if isinstance(source, Stream):
            return source is self.broken_source
        return goes_on(self.given, other.given)

    @property
    def broken_source(self) -> Stream | None:
        """The stream in which it was cut short: what goes on with the same one goes on where it is."""
        source = self.job.source
        return source if self._outcome in ("failed", "interrupted") and isinstance(source, Stream) else None

    @property
    def measures(self) -> list[str]:
        """The names in the record of an epoch, but for what callbacks may add to it."""
        names = ["cost", *(metric.name for metric in self._metrics)]
        return ["epoch", "cost", *(f"{part}_{name}" for part in self._measured for name in names), "seconds"]

    @property
    def _metrics(self) -> list[Metric]:
        return [metric for metric in self.trainer.metrics if metric.in_history]

    @property
    def ended(self) -> str | None:
        """Why the run has come to its end with the epoch before, if it has: then also if it is interrupted there."""
        return None if self.batch else self._ended

    @property
    def stop_reason(self) -> str | None:
        """Why a callback asked for the end, if one did."""
        return self._reason

    @property
    def interrupted(self) -> bool:
        """Whether a callback asked for the end before the next step, in the middle of an epoch perhaps."""
        return self._stop_now

    @property
    def outcome(self) -> Outcome | None:
        """How the fit has ended; None as long as it goes on."""
        return self._outcome

    def stop(self, reason: str, *, now: bool = False) -> None:
        """End the fit after this epoch, or before the next step if ``now``; the history keeps the reason.

        With ``now`` the fit is interrupted: it can be gone on with from inside the epoch, so everything stays as the
        last step left it, and nothing is restored. A limit after which the best weights are wanted ends after an epoch.
        """
        self._reason = reason
        if not now:
            self._ended = reason
        self._stop_now = self._stop_now or now

    def run(self) -> History:
        """Train to the end. Whatever ends it, position, costs, parameters and history are those after one and the same
        step."""
        # an exception that comes at any place leaves this as it is
        self._outcome = "failed"
        try:
            self._train()
        finally:
            self.__dict__.pop("_run", None)
            self.job.contexts[0].bind(None)
            self.history.stop_reason = self._reason
            self._alone(self._end)
        return self.history

    def _end(self) -> None:
        # in their order, and each also when another one raises
        with ExitStack() as ending:
            for callback in reversed(self.callbacks):
                ending.callback(callback.fit_ended, self)
            ending.callback(self.model.structure.gate.writing, self._transaction.roll_back)

    def _train(self) -> None:
        self._outcome = None
        try:
            if self._alone(self._begin):
                # asked once it is started: an engine may choose another that does the work
                with limited(self.trainer.engine.blas_threads(self.job)) as threads:
                    self.history.blas_threads = threads
                    self._run_epochs()
        except BaseException:
            self._outcome = "failed"
            raise
        self._outcome = "interrupted" if self._stop_now else "stopped" if self._reason else "finished"

    def _begin(self) -> bool:
        """Make ready, and tell the callbacks; returns whether there is anything to train."""
        self._adapt()
        for callback in self.callbacks:
            callback.fit_started(self)
        self.begun = True
        goes_on = self._goes_on()
        if goes_on:
            self.model.structure.gate.shared(self._start)
        # an engine may refuse it, too: then nothing was learned of the data
        self._transaction.close()
        self.accepted = True
        return goes_on

    def _adapt(self) -> None:
        """Let layers learn what they take from the data; if the fit is refused, they have not."""
        if self.passed_over is None:
            self.passed_over = unlearned(self.model) - {node.path for node in waiting(self.model)}
        if not waiting(self.model, passed_over=self.passed_over):
            return
        self._transaction.open(putting_back(self.model))
        job = self.job
        first_batches = job.batches_per_epoch if isinstance(job.source, Stream) else None
        adapt(self.model, job.data, seed=self.trainer.seed, passed_over=self.passed_over, first_batches=first_batches)

    def _run_epochs(self) -> None:
        ended = True
        while self._goes_on() if ended else not self._stop_now:
            ended = self._alone(self._advance)

    def _advance(self) -> bool:
        """Run a few steps, and what comes after them, the epoch's end too; returns whether it has ended."""
        try:
            steps, done = self.model.structure.gate.writing(self._run_whole_piece)
        except NonFiniteError:
            if self._one_by_one:
                raise
            # the steps before it were sound: they are made again, one by one
            self._one_by_one = True
            self._prepared = []
            return False
        if done:
            self._tell_steps()
        ended = not self._stop_now and (done < steps or self._at_end())
        if ended:
            self._end_epoch()
        return ended

    def _goes_on(self) -> bool:
        return self._reason is None and self.epoch < self.epochs

    def _run_whole_piece(self) -> tuple[int, int]:
        """Run a few steps: all of it or nothing. How many were wanted, and how many were left in the epoch."""
        try:
            self._in_step = True
            return self._run_piece()
        except BaseException:
            # while nobody else looks
            self._transaction.roll_back()
            raise
        finally:
            self._in_step = False

    def _run_piece(self) -> tuple[int, int]:
        """Run a few steps, and add up what they cost; how many were wanted, and how many were left in the epoch."""
        self._require_same_parts()
        if self._settings() != self._prepared:
            self._start()
        steps = self._steps_to_run()
        job, position = self.job, self.job.position
        began = time.perf_counter()
        self._enter()
        ready = time.perf_counter()
        results = self._run.run(steps)
        seconds = time.perf_counter() - ready
        # one after another, so that a run in other pieces has the same bits
        total, weight = position.cost, position.weight
        for cost, rows in results.tolist():
            total += cost
            weight += rows
        position.cost, position.weight = total, weight
        position.seconds += seconds
        self._turn("leave")
        self._transaction.close()
        if isinstance(job.source, HeldStream):
            job.source.forget(position.epoch, position.batch)
        if len(results):
            self._chunk = self._next_chunk(len(results), seconds, ready - began)
        return steps, len(results)

    def _enter(self) -> None:
        """Make ready for steps, to be taken back whole."""
        if self._apart is not None:
            # before what is trained is brought back; the other snapshot is of then, for engines to repeat steps from
            self._outer.take()
            self._transaction.open(self._outer.restore)
            self._turn("enter")
        self._snapshot.take()
        if self._apart is None:
            self._transaction.open(self._snapshot.restore)

    def _turn(self, way: Literal["enter", "leave"]) -> None:
        if self._apart is not None:
            place, transform = self._apart
            structure = self.model.structure
            getattr(transform, way)(structure.parameters[: structure.trainable], self.job.contexts[place])

    def _start(self) -> None:
        """Start the engine, at first and whenever something was changed that it has made ready for."""
        self._follow_model()
        self.job.lay_out_memory()
        self._snapshot, self._outer = Snapshot(self.job), Snapshot(self.job)
        self.job = replace(self.job, snapshot=self._snapshot)
        self._run = self.trainer.engine.start(self.job)
        job = self.job
        parts = [job.cost, job.optimizer, *job.transforms, *(node.layer for node in self.model.structure.node.walk())]
        self._watched = [(vars(part), [*arguments_of(type(part)).keys() - {"learning_rate"}]) for part in parts]
        self._prepared = self._settings()

    def _follow_model(self) -> None:
        """Take the data in again for a model whose dtype was changed, or that was built anew."""
        data = self.job.data.current()
        if data is not self.job.data:
            self.job = replace(self.job, data=data)
            self._measured = {part: each.current() for part, each in self._measured.items()}
            self._identity = None

    def _settings(self) -> list[Any]:
        """What an engine makes ready for, and callbacks may change: the numbers, words and booleans of all parts.

        The learning rate is read at every step.
        """
        structure = self.model.structure
        values = [values.get(name) for values, names in self._watched for name in names]
        return [structure, structure.version, *(value for value in values if isinstance(value, (int, float, str)))]

    def _require_same_parts(self) -> None:
        """Refuse other parts of the trainer than the fit began with, whose memory they do not share."""
        for name, part in self._parts.items():
            if getattr(self.trainer, name) is not part:
                raise ArgumentError(
                    f"Trainer.{name} was replaced while it is fitting, which nothing of this fit would obey: change "
                    f"what the {name} has, such as optimizer.learning_rate, or give another between two fits"
                )

    def _steps_to_run(self) -> int:
        steps = 1 if self._one_by_one else self._chunk
        for callback in self.callbacks:
            if callback.every_steps:
                steps = min(steps, callback.every_steps - self.step % callback.every_steps)
        return steps

    def _next_chunk(self, steps: int, seconds: float, copying: float) -> int:
        # copying what a large model holds, once a chunk, must not count
        wanted = min(max(_CHUNK_SECONDS, _COPYING_SHARE * copying), _LONGEST_SECONDS)
        # never more than double: one slow first step must not be followed by a very long chunk, nor the other way
        fitting = int(wanted * steps / max(seconds, 1e-9))
        return max(1, min(fitting, 2 * self._chunk))

    def _tell_steps(self) -> None:
        for callback in self.callbacks:
            callback.progress(self)
            if callback.every_steps and self.step % callback.every_steps == 0:
                callback.steps_ended(self)

    def _at_end(self) -> bool:
        batches = self.job.batches_per_epoch
        return batches is not None and self.batch >= batches

    def _require_whole_epoch(self) -> None:
        """Refuse the end of a stream before that of an epoch whose length was asked for."""
        position, batches = self.job.position, self.job.batches_per_epoch
        if not isinstance(self.job.source, Stream) or batches is None or position.batch >= batches:
            return
        asked = f"steps_per_epoch={self.job.stream_steps}" + (
            f" with accumulate={self.job.accumulate}" if self.job.accumulate > 1 else ""
        )
        cure = (
            "a bare generator goes on from epoch to epoch, so give one that has enough, or a function that makes a new "
            "one for each epoch"
            if isinstance(self.job.source, HeldStream)
            else "say as many steps as it has, or leave steps_per_epoch out, and an epoch ends with it"
        )
        raise DataError(
            f"epoch {position.epoch + 1} has {position.batch} of the {batches} batches that {asked} asks for, and the "
            f"stream has ended: {cure}"
        )

    def _end_epoch(self) -> None:
        position = self.job.position
        self._require_whole_epoch()
        if position.batch == 0:
            raise DataError("the epoch has not one batch: the data is empty, or shorter than a batch with drop_last")
        if not position.weight:
            raise DataError("the sample weights of this epoch's examples are all 0, so none of them counts")
        record: dict[str, Any] = {"epoch": position.epoch + 1, "cost": position.cost / position.weight}
        for part, data in self._measured.items():
            found = evaluate(self.model, data, cost=self.trainer.cost, metrics=self._metrics)
            record |= {f"{part}_{name}": value for name, value in found.items()}
        record["seconds"] = position.seconds
        before = position.state()
        histories = [(history.records, len(history.records)) for history in (self.history, self.trainer.history)]

        def undo() -> None:
            position.restore(before)
            for records, length in histories:
                del records[length:]

        self._transaction.open(undo)
        position.epoch += 1
        position.begin_epoch()
        for records, _ in histories:
            records.append(record)
        self._transaction.close()
        for callback in self.callbacks:
            callback.epoch_ended(self, record)
