from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Examples
from layerkit.errors import DataError

X = np.arange(12.0).reshape(6, 2)
TOLD: dict[str, Any] = {"names": ("a", "b"), "target_name": "kind", "classes": ("no", "yes"), "labels": True}


def example() -> Examples:
    return Examples(X, np.array([0, 1, 0, 1, 1, 0]), weights=np.arange(6.0), mask=np.ones((6, 1), bool), **TOLD)


def told(examples: Examples) -> dict[str, Any]:
    return {name: getattr(examples, name) for name in TOLD}


def test_names_and_classes_are_kept_as_tuples() -> None:
    assert told(Examples(X, names=["a", "b"], target_name="kind", classes=["no", "yes"])) == TOLD
    assert told(Examples(X)) == {"names": None, "target_name": None, "classes": None, "labels": None}


@pytest.mark.parametrize("rows", [slice(1, 4), np.array([5, 0, 0]), np.array([True, False] * 3)])
def test_rows_are_taken_with_all_that_is_known_of_them(rows: Any) -> None:
    part = example().take(rows)
    assert told(part) == TOLD
    for name in ("x", "y", "weights", "mask"):
        np.testing.assert_array_equal(getattr(part, name), getattr(example(), name)[rows])


def test_rows_of_several_inputs_are_taken() -> None:
    part = Examples((X, X * 2), None).take(slice(0, 2))
    assert [array.tolist() for array in part.x] == [X[:2].tolist(), (X[:2] * 2).tolist()]
    assert part.y is None


def test_what_is_replaced_leaves_the_rest() -> None:
    changed = example().replace(weights=None, classes=("off", "on"))
    assert told(changed) == TOLD | {"classes": ("off", "on")}
    assert changed.weights is None
    assert changed.x is X


@pytest.mark.parametrize(
    "y",
    [
        ["b", "a", "b"],
        np.array(["b", "a", "b"]),
        np.array(["b", "a", "b"], object),
        np.array([["b"], ["a"], ["b"]]),
        np.array(["b", "a", "b"], np.dtypes.StringDType()),
    ],
)
def test_targets_in_words_become_labels(y: Any) -> None:
    examples = Examples(np.zeros((3, 1)), y)
    assert examples.y is not None
    assert (examples.y.tolist(), examples.y.dtype.kind) == ([1, 0, 1], "i")
    assert (examples.classes, examples.labels) == (("a", "b"), True)
    again = Examples(np.zeros((3, 1)), y, classes=("c", "b", "a"))
    assert again.y is not None
    assert (again.y.tolist(), again.classes) == ([1, 2, 1], ("c", "b", "a"))


@pytest.mark.parametrize(
    ("y", "arguments", "reason"),
    [
        (["a", "b", "c"], {"classes": ("a", "b")}, "'c', which is none of the classes 'a', 'b'"),
        (["a", "", "c"], {}, "the target of row 1 is ''"),
        (["a", "b", "nan"], {}, "the target of row 2 is 'nan'"),
        ([["a", "b"]] * 3, {}, "rows of the numbers 0 and 1, one column a label"),
        (["a", "b", "c"], {"labels": False}, "y holds words, and labels=False"),
    ],
)
def test_words_that_name_no_class_are_refused(y: Any, arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        Examples(np.zeros((3, 1)), y, **arguments)


@pytest.mark.parametrize(
    ("x", "arguments", "reason"),
    [
        (X, {"names": ("a",)}, r"names must name each of the 2 columns of x, got 1: 'a'"),
        (X[:, :, np.newaxis], {"names": ("a", "b")}, r"and x is an array of shape \(6, 2, 1\)"),
        ((X, X), {"names": ("a", "b")}, "and x is several arrays"),
        (X, {"classes": ("a", "b"), "labels": False}, "classes name labels, and labels=False says"),
    ],
)
def test_names_that_do_not_fit_are_refused(x: Any, arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        Examples(x, **arguments)
