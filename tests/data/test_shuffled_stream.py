"""A stream whose rows are mixed by a buffer: all of them, once, in the same order again, another in each epoch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit as kit
from layerkit import Batch, Checkpoint, Dense, GradientDescent, Quadratic, Sequential, Shuffled, Stream, Trainer
from layerkit.errors import ArgumentError, DataError
from layerkit.types import Array

ROWS = 53


def batches(size: int = 5) -> Iterator[Batch]:
    for start in range(0, ROWS, size):
        rows = np.arange(start, min(start + size, ROWS))
        yield Batch(rows[:, None] * 1.0, rows * 10.0, rows + 1.0)


def read(stream: Stream, epoch: int = 0, position: int = 0) -> Array:
    found: Array = np.concatenate([batch.x for batch in stream.open(epoch, position)])[:, 0].astype(int)
    return found


@pytest.mark.parametrize("buffer", [1, 4, 5, 20, ROWS, 1000])
@pytest.mark.parametrize("size", [1, 5, 30])
def test_each_row_comes_once_with_all_that_belongs_to_it(buffer: int, size: int) -> None:
    stream = Shuffled(lambda: batches(size), buffer=buffer)
    given = list(stream.open(0, 0))
    assert sorted(read(stream)) == list(range(ROWS))
    for batch in given:
        assert isinstance(batch.x, np.ndarray)
        assert len(batch.x) <= size
        np.testing.assert_array_equal(batch.x[:, 0] * 10, batch.y)
        np.testing.assert_array_equal(batch.x[:, 0] + 1, batch.weights)


def test_the_order_is_another_in_each_epoch_and_the_same_for_the_same_seed() -> None:
    one, again, other = (Shuffled(batches, buffer=20, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(read(one), read(again))
    np.testing.assert_array_equal(read(one), read(one))
    assert (read(one) != read(one, epoch=1)).any()
    assert (read(one) != read(other)).any()
    assert (read(one) != np.arange(ROWS)).mean() > 0.8


def test_a_row_goes_at_most_as_far_as_the_buffer_reaches_to_the_front() -> None:
    found = read(Shuffled(batches, buffer=10))
    assert (found <= np.arange(ROWS) + 10 + 5).all()
    # a buffer for all mixes all
    assert np.abs(read(Shuffled(batches, buffer=1000)) - np.arange(ROWS)).max() > 25


@pytest.mark.parametrize("position", [0, 1, 4, 9, 11, 99])
def test_it_can_be_opened_at_any_batch(position: int) -> None:
    stream = Shuffled(batches, buffer=12)
    whole = [batch.x.tolist() for batch in stream.open(2, 0)]
    assert [batch.x.tolist() for batch in stream.open(2, position)] == whole[position:]


def test_several_inputs_and_masks_are_mixed_together() -> None:
    def many() -> Iterator[Batch]:
        for start in range(0, 12, 3):
            rows = np.arange(start, start + 3)
            yield Batch((rows[:, None], rows * 2), rows * 3, None, rows[:, None] % np.array([2, 3]) == 0)

    for batch in Shuffled(many, buffer=5).open(0, 0):
        one, two = batch.x
        np.testing.assert_array_equal(one[:, 0] * 2, two)
        np.testing.assert_array_equal(two * 3, 2 * batch.y)  # type: ignore[operator]
        np.testing.assert_array_equal(batch.mask, one % np.array([2, 3]) == 0)
        assert batch.weights is None


def test_a_source_may_use_its_memory_again() -> None:
    def reused() -> Iterator[Batch]:
        x = np.empty((5, 1))
        for start in range(0, 50, 5):
            x[:, 0] = np.arange(start, start + 5)
            yield Batch(x)

    assert sorted(read(Shuffled(reused, buffer=7))) == list(range(50))


def test_no_batch_is_no_batch() -> None:
    assert list(Shuffled(lambda: iter(()), buffer=3).open(0, 0)) == []


@pytest.mark.parametrize("step", [4, 11, 17])
def test_a_run_is_resumed_to_the_same_bits(tmp_path: Path, step: int) -> None:
    def new_trainer() -> Trainer:
        model = Sequential([Dense(1)]).initialize(1, seed=0, dtype="float64")
        return Trainer(model, cost=Quadratic(), optimizer=GradientDescent(1e-5), silence=("all",), seed=0)

    whole, again = new_trainer(), new_trainer()
    stream = Shuffled(batches, buffer=15)
    whole.fit(stream, epochs=2, callbacks=[Checkpoint(tmp_path, every_steps=1, keep=99)])
    kit.resume(again, tmp_path / f"step-{step:09}.safetensors")
    again.fit(Shuffled(batches, buffer=15), epochs=2)
    np.testing.assert_array_equal(again.model.structure.parameters, whole.model.structure.parameters)


def test_rows_of_another_kind_are_refused() -> None:
    def ragged() -> Iterator[Batch]:
        yield Batch(np.zeros((3, 4)), np.zeros(3))
        yield Batch(np.zeros((3, 5)), np.zeros(3))

    def lacking() -> Iterator[Batch]:
        yield Batch(np.zeros((3, 4)), np.zeros(3))
        yield Batch(np.zeros((3, 4)))

    with pytest.raises(DataError, match=r"a batch has x of shape and dtype \(\(5,\)"):
        list(Shuffled(ragged, buffer=9).open(0, 0))
    with pytest.raises(DataError, match="a batch has y of shape and dtype none"):
        list(Shuffled(lacking, buffer=9).open(0, 0))


@pytest.mark.parametrize(
    ("source", "buffer", "told"),
    [(batches(), 3, "source must be a Stream, or a function"), (batches, 0, "buffer"), (batches, 1.5, "buffer")],
)
def test_what_cannot_be_is_refused(source: Any, buffer: Any, told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        Shuffled(source, buffer=buffer)
