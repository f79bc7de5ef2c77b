"""Classes that data name in words, and the labels that stand for them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from layerkit.errors import ArgumentError, DataError, DatasetError
from layerkit.types import Array

_MISSING = ("", "na", "n/a", "nan", "null", "?")


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value, as tables write it."""
    return cell.strip().lower() in _MISSING


def class_values(classes: Sequence[str]) -> dict[float | None, int]:
    """The labels of the classes whose names are numbers, by the number, where no two names say the same one."""
    values = {label: value for label, name in enumerate(classes) if (value := _number(name)) is not None}
    found: dict[float | None, int] = {value: label for label, value in values.items()}
    return found if len(found) == len(values) else {}


def places_of(names: Sequence[str], classes: Sequence[str]) -> list[int]:
    """The place of each name among ``classes``, -1 where it has none: of the same text, or of the same number.

    >>> places_of(["1.0", "b", "2"], ["2", "1", "a"])
    [1, -1, 0]
    """
    texts = {name: label for label, name in enumerate(classes)}
    values = class_values(classes)
    found = []
    for name in names:
        number = _number(name)
        found.append(texts.get(name, -1 if number is None else values.get(number, -1)))
    return found


def labels_of_numbers(y: Array, classes: Sequence[str]) -> Array:
    """Numbers as the labels, int64, of the classes that they name; -1 where one names none."""
    values, codes = np.unique(y, return_inverse=True)
    known = class_values(classes)
    return np.array([known.get(value, -1) for value in values.tolist()], np.int64)[codes].reshape(y.shape)


def _number(name: str) -> float | None:
    try:
        value = float(name)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in name else None


def labels_of(place: str, found: Sequence[str], classes: Sequence[str], codes: Array) -> Array:
    """``codes``, which are places in ``found``, as places in ``classes``: labels, int64.

    Raises:
        DatasetError: one of ``found`` is no class.
    """
    order = places_of(found, classes)
    unknown = [name for name, label in zip(found, order, strict=True) if label < 0]
    if unknown:
        named = ", ".join(map(repr, classes[:10])) + (", …" if len(classes) > 10 else "")
        raise DatasetError(f"{place}: the target holds {unknown[0][:40]!r}, which is none of the classes {named}")
    return np.array(order, np.int64)[codes]


def is_text(array: Array) -> bool:
    """Whether an array holds words; objects are looked at one by one."""
    return array.dtype.kind in "UT" or (
        array.dtype.kind == "O" and array.size > 0 and all(isinstance(each, str) for each in array.flat)
    )


def labels_of_words(words: Array, classes: Sequence[str] | None) -> tuple[Array, tuple[str, ...]]:
    """Targets in words, ``(n,)`` or ``(n, 1)``, as labels ``(n,)``, and the classes: those given, else the words found,
    sorted.

    Raises:
        DataError: they have another shape, one is missing, or one is none of ``classes``.
    """
    column = words[:, 0] if words.ndim == 2 and words.shape[1] == 1 else words
    if column.ndim != 1:
        raise DataError(
            f"targets in words name one class an example, (n,), got an array of shape {words.shape}: for several "
            "labels an example give rows of the numbers 0 and 1, one column a label, and their names as classes"
        )
    found, codes = np.unique(np.array(column.tolist(), np.str_), return_inverse=True)
    names = tuple(found.tolist())
    missing = [name for name in names if is_missing(name)]
    if missing and classes is None:
        row = int(np.flatnonzero(column == missing[0])[0])
        raise DataError(f"the target of row {row} is {missing[0]!r}: leave such rows out, or name it among classes")
    try:
        return labels_of("y", names, classes or names, codes.reshape(column.shape)), tuple(classes or names)
    except DatasetError as error:
        raise DataError(str(error)) from None


def check_classes(owner: object, classes: Any) -> None:
    """Refuse anything but a list or tuple of different names, two at least (or None)."""
    if classes is None:
        return
    if not isinstance(classes, (list, tuple)) or len(classes) < 2 or not all(isinstance(name, str) for name in classes):
        raise ArgumentError(
            f"{type(owner).__name__}: classes must be a list of two names or more, in the order of the labels, "
            f"got {classes!r}"
        )
    if len(set(classes)) < len(classes):
        raise ArgumentError(f"{type(owner).__name__}: classes must be different names, got {classes!r}")
