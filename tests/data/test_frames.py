"""DataFrames and Series of pandas, polars and pyarrow, as inputs and as targets."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from layerkit import Accuracy, Adam, CrossEntropy, Dense, Examples, GradientDescent, Quadratic, Sequential, Trainer
from layerkit.data.frames import is_frame
from layerkit.errors import DataError
from layerkit.models.schema import Schema

RNG = np.random.default_rng(0)
A, B, N = RNG.normal(size=40), RNG.normal(size=40), np.arange(40)
X = np.column_stack([A, B, N])
WORDS = np.where(A > B, "yes", "no")
COLUMNS: dict[str, Any] = {"a": A, "b": B, "n": N}


def pandas(columns: dict[Any, Any]) -> Any:
    return pytest.importorskip("pandas").DataFrame(columns)


def polars(columns: dict[Any, Any]) -> Any:
    return pytest.importorskip("polars").DataFrame(columns)


def pyarrow(columns: dict[Any, Any]) -> Any:
    library = pytest.importorskip("pyarrow")
    return library.table({name: library.array(np.asarray(column).tolist()) for name, column in columns.items()})


Make = Callable[[dict[Any, Any]], Any]
libraries = pytest.mark.parametrize("make", [pandas, polars, pyarrow])


def classifier() -> Trainer:
    return Trainer(Sequential([Dense(2)]), cost=CrossEntropy(), optimizer=Adam(0.05), metrics=[Accuracy()], seed=0)


def costs(trainer: Trainer) -> list[float]:
    return [record["cost"] for record in trainer.history]


@libraries
def test_a_frame_trains_to_the_bits_of_its_arrays(make: Make) -> None:
    by_arrays = classifier()
    by_arrays.fit((X, (WORDS == "yes") * 1), epochs=3, batch_size=7)
    frame = make(COLUMNS)
    series = make({"kind": WORDS})["kind"]
    whole = make({"kind": WORDS, **COLUMNS})
    for data in [(frame, series)] * (make is not pyarrow) + [(whole, "kind"), Examples(whole, "kind")]:
        trainer = classifier()
        trainer.fit(data, epochs=3, batch_size=7)
        assert costs(trainer) == costs(by_arrays)
        assert trainer.model.schema == Schema(columns=("a", "b", "n"), target="kind", classes=("no", "yes"))
        assert trainer.evaluate(data) == by_arrays.evaluate((X, (WORDS == "yes") * 1))
        turned = make({"n": N, "kind": WORDS, "b": B, "a": A})
        assert trainer.evaluate((turned, "kind")) == trainer.evaluate(data)
        wanted = by_arrays.model.predict(X)
        for given in (turned, frame, whole):
            np.testing.assert_array_equal(trainer.model.predict(given), wanted)
        np.testing.assert_allclose(trainer.model.predictor(40).predict(turned), wanted, rtol=1e-5)


@libraries
def test_validation_with_a_part_of_the_classes_means_the_same_classes(make: Make) -> None:
    yes = WORDS == "yes"
    part = make({"kind": WORDS[yes], "b": B[yes], "a": A[yes], "n": N[yes]})
    trainer = classifier()
    history = trainer.fit((make({"kind": WORDS, **COLUMNS}), "kind"), epochs=1, validation=(part, "kind"))
    wanted = trainer.evaluate((X[yes], np.ones(yes.sum(), int)))
    assert history["validation_cost"] == [wanted["cost"]]


@libraries
def test_numbers_are_numbers(make: Make) -> None:
    frame = make({**COLUMNS, "price": N - 7})
    examples = Examples(frame, "price")
    assert examples.y is not None
    assert (examples.names, examples.target_name, examples.classes) == (("a", "b", "n"), "price", None)
    np.testing.assert_array_equal(examples.x, X)
    np.testing.assert_array_equal(examples.y, N - 7)
    trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(1e-6), seed=0)
    trainer.fit((frame, "price"), epochs=1)
    assert trainer.evaluate((frame, "price")) == trainer.evaluate((X, (N - 7)[:, None]))
    several = Examples(make(COLUMNS), make({"one": A, "two": B}))
    np.testing.assert_array_equal(several.y, np.column_stack([A, B]))


@libraries
def test_what_is_no_number_is_refused_by_its_name(make: Make) -> None:
    with pytest.raises(DataError, match="column 'city' holds String"):
        Examples(make({"a": A, "city": WORDS}), N)
    with pytest.raises(DataError, match="column 'city' holds String"):
        Examples(make({"a": A, "city": WORDS, "y": N}), "y")
    with pytest.raises(DataError, match="no column 'kind'"):
        Examples(make(COLUMNS), "kind")
    missing: list[Any] = [*A.tolist()[:-2], None, 1.0]
    with pytest.raises(DataError, match="column 'a' lacks a number in 1 rows, row 38 first"):
        Examples(make({"a": missing, "b": B}))
    words: list[Any] = [*WORDS.tolist()[:-1], None]
    with pytest.raises(DataError, match="column 'kind' lacks a target"):
        Examples(make({"a": A, "kind": words}), "kind")
    with pytest.raises(DataError, match="name of the column"):
        classifier().fit(make(COLUMNS), epochs=1)


@libraries
def test_missing_and_foreign_columns_are_named(make: Make) -> None:
    trainer = classifier()
    trainer.fit((make({"kind": WORDS, **COLUMNS}), "kind"), epochs=1)
    with pytest.raises(DataError, match=r"lacks 'b', 'n'.*has, beside those, 'city'"):
        trainer.model.predict(make({"a": A, "city": WORDS}))
    with pytest.raises(DataError, match="has, beside those, 'city'"):
        trainer.evaluate((make({"city": N, "kind": WORDS, **COLUMNS}), "kind"))


def test_classes_of_categorical_types_keep_their_order() -> None:
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    one = pd.Series(pd.Categorical(WORDS, categories=["yes", "no", "perhaps"]), name="kind")
    two = pl.Series("kind", WORDS.tolist(), dtype=pl.Enum(["yes", "no", "perhaps"]))
    for series in (one, two):
        examples = Examples(X, series)
        assert (examples.classes, examples.target_name) == (("yes", "no", "perhaps"), "kind")
        np.testing.assert_array_equal(examples.y, (WORDS == "no") * 1)
    given = Examples(X, pl.Series(WORDS.tolist()), classes=("yes", "no"))
    np.testing.assert_array_equal(given.y, (WORDS == "no") * 1)
    with pytest.raises(DataError, match="none of the classes"):
        Examples(X, pl.Series(WORDS.tolist()), classes=("yes", "nein"))


def test_a_lazy_frame_is_to_be_collected() -> None:
    with pytest.raises(DataError, match="collect it first"):
        Examples(pytest.importorskip("polars").DataFrame(COLUMNS).lazy())


def test_without_narwhals_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pytest.importorskip("pandas").DataFrame(COLUMNS)
    monkeypatch.setitem(sys.modules, "narwhals.stable.v2", None)
    with pytest.raises(DataError, match=r"layerkit\[dataframe\]"):
        Examples(frame)
    with pytest.raises(DataError, match=r"layerkit\[dataframe\]"):
        Sequential([Dense(2)]).initialize(3, seed=0).predict(frame)


@pytest.mark.parametrize("value", [X, [1, 2], "a", None, {"a": 1}, np.float32(1), object()])
def test_other_values_are_no_frames(value: object) -> None:
    assert not is_frame(value)


def test_columns_that_are_numbers_have_names_too() -> None:
    frame = pandas({0: A, 1: B, 2: N / 40, 9: np.where(A > B, 1, 0)})
    trainer = classifier()
    trainer.fit((frame, 9), epochs=30, batch_size=7)
    assert trainer.model.schema == Schema(columns=("0", "1", "2"), target="9")
    told = trainer.evaluate((frame, 9))
    assert told["accuracy"] > 0.8
    assert trainer.evaluate((frame[[9, 2, 0, 1]], 9)) == told
    x = frame[[0, 1, 2]]
    np.testing.assert_array_equal(trainer.model.predict(x[[2, 1, 0]]), trainer.model.predict(x))
    with pytest.raises(DataError, match="lacks '2'"):
        trainer.model.predict(x[[0, 1]])
    with pytest.raises(DataError, match="no column 7 to be the target; its columns are '0', '1', '2', '9'"):
        trainer.fit((frame, 7), epochs=1)


def test_a_frame_that_nobody_named_goes_by_position() -> None:
    library = pytest.importorskip("pandas")
    trainer = classifier()
    trainer.fit((pandas(COLUMNS), (WORDS == "yes") * 1), epochs=1)
    np.testing.assert_array_equal(trainer.model.predict(library.DataFrame(X)), trainer.model.predict(X))
    with pytest.raises(DataError, match="lacks 'a', 'b', 'n'"):
        trainer.model.predict(library.DataFrame(X)[[2, 1, 0]])


def test_columns_of_several_levels_have_names_too() -> None:
    library = pytest.importorskip("pandas")
    frame = library.DataFrame(X, columns=library.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)]))
    trainer = classifier()
    trainer.fit((frame, (WORDS == "yes") * 1), epochs=1)
    np.testing.assert_array_equal(trainer.model.predict(frame[frame.columns[::-1]]), trainer.model.predict(frame))
