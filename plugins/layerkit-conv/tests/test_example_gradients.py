"""The gradient of each image by itself."""

from __future__ import annotations

import numpy as np
from layerkit_conv import Conv1D, Conv2D, MaxPool2D

from layerkit import (
    Batch,
    CrossEntropy,
    Dense,
    Flatten,
    GradientDescent,
    Quadratic,
    ReLU,
    Sequential,
    TimeDistributed,
    Trainer,
)
from layerkit.engines import Differentiate, RandomStreams


def test_each_is_that_of_the_image_alone() -> None:
    layers = [Conv2D(3, 3, activation=ReLU()), MaxPool2D(2), Conv2D(2, 2), Flatten(), Dense(3)]
    model = Sequential(layers).initialize((8, 8, 1), seed=0, dtype="float64")
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), seed=0)
    x, y = np.random.default_rng(0).normal(size=(5, 8, 8, 1)), np.array([0, 1, 2, 1, 0])
    found = trainer.example_gradients((x, y))
    assert found["0.weight"].shape[0] == 5
    for row in range(5):
        alone = trainer.example_gradients((x[row : row + 1], y[row : row + 1]))
        for path, gradients in found.items():
            np.testing.assert_allclose(gradients[row], alone[path][0], rtol=1e-9, atol=1e-12, err_msg=path)
    norms = trainer.gradient_norms((x, y))
    mean = [found[f"4.{name}"].mean(axis=0).ravel() for name in ("weight", "bias")]
    np.testing.assert_allclose(norms["4"], np.linalg.norm(np.concatenate(mean)))
    assert model.saliency(x).shape == x.shape


def test_steps_that_are_convolved_one_by_one_are_credited_to_their_example() -> None:
    rng = np.random.default_rng(0)
    model = Sequential([TimeDistributed(Conv1D(2, 2))]).initialize((4, 5, 2), seed=1, dtype="float64")
    x, y = rng.normal(size=(3, 4, 5, 2)), rng.normal(size=(3, 4, 4, 2))
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    found = trainer.example_gradients((x, y))
    differentiate, structure = Differentiate(model, trainer.cost, RandomStreams(0)), model.structure
    for row in range(3):
        differentiate(Batch(x[row : row + 1], y[row : row + 1]))
        for entry in structure.entries:
            np.testing.assert_allclose(found[entry.path][row], entry.view(structure.gradient), rtol=1e-9, atol=1e-12)
