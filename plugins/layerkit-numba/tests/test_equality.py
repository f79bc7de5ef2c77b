"""The compiled engine gives the results of the ``numpy`` engine, step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Adam,
    BatchNormalization,
    ClipNorm,
    CosineDecay,
    CrossEntropy,
    Dense,
    Dropout,
    Flatten,
    GradientDescent,
    Identity,
    Model,
    Quadratic,
    ReLU,
    Rescale,
    Reshape,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    WeightDecay,
)
from layerkit.types import Array

from .helpers import Experiment

TOLERANCE = {"float32": 2e-4, "float64": 1e-9}


def images(rows: int, *shape: int) -> Array:
    """Bytes, most of them zero, with columns that are zero in all rows."""
    rng = np.random.default_rng(0)
    found = rng.integers(0, 256, (rows, *shape), dtype=np.uint8)
    found[rng.random(found.shape) < 0.5] = 0
    found.reshape(rows, -1)[:, ::3] = 0
    return found


def labels(rows: int, classes: int) -> Array:
    return np.random.default_rng(1).integers(0, classes, rows)


def plain() -> Model:
    return Sequential([Dense(30, activation=Sigmoid()), Dense(10, activation=Sigmoid())])


def everything() -> Model:
    inner = Sequential([Dense(12, use_bias=False), BatchNormalization(), Tanh(), Dropout(0.3)])
    return Sequential([Rescale(), Flatten(), Dense(17, activation=ReLU()), inner, Dropout(0.1), Dense(7)])


def on_the_last_axis() -> Model:
    layers = [Dense(6, activation=Identity()), BatchNormalization(), Dense(4, activation=Softmax()), Reshape((2, 6))]
    return Sequential([*layers, Dropout(0.5), Dense(3)])


def frozen() -> Model:
    first = Sequential([Dense(9, activation=Tanh()), BatchNormalization(), Dropout(0.5)]).freeze()
    return Sequential([Dense(8), first, Dense(3, activation=Sigmoid())])


def repeated() -> Model:
    again = Dense(6, activation=Tanh())
    normal = BatchNormalization()
    return Sequential([again, normal, again, normal, Dense(3)])


def test_plain_gradient_descent_in_float32_on_images_with_empty_columns() -> None:
    x = images(47, 90).astype(np.float32) / 255
    experiment = Experiment(plain, Quadratic, lambda: GradientDescent(1.5), (90,), dtype="float32", batch_size=10)
    experiment.assert_equal((x, labels(47, 10)), TOLERANCE["float32"])


def test_plain_gradient_descent_in_float64_with_weights() -> None:
    x = np.random.default_rng(2).standard_normal((23, 5))
    weights = np.random.default_rng(3).random(23)
    weights[4:8] = 0
    schedule = CosineDecay(0.5, length=9, unit="step")
    experiment = Experiment(
        plain, Quadratic, lambda: GradientDescent(schedule), (5,), dtype="float64", batch_size=4, weights=weights
    )
    experiment.assert_equal((x, labels(23, 10)), TOLERANCE["float64"])


ADAM = {"optimizer": lambda: Adam(CosineDecay(0.01, length=2)), "transforms": lambda: (ClipNorm(0.2), WeightDecay(0.1))}
NESTEROV = {"optimizer": lambda: GradientDescent(0.1, momentum=0.8, nesterov=True)}


@pytest.mark.parametrize(
    ("dtype", "updates", "fit"),
    [("float64", ADAM, {"drop_last": True}), ("float32", NESTEROV, {"accumulate": 3})],
    ids=["adam-float64", "nesterov-accumulated-float32"],
)
def test_every_kind_of_layer(dtype: str, updates: dict[str, Callable[[], Any]], fit: dict[str, Any]) -> None:
    experiment = Experiment(everything, CrossEntropy, shape=(12, 12), dtype=dtype, batch_size=8, **updates, **fit)
    experiment.assert_equal((images(70, 12, 12), labels(70, 7)), TOLERANCE[dtype])


def test_layers_on_the_last_axis_with_momentum_and_without_shuffling() -> None:
    rng = np.random.default_rng(5)
    experiment = Experiment(
        on_the_last_axis,
        CrossEntropy,
        lambda: GradientDescent(0.1, momentum=0.9),
        (3, 5),
        dtype="float64",
        batch_size=4,
        shuffle=False,
    )
    experiment.assert_equal((rng.standard_normal((18, 3, 5)), rng.random((18, 2, 3))), TOLERANCE["float64"])


@pytest.mark.parametrize("model", [frozen, repeated])
def test_frozen_layers_and_layers_in_two_places(model: Callable[[], Model]) -> None:
    rng = np.random.default_rng(6)
    experiment = Experiment(model, Quadratic, lambda: GradientDescent(0.2), (6,), dtype="float64", batch_size=5)
    experiment.assert_equal((rng.standard_normal((17, 6)), rng.random((17, 3))), TOLERANCE["float64"])


def test_layers_so_large_that_blas_multiplies() -> None:
    rng = np.random.default_rng(7)
    experiment = Experiment(
        lambda: Sequential([Dense(260, activation=Tanh()), Dense(260, activation=Sigmoid())]),
        Quadratic,
        lambda: GradientDescent(0.02),
        (250,),
        dtype="float64",
        batch_size=64,
    )
    experiment.assert_equal((rng.standard_normal((150, 250)), rng.random((150, 260))), TOLERANCE["float64"])
