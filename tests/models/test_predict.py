"""Prediction: shapes are checked at the boundary, results are the caller's own, and threads do not meet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Adam,
    BatchNormalization,
    CrossEntropy,
    Dense,
    Dropout,
    Flatten,
    Quadratic,
    Rescale,
    Reshape,
    Residual,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    Trainer,
)
from layerkit.errors import ArgumentError, DataError, ShapeError
from tests.models.custom import Lookup, WeightedSum


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.zeros((2, 5)), ["layer 0 (Dense)", "(batch, 4)", "(2, 5)"]),
        (np.zeros(4), ["layer 0 (Dense)", "(batch, 4)", "(4,)", "x[None]"]),
        (np.zeros((2, 2, 2)), ["layer 0 (Dense)", "(batch, 4)", "(2, 2, 2)", "Flatten"]),
        (np.zeros((2, 3, 4)), ["layer 0 (Dense)", "(batch, 4)", "(2, 3, 4)"]),
        (np.float64(3), ["layer 0 (Dense)", "()"]),
        ((np.zeros((2, 4)), np.zeros((2, 4))), ["layer 0 (Dense)", "one array", "(batch, 4)", "tuple of 2"]),
    ],
)
def test_a_wrong_shape_names_the_layer_and_both_shapes(x: Any, words: list[str]) -> None:
    model = Sequential([Dense(2)]).initialize(4)
    with pytest.raises(ShapeError) as caught:
        model.predict(x)
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("x", [np.array([["a", "b"]]), np.array([[1j, 2j]]), np.array([[None, 1]])])
def test_what_is_no_number_is_refused(x: Any) -> None:
    with pytest.raises(DataError, match=r"layer 0 \(Dense\) takes numbers"):
        Sequential([Dense(2)]).initialize(2).predict(x)


def test_the_layer_named_is_the_one_that_reads_the_data() -> None:
    model = Sequential([Residual(Sequential([Dense(4), Dense(4)])), Dense(2)]).initialize(4)
    with pytest.raises(ShapeError, match=r"layer 0\.inner\.0 \(Dense\)"):
        model.predict(np.zeros((1, 3)))


def test_an_axis_of_any_length() -> None:
    model = Sequential([Dense(2, activation=Tanh())]).initialize((None, 3), seed=0)
    for length in (1, 4, 2, 4):
        assert model.predict(np.ones((5, length, 3))).shape == (5, length, 2)
    with pytest.raises(ShapeError, match=r"\(batch, any, 3\)"):
        model.predict(np.ones((5, 3)))


@pytest.mark.parametrize("rows", [0, 1, 7, 1024, 1025, 2500])
def test_any_number_of_rows(rows: int) -> None:
    model = Sequential([Dense(3, activation=Sigmoid()), BatchNormalization(), Dense(2)]).initialize(4, seed=0)
    x = np.random.default_rng(0).normal(size=(rows, 4))
    found = model.predict(x)
    assert found.shape == (rows, 2)
    one_by_one = [model.predict(row[None])[0] for row in x[:: max(1, rows // 5)]]
    np.testing.assert_allclose(found[:: max(1, rows // 5)], np.reshape(one_by_one, (-1, 2)), rtol=1e-5, atol=1e-6)


def test_what_predict_returns_is_the_callers_own() -> None:
    for layers in ([Dense(2)], [Flatten()], [Dropout(0.5)]):
        model = Sequential(layers).initialize(3, seed=0)
        x = np.ones((2, 3), np.float32)
        first = model.predict(x)
        kept = first.copy()
        model.predict(5 * x)
        np.testing.assert_array_equal(first, kept)
        first[...] = -1
        assert (x == 1).all(), "the input is not what is returned"


def test_read_only_and_strided_input() -> None:
    model = Sequential([Dense(3, activation=Tanh()), Dropout(0.2), BatchNormalization()]).initialize(4, seed=0)
    x = np.random.default_rng(0).normal(size=(6, 8)).astype(np.float32)
    wide = x[:, ::2]
    expected = model.predict(np.ascontiguousarray(wide))
    x.flags.writeable = False
    np.testing.assert_allclose(model.predict(x[:, ::2]), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.predict(np.asfortranarray(wide)), expected, rtol=1e-5, atol=1e-6)


def test_eight_threads_at_once() -> None:
    inner = Sequential([Dense(16, activation=Tanh()), Dropout(0.5), Dense(16)])
    model = Sequential([Dense(16, activation=Sigmoid()), BatchNormalization(), Residual(inner), Dense(3), Softmax()])
    model.initialize(8, seed=0)
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=(1 + place % 5, 8)).astype(np.float32) for place in range(64)]
    expected = [model.predict(x) for x in inputs]
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: [model.predict(x) for x in inputs], range(16)):
            for one, other in zip(found, expected, strict=True):
                np.testing.assert_array_equal(one, other)


def test_prediction_draws_no_random_numbers_and_changes_no_state() -> None:
    model = Sequential([BatchNormalization(), Dropout(0.5)]).initialize(3, seed=0)
    model.states["0.mean"][...] = 1
    x = np.random.default_rng(0).normal(size=(5, 3))
    first = model.predict(x)
    np.testing.assert_array_equal(model.predict(x), first)
    np.testing.assert_array_equal(model.states["0.mean"], 1)
    np.testing.assert_allclose(first, (x - 1) / np.sqrt(1 + 1e-5), rtol=1e-5)


def test_prediction_sees_values_that_training_changed() -> None:
    model = Sequential([Dense(2)])
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.1), seed=0)
    x, y = np.ones((4, 3)), np.ones((4, 2))
    trainer.fit((x, y), epochs=1)
    first = model.predict(x)
    trainer.fit((x, y), epochs=1)
    assert not np.array_equal(model.predict(x), first)


def test_bytes_go_in_as_they_are() -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 4), dtype=np.uint8)
    model = Sequential([Flatten(), Reshape((2, 8)), Rescale(), Flatten(), Dense(3)]).initialize((4, 4), seed=0)
    assert model.integer_input == "accept"
    np.testing.assert_allclose(model.predict(images), model.predict(images.astype(np.float32)), rtol=1e-6)
    with_bytes = Sequential([Rescale(1.0, offset=-0.5)]).initialize(2)
    np.testing.assert_array_equal(with_bytes.predict(np.array([[200, 255]], np.uint8)), [[199.5, 254.5]])


def test_integers_are_cast_where_a_layer_does_not_ask_for_them() -> None:
    model = Sequential([Flatten(), Dense(1)]).initialize(2, seed=0, dtype="float64")
    np.testing.assert_array_equal(model.predict(np.array([[1, 2]])), model.predict(np.array([[1.0, 2.0]])))
    assert model.predict(np.array([[True, False]])).dtype == np.float64


def test_integers_reach_a_layer_that_accepts_them() -> None:
    model = Sequential([Lookup(5, 2), Flatten()]).initialize(3, seed=0)
    x = np.array([[0, 4, 4]])
    np.testing.assert_array_equal(model.predict(x).reshape(3, 2), model.parameters["0.table"][[0, 4, 4]])


def test_a_tuple_of_inputs() -> None:
    model = Sequential([WeightedSum(), Dense(2)]).initialize(((3,), (3,)), seed=0)
    model.parameters["0.weights"][...] = [2.0, -1.0]
    u, v = np.ones((4, 3)), np.full((4, 3), 2.0)
    np.testing.assert_allclose(model.predict((u, v)), 0, atol=1e-7)
    assert model.predict((u[:2], v[:2])).shape == (2, 2)
    for wrong, words in [
        (u, r"tuple of 2 arrays"),
        ((u, v, v), r"tuple of 2 arrays"),
        ((u, v[:2]), r"one row an example.*\[4, 2\]"),
        ((u, np.ones((4, 5))), r"\(batch, 3\), got \(4, 5\)"),
    ]:
        with pytest.raises(ShapeError, match=words):
            model.predict(wrong)


def test_a_readout_is_applied_by_predict_and_kept_with_the_model() -> None:
    model = Sequential([Dense(3)]).initialize(2, seed=0)
    x = np.random.default_rng(0).normal(size=(4, 2))
    logits = model.predict(x)
    Trainer(model, cost=CrossEntropy(), optimizer=Adam())
    assert isinstance(model.readout, Softmax)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict(x), expected, rtol=1e-5)
    np.testing.assert_allclose(model.copy().predict(x), expected, rtol=1e-5)
    Trainer(model, cost=Quadratic(), optimizer=Adam())
    np.testing.assert_array_equal(model.predict(x), logits)
    with pytest.raises(ArgumentError, match="readout"):
        model.readout = "softmax"  # type: ignore[assignment]
