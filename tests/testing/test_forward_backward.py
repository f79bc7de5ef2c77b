"""A step over a model, for authors who compare their layer with known values."""

from __future__ import annotations

import numpy as np

from layerkit import BatchNormalization, Dense, Dropout, Rescale, Sequential, Tanh
from layerkit.testing import step


def test_it_gives_output_and_all_gradients_and_changes_nothing() -> None:
    model = Sequential([Dense(3, activation=Tanh()), BatchNormalization()]).initialize(2, seed=0, dtype="float64")
    x, grad = np.array([[1.0, 2.0], [0.0, -1.0]]), np.ones((2, 3))
    before = [model.structure.parameters.copy(), model.structure.states.copy()]

    found = step(model, x, grad)

    weight, bias = model.parameters["0.weight"], model.parameters["0.bias"]
    z = np.tanh(x @ weight + bias)
    np.testing.assert_allclose(found.output, (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5))
    assert found.input_gradient.shape == x.shape
    assert set(found.gradients) == set(model.parameters)
    np.testing.assert_array_equal(found.gradients["1.shift"], [2.0, 2.0, 2.0])
    assert len(found.proposals) == 2
    np.testing.assert_array_equal(model.structure.parameters, before[0])
    np.testing.assert_array_equal(model.structure.states, before[1])


def test_inference_differs_from_training_and_a_seed_repeats_it() -> None:
    model = Sequential([Dropout(0.5)]).initialize(50, seed=0)
    x = np.ones((4, 50), "float32")
    np.testing.assert_array_equal(step(model, x, x, training=False).output, x)
    first, again, other = (step(model, x, x, seed=seed).output for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_integers_have_no_gradient() -> None:
    model = Sequential([Rescale()]).initialize(2)
    found = step(model, np.array([[0, 255]], "uint8"), np.ones((1, 2), "float32"))
    np.testing.assert_array_equal(found.output, [[0, 1]])
    assert found.input_gradient is None
