"""Examples become a training and a test set, or folds, the same ones every time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from layerkit.arguments import check_integer, check_number
from layerkit.arrays import plain_array
from layerkit.calls import explained
from layerkit.data.examples import Examples, examples_of
from layerkit.data.frames import is_frame
from layerkit.errors import ArgumentError, DataError, DatasetError
from layerkit.types import Array


@explained
def split(data: Any, *, test_fraction: float = 0.2, stratify: Any = True, seed: int = 0) -> tuple[Examples, Examples]:
    """Two parts of data, to train and to test with, with the same names and classes; rows stay in their order.

    Args:
        data: ``(x, y)`` or ``(x, y, weights)``, also DataFrames, or Examples.
        test_fraction: how much of it is for testing: ⌊n · test_fraction + ½⌋ rows.
        stratify: whether each class gives its share, to within one row, where targets say a class each: whole numbers
            ``(n,)``, words or one-hot rows. Or something else by which to share, one value a row.
        seed: makes the draw; the same one gives the same rows on every machine.

    Raises:
        ArgumentError: an argument cannot be used.
        DataError: the data cannot be split, or has too few rows.

    >>> import numpy as np
    >>> from layerkit import split
    >>> train, test = split((np.arange(20.0)[:, None], np.arange(20) % 4), test_fraction=0.4)
    >>> np.bincount(train.y).tolist(), np.bincount(test.y).tolist()
    ([3, 3, 3, 3], [2, 2, 2, 2])
    """
    check_number("split", "test_fraction", test_fraction, above=0, below=1)
    check_integer("split", "seed", seed, minimum=0)
    examples = _examples("split", data)
    rows = split_rows(len(examples), _classes("split", examples, stratify), test_fraction=test_fraction, seed=seed)
    if not all(map(len, rows)):
        raise DataError(f"{_too_few(examples, test_fraction)}: give more rows, or another test_fraction")
    train, test = map(examples.take, rows)
    return train, test


@explained
def folds(data: Any, *, k: int = 5, stratify: Any = True, seed: int = 0) -> Iterator[tuple[Examples, Examples]]:
    """``k`` pairs of a part to train and a part to test with: each row is in the test part of one pair, for
    cross-validation.

    Sizes differ by one row at most, and so does how often each class is in a test part, where ``stratify`` shares it
    out. Arguments are as for ``split``.

    Raises:
        ArgumentError: an argument cannot be used.
        DataError: the data cannot be split, or has fewer rows than ``k``.

    >>> import numpy as np
    >>> from layerkit import folds
    >>> x, y = np.arange(12.0)[:, None], np.repeat([0, 1], 6)
    >>> [np.bincount(test.y).tolist() for train, test in folds((x, y), k=3)]
    [[2, 2], [2, 2], [2, 2]]
    """
    check_integer("folds", "k", k, minimum=2)
    check_integer("folds", "seed", seed, minimum=0)
    examples = _examples("folds", data)
    if len(examples) < k:
        raise DataError(f"folds: {len(examples)} rows are too few for {k} folds, each of which needs one")
    order = _order(len(examples), _classes("folds", examples, stratify), seed)
    return (_pair(examples, order, fold, k) for fold in range(k))


def split_rows(count: int, labels: Array | None = None, *, test_fraction: float, seed: int) -> tuple[Array, Array]:
    """The training rows and the test rows of ``count`` examples, each in ascending order.

    Drawn at random by ``seed``; with ``labels``, ``(count,)``, each class gives its share, to within one row. There are
    ⌊count · test_fraction + ½⌋ test rows.

    >>> train, test = split_rows(10, test_fraction=0.3, seed=0)
    >>> len(train), len(test)
    (7, 3)
    """
    order = _order(count, labels, seed)
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
    # not one-hot rows, as ``split`` does: files stay split as they always were
    labels = y if y is not None and y.ndim == 1 and y.dtype.kind == "i" else None
    train, test = split_rows(len(examples), labels, test_fraction=test_fraction, seed=seed)
    if not len(train) or not len(test):
        raise DatasetError(f"{place}: {_too_few(examples, test_fraction)}")
    return examples.take(train if split == "train" else test)


def _order(count: int, labels: Array | None, seed: int) -> Array:
    """The rows in random order; with labels, class by class."""
    # NumPy keeps a bit generator's raw numbers the same from version to version, but not what it shuffles with them.
    order = np.argsort(np.random.PCG64(seed).random_raw(count), kind="stable")
    return order if labels is None else order[np.argsort(labels[order], kind="stable")]


def _pair(examples: Examples, order: Array, fold: int, k: int) -> tuple[Examples, Examples]:
    # dealt out like cards: rows of one class lie together, so every fold gets as many of it
    inside = np.zeros(len(order), bool)
    inside[order[fold::k]] = True
    return examples.take(np.flatnonzero(~inside)), examples.take(np.flatnonzero(inside))


def _examples(owner: str, data: Any) -> Examples:
    found = data if isinstance(data, Examples) else examples_of(data)
    if found is None:
        raise DataError(
            f"{owner}: data must be arrays (x, y) or (x, y, weights), DataFrames in their place, or Examples, which "
            f"hold all rows in arrays (of a data set, dataset.load('train')); got {type(data).__name__}"
        )
    return found


def _classes(owner: str, examples: Examples, stratify: Any) -> Array | None:
    if isinstance(stratify, (bool, np.bool_)):
        return _own_classes(examples) if stratify else None
    values = np.asarray(stratify.to_numpy()) if is_frame(stratify) else plain_array(stratify, "stratify")
    if values.shape != (len(examples),):
        raise ArgumentError(
            f"{owner}: stratify must be True, False, or one value for each of the {len(examples)} rows, got "
            + (f"shape {values.shape}" if values.ndim else f"{stratify!r}")
        )
    try:
        return np.unique(values, return_inverse=True)[1]
    except TypeError:
        raise ArgumentError(f"{owner}: stratify must hold values of one kind, numbers or words") from None


def _own_classes(examples: Examples) -> Array | None:
    """The class that each target says; None where targets say something else."""
    y = examples.y
    if y is None or examples.labels is False:
        return None
    if y.ndim == 2 and y.shape[1] > 1 and bool(((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all()):
        return y.argmax(axis=1)
    return y.reshape(-1) if y.dtype.kind in "iub" and y.size == len(y) else None


def _too_few(examples: Examples, test_fraction: float) -> str:
    return f"{len(examples)} rows are too few to keep {test_fraction:g} of them for testing"
