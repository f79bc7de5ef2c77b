from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import (
    Activation,
    BinaryCrossEntropy,
    Context,
    CrossEntropy,
    Dense,
    Examples,
    Identity,
    Layer,
    Quadratic,
    Sequential,
    Sigmoid,
)
from layerkit.data.generated import Generated
from layerkit.experiments.classification import classify
from layerkit.types import Array, Shape

X = np.array([[9.0, 0, 0], [0, 8, 0], [7, 1, 0], [0, 0, 1]])


def model(outputs: int = 3) -> Sequential:
    layers = [Identity()] if outputs == 3 else [Dense(outputs)]
    return Sequential(layers).initialize(3, seed=0)


@pytest.mark.parametrize("labels", [np.array([0, 1, 1, 2]), np.eye(3)[[0, 1, 1, 2]]])
def test_labels_and_one_hot_rows_are_classes(labels: Array) -> None:
    found = classify(model(), Examples(X, labels, classes=("a", "b", "c")), CrossEntropy())
    assert found is not None
    assert found.confusion.counts.tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert found.mistakes.tolist() == [2]
    assert found.classes == ("a", "b", "c")


def test_the_most_certain_mistakes_come_first() -> None:
    found = classify(model(), Examples(X, np.array([1, 0, 1, 0])), CrossEntropy())
    assert found is not None
    assert found.mistakes.tolist() == [0, 1, 2, 3]
    assert found.certainty.tolist() == [9, 8, 7, 1]
    assert found.classes == ("0", "1", "2")


@pytest.mark.parametrize(
    ("outputs", "y"),
    [
        (3, np.full((4, 3), 0.5)),
        (3, np.array([[1.0, 1, 0]] * 4)),
        (1, np.zeros((4, 1))),
        (1, np.array([0, 1, 0, 1])),
        (3, None),
    ],
)
def test_what_has_no_classes_is_not_classified(outputs: int, y: Array | None) -> None:
    assert classify(model(outputs), Examples(X, y), CrossEntropy()) is None


def one_output(*, threshold: float = 0.5, activation: Activation | None = None) -> Sequential:
    made = Sequential([Dense(1, activation=activation or Identity())]).initialize(3, seed=0)
    made.parameters["0.weight"][...] = np.array([[1], [-1], [0]])
    made.readout = Sigmoid() if activation is None else None
    made.threshold = threshold
    return made


@pytest.mark.parametrize("y", [[0, 0, 1, 1], [[0], [0], [1], [1]], [0.0, 0, 1, 1], [False, False, True, True]])
def test_a_single_output_tells_two_classes(y: Any) -> None:
    found = classify(one_output(), Examples(X, np.array(y), classes=("no", "yes")), BinaryCrossEntropy())
    assert found is not None
    assert found.labels.tolist() == [0, 0, 1, 1]
    assert found.confusion.counts.tolist() == [[1, 1], [1, 1]]
    assert found.classes == ("no", "yes")
    assert found.certainty == pytest.approx([1 / (1 + np.exp(-9)), 1 / (1 + np.exp(-8)), 1 / (1 + np.exp(-6)), 0.5])
    other = classify(one_output(threshold=0.4), Examples(X, np.array(y)), BinaryCrossEntropy())
    assert other is not None
    assert other.predicted.tolist() == [1, 0, 1, 1]
    assert other.classes == ("0", "1")


def test_declared_labels_of_a_sigmoid_are_two_classes_and_numbers_are_not() -> None:
    network = one_output(activation=Sigmoid())
    y = np.array([0, 0, 1, 1])
    assert classify(network, Examples(X, y, labels=True), Quadratic()) is not None
    assert classify(network, Examples(X, y), Quadratic()) is None
    assert classify(one_output(activation=Identity()), Examples(X, y, labels=True), Quadratic()) is None
    assert classify(one_output(), Examples(X, y / 2), BinaryCrossEntropy()) is None


def test_labels_that_do_not_exclude_each_other_have_no_confusion() -> None:
    network = model()
    network.readout = Sigmoid()
    assert classify(network, Examples(X, np.array([[1, 1, 0]] * 4)), BinaryCrossEntropy()) is None
    found = classify(network, Examples(X, np.array([0, 1, 1, 2])), BinaryCrossEntropy())
    assert found is not None
    assert found.predicted.tolist() == [0, 1, 0, 2]


def test_a_stream_or_nothing_is_not_classified() -> None:
    assert classify(model(), Generated(lambda: [(X, np.zeros(4, int))]), CrossEntropy()) is None
    assert classify(model(), None, CrossEntropy()) is None


class SumOverTime(Layer):
    """The sum of the steps that count."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape[1:]

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(x)
        assert mask is not None
        return (x * mask).sum(axis=1)

    def backward(self, grad: Array, ctx: Context) -> None:
        raise NotImplementedError


def test_padding_does_not_change_the_class() -> None:
    x = np.array([[[1.0, 0], [0, 9]], [[1, 0], [0, 9]]])
    mask = np.array([[True, False], [True, True]])
    network = Sequential([SumOverTime()]).initialize((2, 2))
    found = classify(network, Examples(x, np.array([0, 1]), mask=mask), CrossEntropy())
    assert found is not None
    assert found.predicted.tolist() == [0, 1]
