"""Bad input is refused before anything is trained, and the message says what was given, what was wanted, and where."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Adam,
    BatchNormalization,
    Callback,
    CrossEntropy,
    Dense,
    Dropout,
    Flatten,
    GradientDescent,
    Quadratic,
    Reshape,
    Residual,
    Sequential,
    Sigmoid,
    Trainer,
)
from layerkit.errors import ArgumentError, DataError, LayerkitError, ShapeError
from layerkit.types import Array

X, Y, LABELS = np.ones((10, 4)), np.ones((10, 3)), np.arange(10) % 3


def fit(x: Any, y: Any, *, cost: Any = None, layers: Any = None, **given: Any) -> Trainer:
    model = Sequential(layers or [Dense(5, activation=Sigmoid()), Dense(3)]).initialize(4, seed=0)
    before = model.structure.parameters.copy()
    trainer = Trainer(model, cost=cost or Quadratic(), optimizer=Adam(), seed=0)
    try:
        trainer.fit((x, y), **{"epochs": 1, **given})
    except LayerkitError:
        np.testing.assert_array_equal(model.structure.parameters, before)
        assert len(trainer.history) == 0
        raise
    return trainer


@pytest.mark.parametrize(("cost", "targets"), [(CrossEntropy(), LABELS), (Quadratic(), Y)])
def test_a_flatten_that_was_forgotten_is_named(cost: Any, targets: Array) -> None:
    trainer = Trainer(Sequential([Dense(3)]), cost=cost, optimizer=Adam())
    for use in (lambda: trainer.fit((np.ones((10, 8, 8)), targets), epochs=1),
                lambda: trainer.evaluate((np.ones((10, 8, 8)), targets))):  # fmt: skip
        with pytest.raises(ShapeError, match=r"\(batch, 8, 3\).*put Flatten\(\) in front of the dense layers"):
            use()


def test_channels_first_are_named() -> None:
    model = Sequential([Flatten(), Dense(3)]).initialize((8, 8, 3), seed=0)
    with pytest.raises(ShapeError, match=r"channels come last.*np\.moveaxis\(x, 1, -1\)"):
        model.predict(np.ones((10, 3, 8, 8)))
    assert model.predict(np.moveaxis(np.ones((10, 3, 8, 8)), 1, -1)).shape == (10, 3)


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.ones((10, 5)), Y, ["layer 0 (Dense)", "(batch, 4)", "(10, 5)"]),
        (np.ones(10), Y, ["layer 0 (Dense)", "(batch, 4)", "(10,)"]),
        (np.ones((10, 2, 2)), Y, ["layer 0 (Dense)", "(batch, 4)", "(10, 2, 2)", "Flatten"]),
        (X, np.ones((10, 2)), ["(batch, 3)", "(10, 2)", "integer labels of shape (batch)"]),
        (X, np.ones(10), ["(batch, 3)", "(10,)", "float64"]),
        (X, np.ones((10, 3, 1)), ["(batch, 3)", "(10, 3, 1)"]),
        (X, np.ones((10, 1), int), ["(batch, 3)", "(10, 1)"]),
    ],
)
def test_wrong_shapes(x: Array, y: Array, words: list[str]) -> None:
    with pytest.raises(ShapeError) as caught:
        fit(x, y)
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("cost", [Quadratic(), CrossEntropy()], ids=repr)
@pytest.mark.parametrize(
    ("label", "row", "dtype"), [(3, 7, "int64"), (-1, 0, "int8"), (255, 9, "uint8"), (10, 2, "int32")]
)
def test_labels_out_of_range(cost: Any, label: int, row: int, dtype: str) -> None:
    labels = LABELS.astype(dtype)
    labels[row] = label
    with pytest.raises(DataError, match=rf"labels must be 0 to 2.*3 outputs; got {label} in row {row}"):
        fit(X, labels, cost=cost)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"epochs": 0}, ["epochs", "at least 1", "0"]),
        ({"epochs": -3}, ["epochs", "-3"]),
        ({"epochs": 1.5}, ["epochs", "1.5"]),
        ({"batch_size": 0}, ["batch_size", "at least 1", "0"]),
        ({"batch_size": "10"}, ["batch_size", "'10'"]),
        ({"accumulate": 0}, ["accumulate", "at least 1"]),
        ({"shuffle": 1}, ["shuffle", "True or False"]),
        ({"drop_last": None}, ["drop_last", "True or False"]),
        ({"callbacks": [print]}, ["callbacks", "Callback"]),
        ({"callbacks": [Callback]}, ["callbacks", "brackets"]),
    ],
)
def test_arguments_of_fit(given: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(ArgumentError, match=r"Trainer\.fit") as caught:
        fit(X, Y, **given)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_drop_last_that_leaves_nothing() -> None:
    with pytest.raises(DataError, match="10 rows, fewer than batch_size 32"):
        fit(X, Y, drop_last=True)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (np.full(10, -1.0), "at least 0"),
        (np.full(10, np.nan), "finite"),
        (np.ones((10, 1)), "vector"),
        (np.ones(9), "weights has 9"),
        (np.array(["a"] * 10), "vector of numbers"),
    ],
)
def test_sample_weights(weights: Array, words: str) -> None:
    with pytest.raises(DataError, match=words):
        fit(X, Y, weights=weights)


@pytest.mark.parametrize("x", [np.full((10, 4), "a"), np.full((10, 4), None), np.full((10, 4), 1j)])
def test_inputs_that_are_no_numbers(x: Array) -> None:
    with pytest.raises(DataError, match="numbers"):
        fit(x, Y)
    with pytest.raises(DataError, match="numbers"):
        fit(X, np.full((10, 3), "a"))


@pytest.mark.parametrize(
    ("validation", "words"),
    [
        ((np.ones((2, 5)), np.ones((2, 3))), ["layer 0 (Dense)", "(2, 5)"]),
        ((np.ones((2, 4)), np.ones((2, 2))), ["(batch, 3)", "(2, 2)"]),
        ((np.ones((2, 4)), np.array([0, 3])), ["labels must be 0 to 2"]),
    ],
)
def test_bad_validation_data_is_told_before_training(validation: Any, words: list[str]) -> None:
    with pytest.raises(LayerkitError) as caught:
        fit(X, Y, validation=validation)
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"model": Dense(3)}, ["model", "Model", "Dense(3)"]),
        ({"cost": "quadratic"}, ["cost", "Cost", "'quadratic'", "objects"]),
        ({"cost": Quadratic}, ["cost", "Quadratic(…)", "brackets"]),
        ({"optimizer": 3.0}, ["optimizer", "Optimizer", "3.0"]),
        ({"metrics": ["accuracy"]}, ["metrics", "'accuracy'"]),
        ({"transforms": [Adam()]}, ["transforms", "Transform"]),
        ({"engine": "numpy"}, ["engine", "'numpy'"]),
        ({"seed": -1}, ["seed", "-1"]),
        ({"seed": 1.5}, ["seed", "1.5"]),
    ],
)
def test_arguments_of_the_trainer(given: dict[str, Any], words: list[str]) -> None:
    usual = {"model": Sequential([Dense(3)]), "cost": Quadratic(), "optimizer": Adam()}
    with pytest.raises(ArgumentError, match="Trainer") as caught:
        Trainer(**(usual | given))
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("rate", [-0.1, float("nan"), float("inf"), "0.1", None, True])
@pytest.mark.parametrize("optimizer", [GradientDescent, Adam])
def test_learning_rates(optimizer: Any, rate: Any) -> None:
    with pytest.raises(ArgumentError, match=rf"{optimizer.__name__}: learning_rate .*at least 0"):
        optimizer(rate)


@pytest.mark.parametrize(
    ("layers", "shape", "words"),
    [
        ([Dense(3), Reshape((2, 2))], 4, ["layer 1 (Reshape)", "(batch, 3)", "(batch, 2, 2)"]),
        ([Flatten(), Dense(2)], (None, 3), ["layer 0 (Flatten)", "(batch, any, 3)"]),
        ([Dense(2)], (3, None), ["layer 0 (Dense)", "(batch, 3, any)"]),
        ([Dense(4), Residual(Dense(3))], 4, ["layer 1 (Residual)", "(batch, 4)", "(batch, 3)", "keep the shape"]),
        ([Residual(Sequential([Flatten()]))], (None, 2), ["layer 0.inner.0 (Flatten)", "(batch, any, 2)"]),
        ([BatchNormalization()], (2, None), ["layer 0 (BatchNormalization)", "(batch, 2, any)"]),
    ],
)
def test_layers_that_do_not_fit(layers: Any, shape: Any, words: list[str]) -> None:
    with pytest.raises(ShapeError) as caught:
        Sequential(layers).initialize(shape)
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("shape", [0, -1, (3, 0), "3", None, 2.5, (True,), ((3,), 4)])
def test_input_shapes(shape: Any) -> None:
    with pytest.raises(ArgumentError, match="positive integer"):
        Sequential([Dropout(0.5)]).initialize(shape)


def test_integers_of_numpy_are_integers() -> None:
    """Such as the number of classes, counted: labels.max() + 1."""
    model = Sequential([Dense(LABELS.max() + 1), Reshape(np.array([3, 1]).tolist()), Flatten()])
    model.initialize((np.int64(4),), seed=np.int64(0))  # type: ignore[arg-type]
    assert model.output_shape == (3,)
    assert all(type(axis) is int for axis in (*model.input_shape, *model.output_shape))
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(np.float32(0.5)), seed=np.uint8(3))  # type: ignore[arg-type]
    trainer.fit((X, LABELS), epochs=np.int64(1), batch_size=np.int32(5))  # type: ignore[arg-type]
    json.dumps(trainer.state()["streams"])


@pytest.mark.parametrize(
    ("labels", "cure"),
    [
        (LABELS + 1, r"write y - 1 for labels of 1 to 3, or of a file say classes=\['1', '2', …\]"),
        (LABELS + 2, r"row \d+$"),
        (LABELS - 1, r"row \d+$"),
    ],
)
def test_labels_that_count_from_1_are_told_the_cure(labels: Any, cure: str) -> None:
    with pytest.raises(DataError, match=cure):
        fit(X, labels, cost=CrossEntropy())


def test_labels_of_padding_are_told_the_cure() -> None:
    x, mask = np.zeros((6, 4, 3)), np.tile([True, True, True, False], (6, 1))
    y = np.where(mask, 1, -1)
    trainer = Trainer(Sequential([Dense(3)]), cost=CrossEntropy(), optimizer=Adam(), seed=0)
    with pytest.raises(DataError, match="where that is padding, put 0 there, and let the mask leave it out"):
        trainer.fit((x, y), mask=mask, epochs=1)
    trainer.fit((x, np.where(mask, 1, 0)), mask=mask, epochs=1)
    with pytest.raises(ShapeError, match=r"put Flatten\(\).*; after a layer over time say return_sequences=False"):
        trainer.fit((x, np.zeros(6, int)), epochs=1)
