from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit.datasets.idx_files import IdxFiles
from layerkit.errors import ArgumentError, DatasetError
from layerkit.testing import check
from layerkit.types import Array
from tests.data.files import idx_bytes, targets

X = np.arange(40 * 3 * 2).astype(np.uint8).reshape(40, 3, 2)
Y = (np.arange(40) % 4).astype(np.uint8)


def written(folder: Path, *, prefix: str = "", x: Array = X, y: Array = Y) -> tuple[Path, Path]:
    """A pair of files; the labels are gzipped."""
    images, labels = folder / f"{prefix}images.idx", folder / f"{prefix}labels.idx.gz"
    images.write_bytes(idx_bytes(x))
    labels.write_bytes(gzip.compress(idx_bytes(y)))
    return images, labels


def test_a_pair_is_split_by_classes(tmp_path: Path) -> None:
    dataset = IdxFiles(*written(tmp_path), classes=list("abcd"))
    train, test = dataset.load("train"), dataset.load("test")
    assert (train.x.shape, train.x.dtype, test.x.shape) == ((32, 3, 2), np.dtype("uint8"), (8, 3, 2))
    assert np.bincount(targets(test)).tolist() == [2] * 4
    assert (train.classes, train.labels, targets(train).dtype) == (tuple("abcd"), True, np.dtype("int64"))
    np.testing.assert_array_equal(train.x[:, 0, 0] // 6 % 4, targets(train))


def test_two_pairs_are_read_as_they_are(tmp_path: Path) -> None:
    pair, test_pair = written(tmp_path), written(tmp_path, prefix="test-", x=X[:4], y=Y[:4])
    dataset = IdxFiles(*pair, test_images=test_pair[0], test_labels=str(test_pair[1]))
    np.testing.assert_array_equal(dataset.load("train").x, X)
    np.testing.assert_array_equal(targets(dataset.load("test")), Y[:4])
    assert dataset.config["test_images"] is test_pair[0]


def test_labels_may_count_from_another_number_and_images_lie_on_their_side(tmp_path: Path) -> None:
    dataset = IdxFiles(*written(tmp_path, y=Y + np.uint8(1)), first_label=1, transposed=True, test_fraction=0.5)
    train = dataset.load("train")
    assert train.x.shape == (20, 2, 3)
    assert train.x.flags.c_contiguous
    first = int(train.x[0, 0, 0]) // 6
    np.testing.assert_array_equal(train.x[0], X[first].T)
    assert sorted(set(targets(train).tolist())) == [0, 1, 2, 3]
    with pytest.raises(DatasetError, match=r"first_label=2.: label -1 in row 0 is out of range: labels are 0, 1, 2"):
        IdxFiles(*written(tmp_path, y=Y + np.uint8(1)), first_label=2).load("train")


def test_labels_may_be_one_of_several_columns(tmp_path: Path) -> None:
    y = np.column_stack([Y, np.arange(40), np.zeros(40)]).astype(np.int32)
    pair = written(tmp_path, y=y)
    assert np.bincount(targets(IdxFiles(*pair, label_column=0).load("train"))).tolist() == [8] * 4
    for column in (None, 3):
        with pytest.raises(DatasetError, match=r"labels.idx.gz: it holds 3 columns .*label_column=0 for QMNIST"):
            IdxFiles(*pair, label_column=column).load("train")
    pair = written(tmp_path, y=Y[:, np.newaxis])
    assert targets(IdxFiles(*pair).load("train")).shape == (32,)


@pytest.mark.parametrize(
    ("arrays", "arguments", "reason"),
    [
        ({"x": X[:39]}, {}, "39 rows of inputs but 40 of targets"),
        ({"x": Y}, {}, r"images.idx: it holds values of shape \(40,\); expected images"),
        ({"x": X[:, :, 0]}, {"transposed": True}, r"transposed=True, but its shape \(40, 3\) is not"),
        ({"y": Y.astype(np.float32)}, {}, r"labels.idx.gz: it holds float32 values of shape \(40,\)"),
        (
            {},
            {"classes": ("a", "b")},
            r"labels.idx.gz .with .*images.idx.*label 2 in row 2 is out of range: labels are 0",
        ),
        ({}, {"maximum_bytes": 100}, "the limit .maximum_bytes. is 100"),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, arrays: dict[str, Any], arguments: dict[str, Any], reason: str
) -> None:
    with pytest.raises(DatasetError, match=reason):
        IdxFiles(*written(tmp_path, **arrays), **arguments).load("train")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"images": None}, "images must be a path"),
        ({"labels": 3}, "labels must be a path"),
        ({"test_images": "a.idx"}, "test_images and test_labels go together"),
        ({"first_label": -1}, "first_label must be"),
        ({"classes": "abc"}, "classes must be a list of two names or more"),
        ({"transposed": 1}, "transposed must be"),
        ({"label_column": -1}, "label_column must be"),
        ({"test_fraction": 1}, "test_fraction must be"),
        ({"seed": None}, "seed must be"),
        ({"maximum_bytes": 0}, "maximum_bytes must be"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(ArgumentError, match=f"IdxFiles: {told}"):
        IdxFiles(**{"images": "x.idx", "labels": "y.idx", **arguments})


def test_another_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="IdxFiles: split must be one of 'train', 'test', got 'all'"):
        IdxFiles(*written(tmp_path)).load("all")


def test_it_passes_the_checks_for_datasets(tmp_path: Path) -> None:
    dataset = IdxFiles(*written(tmp_path), classes=("a", "b", "c", "d"))
    report = check(dataset)
    assert report.ok, report
