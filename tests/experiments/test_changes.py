from __future__ import annotations

from typing import Any

import pytest

from layerkit import (
    Adam,
    Augmented,
    BatchNormalization,
    CosineDecay,
    Cost,
    CrossEntropy,
    Dense,
    Digits,
    Dropout,
    Flatten,
    GradientDescent,
    Mnist,
    Optimizer,
    Poisson,
    Quadratic,
    ReLU,
    Sigmoid,
    Tanh,
    UpdateContext,
)
from layerkit.engines.automatic import Automatic
from layerkit.errors import ArgumentError, LayerkitError
from layerkit.experiments import Changes, Experiment, changed
from layerkit.plugin import PluginHost
from layerkit.types import Array


def experiment(**fields: Any) -> Experiment:
    values: dict[str, Any] = {
        "name": "small",
        "dataset": Digits(),
        "layers": [Flatten(), Dense(12, activation=Tanh()), Dense(10, activation=Sigmoid())],
        "cost": Quadratic(),
        "optimizer": GradientDescent(2.0, momentum=0.5),
        "epochs": 5,
    }
    return Experiment(**values | fields)


def after(host: PluginHost, changes: dict[str, Any], **fields: Any) -> tuple[Experiment, list[str]]:
    return changed(experiment(**fields), Changes(**changes), host=host)


def test_without_changes_nothing_changes(host: PluginHost) -> None:
    same, notes = after(host, {})
    assert repr(same) == repr(experiment())
    assert notes == []


def test_layers_may_be_resized_added_and_removed(host: PluginHost) -> None:
    for sizes, expected in (
        ((20, 10), "[Flatten(), Dense(20, activation=Tanh()), Dense(10, activation=Sigmoid())]"),
        (
            (30, 20, 10),
            "[Flatten(), Dense(30, activation=Tanh()), Dense(20, activation=Tanh()), Dense(10, activation=Sigmoid())]",
        ),
        ((10,), "[Flatten(), Dense(10, activation=Sigmoid())]"),
    ):
        assert repr(after(host, {"layers": sizes})[0].layers) == expected


def test_other_layers_stay_around_the_dense_ones(host: PluginHost) -> None:
    layers = [Flatten(), Dense(12), BatchNormalization(), Dropout(0.1), Dense(10)]
    new, _ = after(host, {"layers": (20, 10)}, layers=layers)
    assert repr(new.layers) == "[Flatten(), Dense(20), BatchNormalization(), Dropout(0.1), Dense(10)]"
    with pytest.raises(
        ArgumentError,
        match=r"--layers: this network has 2 dense layers with BatchNormalization, Dropout between them, .* got 3",
    ):
        after(host, {"layers": (20, 20, 10)}, layers=layers)


def test_a_network_without_dense_layers_cannot_be_resized(host: PluginHost) -> None:
    with pytest.raises(
        ArgumentError, match=r"--layers: this network has no dense layer .* its layers: Flatten, Dropout"
    ):
        after(host, {"layers": (3,)}, layers=[Flatten(), Dropout(0.1)])


def test_the_activation_of_hidden_layers_changes_and_the_output_s_stays(host: PluginHost) -> None:
    new, _ = after(host, {"activation": "relu"})
    assert repr(new.layers) == "[Flatten(), Dense(12, activation=ReLU()), Dense(10, activation=Sigmoid())]"
    alone = [Flatten(), Dense(12), BatchNormalization(), ReLU(), Dense(10)]
    new, _ = after(host, {"activation": "tanh"}, layers=alone)
    assert repr(new.layers) == "[Flatten(), Dense(12), BatchNormalization(), Tanh(), Dense(10)]"
    new, _ = after(host, {"activation": "tanh"}, layers=[Dense(12), Dense(10)])
    assert repr(new.layers) == "[Dense(12, activation=Tanh()), Dense(10)]"
    with pytest.raises(ArgumentError, match=r"--activation: this network has no hidden layer"):
        after(host, {"activation": "tanh"}, layers=[Flatten(), Dense(10)])


def test_the_output_follows_the_cost_and_that_is_told(host: PluginHost) -> None:
    new, notes = after(host, {"cost": "cross-entropy"})
    assert isinstance(new.cost, CrossEntropy)
    assert repr(new.layers[-1]) == "Dense(10)"
    assert notes == ["The output layer is linear now: CrossEntropy applies Softmax itself."]
    back, notes = changed(new, Changes(cost="quadratic"), host=host)
    assert repr(back.layers[-1]) == "Dense(10, activation=Sigmoid())"
    assert len(notes) == 1
    same, notes = after(host, {"cost": "quadratic"})
    assert (repr(same.layers), notes) == (repr(experiment().layers), [])


