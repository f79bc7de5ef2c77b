"""1,000 random cases of two classes, of several, and of labels, and 1,000 of numbers: the measures are
scikit-learn's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pytest

from layerkit import (
    F1,
    R2,
    Accuracy,
    BalancedAccuracy,
    BinaryAccuracy,
    BrierScore,
    CalibrationError,
    ConfusionMatrix,
    LogLoss,
    MatthewsCorrelation,
    MeanAbsoluteError,
    MeanSquaredError,
    Metric,
    Precision,
    Recall,
    RocAuc,
    RootMeanSquaredError,
    TopKAccuracy,
)
from layerkit.interfaces.decision import Decision
from layerkit.types import Array
from tests.metrics.measuring import PROBABILITIES, new_context
from tests.reference.values import reference

VALUES = reference("metrics")
AVERAGED: dict[str, type[Precision | Recall | F1]] = {"precision": Precision, "recall": Recall, "f1": F1}
PLAIN: list[Metric] = [
    Accuracy(),
    BinaryAccuracy(),
    RocAuc(),
    RocAuc(average="weighted"),
    RocAuc(average="micro"),
    RocAuc(multi_class="ovo"),
    RocAuc(multi_class="ovo", average="weighted"),
    BalancedAccuracy(),
    MatthewsCorrelation(),
    LogLoss(),
    BrierScore(),
    CalibrationError(),
    TopKAccuracy(1),
    TopKAccuracy(2),
]
NUMBERS: list[Metric] = [R2(), MeanAbsoluteError(), MeanSquaredError(), RootMeanSquaredError()]
BINARY, CLASSES, LABELS = range(3)
KINDS = {
    "roc_auc_ovo": {CLASSES},
    "roc_auc_ovo_weighted": {CLASSES},
    "binary_accuracy": {LABELS},
    "top_1_accuracy": {CLASSES},
    "top_2_accuracy": {CLASSES},
    **{name: {BINARY, CLASSES} for name in ("accuracy", "balanced_accuracy", "matthews_correlation")},
}


def metric_of(name: str) -> Metric:
    plain = {metric.name: metric for metric in PLAIN}
    kind, _, average = name.partition("/")
    return plain[kind] if kind in plain else AVERAGED[kind](average=average)  # type: ignore[arg-type]


class Case(NamedTuple):
    """Probabilities, targets, weights, and how classes are told."""

    kind: int
    scores: Array
    targets: Array
    weights: Array
    decision: Decision


def made() -> Iterator[Case]:
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


CASES = list(made())


def measured(metric: Metric, case: Case) -> float:
    """The measure, of two batches merged where there are rows enough."""
    return metric.result(totals_of(metric, case))


def totals_of(metric: Metric, case: Case) -> Array:
    """The totals, of two batches merged where there are rows enough."""
    _, scores, targets, weights, decision = case
    context = new_context(shape=scores.shape[1:], span=PROBABILITIES, decision=decision)
    metric.check_target(targets, context)
    half = len(scores) // 2
    parts = [slice(0, half), slice(half, None)] if half else [slice(0, None)]
    totals = [metric.updated(metric.start(), scores[part], targets[part], weights[part], context) for part in parts]
    return metric.merged(totals[0], totals[1]) if half else totals[0]


NAMES = [name.removeprefix("measured/") for name in VALUES if name.startswith("measured/")]


@pytest.mark.parametrize("name", NAMES)
def test_every_measure_is_scikit_learns(name: str) -> None:
    wanted = VALUES[f"measured/{name}"]
    kinds = KINDS.get(name, {BINARY} if name.endswith("/binary") else {BINARY, CLASSES, LABELS})
    compared = 0
    for number, case in enumerate(CASES):
        if case.kind in kinds:
            metric = metric_of(name)
            found = measured(metric, case)
            np.testing.assert_allclose(found, wanted[number], rtol=1e-12, atol=1e-15, err_msg=f"case {number}")
            assert np.isnan(found) or metric.bounds[0] - 1e-12 <= found <= metric.bounds[1] + 1e-12
            compared += 1
    assert compared >= 333


@pytest.mark.parametrize("metric", [Precision(), Recall(), F1(), Precision(average="binary"), F1(average="binary")])
def test_the_score_of_two_classes_is_that_of_class_1(metric: Metric) -> None:
    wanted = VALUES[f"measured/{metric.name}/binary"]
    for number, case in enumerate(CASES):
        if case.kind == BINARY:
            assert measured(metric, case) == pytest.approx(wanted[number], rel=1e-12)


@pytest.mark.parametrize(
    "metric",
    [BinaryAccuracy(), Precision(), F1(average="macro"), RocAuc(), LogLoss(), BrierScore(), CalibrationError()],
)
def test_two_outputs_are_two_classes(metric: Metric) -> None:
    for case in CASES:
        if case.kind == BINARY:
            one = pytest.approx(measured(metric, case), nan_ok=True)
            both = case._replace(scores=np.hstack([1 - case.scores, case.scores]))
            assert measured(metric, both) == one
            assert measured(metric, both._replace(targets=np.eye(2)[case.targets])) == one


def test_the_matrix_and_its_shares_are_scikit_learns() -> None:
    places = dict.fromkeys(("counts", "true", "predicted", "all"), 0)

    def wanted(over: str, shape: tuple[int, ...]) -> Array:
        start = places[over]
        places[over] += int(np.prod(shape))
        return VALUES[f"matrix/{over}"][start : places[over]].reshape(shape)

    for number, case in enumerate(CASES):
        metric = ConfusionMatrix()
        found = metric.report(totals_of(metric, case), None)
        told = f"case {number}"
        np.testing.assert_array_equal(found.counts, wanted("counts", found.counts.shape), err_msg=told)
        assert found.multi_label == (case.kind == LABELS)
        if not found.multi_label:
            for over in ("true", "predicted", "all"):
                shares = found.normalized(over)
                np.testing.assert_allclose(shares, wanted(over, shares.shape), rtol=1e-6, err_msg=told)
    assert all(place == len(VALUES[f"matrix/{over}"]) for over, place in places.items())


@pytest.mark.parametrize("metric", NUMBERS, ids=repr)
def test_measures_of_numbers_are_scikit_learns(metric: Metric) -> None:
    places = dict.fromkeys(("found", "wanted", "weights"), 0)

    def piece(name: str, *shape: int) -> Array:
        start = places[name]
        places[name] += int(np.prod(shape))
        return VALUES[f"regression/{name}"][start : places[name]].reshape(shape)

    wanted = VALUES[f"regression/measured/{metric.name}"]
    for number, rows in enumerate(VALUES["regression/rows"].tolist()):
        outputs, unit, origin = (VALUES[f"regression/{name}"][number] for name in ("outputs", "unit", "origin"))
        found, target = (piece(name, rows, outputs) * unit + origin for name in ("found", "wanted"))
        case = Case(CLASSES, found, target, piece("weights", rows) / 8, Decision())
        # differences of numbers far from 0 have lost digits before anything is measured
        np.testing.assert_allclose(
            measured(metric, case), wanted[number], rtol=1e-9, atol=1e-12, err_msg=f"case {number}"
        )
    assert len(wanted) == 1000
