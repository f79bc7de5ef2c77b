"""Errors of data say where it is wrong: in which data, in which batch; what is missing is told, not counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import (
    F1,
    Accuracy,
    Adam,
    Batch,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    Examples,
    NpzFile,
    RandomAccess,
    Schema,
    Scratch,
    Sequential,
    Trainer,
)
from layerkit.errors import DataError, LayerkitError, ShapeError
from layerkit.types import Array

X = np.random.default_rng(0).normal(size=(60, 2))
Y = (X[:, 0] > 0).astype(int)
WORDS = np.where(Y, "yes", "no")
HOLED = np.where(np.arange(60)[:, None] == 41, np.nan, X)


def trained(**options: Any) -> Trainer:
    model = Sequential([Dense(2)]).initialize(2, seed=0)
    return Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.1), metrics=[Accuracy()], seed=0, **options)


def batches(*pairs: tuple[Any, Any]) -> Callable[[], Iterator[tuple[Any, Any]]]:
    return lambda: iter(pairs)


class Own(RandomAccess):
    """A source of one's own."""

    def __init__(self, x: Array, y: Array) -> None:
        self.x, self.y = x, y

    def __len__(self) -> int:
        return len(self.x)

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        return Batch(self.x[rows], self.y[rows])


@pytest.mark.parametrize(
    ("validation", "words"),
    [
        ((X, Y + 1), "validation data: labels must be 0 to 1"),
        ((X[:, :1], Y), "validation data: layer 0"),
        ((HOLED, Y), "validation data: x must be finite, but row 41 "),
        (X, "validation data: data must be arrays"),
        (Examples(X), "validation data: training and evaluation need targets"),
        (batches((X, Y), (X, Y + 1)), "validation data, batch 1: labels must be 0 to 1"),
        (batches((X, Y), (X, WORDS)), "validation data, batch 1: a batch's targets are words"),
        (batches((X, Y), (HOLED, Y)), "validation data, batch 1: x must be finite, but row 41 "),
        (batches((X, Y), X), "validation data, batch 1: a stream's batches are Batch objects"),  # type: ignore[arg-type]
        (batches((X, Y), (X, Y[:5])), "validation data, batch 1: a batch has 60 rows of x"),
        (Own(HOLED, Y), "validation data, among the rows from 0 on: x must be finite, but row 41 "),
        (Own(X, Y + 1), "validation data, among the rows from 0 on: labels must be"),
    ],
)
def test_what_is_wrong_with_validation_data_is_said_of_it(validation: Any, words: str) -> None:
    with pytest.raises(LayerkitError) as caught:
        trained().fit((X, Y), epochs=1, validation=validation)
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ((X, Y + 1), "labels must be 0 to 1"),
        ((X[:, :1], Y), "layer 0 (Dense) takes inputs"),
        ((X[:0], Y[:0]), "a batch has not one row, and a step needs one"),
        ((X, WORDS), "a batch's targets are words"),
        ((X, Y, np.full(60, -1.0)), "weights"),
        ("Batch", "a stream's batches are Batch objects"),
    ],
)
@pytest.mark.parametrize("once", [False, True])
def test_an_error_of_a_stream_says_which_batch(second: Any, words: str, once: bool) -> None:
    trainer = trained()
    pairs = [(X, Y), second, (X, Y)]
    with pytest.raises(LayerkitError) as caught:
        trainer.fit(iter(pairs) if once else lambda: iter(pairs), epochs=1)
    assert str(caught.value).startswith("batch 1 of epoch 1: ")
    assert words in str(caught.value)


def test_a_users_own_exception_is_left_as_it_is() -> None:
    def failing() -> Iterator[tuple[Array, Array]]:
        yield X, Y
        raise ValueError("the disk is gone")

    with pytest.raises(ValueError, match=r"^the disk is gone$"):
        trained().fit(failing, epochs=1)


def test_an_empty_batch_is_nothing_to_measure_but_no_harm() -> None:
    trainer = trained()
    whole = trainer.evaluate((X, Y))
    assert trainer.evaluate(batches((X, Y), (X[:0], Y[:0]))) == whole
    with pytest.raises(DataError, match="nothing to evaluate on"):
        trainer.evaluate(batches((X[:0], Y[:0])))


@pytest.mark.parametrize("once", [False, True])
def test_a_stream_that_ends_before_its_epoch_is_told(once: bool) -> None:
    trainer = trained()
    pairs = [(X, Y)] * 3
    given = iter(pairs) if once else lambda: iter(pairs)
    steps = 2 if once else 5
    with pytest.raises(DataError) as caught:
        trainer.fit(given, epochs=4, steps_per_epoch=steps)
    told = str(caught.value)
    if once:
        assert told.startswith("epoch 2 has 1 of the 2 batches that steps_per_epoch=2 asks for")
        assert "a function that makes a new one" in told
        assert len(trainer.history) == 1
    else:
        assert told.startswith("epoch 1 has 3 of the 5 batches that steps_per_epoch=5 asks for")
        assert "leave steps_per_epoch out" in told
        assert len(trainer.history) == 0
    assert trainer.state()["position"]["step"] == 3
    assert len(trainer.fit(lambda: iter(pairs), epochs=1, steps_per_epoch=3)) == 1


