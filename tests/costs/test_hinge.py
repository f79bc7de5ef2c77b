from __future__ import annotations

import numpy as np
import pytest

from layerkit import Accuracy, Adam, BinaryAccuracy, Cost, Dense, Hinge, RocAuc, Sequential, SquaredHinge, Trainer
from layerkit.errors import DataError
from tests.reference.costs import CostBench, assert_as_in_pytorch_in_both_dtypes

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 2))
YES = X[:, 0] + 0.5 * X[:, 1] > 0.3

both = pytest.mark.parametrize("cost", [Hinge(), SquaredHinge()], ids=repr)


@pytest.mark.parametrize(("cost", "name"), [(Hinge(), "hinge"), (SquaredHinge(), "squared_hinge")])
def test_it_is_that_of_the_formula(cost: Cost, name: str) -> None:
    assert_as_in_pytorch_in_both_dtypes(cost, name)


@both
def test_what_is_right_by_a_margin_costs_nothing(cost: Cost) -> None:
    scores, target = np.array([[1.0], [3.0], [-1.0], [0.0], [-2.0]]), np.array([[1.0], [1.0], [0.0], [1.0], [1.0]])
    power = 1 if isinstance(cost, Hinge) else 2
    bench = CostBench(cost)
    np.testing.assert_array_equal(bench.forward(scores, target), np.array([0, 0, 0, 1, 3]) ** power)
    np.testing.assert_array_equal(bench.backward(scores, target)[:3], 0)


@both
def test_classes_thresholds_and_metrics_are_told_as_usual(cost: Cost) -> None:
    model = Sequential([Dense(1)])
    metrics = [Accuracy(), BinaryAccuracy(), RocAuc()]
    trainer = Trainer(model, cost=cost, optimizer=Adam(0.05), metrics=metrics, seed=0)
    trainer.fit((X, np.where(YES, "yes", "no")), epochs=40)
    assert (model.classify(X) == np.where(YES, "yes", "no")).mean() > 0.95
    found = trainer.evaluate((X, YES))
    assert found["accuracy"] == found["binary_accuracy"] > 0.95
    assert found["roc_auc"] > 0.99


@both
def test_labels_of_one_example_are_margins_of_their_own(cost: Cost) -> None:
    y = np.stack([X[:, 0] > 0, X[:, 1] > 0], axis=1)
    model = Sequential([Dense(2)])
    Trainer(model, cost=cost, optimizer=Adam(0.05), seed=0).fit((X, y), epochs=40)
    assert (model.classify(X) == y).mean() > 0.95


@both
@pytest.mark.parametrize(
    ("y", "told"),
    [
        (np.where(YES, 1.0, -1.0), r"row \d+ holds -1\.0: write \(y \+ 1\) / 2"),
        (np.where(YES, 1, -1), r"got -1 in row \d+: write \(y \+ 1\) // 2"),
        (YES * 0.7, r"targets must be 0 \(no\) or 1 \(yes\), but row \d+ holds 0\.7: .*CategoricalHinge"),
    ],
)
def test_other_targets_are_refused(cost: Cost, y: np.ndarray, told: str) -> None:
    trainer = Trainer(Sequential([Dense(1)]), cost=cost, optimizer=Adam(), seed=0)
    with pytest.raises(DataError, match=told):
        trainer.fit((X, y), epochs=1)
