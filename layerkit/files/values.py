"""Python values as JSON values and back: what JSON has no word for is marked by a key that begins with ``$``."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from layerkit.errors import ArgumentError, ModelFileError

_SPECIAL = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}


def encoded(value: Any, other: Callable[[Any], dict[str, Any]]) -> Any:
    """A value as JSON has it; tuples, numbers that are not finite, keys that are no text and their order are kept.

    ``other`` is asked about everything else, and marks what it gives with a key of its own.

    Raises:
        ArgumentError: ``other`` does not know the value either.

    >>> encoded({"shape": (2, 3)}, other=repr)
    {'shape': {'$tuple': [2, 3]}}
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$float": str(float(value))}
    if type(value) is list:
        return [encoded(item, other) for item in value]
    if type(value) is tuple:
        return {"$tuple": [encoded(item, other) for item in value]}
    if isinstance(value, dict):
        names = [key for key in value if isinstance(key, str) and not key.startswith("$")]
        if len(names) == len(value) and names == sorted(names):
            return {key: encoded(item, other) for key, item in value.items()}
        return {"$items": [[encoded(key, other), encoded(item, other)] for key, item in value.items()]}
    return other(value)


def decoded(value: Any, other: Callable[[dict[str, Any]], Any]) -> Any:
    """What ``encoded`` was given; ``other`` is asked about marks that are not this module's.

    Raises:
        ModelFileError: it is nothing that ``encoded`` gives.

    >>> decoded({"shape": {"$tuple": [2, 3]}}, other=repr)
    {'shape': (2, 3)}
    """
    if isinstance(value, list):
        return [decoded(item, other) for item in value]
    if not isinstance(value, dict):
        return value
    if not any(key.startswith("$") for key in value):
        return {key: decoded(item, other) for key, item in value.items()}
    if len(value) == 1:
        [(mark, inner)] = value.items()
        if mark == "$tuple" and isinstance(inner, list):
            return tuple(decoded(item, other) for item in inner)
        if mark == "$float" and isinstance(inner, str) and inner in _SPECIAL:
            return _SPECIAL[inner]
        if mark == "$items" and isinstance(inner, list):
            return _mapping(inner, other)
    return other(value)


def refuse_value(value: Any) -> dict[str, Any]:
    """For ``encoded``: nothing else is known.

    Raises:
        ArgumentError: always.
    """
    raise ArgumentError(
        f"a file holds numbers, text, booleans, None, lists, tuples and dictionaries of them, and components; got "
        f"{type(value).__name__}"
    )


def _mapping(items: list[Any], other: Callable[[dict[str, Any]], Any]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for item in items:
        if not isinstance(item, list) or len(item) != 2:
            raise ModelFileError("a dictionary in its description is not made of pairs")
        key = decoded(item[0], other)
        try:
            found[key] = decoded(item[1], other)
        except TypeError:
            raise ModelFileError("a dictionary in its description has a key that cannot be one") from None
    return found
