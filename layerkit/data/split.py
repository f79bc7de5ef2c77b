"""One table becomes a training and a test set, the same ones every time."""

from __future__ import annotations

import numpy as np

from layerkit.data.examples import Examples
from layerkit.errors import DatasetError
from layerkit.types import Array


def split_rows(count: int, labels: Array | None = None, *, test_fraction: float, seed: int) -> tuple[Array, Array]:
    """The training rows and the test rows of ``count`` examples, each in ascending order.

    Drawn at random by ``seed``; with ``labels``, ``(count,)``, each class gives its share, to within one row. There are
    ⌊count · test_fraction + ½⌋ test rows.

    >>> train, test = split_rows(10, test_fraction=0.3, seed=0)
    >>> len(train), len(test)
    (7, 3)
    """
    # NumPy keeps a bit generator's raw numbers the same from version to version, but not what it shuffles with them.
    order = np.argsort(np.random.PCG64(seed).random_raw(count), kind="stable")
    if labels is not None:
        order = order[np.argsort(labels[order], kind="stable")]
    # every 1/test_fraction-th of the rows in order of class, so each class gives its share, even a class of few rows
    steps = np.floor(np.arange(count + 1) * test_fraction + 0.5)
    chosen = np.diff(steps) > 0
    return np.sort(order[~chosen]), np.sort(order[chosen])


def split_part(place: str, examples: Examples, split: str, *, test_fraction: float, seed: int) -> Examples:
    """The ``"train"`` or ``"test"`` part of ``examples`` that were read from ``place`` (a file's name, for errors).

    Raises:
        DatasetError: there are too few examples to have both.
    """
    y = examples.y
    labels = y if y is not None and y.ndim == 1 and y.dtype.kind == "i" else None
    train, test = split_rows(len(examples), labels, test_fraction=test_fraction, seed=seed)
    if not len(train) or not len(test):
        raise DatasetError(f"{place}: {len(examples)} rows are too few to keep {test_fraction:g} of them for testing")
    return examples.take(train if split == "train" else test)
