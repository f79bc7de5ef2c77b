"""Data is taken in once: checked against model and cost, and handed out ready for both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Accuracy,
    Adam,
    Batch,
    Callback,
    CrossEntropy,
    Dense,
    Examples,
    GradientDescent,
    Quadratic,
    RandomAccess,
    Scratch,
    Sequential,
    Stream,
    Trainer,
)
from layerkit.engines import take_in
from layerkit.errors import DataError, LayerkitError, NotBuiltError
from layerkit.steps.source import input_shape
from layerkit.types import Array

RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(22, 3)), RNG.integers(0, 2, 22)


class Rows(RandomAccess):
    """Examples of which one may be bad."""

    def __init__(self, labels: Array = LABELS, weights: Array | None = None) -> None:
        self.labels = labels
        self.weights = weights

    def __len__(self) -> int:
        return len(self.labels)

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        return Batch(X[rows], self.labels[rows], None if self.weights is None else self.weights[rows])


class Reopened(Stream):
    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        for start in range(5 * position, 22, 5):
            yield Batch(X[start : start + 5], LABELS[start : start + 5])


def kind(data: object) -> str:
    return type(data).__name__


def model() -> Sequential:
    return Sequential([Dense(2)]).initialize(3, seed=0)


@pytest.mark.parametrize(
    "data", [(X, LABELS), Examples(X, LABELS), Rows(), Reopened()], ids=lambda data: type(data).__name__
)
@pytest.mark.parametrize("to_train", [True, False])
def test_every_form_hands_out_the_same_batches(data: Any, to_train: bool) -> None:
    taken = take_in(data, model(), Quadratic(), split="train", to_train=to_train)
    rows = 0
    for batch, given in taken.batches(5):
        part = slice(rows, rows + len(batch.x))
        assert batch.y is not None
        np.testing.assert_array_equal(batch.x, X[part].astype("float32"))
        np.testing.assert_array_equal(batch.y, np.eye(2, dtype="float32")[LABELS[part]])
        assert batch.x.dtype == batch.y.dtype == np.float32
        if not to_train:
            np.testing.assert_array_equal(given, LABELS[part])
        rows += len(batch.x)
    assert rows == 22


def test_to_train_arrays_are_converted_once_and_to_evaluate_they_stay_as_they_are() -> None:
    taken = take_in((X, LABELS), model(), Quadratic(), split="train", to_train=True).source
    assert isinstance(taken, Examples)
    assert taken.y is not None
    assert (taken.x.dtype, taken.y.shape) == (np.float32, (22, 2))
    given = Examples(X, LABELS)
    assert take_in(given, model(), Quadratic(), split="test").source is given


def test_a_model_without_values_is_given_them_to_train_alone() -> None:
    new = Sequential([Dense(2)])
    with pytest.raises(NotBuiltError):
        take_in((X, LABELS), new, Quadratic(), split="test")
    take_in((X, LABELS), new, Quadratic(), split="train", to_train=True, seed=0)
    assert new.input_shape == (3,)


def test_rows_of_ones_own_source_are_checked_as_they_come() -> None:
    labels = LABELS.copy()
    labels[13] = 2
    trainer = Trainer(model(), cost=CrossEntropy(), optimizer=Adam(), seed=0)
    with pytest.raises(DataError, match="labels must be 0 to 1"):
        trainer.fit(Rows(labels), epochs=1, batch_size=5)
    with pytest.raises(DataError, match="weights must be finite"):
        trainer.fit(Rows(weights=np.full(22, -1.0)), epochs=1, batch_size=5)


def test_validation_data_without_targets_is_refused_before_the_first_step() -> None:
    started: list[bool] = []

    class Notes(Callback):
        def fit_started(self, fit: Any) -> None:
            started.append(True)

    trainer = Trainer(model(), cost=CrossEntropy(), optimizer=Adam(), seed=0)
    with pytest.raises(DataError, match="targets"):
        trainer.fit((X, LABELS), epochs=1, validation=Examples(X), callbacks=[Notes()])
    assert not started


def test_what_is_predicted_may_hold_nan_and_what_is_measured_or_learned_from_may_not() -> None:
    x = X.copy()
    x[3] = np.nan
    trainer = Trainer(model(), cost=Quadratic(), optimizer=GradientDescent(0.1), metrics=[Accuracy()], seed=0)
    for use in (trainer.evaluate, lambda data: trainer.fit(data, epochs=1)):
        with pytest.raises(LayerkitError, match="row 3"):
            use((x, LABELS))
    trainer.fit((X, LABELS), epochs=1)
    assert np.isnan(trainer.model.predict(x)[3]).all()


def test_the_row_of_a_target_is_counted_from_the_first_of_all() -> None:
    y = np.zeros((2000, 2))
    y[1500] = np.inf
    trainer = Trainer(model(), cost=Quadratic(), optimizer=Adam(), seed=0)
    with pytest.raises(DataError, match="row 1500 "):
        trainer.evaluate((np.zeros((2000, 3)), y))


@pytest.mark.parametrize("data", [Examples(X, LABELS), Rows(), Reopened()], ids=kind)
def test_the_shape_of_an_input(data: Any) -> None:
    assert input_shape(data) == (3,)


def test_the_shapes_of_several_inputs_and_of_none() -> None:
    assert input_shape(Examples((X, LABELS), LABELS)) == ((3,), ())

    class Empty(Stream):
        def open(self, epoch: int, position: int) -> Iterator[Batch]:
            return iter(())

    with pytest.raises(DataError, match="not one batch"):
        input_shape(Empty())


def test_memory_mapped_inputs_are_not_read_ahead(tmp_path: Path) -> None:
    x = X.copy()
    x[20] = np.nan
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    taken = take_in((mapped, LABELS), model(), Quadratic(), split="train", to_train=True)
    assert isinstance(taken.source, Examples)
    assert isinstance(taken.source.x, np.memmap)
