"""What a fit takes of memory grows with outputs and rows, never with the square of either."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from layerkit import (
    F1,
    Accuracy,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    GradientDescent,
    Identity,
    Quadratic,
    Sequential,
    Standardize,
    Trainer,
)
from layerkit.interfaces.scratch import Scratch
from layerkit.steps.targets import Targets
from layerkit.types import Array

OUTPUTS, ROWS = 12_000, 6
X = np.random.default_rng(0).normal(size=(ROWS, 1)).astype(np.float32)
NUMBERS = np.random.default_rng(1).normal(size=(ROWS, OUTPUTS)).astype(np.float32)
LABELS = np.arange(ROWS) * 1000
COUNTS = {"epochs": 2, "batch_size": 2}


def batches() -> Iterator[tuple[Array, Array]]:
    for first in range(0, ROWS, 2):
        yield X[first : first + 2], LABELS[first : first + 2]


CASES: dict[str, tuple[Any, Any, dict[str, Any], dict[str, Any]]] = {
    "numbers": (Quadratic(), (X, NUMBERS), {}, {}),
    "standardised": (Quadratic(), (X, NUMBERS), {"standardize_targets": True}, {}),
    "labels of many": (BinaryCrossEntropy(), (X, (NUMBERS > 0).astype(int)), {"metrics": [F1(average="macro")]}, {}),
    "labels": (CrossEntropy(), (X, LABELS), {"metrics": [Accuracy(), F1(average="macro")]}, {}),
    "labels as rows": (Quadratic(), (X, LABELS), {"metrics": [Accuracy()]}, {"training_metrics": True}),
    "weights of classes": (CrossEntropy(), (X, LABELS), {}, {"class_weights": "balanced"}),
    "stream of labels": (Quadratic(), batches, {}, {}),
    "stream of labels to a cost of labels": (CrossEntropy(), batches, {}, {"validation": (X, LABELS)}),
}


def grown(call: Any) -> int:
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("case", CASES)
def test_many_outputs(case: str) -> None:
    parts: Any
    settings: Any
    cost, data, parts, settings = CASES[case]
    model = Sequential([Dense(OUTPUTS)]).initialize(1, seed=0)
    trainer = Trainer(model, cost=cost, optimizer=GradientDescent(0.01), silence=("all",), seed=0, **parts)
    peak = grown(lambda: trainer.fit(data, **{**COUNTS, **settings}))
    # the square of the outputs takes 550 MiB in float32
    assert peak < 60 * ROWS * OUTPUTS * 4


def test_many_rows_and_features() -> None:
    x = np.random.default_rng(0).normal(size=(4000, 3)).astype(np.float32)
    for data in (x, x.T.copy()):
        model = Sequential([Standardize(), Identity(), Dense(1)]).initialize(data.shape[1], seed=0)
        trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.01), silence=("all",), seed=0)
        arrays = (data, data[:, :1])
        assert grown(lambda trainer=trainer, arrays=arrays: trainer.fit(arrays, epochs=1)) < 60 * x.nbytes


@pytest.mark.parametrize("classes", [2, 256, 257, 300])
@pytest.mark.parametrize("shape", [(5,), (5, 4)])
def test_labels_become_the_same_rows_however_many_classes_there_are(classes: int, shape: tuple[int, ...]) -> None:
    labels = np.random.default_rng(0).integers(0, classes, shape)
    targets = Targets(Quadratic(), (*(None for _ in shape[1:]), classes), np.dtype(np.float32))
    scratch = Scratch(np.dtype(np.float32))
    for y in (labels, labels[::-1]):
        found = targets.convert(y, scratch)
        assert found.dtype == np.float32
        assert (found == np.eye(classes)[y]).all()
