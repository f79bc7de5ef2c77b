"""The two ways in which components are spelled among plain values: for people, and for files."""

from __future__ import annotations

import math
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np

from layerkit.errors import ArgumentError, ModelFileError
from layerkit.registry.entry import ComponentEntry
from layerkit.registry.kinds import KINDS, Kind

COMPONENT = "component"
ARGUMENTS = "arguments"
AGAIN = "$again"
UNREGISTERED = "$unregistered"

_NUMBERS = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
_MARKS = {f"${kind.singular}": kind.name for kind in KINDS.values() if kind.base is not None}

Inner: TypeAlias = Callable[[Any], Any]
"""What turns the values inside another one."""


@final
@dataclass(frozen=True, slots=True)
class Spelling:
    """A component as it is spelled: its kind, if that is told; its name; its arguments, all not yet checked."""

    kind: str | None
    name: Any
    arguments: Any


class Notation(ABC):
    """One tree of plain values, spelled in one way."""

    @abstractmethod
    def name(self, entry: ComponentEntry) -> str:
        """What a registered component is called."""

    @abstractmethod
    def component(self, kind: Kind | None, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """A component; ``kind`` is None where the class is registered nowhere, and ``name`` its place then."""

    @abstractmethod
    def again(self, place: int) -> dict[str, Any] | None:
        """The layer that was the ``place``-th to be finished, once more; None: it is to be spelled in full."""

    @abstractmethod
    def plain(self, value: Any, inner: Inner) -> Any:
        """A value that is no component, as a plain one."""

    @abstractmethod
    def spelling(self, value: Any) -> Spelling | None:
        """The component that a plain value spells; None if it is none."""

    @abstractmethod
    def value(self, plain: Any, inner: Inner) -> Any:
        """What ``plain`` was given."""


@final
class Named(Notation):
    """``{"component": "dense", "units": 30}``, as in TOML and in reports: tuples become lists, all else is shown.

    What is neither a plain value nor a component is told by its class, and does not come back.
    """

    def name(self, entry: ComponentEntry) -> str:
        return entry.short_name

    def component(self, kind: Kind | None, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return {COMPONENT: name, **arguments}

    def again(self, place: int) -> None:
        return None

    def plain(self, value: Any, inner: Inner) -> Any:
        if isinstance(value, np.generic):
            value = value.item()
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if isinstance(value, Mapping):
            return {str(key): inner(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [inner(item) for item in value]
        if isinstance(value, os.PathLike):
            return os.fsdecode(value)
        return place_of(type(value))

    def spelling(self, value: Any) -> Spelling | None:
        if not isinstance(value, Mapping) or not isinstance(value.get(COMPONENT), str):
            return None
        return Spelling(None, value[COMPONENT], {key: item for key, item in value.items() if key != COMPONENT})

    def value(self, plain: Any, inner: Inner) -> Any:
        return {key: inner(item) for key, item in plain.items()} if isinstance(plain, Mapping) else plain


@final
class Marked(Notation):
    """``{"$layer": "layerkit/dense", "arguments": {…}}``, as in model files: every value comes back as it was.

    What JSON has no word for is a table of one key that begins with ``$``: ``$tuple``, ``$float`` for what is not
    finite, ``$items`` for the pairs of a dictionary whose keys are no text or in no order, ``$again``.
    """

    def name(self, entry: ComponentEntry) -> str:
        return entry.qualified_name

    def component(self, kind: Kind | None, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return {UNREGISTERED if kind is None else f"${kind.singular}": name, ARGUMENTS: arguments}

    def again(self, place: int) -> dict[str, Any]:
        return {AGAIN: place}

    def plain(self, value: Any, inner: Inner) -> Any:
        """A value as JSON has it.

        Raises:
            ArgumentError: JSON has no such value.

        >>> MARKED.plain((2, 3), inner=int)
        {'$tuple': [2, 3]}
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
            return [inner(item) for item in value]
        if type(value) is tuple:
            return {"$tuple": [inner(item) for item in value]}
        if isinstance(value, dict):
            names = [key for key in value if isinstance(key, str) and not key.startswith("$")]
            if len(names) == len(value) and names == sorted(names):
                return {key: inner(item) for key, item in value.items()}
            return {"$items": [[inner(key), inner(item)] for key, item in value.items()]}
        raise ArgumentError(
            f"a file holds numbers, text, booleans, None, lists, tuples and dictionaries of them, and components; got "
            f"{type(value).__name__}"
        )

    def spelling(self, value: Any) -> Spelling | None:
        if not isinstance(value, dict) or len(value) != 2 or ARGUMENTS not in value:
            return None
        (mark,) = value.keys() - {ARGUMENTS}
        known = mark == UNREGISTERED or mark in _MARKS
        return Spelling(_MARKS.get(mark), value[mark], value[ARGUMENTS]) if known else None

    def value(self, plain: Any, inner: Inner) -> Any:
        """The value; anybody may have written ``plain``.

        Raises:
            ModelFileError: it is nothing that ``plain`` gives.

        >>> MARKED.value({"$tuple": [2, 3]}, inner=int)
        (2, 3)
        """
        if isinstance(plain, list):
            return [inner(item) for item in plain]
        if not isinstance(plain, dict):
            return plain
        if not any(key.startswith("$") for key in plain):
            return {key: inner(item) for key, item in plain.items()}
        if len(plain) == 1:
            [(mark, content)] = plain.items()
            if mark == "$tuple" and isinstance(content, list):
                return tuple(inner(item) for item in content)
            if mark == "$float" and isinstance(content, str) and content in _NUMBERS:
                return _NUMBERS[content]
            if mark == "$items" and isinstance(content, list):
                return _mapping(content, inner)
        raise ModelFileError(f"its description holds {shown(sorted(plain))}, which describes no part of a model")


NAMED = Named()
MARKED = Marked()


def place_of(cls: type) -> str:
    """Where a class is defined: what is told of one that has no name."""
    return f"{cls.__module__}.{cls.__qualname__}"


def short(text: str) -> str:
    """Text that anybody may have written, for a message: one line, not endless."""
    line = "".join(character if character.isprintable() else " " for character in text[:400])
    return line if len(text) <= 400 else f"{line} …"


def shown(value: Any) -> str:
    """A value that anybody may have written, for a message."""
    return short(", ".join(map(repr, value)) if isinstance(value, list) and value else repr(value))


def _mapping(items: list[Any], inner: Inner) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for item in items:
        if not isinstance(item, list) or len(item) != 2:
            raise ModelFileError("a dictionary in its description is not made of pairs")
        key = inner(item[0])
        try:
            found[key] = inner(item[1])
        except TypeError:
            raise ModelFileError("a dictionary in its description has a key that cannot be one") from None
    return found
