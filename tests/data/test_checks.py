from __future__ import annotations

import numpy as np
import pytest

from layerkit.data.checks import checked_examples
from layerkit.errors import DatasetError
from layerkit.types import Array

X = np.zeros((4, 3), np.float32)


@pytest.mark.parametrize(
    ("y", "shape", "dtype"),
    [
        (np.array([0, 2, 1, 0], np.uint8), (4,), "int64"),
        (np.array([[0], [2], [1], [0]], np.int32), (4, 1), "int64"),
        (np.array([0, 2, -3, 0], np.int32), (4,), "int64"),
        (np.array([True, False, True, True]), (4,), "int64"),
        (np.zeros((4, 5), np.uint16), (4, 5), "int64"),
        (np.zeros(4, np.float32), (4, 1), "float32"),
        (np.zeros((4, 2)), (4, 2), "float64"),
    ],
)
def test_integers_stay_integers_and_floats_become_columns(y: Array, shape: tuple[int, ...], dtype: str) -> None:
    found = checked_examples("f", X, y)
    assert found.x is X
    assert found.y is not None
    assert (found.y.shape, found.y.dtype.name) == (shape, dtype)


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        (X, np.zeros(3, int), "4 rows of inputs but 3 of targets"),
        (X[:0], np.zeros(0, int), r"x has shape \(0, 3\) and y has shape \(0,\)"),
        (X[:, 0], np.zeros(4, int), r"x has shape \(4,\)"),
        (X, np.array(1), r"y has shape \(\)"),
        (X, np.zeros((4, 0)), r"y has shape \(4, 0\)"),
        (X * np.nan, np.zeros(4), "x holds NaN or infinite values"),
        (X, np.array([0, 1, np.inf, 2]), "y holds NaN or infinite values"),
        (X, np.array([0, 2**63, 0, 0], np.uint64), "y holds 9223372036854775808; integers go up to"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(x: Array, y: Array, reason: str) -> None:
    with pytest.raises(DatasetError, match=f"^f: .*{reason}"):
        checked_examples("f", x, y)


def test_a_label_that_is_no_class_is_refused() -> None:
    y = np.array([0, 1, 2, 3], np.uint8)
    assert checked_examples("f", X, y, classes=tuple("abcd")).classes == tuple("abcd")
    with pytest.raises(DatasetError, match="label 3 in row 3 is out of range: labels are 0 to 2"):
        checked_examples("f", X, y, classes=tuple("abc"))


@pytest.mark.parametrize("y", [np.array([0, 2, 1, 0]), np.array([[0.0], [2], [1], [0]]), np.array([0, 2, 1, 0], bool)])
def test_labels_that_are_declared_are_one_integer_an_example(y: Array) -> None:
    found = checked_examples("f", X, y, labels=True)
    assert found.y is not None
    assert (found.y.shape, found.y.dtype.name, found.labels) == ((4,), "int64", True)
    np.testing.assert_array_equal(found.y, y.reshape(-1))


@pytest.mark.parametrize("y", [np.array([0, -2, 1, 0]), np.array([[0.0], [2], [1], [0]]), np.array([0, 2, 1, 0], bool)])
def test_numbers_that_are_declared_are_columns_of_floats(y: Array) -> None:
    found = checked_examples("f", X, y, labels=False)
    assert found.y is not None
    assert (found.y.shape, found.y.dtype.name, found.labels) == ((4, 1), "float64", False)


@pytest.mark.parametrize(
    ("y", "label"), [(np.array([0, 1, -1, 2]), "-1 in row 2"), (np.array([0, 0.5, 1, 2]), "0.5 in row 1")]
)
def test_labels_that_are_none_are_refused(y: Array, label: str) -> None:
    with pytest.raises(DatasetError, match=rf"label {label} is out of range: labels are 0, 1, 2, …; name others by"):
        checked_examples("f", X, y, labels=True)


def test_rows_of_one_number_a_class_may_have_named_classes() -> None:
    found = checked_examples("f", X, np.eye(4), classes=tuple("abcd"))
    assert found.y is not None
    assert (found.y.shape, found.classes) == ((4, 4), tuple("abcd"))


def test_names_are_kept() -> None:
    found = checked_examples("f", X, np.zeros(4), names=("a", "b", "c"), target_name="y")
    assert (found.names, found.target_name) == (("a", "b", "c"), "y")
