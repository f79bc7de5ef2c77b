"""Images and labels in a pair of IDX files as a dataset."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_boolean, check_choice, check_integer, check_number, check_path
from layerkit.data.checks import checked_examples
from layerkit.data.class_names import check_classes
from layerkit.data.data_file import MAXIMUM_BYTES, PathLike
from layerkit.data.examples import Examples
from layerkit.data.idx import read_idx
from layerkit.data.split import split_part
from layerkit.errors import ArgumentError, DatasetError
from layerkit.interfaces.dataset import Dataset
from layerkit.types import Array


@final
class IdxFiles(Dataset):
    """A file of images and one of their labels, in the format of MNIST, gzipped or not: EMNIST, Fashion-MNIST, KMNIST.

    ``x``: ``(n, height, width)``, kept in its dtype. ``y``: labels ``(n,)`` int64, from 0 on. ``test_images`` and
    ``test_labels``: the files to test with; without them the rows are split in two by ``seed``, always in the same way:
    ``test_fraction`` of them, and of each class, is for testing.

    ``first_label``: the number of the first class in the file (1 for the letters of EMNIST). ``classes``: the names of
    the classes, in their order. ``transposed``: each image is stored column by column, as those of EMNIST are.
    ``label_column``: which column holds the labels, where there are several (0 for QMNIST). A file of more than
    ``maximum_bytes`` of data is refused.

    Raises:
        ArgumentError: an argument cannot be used.
        DatasetError (``load``): a file is missing, cannot be read, or holds something else, or the two do not match.

    >>> IdxFiles("letters-images.gz", "letters-labels.gz", first_label=1, transposed=True)
    IdxFiles('letters-images.gz', labels='letters-labels.gz', first_label=1, transposed=True)
    """

    def __init__(
        self,
        images: PathLike,
        labels: PathLike,
        *,
        test_images: PathLike | None = None,
        test_labels: PathLike | None = None,
        first_label: int = 0,
        classes: tuple[str, ...] | list[str] | None = None,
        transposed: bool = False,
        label_column: int | None = None,
        test_fraction: float = 0.2,
        seed: int = 0,
        maximum_bytes: int = MAXIMUM_BYTES,
    ) -> None:
        check_path(self, "images", images)
        check_path(self, "labels", labels)
        check_path(self, "test_images", test_images, optional=True)
        check_path(self, "test_labels", test_labels, optional=True)
        if (test_images is None) != (test_labels is None):
            raise ArgumentError("IdxFiles: test_images and test_labels go together: give both, or neither")
        check_integer(self, "first_label", first_label, minimum=0)
        check_classes(self, classes)
        check_boolean(self, "transposed", transposed)
        if label_column is not None:
            check_integer(self, "label_column", label_column, minimum=0)
        check_number(self, "test_fraction", test_fraction, above=0, below=1)
        check_integer(self, "seed", seed, minimum=0)
        check_integer(self, "maximum_bytes", maximum_bytes, minimum=1)
        self.images = images
        self.labels = labels
        self.test_images = test_images
        self.test_labels = test_labels
        self.first_label = first_label
        self.classes = classes
        self.transposed = transposed
        self.label_column = label_column
        self.test_fraction = test_fraction
        self.seed = seed
        self.maximum_bytes = maximum_bytes

    def load(self, split: str) -> Examples:
        """One part of the set: ``"train"`` or ``"test"``."""
        check_choice(self, "split", split, self.splits)
        if self.test_images is None or self.test_labels is None:
            examples = self._pair(self.images, self.labels)
            place = str(self.images)
            return split_part(place, examples, split, test_fraction=self.test_fraction, seed=self.seed)
        if split == "train":
            return self._pair(self.images, self.labels)
        return self._pair(self.test_images, self.test_labels)

    def _pair(self, images: PathLike, labels: PathLike) -> Examples:
        return idx_pair(
            images,
            labels,
            first_label=self.first_label,
            classes=self.classes,
            transposed=self.transposed,
            label_column=self.label_column,
            maximum_bytes=self.maximum_bytes,
        )


def idx_pair(
    images: PathLike,
    labels: PathLike,
    *,
    first_label: int = 0,
    classes: tuple[str, ...] | list[str] | None = None,
    transposed: bool = False,
    label_column: int | None = None,
    maximum_bytes: int = MAXIMUM_BYTES,
) -> Examples:
    """All rows of a file of images and one of their labels, as ``IdxFiles`` has them.

    Raises:
        DatasetError: a file cannot be read, holds something else, or the two do not match.
    """
    x = idx_images(images, transposed=transposed, maximum_bytes=maximum_bytes)
    y = _column(labels, read_idx(labels, maximum_bytes=maximum_bytes), label_column)
    place = f"{labels} (with {images}, first_label={first_label})"
    names = None if classes is None else tuple(classes)
    return checked_examples(place, x, y.astype(np.int64) - first_label, classes=names, labels=True)


def idx_images(images: PathLike, *, transposed: bool = False, maximum_bytes: int = MAXIMUM_BYTES) -> Array:
    """A file of images, ``(n, height, width)``, in its dtype.

    Raises:
        DatasetError: it cannot be read, or holds something else.
    """
    x = read_idx(images, maximum_bytes=maximum_bytes)
    if x.ndim < 2:
        raise DatasetError(f"{images}: it holds values of shape {x.shape}; expected images, (n, height, width)")
    if not transposed:
        return x
    if x.ndim < 3:
        raise DatasetError(f"{images}: transposed=True, but its shape {x.shape} is not (n, height, width)")
    return np.ascontiguousarray(x.swapaxes(1, 2))


def _column(labels: PathLike, y: Array, column: int | None) -> Array:
    if y.dtype.kind == "f" or y.ndim > 2:
        raise DatasetError(f"{labels}: it holds {y.dtype} values of shape {y.shape}; expected integer labels, (n,)")
    if y.ndim == 1:
        return y
    if column is None and y.shape[1] == 1:
        column = 0
    if column is None or column >= y.shape[1]:
        raise DatasetError(
            f"{labels}: it holds {y.shape[1]} columns (label_column={column}): say which one holds the labels, "
            "label_column=0 for QMNIST"
        )
    return y[:, column]
