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
    AdamW,
    BatchNormalization,
    Callback,
    ClipNorm,
    CosineDecay,
    CrossEntropy,
    Dense,
    Diagnosis,
    Dropout,
    EarlyStopping,
    Embedding,
    Examples,
    ExponentialAverage,
    Flatten,
    GaussianNoise,
    GradientDescent,
    L2Penalty,
    LayerStatistics,
    Quadratic,
    ReduceOnPlateau,
    ReLU,
    Residual,
    RMSProp,
    Sequential,
    Sigmoid,
    SpatialDropout,
    Standardize,
    Trainer,
    WeightDecay,
)
from layerkit.errors import LayerkitWarning
from layerkit.interfaces.dataset import Batch, Stream

Training: TypeAlias = Callable[[], tuple[Trainer, dict[str, Any], list[Callback]]]

_ROWS = 90
_EPOCHS = 6
_STEPS_OF_PLAIN = 72


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


def averaged() -> tuple[Trainer, dict[str, Any], list[Callback]]:
    """An average of the weights, a rate lowered where the cost stands still, the best epoch kept, rows by chance."""
    model = Sequential([Dense(8, activation=Sigmoid()), GaussianNoise(0.1), Dense(3)])
    trainer = Trainer(
        model,
        cost=CrossEntropy(),
        optimizer=RMSProp(0.02, centered=True),
        metrics=[Accuracy()],
        transforms=[L2Penalty(1e-3), ExponentialAverage(decay=0.9)],
        seed=9,
    )
    x, labels = _examples()
    data = Examples(x, labels, sampling=np.linspace(0.5, 1.5, _ROWS))
    callbacks = [ReduceOnPlateau("cost", patience=1, factor=0.5), LayerStatistics()]
    return trainer, {"data": data, "batch_size": 11, "validation": (x, labels)}, callbacks


def twice() -> tuple[Trainer, dict[str, Any], list[Callback]]:
    """Two fits one after the other, the second on other rows, in other batches and with other weights."""
    trainer, settings, callbacks = plain()
    x, labels = _examples()
    second = {"data": (x[::-1].copy(), labels[::-1].copy()), "batch_size": 5, "epochs": 2 * _EPOCHS}
    return trainer, {**settings, "second": second}, callbacks


def convolved() -> tuple[Trainer, dict[str, Any], list[Callback]]:
    """Convolution, pooling, batch normalisation and dropout of channels, on images."""
    from layerkit_conv import Conv2D, MaxPool2D

    seen = [Conv2D(3, kernel_size=3, activation=ReLU()), BatchNormalization(), MaxPool2D(2), SpatialDropout(0.3)]
    model = Sequential([*seen, Flatten(), Dense(3)])
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=AdamW(0.01), seed=10)
    rng = np.random.default_rng(10)
    images = rng.normal(size=(_ROWS, 8, 8, 1)).astype(np.float32)
    return trainer, {"data": (images, rng.integers(0, 3, _ROWS)), "batch_size": 16}, [EarlyStopping("cost", patience=9)]


def recurrent() -> tuple[Trainer, dict[str, Any], list[Callback]]:
    """An embedding, recurrent layers and dropout on sequences of different lengths."""
    from layerkit_sequence import GRU, LSTM

    model = Sequential([Embedding(7, 4), LSTM(5), Dropout(0.2), GRU(4, return_sequences=False), Dense(3)])
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.02), transforms=[ClipNorm(1.0)], seed=11)
    rng = np.random.default_rng(11)
    lengths = rng.integers(1, 7, _ROWS)
    settings = {"data": (rng.integers(0, 7, (_ROWS, 6)), rng.integers(0, 3, _ROWS)), "batch_size": 13}
    return trainer, {**settings, "mask": np.arange(6) < lengths[:, None]}, []


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
    averaged,
    twice,
)
TRAININGS: dict[str, Training] = {training.__name__: training for training in _ALWAYS}
if find_spec("layerkit_conv"):
    TRAININGS["convolved"] = convolved
if find_spec("layerkit_sequence"):
    TRAININGS["recurrent"] = recurrent
if find_spec("layerkit_numba"):
    TRAININGS |= {
        f"{training.__name__}, compiled": _compiled(training)
        for training in (plain, accumulated, refrozen, retyped, thawed, ended, twice)
    }


LONG = tuple(name for name in ("refrozen, compiled", "retyped, compiled", "twice, compiled") if name in TRAININGS)
"""What has to be compiled anew again and again, so that it is left out of the quick form."""


def fit(trainer: Trainer, settings: dict[str, Any], callbacks: list[Callback]) -> None:
    """Train to the end; what is said of a network that does not learn is not what is tried here."""
    first = {name: value for name, value in settings.items() if name != "second"}
    with warnings.catch_warnings(action="ignore", category=LayerkitWarning):
        # one that is resumed at the end of the first fit is told so by that fit, which does nothing then
        begun = trainer.model.initialized and trainer.state()["position"]["step"]
        if "second" not in settings or begun <= _STEPS_OF_PLAIN:
            trainer.fit(**first, epochs=_EPOCHS, callbacks=callbacks)
        if "second" in settings:
            trainer.fit(**settings["second"], callbacks=callbacks)


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
