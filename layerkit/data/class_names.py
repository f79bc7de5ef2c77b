"""Classes that data name in words, and the labels that stand for them."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from layerkit.data.names import as_text
from layerkit.errors import ArgumentError, DataError, DatasetError
from layerkit.types import Array

_MISSING = ("", "na", "n/a", "nan", "null", "?")
_TRUTHS = {"false": 0.0, "true": 1.0}


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value, as tables write it."""
    return cell.strip().lower() in _MISSING


def class_values(classes: Sequence[str]) -> dict[float | None, int]:
    """The labels of the classes whose names are numbers, by the number, where no two names say the same one.

    Of two classes that are called True and False, in whatever letters, these are the numbers 1 and 0.
    """
    if _are_truths(classes):
        return {float(name.lower() == "true"): label for label, name in enumerate(classes)}
    values = {label: value for label, name in enumerate(classes) if (value := _number(name)) is not None}
    found: dict[float | None, int] = {value: label for label, value in values.items()}
    return found if len(found) == len(values) else {}


def places_of(names: Sequence[str], classes: Sequence[str]) -> list[int]:
    """The place of each name among ``classes``, -1 where it has none: of the same text, or of the same number.

    >>> places_of(["1.0", "b", "2"], ["2", "1", "a"])
    [1, -1, 0]
    >>> places_of(["TRUE", "0"], ["True", "False"])
    [0, 1]
    """
    texts = {name: label for label, name in enumerate(classes)}
    values, truths = class_values(classes), _are_truths(classes)
    found = []
    for name in names:
        number = _TRUTHS.get(name.strip().lower()) if truths else None
        number = _number(name) if number is None else number
        found.append(texts.get(name, -1 if number is None else values.get(number, -1)))
    return found


def labels_of_numbers(y: Array, classes: Sequence[str]) -> Array | None:
    """Numbers ``(n,)`` or ``(n, 1)``, or booleans, as the labels ``(n,)``, int64, of the classes that they name; -1
    where one names none. None where numbers, or booleans, name no class: then places count."""
    known = class_values(classes)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    named = known.keys() == {0.0, 1.0} and len(classes) == 2 if y.dtype.kind == "b" else y.dtype.kind in "fiu"
    if y.ndim != 1 or not known or not named:
        return None
    values, codes = np.unique(y, return_inverse=True)
    return np.array([known.get(value, -1) for value in values.tolist()], np.int64)[codes].reshape(y.shape)


def number_named(key: Any) -> float | None:
    """The number that a key of a mapping is, or says as text; None if it is no number."""
    if isinstance(key, str):
        return _number(key)
    return float(key) if isinstance(key, (numbers.Real, np.bool_)) and math.isfinite(key) else None


def _are_truths(classes: Sequence[str]) -> bool:
    return len(classes) == 2 and {name.lower() for name in classes} == _TRUTHS.keys()


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
    # members of a string enumeration are their values: NumPy would cut their long names to the length of those
    found, codes = np.unique(np.array(list(map(as_text, column.tolist())), np.str_), return_inverse=True)
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
