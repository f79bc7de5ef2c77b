from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit.datasets.npz_file import NpzFile
from layerkit.errors import ArgumentError, DatasetError
from layerkit.types import Array
from tests.data.files import npz_bytes, targets

X = np.arange(200, dtype=np.float32).reshape(50, 4)
Y = np.arange(50) % 5


def written(folder: Path, **arrays: Array) -> str:
    path = folder / "data.npz"
    path.write_bytes(npz_bytes(arrays))
    return str(path)


def test_a_file_of_two_parts_is_read_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, x_train=X, y_train=Y, x_test=X[:3].astype(np.uint8), y_test=Y[:3])
    train, test = NpzFile(path).load("train"), NpzFile(path).load("test")
    np.testing.assert_array_equal(train.x, X)
    np.testing.assert_array_equal(targets(test), Y[:3])
    assert test.x.dtype == np.uint8


def test_one_table_is_split_always_in_the_same_way(tmp_path: Path) -> None:
    path = written(tmp_path, x=X, y=Y)
    dataset = NpzFile(path, test_fraction=0.2, seed=3)
    train, test = dataset.load("train"), dataset.load("test")
    assert (len(train), len(test)) == (40, 10)
    assert np.bincount(targets(test)).tolist() == [2] * 5
    np.testing.assert_array_equal(np.sort(np.concatenate([train.x, test.x])[:, 0]), X[:, 0])
    np.testing.assert_array_equal(NpzFile(path, test_fraction=0.2, seed=3).load("test").x, test.x)
    assert not np.array_equal(NpzFile(path, test_fraction=0.2, seed=4).load("test").x, test.x)


def test_floating_targets_stay_targets(tmp_path: Path) -> None:
    y = targets(NpzFile(written(tmp_path, x=X, y=Y.astype(np.float32))).load("train"))
    assert (y.shape, y.dtype) == ((40, 1), np.dtype("float32"))


def test_integers_stay_integers_unless_told(tmp_path: Path) -> None:
    path = written(tmp_path, x=X, y=Y - 3)
    train = NpzFile(path).load("train")
    assert (targets(train).shape, targets(train).dtype, train.labels) == ((40,), np.dtype("int64"), None)
    assert targets(train).min() == -3
    numbers = NpzFile(path, labels=False).load("train")
    assert (targets(numbers).shape, targets(numbers).dtype, numbers.labels) == ((40, 1), np.dtype("float64"), False)
    with pytest.raises(DatasetError, match="label -3 in row 0 is out of range"):
        NpzFile(path, labels=True).load("train")
    column = NpzFile(written(tmp_path, x=X, y=Y[:, np.newaxis]))
    assert targets(column.load("train")).shape == (40, 1)
    labels = NpzFile(written(tmp_path, x=X, y=Y[:, np.newaxis].astype(np.float32)), labels=True).load("train")
    assert (targets(labels).shape, targets(labels).dtype) == ((40,), np.dtype("int64"))


@pytest.mark.parametrize(
    ("y", "classes", "names", "labels"),
    [
        (Y, np.array(list("edcba")), tuple("edcba"), Y),
        (np.array(list("edcba"))[Y], None, tuple("abcde"), 4 - Y),
        (np.array(list("edcba"))[Y], np.array(list("fedcba")), tuple("fedcba"), Y + 1),
        (Y - 2, np.arange(-2, 3), ("-2", "-1", "0", "1", "2"), Y),
    ],
    ids=["named", "words", "words in an order", "numbers"],
)
def test_classes_are_named(
    tmp_path: Path, y: Array, classes: Array | None, names: tuple[str, ...], labels: Array
) -> None:
    arrays = {"x": X, "y": y} | ({} if classes is None else {"classes": classes})
    for split in ("train", "test"):
        part = NpzFile(written(tmp_path, **arrays)).load(split)
        assert (part.classes, part.labels) == (names, True)
        np.testing.assert_array_equal(targets(part), labels[(part.x[:, 0] / 4).astype(int)])


def test_the_classes_are_those_of_both_parts(tmp_path: Path) -> None:
    words = np.array(list("abcde"))[Y]
    path = written(tmp_path, x_train=X, y_train=words, x_test=X[:2], y_test=words[3:5])
    test = NpzFile(path).load("test")
    assert test.classes == NpzFile(path).load("train").classes == tuple("abcde")
    assert targets(test).tolist() == [3, 4]
    with pytest.raises(DatasetError, match="labels=False, but y holds text, such as \\['d'\\]"):
        NpzFile(path, labels=False).load("test")


def test_a_path_may_be_a_path_and_stays_one(tmp_path: Path) -> None:
    path = Path(written(tmp_path, x=X, y=Y))
    assert NpzFile(path).path is path
    assert len(NpzFile(path).load("train")) == 40


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"x_train": X, "y_train": Y}, "it holds x_train, y_train; expected arrays named x_test and y_test or x and y"),
        ({"x": X}, "it holds x; expected"),
        ({"x": X, "y": Y[:49]}, "50 rows of inputs but 49 of targets"),
        ({"x": X, "y": np.where(Y == 1, "", "cat")}, "y holds '' in row 1: an example needs a target"),
        ({"x": X, "y": Y, "classes": np.array(["a", "b"])}, "label 2 in row 2 is out of range: labels are 0 to 1"),
        ({"x": X, "y": Y.astype(str), "classes": np.array(["0", "1"])}, "holds '2', which is none of the classes '0'"),
        ({"x": X, "y": Y, "classes": np.array(["a", "a"])}, "its array 'classes' is <U1 of shape (2,); expected the"),
        ({"x": X, "y": Y, "classes": np.zeros(3)}, "its array 'classes' is float64 of shape (3,)"),
        ({"x": X[:2], "y": Y[:2]}, "2 rows are too few to keep 0.2"),
        ({"x": X, "y": Y.astype(object)}, "holds Python objects, which are never loaded"),
    ],
    ids=["no test part", "no targets", "counts", "empty", "range", "unknown", "twice", "floats", "few", "objects"],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, arrays: dict[str, Array], reason: str) -> None:
    path = written(tmp_path, **arrays)
    with pytest.raises(DatasetError) as caught:
        NpzFile(path).load("test")
    assert str(caught.value).startswith(path)
    assert reason in str(caught.value)


def test_a_file_larger_than_allowed_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, x=X, y=Y)
    with pytest.raises(DatasetError, match=r"the limit \(maximum_bytes\) is 1,000"):
        NpzFile(path, maximum_bytes=1000).load("train")


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"path": 3}, "path"),
        ({"labels": "no"}, "labels"),
        ({"test_fraction": 0}, "test_fraction"),
        ({"test_fraction": 1.0}, "test_fraction"),
        ({"seed": -1}, "seed"),
        ({"maximum_bytes": 0}, "maximum_bytes"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(arguments: dict[str, Any], name: str) -> None:
    with pytest.raises(ArgumentError, match=f"NpzFile: {name} must be"):
        NpzFile(arguments.pop("path", "data.npz"), **arguments)


def test_it_is_rebuilt_from_its_arguments() -> None:
    dataset = NpzFile("data.npz", test_fraction=0.3, seed=2)
    assert NpzFile(**dataset.config).config == dataset.config
    with pytest.raises(ArgumentError, match="split must be one of"):
        dataset.load("validation")
