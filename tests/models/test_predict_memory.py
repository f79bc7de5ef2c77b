"""Whose memory it is that a prediction reads, holds and hands out."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from layerkit import BatchNormalization, Context, Dense, Flatten, Layer, Rescale, Sequential, Tanh
from layerkit.types import Array, Shape


class Masked(Layer):
    """y = x · mask."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(x)
        return x if mask is None else x * mask

    def backward(self, grad: Array, ctx: Context) -> Array:
        return self.forward(grad, ctx)


@pytest.mark.parametrize("rows", [3, 1024, 2500])
def test_each_row_of_a_long_prediction_has_its_own_mask(rows: int) -> None:
    mask = np.random.default_rng(0).random((rows, 4)) < 0.5
    found = Sequential([Masked()]).initialize((4, 2)).predict(np.ones((rows, 4, 2)), mask=mask)
    np.testing.assert_array_equal(found, np.repeat(mask[:, :, None], 2, axis=2))


PREDICTED = {
    "recorded": lambda: Sequential([Dense(3, activation=Tanh())]),
    "not recorded": lambda: Sequential([Dense(3), BatchNormalization()]),
}


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
@pytest.mark.parametrize("name", PREDICTED)
def test_a_predictors_outputs_are_the_callers_own_from_the_first_on(name: str, dtype: str) -> None:
    model = PREDICTED[name]().initialize(4, seed=0)
    predictor = model.predictor(2)
    inputs = [np.random.default_rng(seed).integers(0, 9, (2, 4)).astype(dtype) for seed in range(5)]
    expected = [model.predict(x) for x in inputs]
    assert len({y.tobytes() for y in expected}) == 5
    found = [predictor.predict(x) for x in inputs]
    np.testing.assert_array_equal(found, expected)


def test_a_recorded_predictor_hands_out_copies_for_another_dtype_too() -> None:
    model = Sequential([Rescale(), Dense(3)]).initialize(4, seed=0)
    predictor = model.predictor(2)
    predictor.predict(np.zeros((2, 4), np.float32))
    first, second = (predictor.predict(np.full((2, 4), value, np.uint8)) for value in (10, 200))
    assert not np.array_equal(first, second)


def test_a_predictor_leaves_the_first_input_alone() -> None:
    predictor = Sequential([Dense(3)]).initialize(4, seed=0).predictor(2)
    first = np.zeros((2, 4), np.float32)
    predictor.predict(first)
    predictor.predict(np.ones((2, 4), np.float32))
    assert not first.any()


@pytest.mark.parametrize("rows", [1, 32, 33, 5000])
def test_a_layer_that_keeps_its_input_does_not_keep_the_callers(rows: int) -> None:
    model = Sequential([Dense(3)]).initialize(4, seed=0)
    data = np.ones((5000, 4), np.float32)
    alive = weakref.ref(data)
    model.predict(data[:rows])
    del data
    gc.collect()
    assert alive() is None


@pytest.mark.parametrize("rows", [2, 40])
def test_predictions_do_not_share_memory_with_the_next(rows: int) -> None:
    model = Sequential([Dense(3, activation=Tanh())]).initialize(4, seed=0)
    first = model.predict(np.ones((rows, 4)))
    kept = first.copy()
    second = model.predict(np.full((rows, 4), -2.0))
    np.testing.assert_array_equal(first, kept)
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("rows", [2, 40, 1500])
def test_where_nothing_is_computed_the_input_is_not_handed_out(rows: int) -> None:
    x = np.ones((rows, 3), np.float32)
    found = Sequential([Flatten()]).initialize(3).predict(x)
    found[...] = -1
    assert (x == 1).all()
