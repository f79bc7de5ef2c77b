"""Which parts of layerkit foreign code has replaced."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import FunctionType, ModuleType
from typing import Any, Self, final

_PACKAGE = "layerkit"
_MEMBERS = (type, FunctionType, staticmethod, classmethod, property)


@final
class Parts:
    """While the block runs, the classes and functions of layerkit's modules are noted as their own code leaves them.

    Of modules that are there before, at the beginning; of one that is imported in the block, as soon as it is there, so
    before whoever imports it can change anything.
    """

    def __init__(self) -> None:
        self._known: dict[str, object] = {}
        self._wrong: set[str] = set()

    def __enter__(self) -> Self:
        for name, module in list(sys.modules.items()):
            if name.startswith(f"{_PACKAGE}.") and module is not None:
                self.note(module)
        self._wrong = set(_not_as_exported())
        sys.meta_path.insert(0, self)
        return self

    def __exit__(self, *_: object) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the other finders find of a module of layerkit, with a loader that notes its parts."""
        if not name.startswith(f"{_PACKAGE}."):
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Noting(spec.loader, self)
                return spec
        return None

    def note(self, module: ModuleType) -> None:
        """Keep what stands in a module."""
        self._known.update(_parts_of(module))

    def replaced(self) -> tuple[str, ...]:
        """The names of what stands there no more."""
        now: dict[str, object] = {}
        for name, module in list(sys.modules.items()):
            if name.startswith(f"{_PACKAGE}.") and module is not None:
                now.update(_parts_of(module))
        changed = [name for name, was in self._known.items() if now.get(name) is not was]
        return (*changed, *sorted(set(_not_as_exported()) - self._wrong))


@final
class _Noting(Loader):
    """A loader that, once it has run a module, notes what stands in it; the module keeps no trace of it."""

    def __init__(self, loader: Any, parts: Parts) -> None:
        self._loader, self._parts = loader, parts

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._parts.note(module)


def _parts_of(module: ModuleType) -> dict[str, object]:
    """The classes and functions that a module defines, and what stands in those classes."""
    found: dict[str, object] = {}
    for name, value in list(vars(module).items()):
        if issubclass(type(value), (type, FunctionType)) and getattr(value, "__module__", "") == module.__name__:
            found[f"{module.__name__}.{name}"] = value
            members = vars(value).items() if type(value) is not FunctionType else ()
            found |= {f"{module.__name__}.{name}.{member}": part for member, part in members if type(part) in _MEMBERS}
    return found


def _not_as_exported() -> Iterator[str]:
    """What the package offers under a name, and is not what the module of that name holds."""
    from layerkit.exported import EXPORTED

    offered = vars(sys.modules[_PACKAGE])
    for name, place in EXPORTED.items():
        if name in offered and offered[name] is not getattr(sys.modules.get(place), name, Parts):
            yield f"{_PACKAGE}.{name}"
