"""1,000 random cases of two classes, of several, and of labels: the measures are scikit-learn's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pytest

from layerkit import F1, Accuracy, BinaryAccuracy, Metric, Precision, Recall, RocAuc
from layerkit.interfaces.decision import Decision
from layerkit.types import Array
from tests.metrics.measuring import PROBABILITIES, new_context
from tests.reference.values import reference

VALUES = reference("metrics")
AVERAGED: dict[str, type[Precision | Recall | F1]] = {"precision": Precision, "recall": Recall, "f1": F1}
BINARY, CLASSES, LABELS = range(3)


def metric_of(name: str) -> Metric:
    plain: dict[str, Metric] = {"accuracy": Accuracy(), "binary_accuracy": BinaryAccuracy(), "roc_auc": RocAuc()}
    kind, _, average = name.partition("/")
    return plain[kind] if kind in plain else AVERAGED[kind](average=average)  # type: ignore[arg-type]


class Case(NamedTuple):
    """Probabilities, targets, weights, and how classes are told."""

    kind: int
    scores: Array
    targets: Array
    weights: Array
    decision: Decision


def cases() -> Iterator[Case]:
    places = dict.fromkeys(("scores", "targets", "weights"), 0)

    def piece(name: str, *shape: int) -> Array:
        start = places[name]
        places[name] += int(np.prod(shape))
        return VALUES[name][start : places[name]].reshape(shape)

    for number, kind in enumerate(VALUES["kind"].tolist()):
        rows, outputs = int(VALUES["rows"][number]), int(VALUES["outputs"][number])
        scores = piece("scores", rows, outputs) / 100
        targets = piece("targets", *((rows, outputs) if kind == LABELS else (rows,))).astype(np.int64)
        weights = piece("weights", rows) / 8
        decision = Decision(float(VALUES["threshold"][number]), multi_label=kind == LABELS)
        yield Case(kind, scores, targets, weights, decision)


def measured(metric: Metric, case: Case) -> float:
    """The measure, of two batches merged where there are rows enough."""
    _, scores, targets, weights, decision = case
    context = new_context(shape=scores.shape[1:], span=PROBABILITIES, decision=decision)
    metric.check_target(targets, context)
    half = len(scores) // 2
    parts = [slice(0, half), slice(half, None)] if half else [slice(0, None)]
    totals = [metric.updated(metric.start(), scores[part], targets[part], weights[part], context) for part in parts]
    return metric.result(metric.merged(totals[0], totals[1]) if half else totals[0])


NAMES = [name.removeprefix("measured/") for name in VALUES if name.startswith("measured/")]


@pytest.mark.parametrize("name", NAMES)
def test_every_measure_is_scikit_learns(name: str) -> None:
    wanted = VALUES[f"measured/{name}"]
    kinds = {"roc_auc": {BINARY}, "binary_accuracy": {LABELS}, "accuracy": {BINARY, CLASSES}}.get(
        name, {BINARY} if name.endswith("/binary") else {BINARY, CLASSES, LABELS}
    )
    compared = 0
    for number, case in enumerate(cases()):
        if case.kind in kinds:
            np.testing.assert_allclose(
                measured(metric_of(name), case), wanted[number], rtol=1e-12, atol=1e-15, err_msg=f"case {number}"
            )
            compared += 1
    assert compared >= 333


@pytest.mark.parametrize("metric", [Precision(), Recall(), F1(), Precision(average="binary"), F1(average="binary")])
def test_the_score_of_two_classes_is_that_of_class_1(metric: Metric) -> None:
    wanted = VALUES[f"measured/{metric.name}/binary"]
    for number, case in enumerate(cases()):
        if case.kind == BINARY:
            assert measured(metric, case) == pytest.approx(wanted[number], rel=1e-12)


@pytest.mark.parametrize("metric", [BinaryAccuracy(), Precision(), Recall(), F1(average="macro"), RocAuc()])
def test_two_outputs_are_two_classes(metric: Metric) -> None:
    for case in cases():
        if case.kind == BINARY:
            one = pytest.approx(measured(metric, case), nan_ok=True)
            both = case._replace(scores=np.hstack([1 - case.scores, case.scores]))
            assert measured(metric, both) == one
            assert measured(metric, both._replace(targets=np.eye(2)[case.targets])) == one