@pytest.mark.parametrize(
    ("before", "after_"),
    [(CrossEntropy(), "categorical-hinge"), (Poisson(), "huber"), (Poisson(), "quadratic")],
    ids=repr,
)
def test_an_output_that_no_sigmoid_suits_stays_linear(host: PluginHost, before: Cost, after_: str) -> None:
    found, notes = after(host, {"cost": after_}, cost=before, layers=[Flatten(), Dense(10)])
    assert repr(found.layers[-1]) == "Dense(10)"
    assert notes == []


def test_the_optimizer_keeps_its_other_arguments_and_a_new_one_has_its_own(host: PluginHost) -> None:
    assert repr(after(host, {"learning_rate": 0.5})[0].optimizer) == "GradientDescent(0.5, momentum=0.5)"
    assert repr(after(host, {"optimizer": "gradient-descent"})[0].optimizer) == "GradientDescent(2.0, momentum=0.5)"
    assert repr(after(host, {"optimizer": "adam"})[0].optimizer) == "Adam()"
    assert repr(after(host, {"optimizer": "adam", "learning_rate": 0.1})[0].optimizer) == "Adam(learning_rate=0.1)"
    with pytest.raises(ArgumentError, match=r"needs the argument 'learning_rate'.*give --learning-rate"):
        after(host, {"optimizer": "gradient-descent"}, optimizer=Adam())


def test_a_number_replaces_a_schedule_and_that_is_told(host: PluginHost) -> None:
    new, notes = after(host, {"learning_rate": 0.1}, optimizer=Adam(CosineDecay(0.1, length=5)))
    assert repr(new.optimizer) == "Adam(learning_rate=0.1)"
    assert notes == ["The learning rate is constant now, instead of CosineDecay(0.1, length=5)."]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (CosineDecay(0.1, length=5), CosineDecay(0.1, length=9)),
        (CosineDecay(0.1, length=3), CosineDecay(0.1, length=3)),
        (CosineDecay(0.1, length=5, unit="step"), CosineDecay(0.1, length=5, unit="step")),
    ],
)
def test_a_schedule_as_long_as_the_run_stays_so(host: PluginHost, schedule: Any, expected: Any) -> None:
    new, _ = after(host, {"epochs": 9}, optimizer=Adam(schedule))
    assert new.epochs == 9
    assert repr(new.optimizer) == repr(Adam(expected))


def test_plain_settings_engine_and_folder(host: PluginHost) -> None:
    changes = {"batch_size": 7, "seed": 3, "dtype": "float64", "engine": "auto", "data_dir": "somewhere"}
    new, _ = after(host, changes, dataset=Mnist())
    assert (new.batch_size, new.seed, new.dtype) == (7, 3, "float64")
    assert isinstance(new.engine, Automatic)
    assert repr(new.dataset) == "Mnist(data_dir='somewhere')"


class WithoutRate(Optimizer):
    """An optimizer that takes no learning rate."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        parameters -= gradient


@pytest.mark.parametrize(
    ("changes", "fields", "message"),
    [
        ({"epochs": 0}, {}, "--epochs: epochs must be an integer of at least 1, got 0"),
        ({"batch_size": 0}, {}, "--batch-size: batch_size must be"),
        ({"dtype": "float16"}, {}, "--dtype: dtype must be one of 'float32', 'float64', got 'float16'"),
        ({"seed": -1}, {}, "--seed: seed must be"),
        ({"learning_rate": -1.0}, {}, "--learning-rate: GradientDescent: learning_rate must be a finite number"),
        ({"learning_rate": 1.0}, {"optimizer": WithoutRate()}, "--learning-rate: the optimizer WithoutRate has none"),
        ({"cost": "quadratc"}, {}, r"--cost: there is no cost named 'quadratc'\. Did you mean 'quadratic'\?"),
        ({"optimizer": "adm"}, {}, r"--optimizer: there is no optimizer named 'adm'\. Did you mean 'adam' or"),
        ({"activation": "relo"}, {}, r"--activation: there is no activation named 'relo'\. Did you mean 'relu'"),
        ({"engine": "nump"}, {}, r"--engine: there is no engine named 'nump'\. Did you mean 'numpy'\?"),
        ({"data_dir": "x"}, {}, "--data-dir: the dataset Digits is not read from a folder"),
    ],
)
def test_an_error_names_the_option(
    host: PluginHost, changes: dict[str, Any], fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(LayerkitError, match=message):
        after(host, changes, **fields)


def test_the_folder_is_that_of_a_dataset_inside_another(host: PluginHost) -> None:
    found, _ = after(host, {"data_dir": "x"}, dataset=Augmented(Augmented(Mnist(), shift=1), rotate=5))
    assert repr(found.dataset) == repr(Augmented(Augmented(Mnist(data_dir="x"), shift=1), rotate=5))


def test_the_original_is_untouched(host: PluginHost) -> None:
    original = experiment()
    before = repr(original)
    changed(original, Changes(layers=(5, 10), activation="relu", cost="cross-entropy", learning_rate=1.0), host=host)
    assert repr(original) == before
