"""What a fit does, step by step, against a plain loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerkit import (
    Accuracy,
    Adam,
    BatchNormalization,
    CrossEntropy,
    Dense,
    Dropout,
    Flatten,
    GradientDescent,
    MeanSquaredError,
    Optimizer,
    Quadratic,
    Rescale,
    Sequential,
    Sigmoid,
    Tanh,
    Trainer,
)
from layerkit.random_streams import RandomStreams
from layerkit.types import Array

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(23, 3)), RNG.normal(size=(23, 2))
LABELS = RNG.integers(0, 2, 23)


def new_trainer(optimizer: Optimizer | None = None, *, dtype: str = "float64", seed: int = 0, **given: Any) -> Trainer:
    model = Sequential([Dense(4, activation=Tanh()), Dense(2)]).initialize(3, seed=1, dtype=dtype)
    return Trainer(model, cost=Quadratic(), optimizer=optimizer or GradientDescent(0.1), seed=seed, **given)


def values(trainer: Trainer) -> dict[str, Array]:
    return {path: array.copy() for path, array in trainer.model.parameters.items()}


def assert_same(one: Trainer, other: Trainer, tolerance: float = 0.0) -> None:
    for path, array in values(one).items():
        np.testing.assert_allclose(array, other.model.parameters[path], rtol=tolerance, atol=tolerance, err_msg=path)


def test_mini_batch_gradient_descent_as_it_is_written_down() -> None:
    trainer = new_trainer(GradientDescent(0.1), seed=7)
    w1, b1, w2, b2 = (array.copy() for array in trainer.model.parameters.values())
    history = trainer.fit((X, Y), epochs=3, batch_size=5)

    streams = RandomStreams(7)
    costs = []
    for epoch in range(3):
        order = streams.fresh("shuffle", epoch).permutation(23)
        total = 0.0
        for start in range(0, 23, 5):
            rows = order[start : start + 5]
            x, y = X[rows], Y[rows]
            hidden = np.tanh(x @ w1 + b1)
            delta = hidden @ w2 + b2 - y
            total += 0.5 * float((delta**2).sum())
            below = delta @ w2.T * (1 - hidden**2)
            w2 = w2 - 0.1 / len(rows) * hidden.T @ delta
            b2 = b2 - 0.1 / len(rows) * delta.sum(axis=0)
            w1 = w1 - 0.1 / len(rows) * x.T @ below
            b1 = b1 - 0.1 / len(rows) * below.sum(axis=0)
        costs.append(total / 23)
    for found, expected in zip(trainer.model.parameters.values(), (w1, b1, w2, b2), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(history["cost"], costs, rtol=1e-12)


def test_history_has_a_record_for_each_epoch() -> None:
    trainer = new_trainer(metrics=[MeanSquaredError()])
    history = trainer.fit((X, Y), epochs=2, validation=(X[:5], Y[:5]))
    assert list(history.records[0]) == [
        "epoch", "cost", "validation_cost", "validation_mean_squared_error", "seconds",
    ]  # fmt: skip
    assert history["epoch"] == [1, 2]
    assert all(seconds > 0 for seconds in history["seconds"])
    assert history["validation_cost"][-1] == pytest.approx(trainer.evaluate((X[:5], Y[:5]))["cost"])
    with pytest.raises(KeyError, match=r"accuracy.*it has epoch, cost"):
        history["accuracy"]
    assert "2 epochs" in repr(history)


def test_a_second_fit_goes_on_from_the_first() -> None:
    once, twice = new_trainer(Adam(0.05)), new_trainer(Adam(0.05))
    once.fit((X, Y), epochs=5, batch_size=4)
    first = twice.fit((X, Y), epochs=2, batch_size=4)
    second = twice.fit((X, Y), epochs=3, batch_size=4)
    assert_same(once, twice)
    assert first["epoch"] == [1, 2]
    assert second["epoch"] == [3, 4, 5]
    assert twice.history["cost"] == once.history["cost"] == first["cost"] + second["cost"]


def test_drop_last_leaves_the_short_batch_out() -> None:
    dropped, cut = new_trainer(), new_trainer()
    dropped.fit((X, Y), epochs=2, batch_size=5, shuffle=False, drop_last=True)
    cut.fit((X[:20], Y[:20]), epochs=2, batch_size=5, shuffle=False)
    assert_same(dropped, cut)


@settings(max_examples=20, deadline=None)
@given(batch=st.integers(1, 9), accumulate=st.integers(1, 5))
def test_accumulated_gradients_are_those_of_the_large_batch(batch: int, accumulate: int) -> None:
    accumulated, large = new_trainer(Adam(0.05)), new_trainer(Adam(0.05))
    accumulated.fit((X, Y), epochs=2, batch_size=batch, accumulate=accumulate, shuffle=False)
    large.fit((X, Y), epochs=2, batch_size=batch * accumulate, shuffle=False)
    assert_same(accumulated, large, 1e-9)
    np.testing.assert_allclose(accumulated.history["cost"], large.history["cost"], rtol=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=23, max_size=23).filter(any))
def test_integer_weights_count_as_repeated_rows(times: list[int]) -> None:
    weighted, repeated = new_trainer(), new_trainer()
    history = weighted.fit((X, Y), epochs=2, batch_size=23, weights=np.array(times), shuffle=False)
    rows = np.repeat(np.arange(23), times)
    expected = repeated.fit((X[rows], Y[rows]), epochs=2, batch_size=len(rows), shuffle=False)
    assert_same(weighted, repeated, 1e-9)
    np.testing.assert_allclose(history["cost"], expected["cost"], rtol=1e-9)
    found = weighted.evaluate((X, Y), weights=np.array(times))
    assert found["cost"] == pytest.approx(repeated.evaluate((X[rows], Y[rows]))["cost"], rel=1e-9)


def test_weights_are_taken_over_all_that_is_accumulated() -> None:
    weights = RNG.random(23)
    accumulated, large = new_trainer(), new_trainer()
    accumulated.fit((X, Y, weights), epochs=2, batch_size=4, accumulate=3, shuffle=False)
    large.fit((X, Y), epochs=2, batch_size=12, weights=weights, shuffle=False)
    assert_same(accumulated, large, 1e-9)


def test_the_scale_of_weights_does_not_matter() -> None:
    weights = RNG.random(23)
    one, other = new_trainer(), new_trainer()
    one.fit((X, Y, weights), epochs=2, batch_size=4)
    other.fit((X, Y, 1000 * weights), epochs=2, batch_size=4)
    assert_same(one, other, 1e-9)


def test_a_batch_of_weight_zero_moves_nothing() -> None:
    some, without = new_trainer(), new_trainer()
    some.fit((X[:6], Y[:6], np.array([1, 1, 0, 0, 0, 0])), epochs=1, batch_size=2, shuffle=False)
    without.fit((X[:2], Y[:2]), epochs=1, batch_size=2, shuffle=False)
    for path, array in values(some).items():
        np.testing.assert_array_equal(array, values(without)[path])


@pytest.mark.parametrize("cost", [Quadratic(), CrossEntropy()], ids=repr)
def test_labels_and_one_hot_rows_are_the_same(cost: Any) -> None:
    found = []
    for y in (LABELS, LABELS.astype(np.uint8), np.eye(2)[LABELS], np.eye(2, dtype=int)[LABELS]):
        model = Sequential([Dense(2, activation=Sigmoid())]).initialize(3, seed=1)
        optimizer = GradientDescent(0.5)
        trainer = Trainer(model, cost=cost, optimizer=optimizer, metrics=[Accuracy()], silence=("all",), seed=0)
        history = trainer.fit((X, y), epochs=2, batch_size=5, validation=(X, y))
        found.append((history["cost"], history["validation_accuracy"], model.predict(X).tolist()))
    assert found[1:] == found[:-1]


def test_metrics_see_what_predict_gives() -> None:
    model = Sequential([Dense(2)]).initialize(3, seed=0)
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(), metrics=[Accuracy(), MeanSquaredError()], seed=0)
    measured = trainer.evaluate((X, np.eye(2)[LABELS]))
    prediction = model.predict(X)
    np.testing.assert_allclose(prediction.sum(axis=1), 1, rtol=1e-6)
    assert measured["accuracy"] == pytest.approx((prediction.argmax(axis=1) == LABELS).mean())
    assert measured["mean_squared_error"] == pytest.approx(((prediction - np.eye(2)[LABELS]) ** 2).mean(), rel=1e-6)
    picked = prediction[np.arange(23), LABELS]
    assert measured["cost"] == pytest.approx(-np.log(picked).mean(), rel=1e-5)


def test_evaluation_runs_in_inference_mode_and_changes_nothing() -> None:
    model = Sequential([BatchNormalization(), Dropout(0.9), Dense(2)]).initialize(3, seed=0)
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(), seed=0)
    first = trainer.evaluate((X, Y))
    assert trainer.evaluate((X, Y)) == first
    np.testing.assert_array_equal(model.states["0.mean"], 0)
    difference = model.predict(X) - Y
    assert first["cost"] == pytest.approx(0.5 * (difference**2).sum(axis=1).mean(), rel=1e-5)


def test_validation_leaves_training_as_it_is() -> None:
    with_validation, without = (
        Trainer(Sequential([Dropout(0.3), Dense(2)]), cost=Quadratic(), optimizer=Adam(), seed=3) for _ in range(2)
    )
    with_validation.fit((X, Y), epochs=3, batch_size=5, validation=(X, Y))
    without.fit((X, Y), epochs=3, batch_size=5)
    assert_same(with_validation, without)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_stays_in_the_models_dtype(dtype: str) -> None:
    trainer = new_trainer(Adam(0.01), dtype=dtype)
    trainer.fit((X, Y), epochs=2, batch_size=5)
    assert trainer.model.dtype == dtype
    assert trainer.model.structure.gradient.dtype == dtype
    assert all(array.dtype == dtype for array in trainer.state()["updates"][0]["flat"].values())
    assert trainer.model.predict(X).dtype == dtype


def test_float64_and_float32_agree() -> None:
    one, other = new_trainer(dtype="float64"), new_trainer(dtype="float32")
    for trainer in (one, other):
        trainer.model.structure.parameters[...] = np.linspace(-0.5, 0.5, trainer.model.structure.parameters.size)
        trainer.fit((X, Y), epochs=2, batch_size=5)
    assert_same(one, other, 1e-5)


def test_the_data_is_neither_changed_nor_copied_into_the_model() -> None:
    images = RNG.integers(0, 256, (20, 4, 4), dtype=np.uint8)
    labels = RNG.integers(0, 3, 20)
    kept = images.copy(), labels.copy()
    images.flags.writeable = labels.flags.writeable = False
    model = Sequential([Rescale(), Flatten(), Dense(3)])
    Trainer(model, cost=CrossEntropy(), optimizer=Adam(), seed=0).fit((images, labels), epochs=2, batch_size=6)
    np.testing.assert_array_equal(images, kept[0])
    np.testing.assert_array_equal(labels, kept[1])


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    trainer = new_trainer(metrics=[MeanSquaredError()])
    trainer.fit((X, Y), epochs=2, validation=(X, Y))
    trainer.evaluate((X, Y))
    trainer.model.predict(X)
    assert capfd.readouterr() == ("", "")


def test_the_example_of_the_readme_learns() -> None:
    x = RNG.normal(size=(200, 5))
    y = (x.sum(axis=1) > 0).astype(int)
    model = Sequential([Dense(8, activation=Sigmoid()), Dense(2, activation=Sigmoid())])
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(3.0), metrics=[Accuracy()], seed=0)
    history = trainer.fit((x, y), validation=(x, y), epochs=30, batch_size=10)
    assert model.predict(x).shape == (200, 2)
    assert history["validation_accuracy"][-1] > 0.95
    assert history["cost"][-1] < 0.3 * history["cost"][0]
