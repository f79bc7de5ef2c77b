"""Noticing that a plugin replaced a part of layerkit while it was imported, and putting the part back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any, final

from layerkit.registry.source import BUILTIN

_OURS = f"{BUILTIN}."
_TRUSTED = {*sys.stdlib_module_names, BUILTIN, "numpy", "pluggy", "safetensors", "typer"}
_WATCHED = (type, FunctionType, staticmethod, classmethod, property)


@final
class Snapshot:
    """The classes and functions of every module of layerkit that is imported by now.

    Modules that are imported in between can't be compared, so there only a foreign function in a class of ours is
    noticed; it cannot be put back.
    """

    def __init__(self, parts: dict[tuple[int, str], tuple[object, str, str, object]]) -> None:
        self._parts = parts

    @classmethod
    def take(cls) -> Snapshot:
        """Look at what is there now."""
        return cls({(id(owner), name): (owner, place, name, value) for owner, place, name, value in _parts()})

    def restore(self) -> tuple[str, ...]:
        """Put back what was replaced, and name every part that was."""
        replaced = []
        for owner, place, name, value in self._parts.values():
            if vars(owner).get(name) is not value:
                setattr(owner, name, value)
                replaced.append(f"{place}.{name}")
        for owner, place, name, value in _parts():
            if (id(owner), name) not in self._parts and isinstance(owner, type) and is_foreign(value):
                replaced.append(f"{place}.{name}")
        return tuple(replaced)


def is_foreign(part: object) -> bool:
    """Whether a member of one of layerkit's classes is a function that does not come from layerkit's own doing."""
    if not isinstance(part, FunctionType) or not part.__module__:
        return False
    return part.__module__.partition(".")[0] not in _TRUSTED


def _parts() -> Iterator[tuple[object, str, str, object]]:
    """Owner, its place, the name in it, and the value, for modules and the classes that they define."""
    for module_name, module in list(sys.modules.items()):
        if not module_name.startswith(_OURS) or module is None:
            continue
        for name, value in list(vars(module).items()):
            if not isinstance(value, _WATCHED):
                continue
            yield module, module_name, name, value
            if isinstance(value, type) and value.__module__ == module_name:
                place = f"{module_name}.{name}"
                yield from ((value, place, member, part) for member, part in _members(value))


def _members(cls: type) -> list[tuple[str, Any]]:
    return [(name, part) for name, part in vars(cls).items() if isinstance(part, _WATCHED)]
