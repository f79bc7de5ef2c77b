"""Checks of constructor arguments; each message names the component, the argument, what it got and what it wants."""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Collection, Mapping, Set
from typing import Any

from layerkit.errors import ArgumentError
from layerkit.lazy import resolve

DIGITS = 40
"""How many an integer may have, in files too: the state of a 128-bit generator has 39, and nothing needs more."""

_LARGEST = 10**DIGITS - 1
_LONGEST = 200


LARGEST = 1e100
"""Numbers in data: larger ones have no squares, nor sums of them."""


def check_integer(owner: object, name: str, value: Any, *, minimum: int, maximum: int = _LARGEST) -> None:
    """Refuse anything but an integer of at least ``minimum``, of at most 40 digits (booleans are no integers here)."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if whole and minimum <= value <= maximum:
        return
    wanted = f"an integer of at least {minimum}"
    if maximum < _LARGEST:
        wanted += f" and at most {maximum}"
    elif whole and value > maximum:
        wanted += f" with at most {DIGITS} digits"
    raise ArgumentError(f"{_named(owner)}: {name} must be {wanted}, got {shown(value)}")


def check_number(
    owner: object,
    name: str,
    value: Any,
    *,
    minimum: float = -math.inf,
    maximum: float = math.inf,
    above: float = -math.inf,
    below: float = math.inf,
) -> None:
    """Refuse anything but a finite number with ``minimum ≤ value ≤ maximum`` and ``above < value < below``."""
    if is_finite(value) and minimum <= value <= maximum and above < value < below:
        return
    limits = [
        f"{word} {limit:g}"
        for word, limit in (("at least", minimum), ("at most", maximum), ("above", above), ("below", below))
        if math.isfinite(limit)
    ]
    wanted = " ".join(["a finite number", " and ".join(limits)]).strip()
    raise ArgumentError(f"{_named(owner)}: {name} must be {wanted}, got {shown(value)}")


def check_learning_rate(owner: object, value: Any) -> None:
    """Refuse, for the argument ``learning_rate``, anything but a finite number of at least 0 or a Schedule."""
    # contracts stand above this module, and this is the one that it meets
    schedule: type = resolve("layerkit.interfaces.schedule:Schedule")
    if isinstance(value, schedule) or (is_finite(value) and value >= 0):
        return
    is_class = isinstance(value, type) and issubclass(value, schedule)
    hint = f": write {value.__name__}(…), with brackets" if is_class else ""
    raise ArgumentError(
        f"{_named(owner)}: learning_rate must be a finite number at least 0, or a Schedule, got {shown(value)}{hint}"
    )


def is_finite(value: Any) -> bool:
    """Whether a value is a number that a float can hold (booleans are no numbers here)."""
    # arrays take no fractions
    number: Any = value
    if isinstance(number, numbers.Rational):
        real = isinstance(number, numbers.Integral) and not isinstance(number, bool)
    else:
        real = isinstance(number, numbers.Real)
    if not real:
        return False
    try:
        return math.isfinite(number)
    except OverflowError:
        # an integer of more than 308 digits
        return False


def shown(value: Any) -> str:
    """A value as a message shows it: not endless, and also an integer of so many digits that Python writes none."""
    if isinstance(value, int) and abs(value) > _LARGEST:
        digits = math.ceil(value.bit_length() * math.log10(2))
        return f"{'a negative' if value < 0 else 'an'} integer of some {digits} digits"
    try:
        text = repr(value)
    except ValueError:
        return f"{_article(type(value).__name__)} that cannot be written"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def check_boolean(owner: object, name: str, value: Any) -> None:
    """Refuse anything but True and False."""
    if not isinstance(value, bool):
        raise ArgumentError(f"{_named(owner)}: {name} must be True or False, got {shown(value)}")


def check_choice(owner: object, name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Refuse anything but one of ``choices``."""
    if not isinstance(value, str) or value not in choices:
        raise ArgumentError(
            f"{_named(owner)}: {name} must be one of {', '.join(map(repr, choices))}, got {shown(value)}"
        )


def check_instance(owner: object, name: str, value: Any, kind: type, *, optional: bool = False) -> None:
    """Refuse anything but an object of class ``kind`` (or None where ``optional``)."""
    if isinstance(value, kind) or (optional and value is None):
        return
    wanted = f"{_article(kind.__name__)} object" + (" or None" if optional else "")
    hint = ""
    if isinstance(value, type) and issubclass(value, kind):
        hint = f": write {value.__name__}(…), with brackets"
    elif isinstance(value, str):
        hint = ": constructors take objects; names are for the command line and for files"
    raise ArgumentError(f"{_named(owner)}: {name} must be {wanted}, got {shown(value)}{hint}")


def check_collection(owner: object, name: str, value: Any, kind: type) -> None:
    """Refuse a single object, an iterator, which can be gone through but once, or a set, where there may be several."""
    unordered = isinstance(value, (Set, Mapping))
    if unordered or not isinstance(value, Collection) or isinstance(value, str):
        why = ", which has no order" if unordered else ""
        raise ArgumentError(
            f"{_named(owner)}: {name} must be a list of {kind.__name__} objects, got {shown(value)}{why}: write "
            f"{name}=[…]"
        )


def check_table(owner: object, name: str, value: Any, *keys: str) -> None:
    """Refuse anything but a dictionary with text for keys, ``keys`` among them."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ArgumentError(f"{_named(owner)}: {name} must be a dictionary, got {shown(value)}")
    lacking = [key for key in keys if key not in value]
    if lacking:
        raise ArgumentError(f"{_named(owner)}: {name} lacks {', '.join(lacking)}")


def check_path(owner: object, name: str, value: Any, *, optional: bool = False) -> None:
    """Refuse anything but a path, as text or as a ``pathlib.Path`` (or None where ``optional``)."""
    if optional and value is None:
        return
    path = os.fspath(value) if isinstance(value, os.PathLike) else value
    if isinstance(path, str) and path:
        try:
            known = b"\0" not in os.fsencode(path)
        except UnicodeEncodeError:
            known = False
        if not known:
            raise ArgumentError(f"{_named(owner)}: {name} must be a path, and no file can have the name {shown(path)}")
        return
    wanted = "a path, as text or a pathlib.Path" + (", or None" if optional else "")
    raise ArgumentError(f"{_named(owner)}: {name} must be {wanted}, got {shown(value)}")


def check_shape(owner: object, name: str, value: Any) -> None:
    """Refuse anything but a positive integer or a sequence of positive integers and None."""
    axes = value if isinstance(value, (tuple, list)) else (value,)
    for axis in axes:
        is_integer = isinstance(axis, numbers.Integral) and not isinstance(axis, bool)
        if axis is not None and not (is_integer and 1 <= axis <= _LARGEST):
            wanted = "positive integers (None for an axis that varies)"
            raise ArgumentError(f"{_named(owner)}: {name} must hold {wanted}, got {shown(value)}")


def _named(owner: object) -> str:
    return owner if isinstance(owner, str) else type(owner).__name__


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'AEIOU' else 'a'} {noun}"
