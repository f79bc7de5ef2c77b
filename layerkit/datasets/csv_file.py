"""A table in a ``.csv`` file as a dataset."""

from __future__ import annotations

import codecs
import numbers
from typing import Any, final

import numpy as np

from layerkit.arguments import check_boolean, check_choice, check_integer, check_number, check_path, shown
from layerkit.data.checks import checked_examples
from layerkit.data.class_names import check_classes, class_values, labels_of
from layerkit.data.csv import Table, read_csv
from layerkit.data.csv_format import CsvFormat
from layerkit.data.data_file import MAXIMUM_BYTES, PathLike
from layerkit.data.examples import Examples
from layerkit.data.split import split_part
from layerkit.errors import ArgumentError, DatasetError
from layerkit.interfaces.dataset import Dataset
from layerkit.types import Array

_DELIMITERS = (",", ";", "\t", "|", " ")
_LARGEST_INTEGER = 2**53


@final
class CsvFile(Dataset):
    """A table, one example a line; one column is the target, the others are the features, which are numbers.

    ``x``: ``(n, columns − 1)`` float64. ``y``: integers ``(n,)`` int64 where all of the target's values are whole
    numbers, else ``(n, 1)`` float64; where they are words, they are classes, sorted, and ``y`` is labels ``(n,)``.
    ``labels=True``: the target is labels 0, 1, 2, … or classes, whatever their names; ``labels=False``: numbers, always
    ``(n, 1)``; by default, network and cost tell whether integers are labels. ``classes``: the names of the classes, in
    the order of their labels.

    ``target``: the name of a column, or its position (−1: the last). ``header``: whether the first line holds names,
    which the examples then keep (None: that is told from the first lines). ``delimiter``, ``decimal`` (``","`` for
    3,5) and ``encoding`` say how the file is written; it may be gzipped. The rows are split in two by ``seed``, always
    in the same way: ``test_fraction`` of them, and of each class, is for testing. A table of more than
    ``maximum_bytes`` (8 bytes a cell) is refused.

    Raises:
        ArgumentError: an argument cannot be used.
        DatasetError (``load``): the file is missing, empty or too large, a row has another length than the first, a
            cell is not a finite number (file and line are named), or there is no such target.

    >>> CsvFile("houses.csv", target="price", labels=False)
    CsvFile('houses.csv', target='price', labels=False)
    """

    def __init__(
        self,
        path: PathLike,
        *,
        target: str | int = -1,
        labels: bool | None = None,
        classes: tuple[str, ...] | list[str] | None = None,
        header: bool | None = None,
        delimiter: str = ",",
        decimal: str = ".",
        encoding: str = "utf-8",
        test_fraction: float = 0.2,
        seed: int = 0,
        maximum_bytes: int = MAXIMUM_BYTES,
    ) -> None:
        check_path(self, "path", path)
        if isinstance(target, bool) or not isinstance(target, (str, numbers.Integral)):
            raise ArgumentError(f"CsvFile: target must be a column's name or its position, got {shown(target)}")
        for name, value in (("labels", labels), ("header", header)):
            if value is not None:
                check_boolean(self, name, value)
        check_classes(self, classes)
        if classes is not None and labels is False:
            raise ArgumentError("CsvFile: classes name labels, so labels=False cannot go with them: leave one out")
        check_choice(self, "delimiter", delimiter, _DELIMITERS)
        check_choice(self, "decimal", decimal, (".", ","))
        if decimal == delimiter:
            raise ArgumentError(
                "CsvFile: decimal must not be delimiter, too, got ',' for both: give delimiter=';' perhaps"
            )
        _check_encoding(encoding)
        check_number(self, "test_fraction", test_fraction, above=0, below=1)
        check_integer(self, "seed", seed, minimum=0)
        check_integer(self, "maximum_bytes", maximum_bytes, minimum=1)
        self.path = path
        self.target = target
        self.labels = labels
        self.classes = classes
        self.header = header
        self.delimiter = delimiter
        self.decimal = decimal
        self.encoding = encoding
        self.test_fraction = test_fraction
        self.seed = seed
        self.maximum_bytes = maximum_bytes

    def load(self, split: str) -> Examples:
        """One part of the set: ``"train"`` or ``"test"``."""
        check_choice(self, "split", split, self.splits)
        place = str(self.path)
        table = read_csv(
            self.path,
            CsvFormat(header=self.header, delimiter=self.delimiter, decimal=self.decimal, encoding=self.encoding),
            target=self.target,
            text=True if self.classes is not None else self.labels,
            maximum_bytes=self.maximum_bytes,
        )
        examples = table_examples(place, table, labels=self.labels, classes=self.classes)
        return split_part(place, examples, split, test_fraction=self.test_fraction, seed=self.seed)


def table_examples(
    place: str, table: Table, *, labels: bool | None = None, classes: tuple[str, ...] | list[str] | None = None
) -> Examples:
    """The examples of a table whose target was asked for; ``place`` names the file in errors.

    Raises:
        DatasetError: the target is not what ``labels`` and ``classes`` say.
    """
    column = table.target
    assert column is not None
    names = table.names
    y, known = _targets(place, table, column, labels, classes)
    return checked_examples(
        place,
        np.delete(table.values, column, axis=1),
        y,
        classes=known,
        labels=labels,
        names=None if names is None else names[:column] + names[column + 1 :],
        target_name=None if names is None else names[column],
        words=classes is None and known is not None,
    )


def _targets(
    place: str, table: Table, column: int, labels: bool | None, classes: tuple[str, ...] | list[str] | None
) -> tuple[Array, tuple[str, ...] | None]:
    values = table.values[:, column]
    if table.classes is None:
        return values if labels is False else as_integers(values), None
    numeric = _as_numbers(table.classes)
    codes = values.astype(np.int64)
    if classes is not None:
        if numeric is not None and not class_values(classes) and not set(table.classes) & set(classes):
            return as_integers(numeric[codes]), tuple(classes)
        return labels_of(place, table.classes, classes, codes), tuple(classes)
    if numeric is None:
        return codes, table.classes
    if not np.isfinite(numeric).all():
        raise DatasetError(f"{place}: the target holds NaN or infinite values; remove or replace them")
    return as_integers(numeric[codes]), None


def as_integers(values: Array) -> Array:
    """``values`` as int64 where all of them are whole numbers (that float64 tells apart), else ``values``."""
    whole = bool(np.all((values == np.floor(values)) & (np.abs(values) <= _LARGEST_INTEGER)))
    return values.astype(np.int64) if whole else values


def _as_numbers(classes: tuple[str, ...]) -> Array | None:
    try:
        return np.array([float(name) for name in classes])
    except ValueError:
        return None


def _check_encoding(encoding: Any) -> None:
    try:
        "".encode(encoding)
        codecs.getincrementaldecoder(encoding)
    except (TypeError, LookupError, ValueError):
        raise ArgumentError(
            f"CsvFile: encoding must be the name of a text encoding, such as 'utf-8', 'cp1252' or 'utf-16', "
            f"got {encoding!r}"
        ) from None
