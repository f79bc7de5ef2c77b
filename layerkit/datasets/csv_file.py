"""Rows of numbers in a ``.csv`` file as a dataset."""

from __future__ import annotations

import numbers
from typing import final

import numpy as np

from layerkit.arguments import check_boolean, check_choice, check_instance, check_integer, check_number
from layerkit.data.checks import checked_examples
from layerkit.data.csv import Table, read_csv
from layerkit.data.data_file import MAXIMUM_BYTES
from layerkit.data.examples import Examples
from layerkit.data.split import split_part
from layerkit.errors import ArgumentError, DatasetError
from layerkit.interfaces.dataset import Dataset
from layerkit.types import Array

_LARGEST_LABEL = 2**31 - 1


@final
class CsvFile(Dataset):
    """A table of numbers, one example a line; one column is the target, the others are the features.

    ``x``: ``(n, columns − 1)`` float64. ``y``: where the target's values are all integers from 0 up, class labels
    ``(n,)`` int64, else ``(n, 1)`` float64; ``labels=True`` and ``labels=False`` say which it is. ``target``: the name
    of a column, or its position (−1: the last). ``header``: whether the first line holds names (None: it does where it
    holds no number). The rows are split in two by ``seed``, always in the same way: ``test_fraction`` of them, and of
    each class, is for testing. A table of more than ``maximum_bytes`` (8 bytes a cell) is refused.

    Raises:
        ArgumentError: an argument cannot be used.
        DatasetError (``load``): the file is missing, empty or too large, a row has another length than the first, a
            cell is not a finite number (file and line are named), or there is no such target.

    >>> CsvFile("houses.csv", target="price", labels=False)
    CsvFile('houses.csv', target='price', labels=False)
    """

    def __init__(
        self,
        path: str,
        *,
        target: str | int = -1,
        labels: bool | None = None,
        header: bool | None = None,
        delimiter: str = ",",
        test_fraction: float = 0.2,
        seed: int = 0,
        maximum_bytes: int = MAXIMUM_BYTES,
    ) -> None:
        check_instance(self, "path", path, str)
        if isinstance(target, bool) or not isinstance(target, (str, numbers.Integral)):
            raise ArgumentError(f"CsvFile: target must be a column's name or its position, got {target!r}")
        for name, value in (("labels", labels), ("header", header)):
            if value is not None:
                check_boolean(self, name, value)
        check_choice(self, "delimiter", delimiter, (",", ";", "\t", "|", " "))
        check_number(self, "test_fraction", test_fraction, above=0, below=1)
        check_integer(self, "seed", seed, minimum=0)
        check_integer(self, "maximum_bytes", maximum_bytes, minimum=1)
        self.path = path
        self.target = target
        self.labels = labels
        self.header = header
        self.delimiter = delimiter
        self.test_fraction = test_fraction
        self.seed = seed
        self.maximum_bytes = maximum_bytes

    def load(self, split: str) -> Examples:
        """One part of the set: ``"train"`` or ``"test"``."""
        check_choice(self, "split", split, self.splits)
        table = read_csv(self.path, header=self.header, delimiter=self.delimiter, maximum_bytes=self.maximum_bytes)
        column = self._column(table)
        y = self._targets(table.values[:, column])
        examples = checked_examples(self.path, np.delete(table.values, column, axis=1), y)
        return split_part(self.path, examples, split, test_fraction=self.test_fraction, seed=self.seed)

    def _column(self, table: Table) -> int:
        width = table.values.shape[1]
        if width < 2:
            raise DatasetError(
                f"{self.path}: it has one column; expected features and a target, separated by "
                f"{self.delimiter!r} (delimiter)"
            )
        if isinstance(self.target, str):
            names = table.names or ()
            if names.count(self.target) != 1:
                columns = f"the columns are {', '.join(names[:20])}" if names else "the file has no header"
                found = "more than one column is" if self.target in names else "no column is"
                raise DatasetError(f"{self.path}: {found} named {self.target!r} (target): {columns}")
            return names.index(self.target)
        if not -width <= self.target < width:
            raise DatasetError(f"{self.path}: target is column {self.target}, but there are {width}, counted from 0")
        return self.target % width

    def _targets(self, values: Array) -> Array:
        possible = bool(np.all((values == np.floor(values)) & (values >= 0) & (values <= _LARGEST_LABEL)))
        if self.labels and not possible:
            raise DatasetError(f"{self.path}: labels=True, but the target holds values other than 0, 1, 2, …")
        return values.astype(np.int64) if possible and self.labels is not False else values
