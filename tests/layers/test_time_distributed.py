from __future__ import annotations

import numpy as np
import pytest

from layerkit import (
    BatchNormalization,
    Dense,
    Dropout,
    Flatten,
    GroupNormalization,
    Layer,
    Quadratic,
    Sequential,
    Standardize,
    Tanh,
    TimeDistributed,
    Trainer,
)
from layerkit.errors import LayerkitError, ShapeError
from layerkit.optimizers.gradient_descent import GradientDescent
from layerkit.testing import step
from tests.models.custom import Lookup
from tests.reference.gradients import assert_all_gradients

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 5, 2, 3))
MASK = np.arange(5) < np.array([[3], [5], [0], [1]])


@pytest.mark.parametrize(
    "layer", [Sequential([Flatten(), Dense(2, activation=Tanh())]), BatchNormalization(), Dropout(0.4)], ids=repr
)
def test_gradients(layer: Layer) -> None:
    assert_all_gradients(TimeDistributed(layer), (3, 2, 2))


def test_each_step_is_an_example() -> None:
    frames = Sequential([Flatten(), Dense(2, activation=Tanh())])
    model = Sequential([TimeDistributed(frames.copy())]).initialize((None, 2, 3), seed=0, dtype="float64")
    alone = frames.initialize((2, 3), dtype="float64")
    alone.structure.parameters[...] = model.structure.parameters
    for time in (5, 3):
        expected = np.stack([alone.predict(X[:, place]) for place in range(time)], axis=1)
        np.testing.assert_allclose(model.predict(X[:, :time]), expected, rtol=1e-14)


def test_under_a_mask_the_steps_that_count_alone_are_seen() -> None:
    model = Sequential([TimeDistributed(Sequential([Flatten(), BatchNormalization(), Dense(2)]))])
    model.initialize((None, 2, 3), seed=0, dtype="float64")
    grad = RNG.normal(size=(4, 5, 2))
    junk = np.where(MASK[:, :, None, None], X, 1e6)
    found = step(model, junk, grad, mask=MASK)
    assert not found.output[~MASK].any()
    assert not found.input_gradient[~MASK].any()
    # the same, with the steps that count in one row after another
    alone = Sequential([Flatten(), BatchNormalization(), Dense(2)]).initialize((2, 3), dtype="float64")
    alone.structure.parameters[...] = model.structure.parameters
    expected = step(alone, X[MASK], grad[MASK])
    np.testing.assert_allclose(found.output[MASK], expected.output, rtol=1e-12)
    np.testing.assert_allclose(found.input_gradient[MASK], expected.input_gradient, rtol=1e-9, atol=1e-12)
    for one, other in zip(found.gradients.values(), expected.gradients.values(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_a_batch_in_which_nothing_counts() -> None:
    model = Sequential([TimeDistributed(Dense(2))]).initialize((5, 3), seed=0)
    assert not model.predict(np.ones((2, 5, 3)), mask=np.zeros((2, 5), bool)).any()


def test_tokens_stay_integers() -> None:
    model = Sequential([TimeDistributed(Sequential([Lookup(9, 3), Flatten()]))]).initialize((5, 4), seed=0)
    tokens = RNG.integers(0, 9, (2, 5, 4))
    assert model.integer_input == "accept"
    np.testing.assert_array_equal(
        model.predict(tokens)[:, 2], model.parameters["0.inner.0.table"][tokens[:, 2]].reshape(2, 12)
    )


def test_running_statistics_are_those_of_the_steps_that_count() -> None:
    x = RNG.normal(3.0, 2.0, (40, 5, 2))
    mask = RNG.random((40, 5)) < 0.6
    model = Sequential([TimeDistributed(BatchNormalization(momentum=0.0)), Dense(1)])
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.0), silence=("all",), seed=0)
    trainer.fit((np.where(mask[:, :, None], x, 1e3), np.zeros((40, 5, 1))), epochs=1, batch_size=40, mask=mask)
    np.testing.assert_allclose(model.states["0.inner.mean"], x[mask].mean(axis=0), rtol=1e-5)


@pytest.mark.parametrize("shape", [(), ((3,), (3,))])
def test_what_has_no_axis_of_time_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"TimeDistributed\): takes one array \(batch, time, …\), got"):
        Sequential([TimeDistributed(Dense(2))]).initialize(shape) if shape else Sequential(
            [Dense(2), TimeDistributed(TimeDistributed(Dense(2)))]
        ).initialize(3)


def test_the_mask_of_other_sequences_is_refused() -> None:
    model = Sequential([Dense(3), TimeDistributed(Dense(2))]).initialize((5, 3))
    with pytest.raises(ShapeError, match="the mask must be"):
        model.predict(np.ones((2, 5, 3)), mask=np.ones((2, 4), bool))


def test_what_learns_from_data_before_the_first_step_stands_in_front() -> None:
    model = Sequential([TimeDistributed(Standardize()), Dense(1)])
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), silence=("all",))
    with pytest.raises(LayerkitError, match="put it in front of the container that makes rows of the steps"):
        trainer.fit((np.ones((4, 5, 2)), np.ones((4, 5, 1))), epochs=1)


def test_a_layer_inside_that_heeds_masks_sees_none() -> None:
    model = Sequential([TimeDistributed(GroupNormalization(1))]).initialize((5, 2, 3), dtype="float64")
    alone = Sequential([GroupNormalization(1)]).initialize((2, 3), dtype="float64")
    grad = RNG.normal(size=X.shape)
    found, expected = step(model, X, grad, mask=MASK), step(alone, X[MASK], grad[MASK])
    np.testing.assert_allclose(found.output[MASK], expected.output, rtol=1e-12)
    np.testing.assert_allclose(found.input_gradient[MASK], expected.input_gradient, rtol=1e-9, atol=1e-12)
