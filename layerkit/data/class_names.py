"""Classes that data name in words, and the labels that stand for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerkit.errors import ArgumentError, DatasetError
from layerkit.types import Array

_MISSING = ("", "na", "n/a", "nan", "null", "?")


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value, as tables write it."""
    return cell.strip().lower() in _MISSING


def labels_of(place: str, found: Sequence[str], classes: Sequence[str], codes: Array) -> Array:
    """``codes``, which are places in ``found``, as places in ``classes``: labels, int64.

    Raises:
        DatasetError: one of ``found`` is no class.
    """
    order = {name: label for label, name in enumerate(classes)}
    unknown = [name for name in found if name not in order]
    if unknown:
        named = ", ".join(map(repr, classes[:10])) + (", …" if len(classes) > 10 else "")
        raise DatasetError(f"{place}: the target holds {unknown[0][:40]!r}, which is none of the classes {named}")
    return np.array([order[name] for name in found], np.int64)[codes]


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
