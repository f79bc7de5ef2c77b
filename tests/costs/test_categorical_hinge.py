from __future__ import annotations

import numpy as np
import pytest

from layerkit import Accuracy, Adam, Blobs, CategoricalHinge, Dense, Sequential, Trainer
from layerkit.errors import DataError, ShapeError
from layerkit.types import Array
from tests.reference.costs import CostBench, assert_as_in_pytorch_in_both_dtypes


def test_it_is_that_of_the_formula() -> None:
    assert_as_in_pytorch_in_both_dtypes(CategoricalHinge(), "categorical_hinge")


def test_the_right_score_must_lead_by_1() -> None:
    scores = np.array([[2.0, 1.0, 0.0], [2.0, 1.5, 0.0], [0.0, 0.0, -5.0]])
    target = np.eye(3)[[0, 0, 2]]
    bench = CostBench(CategoricalHinge())
    np.testing.assert_array_equal(bench.forward(scores, target), [0, 0.5, 6])
    np.testing.assert_array_equal(bench.backward(scores, target), [[0, 0, 0], [-1, 1, 0], [1, 0, -1]])


def test_a_network_learns_by_it_and_tells_classes_by_its_scores() -> None:
    blobs = Blobs(centres=((-3.0, 0.0), (3.0, 0.0), (0.0, 3.0)), counts=(100, 100, 100))
    model = Sequential([Dense(3)])
    trainer = Trainer(model, cost=CategoricalHinge(), optimizer=Adam(0.05), metrics=[Accuracy()], seed=0)
    trainer.fit(blobs, epochs=20)
    assert trainer.evaluate(blobs)["accuracy"] > 0.9
    assert model.readout is None
    x = blobs.load("test").x
    np.testing.assert_array_equal(model.classify(x).astype(int), model.predict(x).argmax(axis=1))


@pytest.mark.parametrize("row", [[0.5, 0.5, 0.0], [1, 1, 0], [0, 0, 0], [-1, 1, 1]])
def test_rows_that_tell_no_class_are_refused(row: list[float]) -> None:
    y: Array = np.eye(3)[[0, 1, 2, 0]]
    y[2] = row
    trainer = Trainer(Sequential([Dense(3)]), cost=CategoricalHinge(), optimizer=Adam(), seed=0)
    with pytest.raises(DataError, match=r"CategoricalHinge: .*row 2 holds .*Hinge.*CrossEntropy"):
        trainer.fit((np.ones((4, 2)), y), epochs=1)


def test_one_output_is_refused() -> None:
    trainer = Trainer(Sequential([Dense(1)]), cost=CategoricalHinge(), optimizer=Adam(), seed=0)
    with pytest.raises(ShapeError, match="a class needs a rival"):
        trainer.fit((np.ones((4, 2)), np.array([0, 1, 1, 0])), epochs=1)
