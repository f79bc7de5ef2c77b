from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from layerkit import Dense, Digits, EarlyStopping, NumpyEngine, Sigmoid
from layerkit.errors import ArgumentError
from layerkit.experiments import Session
from layerkit.experiments.builtin_examples import DIGITS
from layerkit.experiments.experiment_file import read_experiment
from tests.experiments.conftest import Read
from tests.experiments.small import SMALL


def test_a_session_trains_and_measures(read: Read) -> None:
    session = Session(read(SMALL))
    history = session.fit()
    assert len(history) == 2
    assert [list(record) for record in session.records()] == [
        ["epoch", "cost", "test_cost", "test_accuracy", "seconds"]
    ] * 2
    assert session.measure()["test_accuracy"] == session.records()[-1]["test_accuracy"]


def test_the_same_seed_gives_the_same_bits_and_another_one_others(read: Read) -> None:
    experiment = read(SMALL)

    def weights(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        session = Session(replace(experiment, seed=seed))
        session.fit()
        return session.model.structure.parameters

    np.testing.assert_array_equal(weights(1), weights(1))
    assert not np.array_equal(weights(1), weights(2))


def test_an_experiment_is_a_pattern_that_training_leaves_alone(read: Read) -> None:
    experiment = read(SMALL)
    first, second = Session(experiment), Session(experiment)
    first.fit()
    second.fit()
    np.testing.assert_array_equal(first.model.structure.parameters, second.model.structure.parameters)


def test_the_dtype_is_the_experiment_s(read: Read) -> None:
    assert Session(read(SMALL + 'dtype = "float64"')).model.dtype == np.float64


def test_the_trained_model_takes_raw_bytes(read: Read) -> None:
    session = Session(read(SMALL))
    session.fit()
    images = Digits().load("test").x
    assert images.dtype == np.uint8
    assert session.model.predict(images).shape == (len(images), 10)


def test_training_examples_may_be_fewer(read: Read) -> None:
    session = Session(read(SMALL + "training_examples = 100"))
    assert len(session.train) == 100  # type: ignore[arg-type]
    assert len(session.test) == 359  # type: ignore[arg-type]


def test_the_engine_is_the_chosen_one(read: Read) -> None:
    session = Session(read(SMALL + 'engine = "auto"'))
    session.fit()
    assert isinstance(session.engine, NumpyEngine)


def test_the_short_form_has_its_own_settings_and_target(read: Read) -> None:
    text = SMALL + "[target]\ntest_accuracy = 0.9\n[quick]\nepochs = 1\ntarget = { test_accuracy = 0.5 }"
    experiment = read(text)
    quick = experiment.quickened()
    assert (quick.epochs, quick.target) == (1, {"test_accuracy": 0.5})
    assert (experiment.epochs, experiment.target) == (2, {"test_accuracy": 0.9})


@pytest.mark.parametrize(
    ("measured", "missed"),
    [
        ({"test_accuracy": 0.9, "test_cost": 0.1}, 0),
        ({"test_accuracy": 0.89, "test_cost": 0.1}, 1),
        ({"test_accuracy": 0.95, "test_cost": 0.2}, 1),
        ({"test_accuracy": float("nan"), "test_cost": float("nan")}, 2),
        ({}, 2),
    ],
)
def test_a_target_is_the_least_accuracy_or_the_most_cost(read: Read, measured: dict[str, float], missed: int) -> None:
    experiment = read(SMALL + "[target]\ntest_accuracy = 0.9\ntest_cost = 0.1")
    assert len(experiment.missed(measured)) == missed


def test_fields_are_checked() -> None:
    digits = read_experiment(DIGITS)
    with pytest.raises(ArgumentError, match=r"layers\[0\] must be a Layer object, got 'dense'"):
        replace(digits, layers=["dense"])  # type: ignore[list-item]
    with pytest.raises(ArgumentError, match="cost must be a Cost object, got 'quadratic'"):
        replace(digits, cost="quadratic")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="layers must hold at least one"):
        replace(digits, layers=[])
    with pytest.raises(ArgumentError, match=r"Experiment has no field 'epoch'\. Did you mean 'epochs'"):
        digits.with_settings(epoch=3)


def test_python_can_change_it_too() -> None:
    digits = read_experiment(DIGITS)
    layers = [*digits.layers[:2], Dense(10, activation=Sigmoid())]
    assert len(Session(digits.with_settings(layers=layers, epochs=1)).fit()) == 1


def test_one_callback_instead_of_a_list_is_told(read: Read) -> None:
    session = Session(read(SMALL))
    for fit in (session.fit, lambda callbacks: session.trainer.fit(session.train, epochs=1, callbacks=callbacks)):
        with pytest.raises(ArgumentError, match=r"fit: callbacks must be a list of Callback objects, got EarlySt"):
            fit(callbacks=EarlyStopping())  # type: ignore[arg-type]


def test_the_name_on_the_screen_is_told_in_the_history_s_words(read: Read) -> None:
    session = Session(read(SMALL).with_settings(epochs=1))
    with pytest.raises(ArgumentError, match=r"got 'test_cost'; .*\. Did you mean 'validation_cost'\?"):
        session.fit(callbacks=[EarlyStopping(monitor="test_cost")])
