"""A target that nothing measures is refused before anything is trained."""

from __future__ import annotations

import re
from typing import Any

import pytest

from layerkit import (
    F1,
    R2,
    Accuracy,
    Adam,
    CrossEntropy,
    Dense,
    Digits,
    Flatten,
    MeanSquaredError,
    Metric,
    TopKAccuracy,
)
from layerkit.errors import ArgumentError
from layerkit.experiments import Experiment, parse_experiment


class OnlyTraining(Digits):  # type: ignore[misc]
    """A dataset without a part for testing."""

    splits = ("train",)


def experiment(**settings: Any) -> Experiment:
    return Experiment(
        **{
            "name": "small",
            "dataset": Digits(),
            "layers": [Flatten(), Dense(10)],
            "cost": CrossEntropy(),
            "optimizer": Adam(),
            "metrics": [Accuracy()],
            **settings,
        }
    )


@pytest.mark.parametrize("name", ["test_cost", "test_accuracy"])
def test_what_is_measured_may_be_a_target(name: str) -> None:
    assert experiment(target={name: 0.5}, quick={"target": {name: 0.5}}).target == {name: 0.5}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("test_acuracy", ["Did you mean 'test_accuracy'?"]),
        ("accuracy", ["Did you mean 'test_accuracy'?"]),
        ("validation_accuracy", ["At the end are measured test_cost, test_accuracy"]),
        ("test_f1", ["`metrics` says what else"]),
    ],
)
@pytest.mark.parametrize("quick", [False, True])
def test_what_is_not_is_refused(name: str, words: list[str], quick: bool) -> None:
    target = {"target": {name: 0.5}}
    with pytest.raises(ArgumentError) as caught:
        experiment(**({"quick": target} if quick else target))
    told = str(caught.value)
    assert told.startswith(f"Experiment: {'quick: ' * quick}target {name!r} is never measured")
    assert all(word in told for word in words), told


def test_without_test_data_nothing_is_measured() -> None:
    with pytest.raises(ArgumentError, match="OnlyTraining has no test data: leave the target out"):
        experiment(dataset=OnlyTraining(), target={"test_accuracy": 0.5})
    assert not experiment(dataset=OnlyTraining()).target


def test_a_table_says_so_too() -> None:
    table = {
        "dataset": "digits",
        "layers": ["flatten", {"component": "dense", "units": 10}],
        "cost": "cross-entropy",
        "optimizer": "adam",
        "target": {"test_accuracy": 0.9},
    }
    with pytest.raises(ArgumentError, match=r"'test_accuracy' is never measured\..* measured test_cost; `metrics`"):
        parse_experiment(table, name="small")


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize(
    ("metric", "wanted", "words"),
    [
        (Accuracy(), 95, "Accuracy() is at most 1, so it is never reached: did you mean 0.95?"),
        (F1(), 1.5, "F1() is at most 1, so it is never reached: did you mean 0.015?"),
        (R2(), 90, "did you mean 0.9?"),
        (TopKAccuracy(3), 1e3, "is at most 1, so it is never reached"),
        (MeanSquaredError(), -1, "MeanSquaredError() is at least 0, so it is never reached"),
    ],
)
def test_what_no_model_can_reach_is_refused(metric: Metric, wanted: float, words: str, quick: bool) -> None:
    target = {"target": {f"test_{metric.name}": wanted}}
    with pytest.raises(ArgumentError, match=re.escape(words)) as caught:
        experiment(metrics=[metric], **({"quick": target} if quick else target))
    assert str(caught.value).startswith(f"Experiment: {'quick: ' * quick}target 'test_{metric.name}' is {wanted:g}")


@pytest.mark.parametrize("wanted", [1, 0, 0.5])
def test_what_a_perfect_model_reaches_is_a_target(wanted: float) -> None:
    assert experiment(target={"test_accuracy": wanted}).target == {"test_accuracy": wanted}
