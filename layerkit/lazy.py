"""Things that are imported when they are first asked for: start-up pays for what is used alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazily(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of ``package`` that finds each name in the module that the table gives for it.

    ``dir`` of the package lists them, too.
    """
    module = sys.modules[package]

    def find(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(modules[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    vars(module).setdefault("__dir__", lambda: sorted({*vars(module), *modules}))
    return find


def resolve(place: str) -> Any:
    """The object at ``"module:Name"``.

    Raises:
        ImportError, AttributeError: there is no such module, or nothing of that name in it.

    >>> resolve("layerkit.errors:ArgumentError").__name__
    'ArgumentError'
    """
    module, _, path = place.partition(":")
    found: Any = import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    return found
