"""What is given as data by mistake: a name, a class, a tuple of too few or too many parts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from layerkit.data.frames import is_frame
from layerkit.errors import DataError
from layerkit.interfaces.dataset import Batch, Dataset, RandomAccess, Stream

_FILES = {".csv": "CsvFile", ".tsv": "CsvFile", ".txt": "CsvFile", ".npz": "NpzFile"}
_FORMS = "data in arrays is (x, y) or (x, y, weights)"
_BATCHES = "batches are given as a list, [(x, y), …], or by a function that makes them"


def require_data(data: Any) -> None:
    """Refuse what looks like data, or like batches, and cannot be.

    Raises:
        DataError: it is a name or a path, a class, or a tuple of another form; the message says how it is written.
    """
    if isinstance(data, (str, bytes, os.PathLike)):
        raise DataError(f"{data!r} is a name, and no data: {_named(data)}")
    if isinstance(data, type) and (issubclass(data, (Dataset, RandomAccess, Stream)) or not _makes_batches(data)):
        raise DataError(f"{data.__name__} is a class, and no data: give one of its objects, {data.__name__}(…)")
    if isinstance(data, tuple):
        _require_form(data)


def _named(name: str | bytes | os.PathLike[Any]) -> str:
    text = os.fsdecode(name)
    stem = text[:-3] if text.endswith(".gz") else text
    reader = _FILES.get(os.path.splitext(stem)[1].lower())
    if reader is not None:
        return f"give what reads the file, {reader}({text!r})"
    return "give a data set as an object, such as Digits() or CsvFile('data.csv'), or arrays (x, y)"


def _makes_batches(made: type) -> bool:
    return hasattr(made, "__iter__") and not issubclass(made, (np.ndarray, np.generic))


def _require_form(data: tuple[Any, ...]) -> None:
    names = [part for part in data[:1] if isinstance(part, (str, bytes, os.PathLike))]
    if names:
        raise DataError(f"{names[0]!r} is a name, and no data: {_named(names[0])}")
    if len(data) not in (2, 3):
        hint = ": the targets y are missing" if len(data) == 1 else ""
        if any(isinstance(part, (tuple, Batch)) for part in data):
            hint = f"; {_BATCHES}"
        raise DataError(f"{_FORMS}; got a tuple of {len(data)}{hint}")
    y = data[1]
    if isinstance(y, (tuple, Batch, Mapping)) and not _is_row(y) and not is_frame(y):
        raise DataError(f"y is a {type(y).__name__}, where targets are one array: {_BATCHES}")


def _is_row(y: Any) -> bool:
    """Whether a tuple is a list of targets, one or one row for each example."""
    return isinstance(y, tuple) and not any(isinstance(part, (np.ndarray, Mapping)) or is_frame(part) for part in y)
