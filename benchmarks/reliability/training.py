"""Small trainings of every kind, each with all that has a memory in it."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeAlias

import numpy as np

from layerkit import (
    Accuracy,
    Adam,
    BatchNormalization,
    Callback,
    ClipNorm,
    CosineDecay,
    CrossEntropy,
    Dense,
    Diagnosis,
    Dropout,
    EarlyStopping,
    GradientDescent,
    Quadratic,
    ReLU,
    Residual,
    Sequential,
    Sigmoid,
    Standardize,
    Trainer,
    WeightDecay,
)
from layerkit.errors import LayerkitWarning
from layerkit.interfaces.dataset import Batch, Stream

Training: TypeAlias = Callable[[], tuple[Trainer, dict[str, Any], list[Callback]]]

_ROWS = 90
_EPOCHS = 6


class Drawn(Stream):
    """Batches made from the epoch and their place in it, larger than any memory if one wants."""

    def open(self, epoch: int, position: int) -> Any:
        """The batches of an epoch from a place on."""
        for place in range(position, 12):
            rng = np.random.default_rng([epoch, place])
            x = rng.normal(size=(8, 5)).astype(np.float32)
            yield Batch(x, np.asarray(x[:, :3] > 0, np.float32))


def plain() -> tuple[Trainer, dict[str, Any], list[Callback]]:
    """Dropout, momentum, a short last batch."""
    model = Sequential([Dense(8, activation=Sigmoid()), Dropout(0.4), Dense(3, activation=Sigmoid())])
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(1.0, momentum=0.9), seed=1)
    return trainer, {"data": _examples(), "batch_size": 8}, []


def normalized() -> tuple[Trainer, dict[str, Any], list[Callback]]:
    """Batch normalisation, Adam with a schedule, transforms, validation, a layer used twice, early stopping."""
    twice = Dense(8, activation=ReLU())
    layers = [Dense(8), BatchNormalization(), twice, Residual(Sequential([twice, Dropout(0.2)])), Dense(3)]
    trainer = Trainer(
        Sequential(layers),
        cost=CrossEntropy(),
        optimizer=Adam(CosineDecay(0.01, length=60, unit="step")),
        metrics=[Accuracy()],
        transforms=[ClipNorm(1.0), WeightDecay(1e-3)],
        seed=2,
    )
    settings = {"data": _examples(), "batch_size": 9, "validation": _examples()}
    return trainer, settings, [EarlyStopping("validation_cost", patience=2, restore_best=True)]


def accumulated() -> tuple[Trainer, dict[str, Any], list[Callback]]:
    """Gradients added up over batches, sample weights, float64, Nesterov's momentum, a frozen layer."""
    model = Sequential([Dense(8, activation=ReLU()), BatchNormalization(), Dropout(0.3), Dense(3)])
    model.astype("float64")
    model[0].freeze()
    optimizer = GradientDescent(0.1, momentum=0.8, nesterov=True)
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=optimizer, seed=3)
    weights = np.linspace(0.5, 1.5, _ROWS)
    return trainer, {"data": _examples(), "batch_size": 7, "accumulate": 3, "weights": weights}, []


def diagnosed() -> tuple[Trainer, dict[str, Any], list[Callback]]:
    """A network that learns next to nothing, and the callback that says why."""
    model = Sequential([Dense(8, activation=Sigmoid()), BatchNormalization(), Dense(3, activation=ReLU())])
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(1e-7), seed=6)
    return trainer, {"data": _examples(), "batch_size": 15}, [EarlyStopping("cost", patience=9), Diagnosis()]


def streamed() -> tuple[Trainer, dict[str, Any], list[Callback]]:
    """A stream of batches."""
    model = Sequential([Dense(6, activation=Sigmoid()), BatchNormalization(), Dropout(0.1), Dense(3)]).initialize(
        5, seed=4
    )
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.01), seed=4)
    return trainer, {"data": Drawn()}, []


