"""What is assigned to a trainer, a fit and what they have is judged as their constructors judge it."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Accuracy,
    Adam,
    Callback,
    CrossEntropy,
    Dense,
    GradientDescent,
    NumpyEngine,
    Quadratic,
    Sequential,
    Trainer,
    WeightDecay,
)
from layerkit.errors import ArgumentError, UnknownAttributeError

X = np.linspace(-1, 1, 40).reshape(10, 4)
Y = np.arange(10) % 3


def new_trainer(**others: Any) -> Any:
    model = Sequential([Dense(3)]).initialize(4, seed=0)
    return Trainer(model, cost=CrossEntropy(), optimizer=Adam(), seed=0, **others)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("engine", "numpy", "engine must be an Engine object"),
        ("cost", "quadratic", "cost must be a Cost object"),
        ("optimizer", "adam", "optimizer must be an Optimizer object"),
        ("optimizer", Adam, "with brackets"),
        ("metrics", ["accuracy"], "metrics must be a Metric object"),
        ("metrics", Accuracy(), "write metrics=[…]"),
        ("transforms", [Adam()], "transforms must be a Transform object"),
        ("transforms", [WeightDecay(0.1)], "make another Trainer"),
        ("silence", "skale", "silence must be a list of names"),
        ("silence", ["skale"], "got 'skale'"),
        ("seed", 3, "make another Trainer"),
        ("model", None, "make another Trainer"),
        ("standardize_targets", True, "standardize_targets is for targets that are numbers"),
    ],
)
def test_a_part_is_judged(name: str, value: Any, words: str) -> None:
    trainer, other = new_trainer(), new_trainer()
    for each in (trainer, other):
        each.fit((X, Y), epochs=1)
    with pytest.raises(ArgumentError) as caught:
        setattr(trainer, name, value)
    assert words in str(caught.value)
    trainer.fit((X, Y), epochs=2)
    other.fit((X, Y), epochs=2)
    assert trainer.history["cost"] == other.history["cost"]


def test_parts_may_be_replaced_between_two_fits() -> None:
    trainer = new_trainer(transforms=[WeightDecay(0.1)])
    trainer.fit((X, Y), epochs=1)
    trainer.transforms, trainer.metrics = [WeightDecay(0.2)], [Accuracy()]
    trainer.optimizer, trainer.engine, trainer.silence = GradientDescent(0.1), NumpyEngine(), ["scale"]
    trainer.fit((X, Y), epochs=1, validation=(X, Y))
    assert "validation_accuracy" in trainer.history.records[-1]
    assert isinstance(trainer.transforms, tuple)


def test_another_cost_brings_its_readout() -> None:
    trainer = new_trainer()
    assert trainer.model.readout is not None
    trainer.cost = Quadratic()
    assert trainer.model.readout is None


def test_transforms_may_be_others_before_the_first_step() -> None:
    trainer = new_trainer()
    trainer.transforms = [WeightDecay(0.1)]
    other = new_trainer(transforms=[WeightDecay(0.1)])
    for each in (trainer, other):
        each.fit((X, Y), epochs=2)
    assert trainer.history["cost"] == other.history["cost"]
    for again in (copy.deepcopy(trainer), pickle.loads(pickle.dumps(trainer))):
        again.fit((X, Y), epochs=1)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lr", "trainer.optimizer.learning_rate"),
        ("loss", "It is called cost"),
        ("metric", "Did you mean 'metrics'?"),
        ("fit", "Trainer.fit is a method"),
    ],
)
def test_an_attribute_that_a_trainer_does_not_have_is_refused(name: str, words: str) -> None:
    trainer = new_trainer()
    with pytest.raises(UnknownAttributeError) as caught:
        setattr(trainer, name, 1)
    assert words in str(caught.value)


def test_a_callback_sets_the_rate_and_what_is_its_own() -> None:
    class Halves(Callback):
        def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
            fit.trainer.optimizer.learning_rate /= 2
            self.last = record["cost"]

    trainer, halves = new_trainer(), Halves()
    trainer.fit((X, Y), epochs=3, callbacks=[halves])
    assert trainer.optimizer.learning_rate == 1e-3 / 8
    assert vars(halves) == {"last": trainer.history["cost"][-1]}


@pytest.mark.parametrize("owner", ["fit", "fit.model", "fit.trainer"])
def test_stop_training_is_told(owner: str) -> None:
    class Stops(Callback):
        def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
            {"fit": fit, "fit.model": fit.model, "fit.trainer": fit.trainer}[owner].stop_training = True

    with pytest.raises(UnknownAttributeError, match=r"fit\.stop\(reason\)"):
        new_trainer().fit((X, Y), epochs=2, callbacks=[Stops()])


def _callback(**methods: Any) -> Callback:
    made: Callback = type("Mine", (Callback,), methods)()
    return made


@pytest.mark.parametrize(
    ("callback", "words"),
    [
        (_callback(on_epoch_end=lambda self, epoch: None), "write epoch_ended(self, fit, record)"),
        (_callback(on_train_begin=lambda self: None), "write fit_started(self, fit)"),
        (_callback(on_batch_end=lambda self: None), "write steps_ended(self, fit) in its place, with every_steps = 1"),
        (_callback(on_train_end=lambda self: None), "write fit_ended(self, fit)"),
        (_callback(epoch_ended=lambda self, fit: None), "Mine.epoch_ended is called with (fit, record)"),
        (_callback(fit_started=lambda self: None), "and takes (no arguments)"),
        (_callback(steps_ended=lambda self, fit, logs: None), "Mine.steps_ended is called with (fit)"),
    ],
)
def test_a_hook_that_would_not_be_called_is_refused_before_the_first_step(callback: Callback, words: str) -> None:
    trainer = new_trainer()
    before = trainer.model.parameters["0.weight"].copy()
    with pytest.raises(ArgumentError) as caught:
        trainer.fit((X, Y), epochs=1, callbacks=[callback])
    assert words in str(caught.value)
    assert np.array_equal(trainer.model.parameters["0.weight"], before)


def test_a_callback_for_two_frameworks_is_taken() -> None:
    callback = _callback(on_epoch_end=lambda self, epoch: None, epoch_ended=lambda self, *given: None)
    assert len(new_trainer().fit((X, Y), epochs=1, callbacks=[callback])) == 1
