"""What is no data, or data of another form than is taken, is called what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import (
    CrossEntropy,
    CsvFile,
    Dense,
    Digits,
    Examples,
    GradientDescent,
    Quadratic,
    Sequential,
    Sigmoid,
    Trainer,
)
from layerkit.errors import DataError, DatasetError, LayerkitError

X, Y = np.random.default_rng(0).normal(size=(12, 4)), np.arange(12) % 2


def trainer() -> Trainer:
    model = Sequential([Dense(2)]).initialize(4, seed=0)
    return Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), seed=0)


@pytest.mark.parametrize("data", [Examples(X, Y), Digits()], ids=["examples", "dataset"])
def test_predict_takes_inputs_alone(data: Any) -> None:
    for predicts in (trainer().model, trainer().model.predictor(12)):
        with pytest.raises(DataError, match=r"predict takes an array or a DataFrame, got \w+.*\.x"):
            predicts.predict(data)


def test_one_row_of_a_frame_is_no_batch() -> None:
    frame = pytest.importorskip("pandas").DataFrame(X)
    with pytest.raises(LayerkitError, match=r"a batch of one row.*frame\.iloc\[\[0\]\]"):
        trainer().model.predict(frame.iloc[0])


def test_a_dictionary_is_told_to_be_none() -> None:
    with pytest.raises(DataError, match=r"a dict is no data: give its arrays as a tuple \(x, y\)"):
        trainer().fit({"x": X, "y": Y}, epochs=1)


def test_fields_are_no_columns() -> None:
    x = np.array([(1.0, 2.0)] * 12, dtype=[("a", "f8"), ("b", "f8")])
    for call in (lambda: trainer().fit((x, Y), epochs=1), lambda: trainer().model.predict(x)):
        with pytest.raises(DataError, match=r"structured array, with the fields 'a', 'b'.*structured_to_unstructured"):
            call()


def test_columns_of_one_name_are_named() -> None:
    frame = pytest.importorskip("pandas").DataFrame(X, columns=["a", "b", "b", "c"])
    with pytest.raises(DataError, match="more than one column named 'b': rename"):
        Examples(frame, Y)


def test_a_function_that_gives_one_generator_again_is_told_so() -> None:
    once = iter([(X, Y)])
    with pytest.raises(DataError, match="the same generator of batches again"):
        trainer().fit(lambda: once, epochs=3)


def test_numbers_cannot_follow_classes_in_another_order() -> None:
    model = Sequential([Dense(1, activation=Sigmoid())])
    own = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    own.fit(Examples(X, Y, classes=("no", "yes")), epochs=1)
    turned = Examples(X, Y[:, None] * 1.0, classes=("yes", "no"))
    with pytest.raises(DataError, match=r"in the order 'yes', 'no'.*give integer labels"):
        own.evaluate(turned)


def test_lines_that_end_in_a_separator(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b,t,\n" + "1,2.5,no,\n3,4.5,yes,\n" * 5)
    with pytest.raises(DatasetError, match=r"end in a separator.*say target"):
        CsvFile(path).load("train")