class Refreezes(Callback):
    """Freezes two layers now and then, and changes the dtype if ``retypes``: by the epoch alone, without a memory."""

    def __init__(self, *, retypes: bool = False) -> None:
        self.retypes = retypes

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        """Set what the next epoch wants."""
        for place, period in ((0, 2), (1, 3)):
            layer, wanted = fit.model[place], fit.epoch % period == 1
            if layer.frozen != wanted:
                layer.freeze() if wanted else layer.unfreeze()
        if self.retypes:
            fit.model.astype("float64" if fit.epoch % 4 in (1, 2) else "float32")


def refrozen() -> tuple[Trainer, dict[str, Any], list[Callback]]:
    """Layers frozen and unfrozen as training goes on, and a transform that adds up over all parameters."""
    model = Sequential([Dense(8, activation=Sigmoid()), Dense(7), BatchNormalization(), Dropout(0.2), Dense(3)])
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.02), transforms=[ClipNorm(0.05)], seed=5)
    return trainer, {"data": _examples(), "batch_size": 7}, [Refreezes()]


def retyped() -> tuple[Trainer, dict[str, Any], list[Callback]]:
    """The same with a dtype that changes, and validation."""
    trainer, settings, _ = refrozen()
    return trainer, {**settings, "validation": _examples()}, [Refreezes(retypes=True)]


class Thaws(Callback):
    """Thaws a layer after a step: by the count of steps alone, without a memory."""

    every_steps = 1

    def steps_ended(self, fit: Any) -> None:
        """Set what the next step wants."""
        if fit.step >= 17 and fit.model[0].frozen:
            fit.model[0].unfreeze()


def thawed() -> tuple[Trainer, dict[str, Any], list[Callback]]:
    """A layer that learns from the data before training, frozen when it begins and thawed in the middle of it."""
    model = Sequential([Standardize(), Dense(8, activation=Sigmoid()), Standardize(), Dense(3)]).initialize(5, seed=7)
    model[0].freeze()
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.02), seed=7)
    return trainer, {"data": _examples(), "batch_size": 10}, [Thaws()]


def ended() -> tuple[Trainer, dict[str, Any], list[Callback]]:
    """A run that early stopping ends before its last epoch."""
    model = Sequential([Dense(5, activation=Sigmoid()), Dense(3)])
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(1.0), seed=8)
    x, labels = _examples()
    settings = {"data": (x, labels), "batch_size": 9, "validation": (x, (labels + 1) % 3)}
    return trainer, settings, [EarlyStopping(patience=1, restore_best=True)]


def _compiled(training: Training) -> Training:
    """The same in the compiled engine."""

    def made() -> tuple[Trainer, dict[str, Any], list[Callback]]:
        from layerkit_numba import NumbaEngine

        trainer, settings, callbacks = training()
        trainer.engine = NumbaEngine()
        return trainer, settings, callbacks

    return made


_ALWAYS: tuple[Training, ...] = (
    plain,
    normalized,
    accumulated,
    diagnosed,
    streamed,
    refrozen,
    retyped,
    thawed,
    ended,
)
TRAININGS: dict[str, Training] = {training.__name__: training for training in _ALWAYS}
if find_spec("layerkit_numba"):
    TRAININGS |= {
        f"{training.__name__}, compiled": _compiled(training)
        for training in (plain, accumulated, refrozen, retyped, thawed, ended)
    }


LONG = tuple(name for name in ("refrozen, compiled", "retyped, compiled") if name in TRAININGS)
"""What has to be compiled anew again and again, so that it is left out of the quick form."""


def fit(trainer: Trainer, settings: dict[str, Any], callbacks: list[Callback]) -> None:
    """Train to the end; what is said of a network that does not learn is not what is tried here."""
    with warnings.catch_warnings(action="ignore", category=LayerkitWarning):
        trainer.fit(**settings, epochs=_EPOCHS, callbacks=callbacks)


def fingerprint(trainer: Trainer) -> str:
    """What two runs must have in common: every bit of the model, and the history but for the seconds."""
    structure = trainer.model.structure
    records = [{name: value for name, value in record.items() if name != "seconds"} for record in trainer.history]
    contents = structure.parameters.tobytes() + structure.states.tobytes() + json.dumps(records).encode()
    return hashlib.sha256(contents).hexdigest()


def _examples() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(_ROWS, 5)).astype(np.float32)
    return x, (x[:, 0] > 0) + (x[:, 1] > 0)
