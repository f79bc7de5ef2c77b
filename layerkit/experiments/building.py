"""From an experiment to its model and trainer, and from data to a fit as the experiment says."""

from __future__ import annotations

import copy
from collections.abc import Collection, Sequence
from typing import Any

from layerkit.data.examples import Examples
from layerkit.experiments.experiment import Experiment
from layerkit.interfaces.callback import Callback
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.models.sequential import Sequential
from layerkit.steps.source import input_shape
from layerkit.training.history import History
from layerkit.training.trainer import Trainer


def built(experiment: Experiment, train: RandomAccess | Stream, *, silence: Collection[str] = ()) -> Trainer:
    """A trainer of a new model, with its first values, for such training data.

    Raises:
        ShapeError: a layer cannot take the shape that it is given.
    """
    model = Sequential(copy.deepcopy(list(experiment.layers)))
    model.initialize(input_shape(train, model.input_names), seed=experiment.seed, dtype=experiment.dtype)
    return Trainer(
        model,
        cost=experiment.cost,
        optimizer=experiment.optimizer,
        metrics=experiment.metrics,
        transforms=experiment.transforms,
        standardize_targets=experiment.standardize_targets,
        engine=experiment.engine,
        silence=silence,
        seed=experiment.seed,
    )


def trained(
    trainer: Trainer,
    experiment: Experiment,
    train: RandomAccess | Stream,
    *,
    validation: Any,
    callbacks: Sequence[Callback],
) -> History:
    """The history of a fit of so many epochs, with such batches, as the experiment says."""
    return trainer.fit(
        train,
        epochs=experiment.epochs,
        batch_size=experiment.batch_size,
        validation=validation,
        shuffle=experiment.shuffle,
        drop_last=experiment.drop_last,
        accumulate=experiment.accumulate,
        class_weights=experiment.class_weights,
        training_metrics=experiment.training_metrics,
        callbacks=callbacks,
    )


def first_rows(source: RandomAccess | Stream, count: int | None) -> RandomAccess | Stream:
    """The first so many examples of arrays; all, where ``count`` is None."""
    if count is None or not isinstance(source, Examples):
        return source
    return source.take(slice(0, count))