def test_a_stream_with_as_many_batches_as_were_asked_for_is_sound() -> None:
    assert len(trained().fit(iter([(X, Y)] * 4), epochs=2, steps_per_epoch=2)) == 2
    assert len(trained().fit(iter([(X, Y)] * 4), epochs=2, steps_per_epoch=1, accumulate=2)) == 2


def test_a_stream_that_has_nothing_left_at_the_beginning_of_an_epoch_is_told() -> None:
    with pytest.raises(DataError, match="epoch 3 has 0 of the 2 batches"):
        trained().fit(iter([(X, Y)] * 4), epochs=4, steps_per_epoch=2)


WRITTEN: list[Callable[[], Any]] = [
    lambda: batches((X[:30], WORDS[:30]), (X[30:], WORDS[30:])),
    lambda: batches((X[:30], WORDS[:30].astype(object)), (X[30:], WORDS[30:, None])),
    lambda: batches((X[:30], WORDS[:30].tolist()), (X[30:], WORDS[30:].tolist())),
    lambda: lambda: iter([Batch(X[:30], WORDS[:30]), Batch(X[30:], WORDS[30:])]),
    lambda: Own(X, WORDS),
]


@pytest.mark.parametrize("written", WRITTEN)
def test_words_in_arrays_come_from_streams_too(written: Callable[[], Any]) -> None:
    trainer, other = trained(), trained()
    trainer.model.schema = Schema(classes=("no", "yes"))
    options: dict[str, Any] = {"epochs": 2, "batch_size": 30, "shuffle": False}
    history = trainer.fit(written(), validation=written(), **options)
    same = other.fit((X, Y), validation=(X, Y), **options)
    assert history["cost"] == same["cost"]
    assert history["validation_accuracy"] == same["validation_accuracy"]
    assert trainer.evaluate(written())["accuracy"] == other.evaluate((X, Y))["accuracy"]
    assert set(trainer.model.classify(X)) <= {"no", "yes"}


@pytest.mark.parametrize("written", WRITTEN)
def test_words_of_a_stream_need_their_classes_said(written: Callable[[], Any]) -> None:
    with pytest.raises(DataError, match=r"model.schema = Schema\(classes=\('"):
        trained().fit(written(), epochs=1)


def test_a_word_of_a_stream_that_is_no_class_is_told_with_its_batch() -> None:
    trainer = trained()
    trainer.model.schema = Schema(classes=("no", "yes"))
    with pytest.raises(DataError, match=r"^batch 1 of epoch 1: .*'maybe'"):
        trainer.fit(batches((X, WORDS), (X, np.where(Y, "maybe", "no"))), epochs=1)


def test_what_is_no_number_counts_as_no_class(tmp_path: Path) -> None:
    trainer = Trainer(
        Sequential([Dense(1)]), cost=BinaryCrossEntropy(), optimizer=Adam(0.1), metrics=[Accuracy(), F1()], seed=0
    )
    trainer.fit(Examples(X, Y, classes=("healthy", "sick")), epochs=3)
    mapped = np.memmap(tmp_path / "x.bin", "float64", "w+", shape=HOLED.shape)
    mapped[:] = HOLED
    infinite = np.where(np.isnan(HOLED), np.inf, HOLED)
    for given in (HOLED, infinite, HOLED.astype("float32"), mapped):
        for measure in (trainer.evaluate, trainer.tune_threshold):
            with pytest.raises(DataError, match=r"x must be finite, but row 41 holds NaN or infinity"):
                measure((given, Y))
        with pytest.raises(DataError, match="row 41"):
            trainer.fit((X, Y), epochs=1, validation=(given, Y))
    assert np.isnan(trainer.model.predict(HOLED)[41])
    with pytest.raises(DataError, match="row 41 has no class, for the prediction is NaN"):
        trainer.model.classify(HOLED)
    assert trainer.model.classify(X).shape == (60,)


def test_the_row_of_a_memory_map_is_counted_from_the_first_of_all(tmp_path: Path) -> None:
    x = np.memmap(tmp_path / "x.bin", "float32", "w+", shape=(3000, 2))
    x[2500] = np.nan
    with pytest.raises(DataError, match=r"^x must be finite, but row 2500 "):
        trained().evaluate((x, np.zeros(3000, int)))


@pytest.mark.parametrize("make", ["array", "npz", "column"])
def test_labels_that_are_floats_are_told_how_to_become_integers(make: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=X, y=Y.astype(float))
    data: Any = {
        "array": (X, Y.astype(float)),
        "column": (X, Y.astype(float)[:, None]),
        "npz": NpzFile(tmp_path / "d.npz"),
    }[make]
    with pytest.raises(ShapeError) as caught:
        trained().fit(data, epochs=1)
    told = str(caught.value)
    assert "y.astype(int)" in told
    assert "1)" not in told.replace("labels=True)", "")
    if make == "npz":
        assert "NpzFile(…, labels=True)" in told
        trained().fit(NpzFile(tmp_path / "d.npz", labels=True), epochs=1)
