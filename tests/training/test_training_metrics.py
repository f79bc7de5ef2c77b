"""Metrics on the training data, where they are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Accuracy,
    CrossEntropy,
    CsvLog,
    Dense,
    Dropout,
    EarlyStopping,
    GradientDescent,
    JsonLines,
    Metric,
    ProgressDisplay,
    ReLU,
    Sequential,
    Trainer,
)
from layerkit.errors import DataError
from layerkit.interfaces.context import Context
from layerkit.types import Array

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
LABELS = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)


class Counting(Metric):
    """How many examples it has been shown."""

    name = "seen"
    shown = 0

    def start(self) -> Array:
        return np.zeros(1)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        Counting.shown += len(prediction)
        totals += len(prediction)

    def result(self, totals: Array) -> float:
        return float(totals[0])


def new_trainer(*metrics: Metric) -> Trainer:
    model = Sequential([Dense(8, activation=ReLU()), Dropout(0.5), Dense(3)]).initialize(4, seed=0)
    return Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), metrics=metrics or [Accuracy()], seed=0)


def test_they_are_those_of_evaluate_after_each_epoch() -> None:
    trainer = new_trainer()
    history = trainer.fit((X, LABELS), epochs=3, training_metrics=True, validation=(X, LABELS))
    assert list(history.records[0]) == [
        "epoch",
        "cost",
        "training_cost",
        "training_accuracy",
        "validation_cost",
        "validation_accuracy",
        "seconds",
    ]
    assert history["training_accuracy"] == history["validation_accuracy"]
    measured = trainer.evaluate((X, LABELS))
    assert {f"training_{name}": value for name, value in measured.items()}.items() <= history.records[-1].items()
    # in training half of the units are dropped
    assert history["training_cost"][0] != history["cost"][0]


def test_they_change_no_bit_of_the_training() -> None:
    plain, measured = new_trainer(), new_trainer()
    plain.fit((X, LABELS), epochs=3)
    measured.fit((X, LABELS), epochs=3, training_metrics=True)
    assert plain.model.structure.parameters.tobytes() == measured.model.structure.parameters.tobytes()
    assert "training_cost" not in plain.history.records[0]


def test_they_cost_nothing_unless_asked_for() -> None:
    Counting.shown = 0
    new_trainer(Counting()).fit((X, LABELS), epochs=3)
    assert Counting.shown == 0
    history = new_trainer(Counting()).fit((X, LABELS), epochs=3, training_metrics=True)
    assert history["training_seen"] == [60, 60, 60]


def test_weights_of_examples_count_and_those_of_classes_do_not() -> None:
    trainer = new_trainer()
    weights = RNG.uniform(0, 2, 60)
    history = trainer.fit((X, LABELS), epochs=1, weights=weights, class_weights="balanced", training_metrics=True)
    assert history["training_cost"][0] == pytest.approx(trainer.evaluate((X, LABELS), weights=weights)["cost"])


def test_logs_and_the_display_show_them(tmp_path: Path) -> None:
    text = StringIO()
    callbacks = [ProgressDisplay(file=text), CsvLog(tmp_path / "log.csv"), JsonLines(tmp_path / "log.jsonl")]
    new_trainer().fit((X, LABELS), epochs=1, training_metrics=True, callbacks=callbacks)
    assert "training accuracy" in text.getvalue()
    assert "training_accuracy" in (tmp_path / "log.csv").read_text().splitlines()[0]
    assert "training_accuracy" in json.loads((tmp_path / "log.jsonl").read_text())


def test_a_fit_may_be_stopped_by_them() -> None:
    stopping = EarlyStopping("training_accuracy", patience=2)
    history = new_trainer().fit((X, LABELS), epochs=500, training_metrics=True, callbacks=[stopping])
    assert len(history) < 500
    assert "training_accuracy has not improved" in str(history.stop_reason)


def pieces() -> Iterator[tuple[Array, Array]]:
    for start in range(0, 60, 16):
        yield X[start : start + 16], LABELS[start : start + 16]


def test_a_stream_that_can_be_opened_again_is_measured() -> None:
    trainer = new_trainer()
    history = trainer.fit(pieces, epochs=2, training_metrics=True)
    assert history["training_accuracy"][-1] == pytest.approx(trainer.evaluate((X, LABELS))["accuracy"])


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (pieces(), {}, "a generator of batches can be read once"),
        (pieces, {"steps_per_epoch": 2}, "a stream with steps_per_epoch may have no end"),
    ],
)
def test_a_stream_that_cannot_be_gone_through_is_refused(data: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=f"training_metrics go through the training data after each epoch.*{message}"):
        new_trainer().fit(data, epochs=1, training_metrics=True, **options)


def test_a_metric_that_cannot_be_measured_is_told_before_the_first_step() -> None:
    from layerkit import MeanSquaredError
    from layerkit.errors import ShapeError

    trainer = new_trainer(MeanSquaredError())
    with pytest.raises(ShapeError, match="MeanSquaredError: targets"):
        trainer.fit((X, LABELS), epochs=1, training_metrics=True)
    assert trainer.history.records == []
