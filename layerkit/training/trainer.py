"""The trainer: model, cost and optimizer brought together."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, final

import numpy as np

from layerkit.arguments import check_boolean, check_instance, check_integer
from layerkit.calls import Explained, being_made, explained
from layerkit.diagnosis.before_training import known_causes, single_rows
from layerkit.diagnosis.silence import checked_silence
from layerkit.diagnosis.target_scale import plan_of
from layerkit.engines.numpy_engine import NumpyEngine
from layerkit.errors import ArgumentError, LayerkitError, LayerkitWarning
from layerkit.familiar_members import OF_TRAINERS
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.assignment import Closed
from layerkit.interfaces.callback import Callback
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Stream
from layerkit.interfaces.decision import Threshold
from layerkit.interfaces.engine import Engine
from layerkit.interfaces.job import Job
from layerkit.interfaces.metric import Metric
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.transform import Transform
from layerkit.metrics.f1 import F1
from layerkit.models.gate import Gate, Result
from layerkit.models.model import Model
from layerkit.models.schema import Schema
from layerkit.steps.adaptation import learn_anew
from layerkit.steps.evaluation import evaluate
from layerkit.steps.example_gradients import example_gradients, gradient_norms
from layerkit.steps.held_stream import held
from layerkit.steps.intake import Intake, take_in
from layerkit.steps.target_scale import readout_for, require_cost_of_numbers
from layerkit.steps.thresholds import best_threshold
from layerkit.training.epochs import check_epochs
from layerkit.training.fit import Fit
from layerkit.training.given import ClassWeights, Settings, taken_in
from layerkit.training.history import History
from layerkit.training.parts import check_metrics, check_part, replacement
from layerkit.training.resumption import beginning, go_on_as_before, tell_length
from layerkit.training.standing import Standing
from layerkit.training.state_check import require_state
from layerkit.training.transaction import Transaction
from layerkit.types import Array

"""More epochs, rows a batch or batches an update nobody comes to."""


@final
class Trainer(Closed, metaclass=Explained):
    """Trains a model by mini-batch gradient descent: shuffles, batches, steps, measures, calls callbacks.

    Args:
        model: what is trained; given values at the first ``fit`` if it has none.
        cost: what is minimised, averaged over the batch. Its readout, if it has one, becomes the model's.
        optimizer: how gradients move the parameters.
        metrics: measured, with the cost, on validation data, and, if that is asked for, on the training data.
        transforms: what acts around every update, in this order.
        standardize_targets: whether the cost sees targets, which must be numbers, with mean 0 and deviation 1 for each
            output, as the training data of the first ``fit`` has them. The way back becomes the model's readout, an
            ``Unstandardize``: predictions and metrics are in the targets' own units, costs in those of their deviation.
        engine: what runs the steps; NumPy by default.
        silence: names of warnings about what keeps a network from learning that are not wanted, such as ``"scale"``;
            ``("all",)`` for none at all. ``docs/diagnosis.md`` lists them; each is given once a trainer.
        seed: makes all randomness (first values, shuffles, dropout); None draws one, kept as ``trainer.seed``.

    A second ``fit`` goes on from the first: also from the middle of an epoch, where the first was stopped there and the
    second is given the same data and batches (of a stream: the very same object); else that epoch begins anew. Nothing
    is printed; see ``layerkit.callbacks``.

    >>> import numpy as np
    >>> from layerkit import Dense, GradientDescent, Quadratic, Sequential, Sigmoid, Trainer
    >>> model = Sequential([Dense(4, activation=Sigmoid()), Dense(1, activation=Sigmoid())])
    >>> trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(5.0), seed=0)
    >>> x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
    >>> history = trainer.fit((x, y), epochs=2000, batch_size=4)
    >>> model.predict(x).round().ravel()
    array([0., 1., 1., 0.], dtype=float32)
    """

    _instead = OF_TRAINERS

    def __init__(
        self,
        model: Model,
        *,
        cost: Cost,
        optimizer: Optimizer,
        metrics: Sequence[Metric] = (),
        transforms: Sequence[Transform] = (),
        standardize_targets: bool = False,
        engine: Engine | None = None,
        silence: Collection[str] = (),
        seed: int | None = None,
    ) -> None:
        check_instance(self, "model", model, Model)
        check_instance(self, "engine", engine, Engine, optional=True)
        check_boolean(self, "standardize_targets", standardize_targets)
        engine = engine or NumpyEngine()
        parts = {
            "cost": cost,
            "optimizer": optimizer,
            "engine": engine,
            "metrics": metrics,
            "transforms": transforms,
        }
        for name, part in parts.items():
            check_part(name, part)
        if standardize_targets:
            require_cost_of_numbers(cost)
        self.seed_drawn = seed is None
        """Whether nobody gave the seed."""
        if seed is None:
            seed = int(np.random.SeedSequence().generate_state(1)[0])
        check_integer(self, "seed", seed, minimum=0, maximum=2**128 - 1)
        self.model = model
        self.cost = cost
        self.optimizer = optimizer
        self.metrics = tuple(metrics)
        self.transforms = tuple(transforms)
        self.standardize_targets = standardize_targets
        self.engine = engine
        self.warned: set[str] = set()
        """The names of the warnings that were given."""
        self._silent = checked_silence(self, silence)
        self._looked_at: tuple[int, bool] | None = None
        self._standing = Standing(int(seed), model.dtype, len(self.transforms))
        self._fit: Fit | None = None
        self._left: Fit | None = None
        self._claims: dict[str, object] = {}
        self._transaction = Transaction()
        self.gate = Gate()
        """What a fit passes with all that belongs together, and whoever takes a state from another thread."""
        model.readout = readout_for(model, cost)

    def __setattr__(self, name: str, value: Any) -> None:
        """Judge another part as the constructor does: between two fits, parts may be replaced."""
        if not name.startswith("_") and not being_made():
            value = replacement(self, self._standing, name, value)
        super().__setattr__(name, value)
        if name == "cost" and not being_made():
            self.model.readout = readout_for(self.model, value)

    @property
    def silence(self) -> frozenset[str]:
        """The names of the warnings that are not wanted."""
        return self._silent

    @silence.setter
    def silence(self, silence: Collection[str]) -> None:
        self._silent = checked_silence(self, silence)

    @property
    def seed(self) -> int:
        """What all randomness comes from: given, drawn, or that of the state that was taken over."""
        return self._standing.streams.seed

    @property
    def set_by_callbacks(self) -> list[str]:
        """What the callbacks of the fit under way, or of one that was cut, change of the trainer: paths."""
        fit = self._fit or self._left
        return sorted({path for callback in (() if fit is None else fit.callbacks) for path in callback.sets})

    @property
    def history(self) -> History:
        """All epochs so far, over all fits."""
        return self._standing.history

    @explained
    def fit(
        self,
        data: Any,
        *,
        epochs: int,
        batch_size: int = 32,
        validation: Any = None,
        shuffle: bool = True,
        drop_last: bool = False,
        accumulate: int = 1,
        weights: Any = None,
        class_weights: ClassWeights = None,
        mask: Any = None,
        steps_per_epoch: int | None = None,
        training_metrics: bool = False,
        callbacks: Sequence[Callback] = (),
    ) -> History:
        """Train for ``epochs`` more epochs.

        Args:
            data: ``(x, y)`` or ``(x, y, weights)`` arrays (memory-mapped ones are read batch by batch), a Dataset (its
                "train" split), a RandomAccess or Stream, or batches from a generator or a function that makes one
                (for a stream the model must have its values: call ``model.initialize``).
                Integer labels are accepted wherever one-hot rows are.
            epochs: how many times the data is gone through, at least 1.
            batch_size: rows a batch, at least 1; of fewer rows, all make one batch; a stream brings its own batches.
            validation: data measured after each epoch (a Dataset gives its "test" split).
            shuffle: whether rows are taken in a new random order each epoch.
            drop_last: whether a last, shorter batch is left out.
            accumulate: how many batches' gradients are added up for one update.
            weights: one weight a row: the gradient is Σ wᵢ gᵢ / Σ wᵢ over the whole update.
            class_weights: a weight for each class, by label or name, which multiplies those of its rows; ``"balanced"``
                takes n / (k · n_c), so that all classes weigh the same. They count in training alone.
            mask: ``(n, time)`` booleans of ragged sequences.
            steps_per_epoch: how many updates make an epoch of a stream, which may be infinite: a bare generator goes on
                from epoch to epoch, a function or a Stream is opened anew. One that ends before is refused there.
            training_metrics: whether cost and metrics are measured on the training data too, after each epoch and in
                inference mode, as on validation data; named ``training_cost``, ``training_accuracy`` and so on.
            callbacks: objects that watch the fit.

        Returns:
            The history of this fit.

        Raises:
            ArgumentError: an argument is out of range, or this trainer is fitting already.
            DataError, ShapeError: the data cannot be learned from; the message names the layer and the shapes.
            NonFiniteError: a cost or a gradient is NaN or infinite; parameters are those before that step.

        Layers that learn from data before training, such as Standardize, do so before the first step, unless they have.

        After ``restore``, a fit that was under way then goes on, as does one whose last checkpoint was written at its
        end, and must be given the same: another batch size, or other data, is refused. ``epochs`` counts from where
        that fit began: the same number goes on to its end, more train longer, fewer stop there, as if that had been
        asked for from the start.

        Whatever ends a fit, an exception or Ctrl-C, position, costs and parameters are those after one and the same
        step, at most some 50 ms back, and another ``fit`` on the same data goes on from there. What a callback changes
        of the optimizer is obeyed from the next step on, and another optimizer, cost or engine is refused; a resumed
        fit has the optimizer that its trainer was given, so the callback sets it again in ``fit_started`` (``resume``
        warns of the difference, unless the callback declares by ``sets`` that it does).
        """
        settings = Settings(
            epochs,
            batch_size,
            accumulate,
            steps_per_epoch,
            shuffle,
            drop_last,
            training_metrics,
            class_weights,
            callbacks,
        ).checked()
        standing, position = self._standing, self._standing.position
        claim, fit, planned, resumed = object(), None, None, None
        known: tuple[Activation | None, Schema] | None = None
        try:
            self._claim(claim)
            # now that no other thread takes over another state
            planned, resumed = position.until, standing.resumed
            self._roll_back()
            known = (self.model.readout, self.model.schema)
            taken, measured, schema = taken_in(
                data,
                validation,
                settings,
                model=self.model,
                cost=self.cost,
                metrics=self.metrics,
                weights=weights,
                mask=mask,
                seed=self.seed,
                standardize_targets=self.standardize_targets,
                trained=position.step > 0,
            )
            began, left = position.epoch, self._left
            if standing.resumed is not None and planned is not None:
                began = beginning(standing.resumed, planned, settings.epochs)
                tell_length(began + settings.epochs, position)
            until = max(began + settings.epochs, position.epoch)
            if isinstance(taken.source, Stream):
                stream = held(taken.source, None if left is None else left.broken_source)
                taken = Intake(stream, self.model, self.cost, to_train=True, class_weights=class_weights)
            job = Job(
                model=self.model,
                cost=self.cost,
                optimizer=self.optimizer,
                transforms=self.transforms,
                contexts=standing.contexts,
                data=taken,
                streams=standing.streams,
                position=position,
                batch_size=settings.batch_size,
                accumulate=settings.accumulate,
                shuffle=settings.shuffle,
                drop_last=settings.drop_last,
                stream_steps=settings.steps_per_epoch,
            )
            check_epochs(job, until - position.epoch, measured.get("validation"))
            self._warn_of_causes(job, settings.epochs)
            length, transaction = until - began, self._transaction
            fit = Fit(
                self,
                job,
                length=length,
                transaction=transaction,
                measured=measured,
                callbacks=settings.callbacks,
                passed_over=standing.passed_over,
            )
            if standing.resumed is not None:
                # all that may refuse, as warnings may that are made errors, comes before the run counts as resumed
                go_on_as_before(standing, fit, planned, until)
            self.gate.writing(self._take_up, fit, until)
            self.model.schema = schema
            return fit.run()
        finally:
            try:
                if known is not None and (fit is None or not fit.accepted):
                    self.model.readout, self.model.schema = known
                if fit is not None and self._fit is fit:
                    self.gate.writing(self._leave, fit)
                    if resumed is not None and not fit.begun:
                        # a callback has refused it: the next one resumes the run, as this one would have
                        standing.resumed, position.until = resumed, planned
            finally:
                self._give_up(claim)

    def _take_up(self, fit: Fit, until: int) -> None:
        """Let a fit be the one under way, from where the one before, or the resumed one, has stopped."""
        standing, left = self._standing, self._left
        if standing.resumed is not None:
            fit.frozen = standing.resumed.get("frozen", fit.frozen)
            standing.resumed = None
        elif left is not None and (standing.position.batch or standing.passed_over):
            if left.can_go_on_as(fit):
                fit.frozen = left.frozen
            else:
                standing.passed_over = fit.passed_over = None
                standing.position.begin_epoch()
        self._left = self._fit = fit
        standing.position.until = until

    @explained
    def adapt(self, data: Any, *, weights: Any = None, mask: Any = None) -> None:
        """Learn from ``data``, now and anew, what ``fit`` learns before its first step if that is not known yet.

        That is what layers such as Standardize take from it, and, with ``standardize_targets``, mean and deviation of
        the targets. For other data than is trained on: a part of it that stands for a stream, say.

        Raises:
            ArgumentError: this trainer is fitting.
            DataError, ShapeError: the data cannot be learned from.
        """
        claim: object = object()
        try:
            self._claim(claim, "adapt")
            self._roll_back()
            scaled = self.standardize_targets
            learn_anew(
                self.model, self.cost, data, weights=weights, mask=mask, standardize_targets=scaled, seed=self.seed
            )
        finally:
            self._give_up(claim)

    def _claim(self, claim: object, method: str = "fit") -> None:
        # one operation, between whose parts no other thread comes
        if self._claims.setdefault("fit", claim) is not claim:
            raise ArgumentError(
                f"Trainer.{method}: this trainer is fitting already (or adapting, or taking over a state), in another "
                "thread or around the callback that calls this: wait for that to end, or make another trainer"
            )

    def _roll_back(self) -> None:
        if self.model.initialized:
            self.model.structure.gate.writing(self._transaction.roll_back)

    def _give_up(self, claim: object) -> None:
        if self._claims.get("fit") is claim:
            self._claims.clear()

    def _warn_of_causes(self, job: Job, epochs: int) -> None:
        """Tell what will keep the network from learning; looked at anew where the model or the order has changed."""
        looked_at = (self.model.structure.version, job.shuffle)
        if looked_at == self._looked_at:
            return
        self._looked_at = looked_at
        silent, rows = self._silent | self.warned, job.batch_size * job.accumulate

        def causes() -> list[LayerkitWarning]:
            data = job.data.current()
            return known_causes(
                self.model,
                self.cost,
                data,
                silent=silent,
                shuffle=job.shuffle,
                rows_per_update=rows,
                plan=partial(plan_of, job, epochs),
            )

        for warning in (*self.model.structure.gate.shared(causes), *single_rows(job, silent=silent)):
            self.warned.add(warning.name)
            # over this method, fit, and what explains a wrong call of it
            warnings.warn(warning, stacklevel=4)

    def _leave(self, fit: Fit) -> None:
        self._fit = self._standing.position.until = None
        if fit.accepted:
            self._standing.passed_over = fit.passed_over if fit.outcome in ("failed", "interrupted") else None
        if self._standing.position.batch or self._standing.passed_over:
            # identified before anybody changes the data
            _ = fit.given
        elif fit.broken_source is None:
            self._left = None

    @explained
    def evaluate(
        self, data: Any, *, metrics: Sequence[Metric] = (), weights: Any = None, mask: Any = None
    ) -> dict[str, Any]:
        """The cost and each metric on ``data`` (a Dataset gives its "test" split), in inference mode.

        ``metrics`` are measured beside the trainer's own. Each gives a number, but such as ``ConfusionMatrix``, which
        gives a ``Confusion``.
        """
        check_metrics("Trainer.evaluate", metrics)
        taken = take_in(data, self.model, self.cost, split="test", weights=weights, mask=mask)
        return evaluate(self.model, taken, cost=self.cost, metrics=(*self.metrics, *metrics))

    @explained
    def example_gradients(self, data: Any, *, mask: Any = None) -> dict[str, Array]:
        """The gradient of each example's cost in each trained parameter, ``(examples, *shape)`` by path.

        In inference mode, on ``data`` (a Dataset gives its "train" split); the mean over the examples is the gradient
        of the mean cost. Weights do not count. One pass tells them where ``Dense`` layers alone are trained; any other
        network is taken one example at a time. They take as many numbers as there are examples times parameters: give a
        batch.

        >>> import numpy as np
        >>> from layerkit import Dense, GradientDescent, Quadratic, Sequential, Trainer
        >>> trainer = Trainer(Sequential([Dense(1)]).initialize(2), cost=Quadratic(), optimizer=GradientDescent(0.1))
        >>> found = trainer.example_gradients((np.ones((5, 2)), np.ones(5)))
        >>> {path: gradients.shape for path, gradients in found.items()}
        {'0.weight': (5, 2, 1), '0.bias': (5, 1)}
        """
        taken = take_in(data, self.model, self.cost, split="train", mask=mask)
        return example_gradients(self.model, taken, self.cost)

    @explained
    def gradient_norms(self, data: Any, *, weights: Any = None, mask: Any = None) -> dict[str, float]:
        """√Σ g² of the gradient of the mean cost on ``data`` in the trained parameters of each layer, by its path.

        In inference mode, over all of the data (a Dataset gives its "train" split), weights counting. To follow them
        through a fit, see ``LayerStatistics``.
        """
        taken = take_in(data, self.model, self.cost, split="train", weights=weights, mask=mask)
        return gradient_norms(self.model, taken, self.cost)

    @explained
    def tune_threshold(
        self, data: Any, *, metric: Metric | None = None, weights: Any = None, mask: Any = None
    ) -> Threshold:
        """Find the threshold at which ``metric`` (F1 if left out) is best on ``data``, and let the model keep it.

        The model tells two classes, or labels, each of which is given a threshold of its own, by the metric of that
        label. Tried are the middles between neighbouring probabilities, a thousand where there are more; of equally
        good ones, that nearest to ½ is taken. Give data that the model has not learned from, and is not judged by.

        Raises:
            ArgumentError: the model's outputs are no probabilities of two classes, or of labels.
            DataError: the metric cannot be measured on ``data``.
        """
        check_instance("Trainer.tune_threshold", "metric", metric, Metric, optional=True)
        taken = take_in(data, self.model, self.cost, split="test", weights=weights, mask=mask)
        self.model.threshold = threshold = best_threshold(self.model, taken, metric or F1())
        return threshold

    @explained
    def state(self) -> dict[str, Any]:
        """Everything that training goes on from, as nested dictionaries of arrays (copies) and JSON-safe values.

        A trainer of the same parts that is given this by ``restore``, and the same data, goes on to the same bits as if
        it had never stopped, also from inside an epoch. While another thread fits, it is that after one of its pieces,
        and after what the callbacks do there.

        Raises:
            LayerkitError: this thread is in the middle of a step; or another one is at the same for a minute.
        """
        return self.at_rest(self._state)

    def at_rest(self, action: Callable[[], Result]) -> Result:
        """Call ``action`` while no other thread trains, nor lays the model out anew: what it reads belongs together.

        In a callback it is called at once.

        Raises:
            LayerkitError: as ``state``.
        """
        here = self.gate.written_here
        if here and self._fit is not None and self._fit.in_step:
            raise LayerkitError(
                "this trainer is in the middle of a step, so there is no state to go on from: take it in a callback, "
                "before a fit or after it"
            )

        def on_model() -> Result:
            return self.model.structure.gate.still(action)

        return on_model() if here else self.gate.still(on_model)

    def _state(self) -> dict[str, Any]:
        return self._standing.state(self.model, self._fit)

    @explained
    def restore(self, state: dict[str, Any]) -> None:
        """Take over what ``state`` gave. If a fit was under way then, the next ``fit`` runs to that one's end.

        Raises:
            ArgumentError: the state is that of another model or of other transforms, or none that ``state`` gives.
                Then the trainer is as it was. Or this trainer is fitting.
        """
        claim: object = object()
        try:
            self._claim(claim, "restore")
            require_state(state, self)
            self.gate.writing(self._restore, state)
        finally:
            self._give_up(claim)

    def _restore(self, state: dict[str, Any]) -> None:
        self._standing.restore(state, self.model, self.cost)
        self._left = None

    def __getstate__(self) -> dict[str, Any]:
        return self.at_rest(self._copied) if self.model.initialized else self._copied()

    def _copied(self) -> dict[str, Any]:
        """What a copy is made of; one that is made while a fit goes on has none of its own."""
        others: dict[str, Any] = {"_claims": {}, "_fit": None, "_left": None, "_transaction": Transaction()}
        if self.model.initialized:
            # what a pickle reads later is as it is now
            others["_moment"] = self.model.structure.moment(self.model, ahead=True)
        return {**self.__dict__, **others, "_standing": self._standing.copied(self.model)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.__dict__.pop("_moment", None)
