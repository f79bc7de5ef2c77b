"""The confusion matrix as an object: counts, shares, names, a table as text; and the metric that makes it."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from layerkit import (
    Accuracy,
    BinaryCrossEntropy,
    Confusion,
    ConfusionMatrix,
    CrossEntropy,
    CsvLog,
    Dense,
    Examples,
    GradientDescent,
    JsonLines,
    Sequential,
    Trainer,
)
from layerkit.errors import ArgumentError, DataError
from layerkit.interfaces.decision import Decision
from tests.metrics.measuring import PROBABILITIES, new_context

WORDS = np.array(["cat", "dog", "cow", "cow"])
X = np.eye(3)[[0, 1, 2, 0]]


def trainer_of_animals() -> Trainer:
    model = Sequential([Dense(3)]).initialize(3, seed=0)
    model.parameters["0.weight"][...] = np.eye(3)
    return Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(1e-6), metrics=[ConfusionMatrix()], seed=0)


def test_evaluate_gives_the_table_with_the_names_of_the_data() -> None:
    classes = ("cat", "dog", "cow")
    found = trainer_of_animals().evaluate(Examples(X, WORDS, classes=classes))["confusion"]
    assert found == Confusion(np.array([[1, 0, 0], [0, 1, 0], [1, 0, 1]]), classes)
    assert str(found).splitlines()[-1].split() == ["cow", "1", ".", "1", "50.00", "%"]
    assert repr(found) == "Confusion([[1, 0, 0], [0, 1, 0], [1, 0, 1]], ['cat', 'dog', 'cow'])"
    assert found.as_json() == {"classes": list(classes), "counts": [[1, 0, 0], [0, 1, 0], [1, 0, 1]]}


def test_the_model_names_its_classes_and_numbers_stand_for_those_that_nobody_named() -> None:
    trainer = trainer_of_animals()
    assert trainer.evaluate((X, np.array([0, 1, 2, 2])))["confusion"].classes == ("0", "1", "2")
    trainer.fit(Examples(X, WORDS, classes=("cat", "dog", "cow")), epochs=1)
    assert trainer.evaluate((X, np.array([0, 1, 2, 2])))["confusion"].classes == ("cat", "dog", "cow")
    assert Confusion(np.eye(3), ["cat"]).classes == ("cat", "1", "2")


def test_it_is_measured_beside_the_trainers_own_where_asked_for() -> None:
    model = Sequential([Dense(3)]).initialize(3, seed=0)
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), metrics=[Accuracy()])
    found = trainer.evaluate((X, np.array([0, 1, 2, 2])), metrics=[ConfusionMatrix()])
    assert list(found) == ["cost", "accuracy", "confusion"]
    assert found["confusion"].counts.sum() == 4
    with pytest.raises(ArgumentError, match=r"Trainer.evaluate: metrics"):
        trainer.evaluate((X, WORDS), metrics=["confusion"])  # type: ignore[list-item]


def test_histories_and_logs_hold_numbers_alone(tmp_path: Path) -> None:
    data = Examples(X, WORDS)
    logs = [JsonLines(tmp_path / "log.jsonl"), CsvLog(tmp_path / "log.csv")]
    history = trainer_of_animals().fit(data, validation=data, training_metrics=True, epochs=1, callbacks=logs)
    assert set(history.records[0]) == {"epoch", "cost", "seconds", "training_cost", "validation_cost"}
    assert set(json.loads((tmp_path / "log.jsonl").read_text())) == set(history.records[0])


def test_weights_count_and_are_shown_with_two_places() -> None:
    found = trainer_of_animals().evaluate((X, np.array([0, 1, 2, 2])), weights=[1, 1, 0.5, 0.25])["confusion"]
    assert found.counts.tolist() == [[1, 0, 0], [0, 1, 0], [0.25, 0, 0.5]]
    assert "0.25" in str(found)
    assert "66.67 %" in str(found)


def test_shares_of_what_is_not_there_are_0() -> None:
    found = Confusion(np.array([[3, 1], [0, 0]]))
    assert found.normalized().tolist() == [[0.75, 0.25], [0, 0]]
    assert found.normalized("all").tolist() == [[0.75, 0.25], [0, 0]]
    assert Confusion(np.zeros((2, 2))).normalized("all").tolist() == [[0, 0], [0, 0]]
    with pytest.raises(ArgumentError, match="over must be one of 'true', 'predicted', 'all'"):
        found.normalized("rows")  # type: ignore[arg-type]


def test_each_label_has_a_table_of_its_own() -> None:
    model = Sequential([Dense(2)]).initialize(2, seed=0)
    model.parameters["0.weight"][...] = np.eye(2)
    trainer = Trainer(model, cost=BinaryCrossEntropy(), optimizer=GradientDescent(0.1))
    y = np.array([[1, 0], [1, 1], [0, 1]])
    data = Examples(np.array([[1.0, 1], [1, -1], [-1, -1]]), y, classes=("red", "dark"))
    found = trainer.evaluate(data, metrics=[ConfusionMatrix()])["confusion"]
    assert found.multi_label
    assert found.counts.tolist() == [[[1, 0], [0, 2]], [[0, 1], [2, 0]]]
    assert found.normalized("true")[0].tolist() == [[1, 0], [0, 1]]
    assert [line.split() for line in found.lines()] == [
        ["found", "missed", "false", "alarms", "rightly", "left", "out"],
        ["red", "2", ".", ".", "1"],
        ["dark", ".", "2", "1", "."],
    ]


def test_as_a_number_it_is_the_share_on_the_diagonal() -> None:
    metric, context = ConfusionMatrix(), new_context(shape=(1,), span=PROBABILITIES)
    assert math.isnan(metric.result(metric.start()))
    totals = metric.updated(metric.start(), np.array([[0.9], [0.2], [0.8]]), np.array([1, 1, 0]), np.ones(3), context)
    assert metric.result(totals) == pytest.approx(1 / 3)
    assert metric.report(metric.start(), None).lines()
    labels = new_context(shape=(2,), span=PROBABILITIES, decision=Decision(multi_label=True))
    with pytest.raises(DataError, match="must be 0 or 1"):
        metric.check_target(np.full((3, 2), 0.5), labels)


def test_a_table_that_is_too_wide_becomes_a_list_of_the_most_frequent() -> None:
    confusion = np.diag(np.full(30, 5))
    confusion[3, 4] = 7
    confusion[8, 1] = 2
    lines = Confusion(confusion, [f"class {place}" for place in range(30)]).lines(80)
    assert lines == [
        "the most frequent mistakes",
        "  class 3 taken for class 4: 7 of 12",
        "  class 8 taken for class 1: 2 of 7",
    ]
    assert Confusion(np.diag(np.full(30, 5)), list("x" * 30)).lines(40) == ["there is no mistake"]


@pytest.mark.parametrize("name", ["", "class ", "name of class "])
def test_the_table_keeps_to_the_width(name: str) -> None:
    confusion = np.full((10, 10), 1000)
    lines = Confusion(confusion, [f"{name}{place}" for place in range(10)]).lines(80)
    assert max(map(len, lines)) <= 80


def test_columns_stand_under_their_names_and_a_class_without_examples_is_told() -> None:
    _, head, *rows = Confusion(np.array([[120, 3], [0, 0]]), ["a", "b"]).lines(80)
    assert head.index("a") == rows[0].index("120") + 2
    assert rows[1].endswith("no examples")
