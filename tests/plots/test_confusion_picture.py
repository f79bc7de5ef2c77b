"""The confusion matrix as it is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Confusion
from layerkit.errors import ArgumentError, DataError
from layerkit.plots import confusion_matrix

pytestmark = pytest.mark.extra
reference = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")


@pytest.mark.parametrize("normalize", [None, "true", "predicted", "all"])
def test_the_cells_are_scikit_learn_s(normalize: Any) -> None:
    theirs = "pred" if normalize == "predicted" else normalize
    for seed in range(6):
        rng = np.random.default_rng(seed)
        targets, predictions = rng.integers(0, 5, (2, 60))
        weights = rng.random(60) if seed % 2 else None
        expected = reference.confusion_matrix(
            targets, predictions, labels=range(5), sample_weight=weights, normalize=theirs
        )
        ax = confusion_matrix(targets, predictions, classes=list("abcde"), normalize=normalize, weights=weights)
        np.testing.assert_allclose(ax.images[0].get_array(), expected)


def test_rows_are_true_classes_and_columns_predicted_ones() -> None:
    ax = confusion_matrix(["dog", "cat", "dog"], ["cat", "cat", "dog"])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["cat", "dog"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("taken for", "true class")
    cells = {tuple(map(int, text.get_position())): text.get_text() for text in ax.texts}
    # (column, row)
    assert cells == {(0, 0): "1", (1, 0): "0", (0, 1): "1", (1, 1): "1"}


def test_what_evaluate_gives_is_taken_with_its_names() -> None:
    found = Confusion(np.array([[3.0, 1], [0, 4]]), ["cat", "dog"])
    ax = confusion_matrix(found, normalize="true")
    assert [text.get_text() for text in ax.texts] == ["75 %", "25 %", "0 %", "100 %"]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["cat", "dog"]


def test_labels_have_a_row_each() -> None:
    found = Confusion(np.array([[[1.0, 2], [3, 4]], [[5, 6], [7, 8]]]), ["red", "round"])
    ax = confusion_matrix(found)
    assert ax.images[0].get_array().tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["rightly left out", "false alarm", "missed", "found"]


def test_of_many_classes_the_colours_tell() -> None:
    ax = confusion_matrix(np.arange(40), np.arange(40))
    assert not ax.texts
    assert len(ax.figure.axes) == 2  # with the bar that says what a colour means


@pytest.mark.parametrize(
    ("targets", "predictions", "message"),
    [
        ([], [], "at least one example"),
        ([0, 1], [0], "2 targets and 1 predictions"),
        ([0.5, 1], [0, 1], "class numbers or names"),
        ([-1, 1], [0, 1], "below 0"),
        ([10**6], [0], "are the targets no classes"),
        ([[0], [1]], [0, 1], "got shape"),
    ],
)
def test_what_are_no_classes_is_refused(targets: Any, predictions: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        confusion_matrix(targets, predictions)


def test_arguments_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(ArgumentError, match="predictions are missing"):
        confusion_matrix([0, 1])
    with pytest.raises(ArgumentError, match="leave predictions"):
        confusion_matrix(Confusion(np.eye(2)), [0, 1])
    with pytest.raises(ArgumentError, match="normalize"):
        confusion_matrix([0], [0], normalize="rows")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="'emu' is none of the classes"):
        confusion_matrix(["emu"], ["cat"], classes=["cat"])
