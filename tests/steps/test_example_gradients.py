"""The gradient of each example, and norms of layers: those of examples and of batches by themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import (
    Batch,
    BatchNormalization,
    CrossEntropy,
    Dense,
    GradientDescent,
    Quadratic,
    Residual,
    Sequential,
    Sigmoid,
    Tanh,
    Trainer,
)
from layerkit.engines import Differentiate, RandomStreams

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(9, 3)), RNG.normal(size=(9, 2))


def new_trainer(*layers: Any, shape: Any = 3, cost: Any = None) -> Trainer:
    layers = layers or (Dense(4, activation=Tanh()), Residual(Dense(4, use_bias=False)), Dense(2, activation=Sigmoid()))
    model = Sequential(list(layers)).initialize(shape, seed=1, dtype="float64")
    return Trainer(model, cost=cost or Quadratic(), optimizer=GradientDescent(0.1), silence=("all",), seed=0)


def alone(trainer: Trainer, x: Any, y: Any) -> dict[str, Any]:
    """The gradient of a batch, by path."""
    differentiate = Differentiate(trainer.model, trainer.cost, RandomStreams(0))
    differentiate(Batch(x, y))
    structure = trainer.model.structure
    return {entry.path: entry.view(structure.gradient).copy() for entry in structure.entries if entry.trainable}


def require_those_of_examples_alone(trainer: Trainer, x: Any, y: Any) -> None:
    found = trainer.example_gradients((x, y))
    for row in range(len(x)):
        wanted = alone(trainer, x[row : row + 1], y[row : row + 1])
        assert found.keys() == wanted.keys()
        for path, gradient in wanted.items():
            np.testing.assert_allclose(found[path][row], gradient, rtol=1e-10, atol=1e-14, err_msg=path)
    for path, gradient in alone(trainer, x, y).items():
        np.testing.assert_allclose(found[path].mean(axis=0), gradient, rtol=1e-10, atol=1e-14)


def test_each_is_that_of_the_example_alone() -> None:
    require_those_of_examples_alone(new_trainer(), X, Y)


def test_on_an_axis_of_time_the_steps_are_added_up() -> None:
    trainer = new_trainer(Dense(4, activation=Tanh()), Dense(2), shape=(5, 3))
    require_those_of_examples_alone(trainer, RNG.normal(size=(6, 5, 3)), RNG.normal(size=(6, 5, 2)))


def test_a_layer_that_occurs_twice_has_the_sum() -> None:
    shared = Dense(3, activation=Tanh())
    require_those_of_examples_alone(new_trainer(shared, shared, Dense(2)), X, Y)


def test_layers_of_any_kind_are_run_row_by_row_in_inference_mode() -> None:
    trainer = new_trainer(Dense(4), BatchNormalization(), Dense(2))
    trainer.fit((X, Y), epochs=2)
    found = trainer.example_gradients((X, Y))
    for row in range(9):
        one = trainer.example_gradients((X[row : row + 1], Y[row : row + 1]))
        for path, gradients in found.items():
            np.testing.assert_allclose(gradients[row], one[path][0], rtol=1e-10, atol=1e-14)
    assert found["1.scale"].shape == (9, 4)


def test_what_is_frozen_has_none() -> None:
    trainer = new_trainer()
    trainer.model.layers[0].freeze()
    assert set(trainer.example_gradients((X, Y))) == {"1.inner.weight", "2.weight", "2.bias"}
    assert set(trainer.gradient_norms((X, Y))) == {"1.inner", "2"}


def test_labels_and_more_rows_than_a_batch() -> None:
    trainer = new_trainer(Dense(2), cost=CrossEntropy())
    x = RNG.normal(size=(1500, 3))
    found = trainer.example_gradients((x, np.arange(1500) % 2))
    logits = x @ trainer.model.parameters["0.weight"] + trainer.model.parameters["0.bias"]
    chance = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found["0.bias"], chance - np.eye(2)[np.arange(1500) % 2], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("weights", [None, np.arange(1.0, 10)])
def test_norms_are_those_of_the_mean_gradient(weights: Any) -> None:
    trainer = new_trainer()
    each = trainer.example_gradients((X, Y))
    found = trainer.gradient_norms((X, Y), weights=weights)
    assert set(found) == {"0", "1.inner", "2"}
    mean = {path: np.average(gradients, axis=0, weights=weights) for path, gradients in each.items()}
    norm = np.sqrt(np.square(mean["0.weight"]).sum() + np.square(mean["0.bias"]).sum())
    assert found["0"] == pytest.approx(norm)
    assert found["1.inner"] == pytest.approx(np.linalg.norm(mean["1.inner.weight"]))
