"""The compiled engine gives the results of the ``numpy`` engine, step by step."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from layerkit_numba import NumbaEngine

from layerkit import (
    BatchNormalization,
    Callback,
    Cost,
    CrossEntropy,
    Dense,
    Dropout,
    Engine,
    ExponentialAverage,
    Flatten,
    GradientDescent,
    GradientNoise,
    Identity,
    Model,
    NumpyEngine,
    Optimizer,
    Quadratic,
    ReLU,
    Rescale,
    Reshape,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    Trainer,
)
from layerkit.types import Array

TOLERANCE = {"float32": 2e-4, "float64": 1e-9}


class Recorder(Callback):
    """Keeps parameters and states after every step."""

    every_steps = 1

    def __init__(self) -> None:
        self.parameters: list[Array] = []
        self.states: list[Array] = []

    def steps_ended(self, fit: Any) -> None:
        self.parameters.append(fit.model.structure.parameters.copy())
        self.states.append(fit.model.structure.states.copy())


class Experiment:
    """A model, a cost and an optimizer, made anew for each training."""

    def __init__(
        self,
        model: Callable[[], Model],
        cost: Callable[[], Cost],
        optimizer: Callable[[], Optimizer],
        shape: tuple[int, ...],
        *,
        dtype: str,
        transforms: Callable[[], tuple[Any, ...]] = tuple,
        **fit: Any,
    ) -> None:
        self.model, self.cost, self.optimizer, self.transforms = model, cost, optimizer, transforms
        self.shape, self.dtype, self.fit_arguments = shape, dtype, fit

    def trainer(self, engine: Engine) -> Trainer:
        model = self.model().initialize(self.shape, seed=3, dtype=self.dtype)
        parts: dict[str, Any] = {"cost": self.cost(), "optimizer": self.optimizer(), "transforms": self.transforms()}
        return Trainer(model, engine=engine, seed=5, **parts)

    def train(self, engine: Engine, data: tuple[Array, ...], *, epochs: int = 2, recorded: bool = True) -> Result:
        trainer = self.trainer(engine)
        recorder = Recorder()
        callbacks = [recorder] if recorded else []
        history = trainer.fit(data, epochs=epochs, callbacks=callbacks, **self.fit_arguments)
        return Result(trainer, recorder, [record["cost"] for record in history.records])

    def assert_equal(self, data: tuple[Array, ...], tolerance: float) -> None:
        """Both engines agree after each step, and a long run of steps gives the bits of single ones."""
        ours = self.train(engine := NumbaEngine(), data)
        theirs = self.train(NumpyEngine(), data)
        assert len(ours.recorder.parameters) == len(theirs.recorder.parameters) > 2
        for name in ("parameters", "states"):
            for mine, other in zip(getattr(ours.recorder, name), getattr(theirs.recorder, name), strict=True):
                np.testing.assert_allclose(mine, other, rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(ours.costs, theirs.costs, rtol=tolerance)
        assert _generators(ours) == _generators(theirs)
        together = self.train(engine, data, recorded=False)
        np.testing.assert_array_equal(
            together.trainer.model.structure.parameters, ours.trainer.model.structure.parameters
        )
        assert together.costs == ours.costs


class Result:
    """What a training left."""

    def __init__(self, trainer: Trainer, recorder: Recorder, costs: list[float]) -> None:
        self.trainer, self.recorder, self.costs = trainer, recorder, costs


def _generators(result: Result) -> Any:
    kept = result.trainer.state()["streams"]["kept"]
    return {key: state for key, state in kept.items() if key.startswith("layer")}


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
    inner = Sequential([BatchNormalization(), Tanh(), Dropout(0.3)])
    return Sequential([Rescale(), Flatten(), Dense(17, activation=ReLU(), use_bias=False), inner, Dense(7)])


def on_the_last_axis() -> Model:
    layers = [Dense(6, activation=Identity()), BatchNormalization(), Dense(4, activation=Softmax()), Reshape((2, 6))]
    return Sequential([*layers, Dropout(0.5), Dense(3)])


def frozen() -> Model:
    first = Sequential([Dense(9, activation=Tanh()), BatchNormalization(), Dropout(0.5)]).freeze()
    return Sequential([Dense(8), first, Dense(3, activation=Sigmoid())])


def test_plain_gradient_descent_in_float32_on_images_with_empty_columns() -> None:
    x = images(47, 90).astype(np.float32) / 255
    experiment = Experiment(plain, Quadratic, lambda: GradientDescent(1.5), (90,), dtype="float32", batch_size=10)
    experiment.assert_equal((x, labels(47, 10)), TOLERANCE["float32"])


@pytest.mark.parametrize("units", [pytest.param(1, marks=pytest.mark.thorough), 3, 8])
def test_narrow_layers_that_read_bytes_with_empty_columns_several_at_once(units: int) -> None:
    # empty columns in the middle of a group, at its ends, and in whole groups
    x = images(33, 96)
    x[:, 32:64] = 0
    experiment = Experiment(
        lambda: Sequential([Rescale(), Dense(units, activation=Sigmoid()), Dense(3, activation=Tanh())]),
        Quadratic,
        lambda: GradientDescent(0.5),
        (96,),
        dtype="float32",
        batch_size=7,
    )
    experiment.assert_equal((x, labels(33, 3)), TOLERANCE["float32"])


@pytest.mark.usefixtures("never_repeated")
def test_a_layer_on_the_last_axis_of_data_with_empty_columns() -> None:
    x = images(40, 8, 16)
    x.reshape(40, -1)[:, 30:100] = 0
    experiment = Experiment(
        lambda: Sequential([Rescale(), Dense(5, activation=Tanh()), Flatten(), Dense(3)]),
        Quadratic,
        lambda: GradientDescent(0.01),
        (8, 16),
        dtype="float32",
        batch_size=10,
    )
    experiment.assert_equal((x, labels(40, 3)), TOLERANCE["float32"])


def test_every_kind_of_layer_with_gradients_of_three_batches_accumulated() -> None:
    experiment = Experiment(
        everything,
        CrossEntropy,
        lambda: GradientDescent(0.1, momentum=0.8, nesterov=True),
        (12, 12),
        dtype="float32",
        batch_size=8,
        accumulate=3,
    )
    experiment.assert_equal((images(70, 12, 12), labels(70, 7)), TOLERANCE["float32"])


@pytest.mark.thorough
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
    experiment.assert_equal((rng.standard_normal((18, 3, 5)), rng.dirichlet(np.ones(3), (18, 2))), TOLERANCE["float64"])


def test_frozen_layers_in_the_middle() -> None:
    rng = np.random.default_rng(6)
    experiment = Experiment(frozen, Quadratic, lambda: GradientDescent(0.2), (6,), dtype="float64", batch_size=5)
    experiment.assert_equal((rng.standard_normal((17, 6)), rng.random((17, 3))), TOLERANCE["float64"])


def test_an_average_of_the_weights_behind_noise_on_the_gradients() -> None:
    rng = np.random.default_rng(8)
    experiment = Experiment(
        frozen,
        Quadratic,
        lambda: GradientDescent(0.2),
        (6,),
        dtype="float64",
        transforms=lambda: (GradientNoise(0.1), ExponentialAverage(decay=0.8, warm_up=True)),
        batch_size=5,
    )
    experiment.assert_equal((rng.standard_normal((17, 6)), rng.random((17, 3))), TOLERANCE["float64"])


@pytest.mark.parametrize("library_from", [None, 1])
def test_large_layers_multiplied_by_panels_and_by_blas(
    library_from: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if library_from is not None:
        monkeypatch.setattr("layerkit_numba.kernels.linear._LIBRARY_FROM", library_from)
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


def test_a_layer_and_an_activation_of_another_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent / "packages")
    acme = importlib.import_module("acme_numba_layers")
    rng = np.random.default_rng(0)
    experiment = Experiment(
        lambda: Sequential([Dense(6, activation=acme.Swish(1.5)), acme.Scale(), Dense(2, activation=Tanh())]),
        Quadratic,
        lambda: GradientDescent(0.3),
        (4,),
        dtype="float64",
        batch_size=5,
    )
    experiment.assert_equal((rng.standard_normal((17, 4)), rng.random((17, 2))), TOLERANCE["float64"])
