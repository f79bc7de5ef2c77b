from __future__ import annotations

import numpy as np
import pytest

from layerkit import Context, CrossEntropy, Dense, Examples, Identity, Layer, Sequential
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
    assert found.confusion.tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
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
