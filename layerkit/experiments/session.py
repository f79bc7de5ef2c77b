"""An experiment under way: its data loaded, its model built."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, final

from layerkit.arguments import check_collection
from layerkit.calls import Explained, explained
from layerkit.config.paths import replaced
from layerkit.data.examples import Examples
from layerkit.data.split import split
from layerkit.engines.automatic import Automatic
from layerkit.errors import ArgumentError, DataError
from layerkit.experiments.building import built, first_rows, trained
from layerkit.experiments.experiment import Experiment
from layerkit.interfaces.callback import Callback
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.interfaces.engine import Engine
from layerkit.models.model import Model
from layerkit.training.history import History

_VALIDATION, _TEST = "validation_", "test_"


@final
class Session(metaclass=Explained):
    """Loads an experiment's data, builds its model and trainer, trains and measures.

    ``silence`` names the trainer's warnings that are not wanted.

    Raises:
        DatasetError: the data cannot be found or read.
        ShapeError: a layer cannot take the shape that it is given.
    """

    def __init__(self, experiment: Experiment, *, silence: Collection[str] = ()) -> None:
        self.experiment = experiment
        dataset = experiment.dataset
        self.train = first_rows(dataset.load("train"), experiment.training_examples)
        self.validation: Examples | None = None
        """What is kept apart of the training data, if the experiment says so."""
        if experiment.validation_fraction is not None:
            self.train, self.validation = _kept_apart(self.train, experiment)
        self.test: RandomAccess | Stream | None = dataset.load("test") if "test" in dataset.splits else None
        self.trainer = built(experiment, self.train, silence=silence)
        self.model: Model = self.trainer.model
        self.callbacks = [replaced(callback, {}) for callback in experiment.callbacks]
        """Copies of the experiment's callbacks, which every ``fit`` calls."""
        self.history = History()
        """That of the last fit."""

    @property
    def engine(self) -> Engine:
        """What runs the steps: of several candidates the chosen one, once there is one."""
        engine = self.trainer.engine
        return engine.chosen or engine if isinstance(engine, Automatic) else engine

    @explained
    def fit(self, *, callbacks: Sequence[Callback] = ()) -> History:
        """Train for the experiment's epochs, and measure after each on what is kept apart, or else on the test data.

        The experiment's own callbacks are called after those that are given, and before a ``Checkpoint`` among them,
        which must stand last.
        """
        check_collection("Session.fit", "callbacks", callbacks, Callback)
        self.history = trained(
            self.trainer,
            self.experiment,
            self.train,
            validation=self.test if self.validation is None else self.validation,
            callbacks=self._in_order(callbacks),
        )
        return self.history

    def adopt(self) -> None:
        """After the trainer was given the state of another run: let the experiment state what is used of that."""
        self.experiment = self.experiment.with_settings(seed=self.trainer.seed, dtype=self.model.dtype.name)

    def _in_order(self, given: Sequence[Callback]) -> Sequence[Callback]:
        if not self.callbacks:
            return given
        from layerkit.files.checkpoint_callback import Checkpoint

        last = [callback for callback in given if isinstance(callback, Checkpoint)]
        return [*(callback for callback in given if callback not in last), *self.callbacks, *last]

    def measure(self) -> dict[str, Any]:
        """What is measured on the test data, by names such as ``"test_accuracy"``; empty without test data."""
        if self.test is None:
            return {}
        return {f"{_TEST}{name}": value for name, value in self.trainer.evaluate(self.test).items()}

    def records(self) -> list[dict[str, Any]]:
        """The history, with names such as ``"test_accuracy"`` for what was measured on the test data."""
        if self.validation is not None:
            return [dict(record) for record in self.trainer.history]
        return [
            {
                f"{_TEST}{name.removeprefix(_VALIDATION)}" if name.startswith(_VALIDATION) else name: value
                for name, value in record.items()
            }
            for record in self.trainer.history
        ]


def _kept_apart(source: RandomAccess | Stream, experiment: Experiment) -> tuple[Examples, Examples]:
    """What is left to train on, and what is kept apart.

    Raises:
        ArgumentError: the data does not come in arrays.
        DataError: there are too few rows.
    """
    fraction = experiment.validation_fraction
    assert fraction is not None
    if not isinstance(source, Examples):
        raise ArgumentError(
            f"Experiment: validation_fraction keeps rows of arrays apart, and the training data of "
            f"{type(experiment.dataset).__name__} is a {type(source).__name__}: leave it out"
        )
    try:
        return split(source, test_fraction=fraction)
    except DataError as error:
        raise DataError(str(error).replace("test_fraction", "validation_fraction")) from None
