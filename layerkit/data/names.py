"""Names that people give: of columns, of targets, of classes."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from layerkit.errors import ArgumentError


def as_text(name: Any) -> str:
    """A name as plain text: of a member of a string enumeration its value.

    >>> as_text(7)
    '7'
    """
    # str() of a subclass may be anything, as that of such a member is
    return str.__str__(name) if isinstance(name, str) else str(name)


def names_of(owner: str, what: str, given: Any) -> tuple[str, ...]:
    """Names in an order, as a tuple of plain texts; numbers among them as text.

    Raises:
        ArgumentError: ``given`` has no order, is a single text, is empty, or holds something else than names.
    """
    found: Any = None
    if isinstance(given, Sequence) and not isinstance(given, (str, bytes, bytearray)):
        found = list(given)
    elif getattr(given, "ndim", 1) == 1:
        # arrays, and the indices and series of DataFrames
        listed = getattr(given, "tolist", None) or getattr(given, "to_list", None)
        found = None if listed is None else listed()
    if not isinstance(found, list) or not found or not all(map(_is_name, found)):
        raise ArgumentError(f"{owner}: {what} must be a list of names, in their order, got {given!r:.200}")
    return tuple(map(as_text, found))


def different_names(owner: str, what: str, given: Any) -> tuple[str, ...]:
    """The same, each once.

    Raises:
        ArgumentError: they are no names, or one occurs twice.
    """
    names = names_of(owner, what, given)
    if len(set(names)) < len(names):
        raise ArgumentError(f"{owner}: {what} must be different names, got {given!r:.200}")
    return names


def _is_name(name: Any) -> bool:
    if isinstance(name, numbers.Real):
        return math.isfinite(name)
    return isinstance(name, (str, np.bool_))
