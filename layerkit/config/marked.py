"""Components and values as files hold them: JSON, where keys that begin with ``$`` mark what it has no word for."""

from __future__ import annotations

import math
from typing import Any, final

import numpy as np

from layerkit.arguments import DIGITS
from layerkit.config.codec import Inner, Notation, Spelling
from layerkit.errors import ArgumentError, ModelFileError
from layerkit.registry.kinds import KINDS
from layerkit.registry.loading import ComponentEntry

ARGUMENTS = "arguments"
AGAIN = "$again"
UNREGISTERED = "$unregistered"

_ALIKE = 16

_NUMBERS = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}


def mark_of(kind: str) -> str:
    """What marks a component of a kind: ``$layer``."""
    return f"${KINDS[kind].singular}"


_KINDS = {mark_of(kind.name): kind.name for kind in KINDS.values() if kind.base is not None}


@final
class Marked(Notation):
    """``{"$layer": "layerkit/dense", "arguments": {…}}``, as in model files: every value comes back as it was.

    What JSON has no word for is a table of one key that begins with ``$``: ``$tuple``, ``$float`` for what is not
    finite, ``$items`` for the pairs of a dictionary whose keys are no text or in no order, ``$name`` for the name of a
    file that is not UTF-8 (its bytes, as Python keeps them in a text), ``$again``.
    """

    def component(self, entry: ComponentEntry | None, place: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if entry is None:
            return {UNREGISTERED: place, ARGUMENTS: arguments}
        return {mark_of(entry.kind): entry.qualified_name, ARGUMENTS: arguments}

    def again(self, number: int) -> dict[str, Any]:
        return {AGAIN: number}

    def plain(self, value: Any, inner: Inner) -> Any:
        """A value as JSON has it.

        Raises:
            ArgumentError: JSON has no such value.

        >>> MARKED.plain((2, 3), inner=int)
        {'$tuple': [2, 3]}
        """
        if isinstance(value, np.generic):
            value = value.item()
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return str(value) if _is_sound(value) else {"$name": _bytes_of(value).hex()}
        if isinstance(value, int):
            if abs(value) >= 10**DIGITS:
                raise ArgumentError(f"a file holds integers of up to {DIGITS} digits")
            return int(value)
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else {"$float": str(float(value))}
        if isinstance(value, list):
            return [inner(item) for item in value]
        if type(value) is tuple:
            return {"$tuple": [inner(item) for item in value]}
        if isinstance(value, dict):
            names = [key for key in value if isinstance(key, str) and not key.startswith("$") and _is_sound(key)]
            if len(names) == len(value) and names == sorted(names):
                return {key: inner(item) for key, item in value.items()}
            return {"$items": [[inner(key), inner(item)] for key, item in value.items()]}
        raise ArgumentError(
            f"a file holds numbers, text, booleans, None, lists, tuples and dictionaries of them, and components; got "
            f"{type(value).__name__}"
        )

    def spelling(self, plain: Any) -> Spelling | None:
        if not isinstance(plain, dict) or len(plain) != 2 or ARGUMENTS not in plain:
            return None
        (mark,) = plain.keys() - {ARGUMENTS}
        known = mark == UNREGISTERED or mark in _KINDS
        return Spelling(_KINDS.get(mark), plain[mark], plain[ARGUMENTS]) if known else None

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
        if len(plain) > 1 or not next(iter(plain), "").startswith("$"):
            if any(key.startswith("$") for key in plain):
                raise _describes_nothing(plain)
            return {key: inner(item) for key, item in plain.items()}
        [(mark, content)] = plain.items()
        if mark == "$tuple" and isinstance(content, list):
            return tuple(inner(item) for item in content)
        if mark == "$float" and isinstance(content, str) and content in _NUMBERS:
            return _NUMBERS[content]
        if mark == "$items" and isinstance(content, list):
            return _mapping(content, inner)
        if mark == "$name" and isinstance(content, str):
            return _name_of(content)
        raise _describes_nothing(plain)


MARKED = Marked()


def short(text: str) -> str:
    """Text that anybody may have written, for a message: one line, not endless."""
    line = "".join(character if character.isprintable() else " " for character in text[:400])
    return line if len(text) <= 400 else f"{line} …"


def shown(value: Any) -> str:
    """A value that anybody may have written, for a message."""
    return short(", ".join(map(repr, value)) if isinstance(value, list) and value else repr(value))


def _is_sound(text: str) -> bool:
    """Whether it is text that UTF-8 can write."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _bytes_of(name: str) -> bytes:
    try:
        return name.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        raise ArgumentError(f"a file holds text, and {name!r:.200} holds half of a character") from None


def _name_of(digits: str) -> str:
    """The name that bytes which are not UTF-8 make; anybody may have written them."""
    try:
        name = bytes.fromhex(digits).decode(errors="surrogateescape")
    except ValueError:
        name = ""
    if _is_sound(name) or _bytes_of(name).hex() != digits:
        raise ModelFileError(f"its description holds {shown(digits)}, which is no name of a file")
    return name


def _describes_nothing(plain: dict[str, Any]) -> ModelFileError:
    return ModelFileError(f"its description holds {shown(sorted(plain))}, which describes no part of a model")


def _mapping(items: list[Any], inner: Inner) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    alike: dict[int, int] = {}
    for item in items:
        if not isinstance(item, list) or len(item) != 2:
            raise ModelFileError("a dictionary in its description is not made of pairs")
        key, value = item
        if not isinstance(key, str):
            key = inner(key)
            _count_hash(key, alike)
        # most of a history are numbers, and a call for each would be most of the time
        found[key] = inner(value) if isinstance(value, (dict, list)) else value
    return found


def _count_hash(key: Any, alike: dict[int, int]) -> None:
    """Refuse many keys of one hash: a key is compared with all of them, and numbers can be chosen to have the same."""
    try:
        place = hash(key)
    except TypeError:
        raise ModelFileError("a dictionary in its description has a key that cannot be one") from None
    count = alike[place] = alike.get(place, 0) + 1
    if count > _ALIKE:
        raise ModelFileError(f"a dictionary in its description has more than {_ALIKE} keys of one hash")
