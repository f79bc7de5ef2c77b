"""What a component's class and its module hold: what all components of the class have in common."""

from __future__ import annotations

import random
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import count
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

_CONTRACTS = ("layerkit.interfaces", "builtins", "abc", "typing", "collections", "numpy")
_LARGE = 2**20
_MANY = 1000
_DEPTH = 4
_MODULE = "module "


def shared_state(target: Any) -> dict[str, Any]:
    """Everything changeable in a class, its bases and their modules, by name, in a form that can be compared.

    Left out are results that functions keep (``lru_cache``), static methods among them, but not methods: what a pure
    function has computed is the same for all, and a method's hold the component itself.
    """
    if not isinstance(target, type):
        return {}
    bases = [base for base in target.__mro__ if not base.__module__.startswith(_CONTRACTS)]
    package = target.__module__.partition(".")[0]
    found = {f"{base.__name__}.{name}": value for base in bases for name, value in _of_class(base, package)}
    for module in dict.fromkeys(base.__module__ for base in bases):
        found |= {f"{_MODULE}{module}.{name}": value for name, value in _of_module(sys.modules.get(module), package)}
    return found


def changes(before: Mapping[str, Any], after: Mapping[str, Any], *, modules: bool = True) -> list[str]:
    """The names whose values are others now; a constant that is made when it is first needed is none of them."""
    found = (name for name, value in before.items() if name in after and after[name] != value and value != "None")
    return sorted(name.removeprefix(_MODULE) for name in found if modules or not name.startswith(_MODULE))


def frozen(value: Any, package: str, depth: int = _DEPTH) -> Any:
    """A value in a form that can be compared, and does not change when it does.

    Of objects those count whose classes belong to ``package``: a logger of Python's, say, keeps what it likes.
    """
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes() if value.nbytes <= _LARGE else None
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if isinstance(value, random.Random):
        return value.getstate()
    if isinstance(value, (int, float, complex, str, bytes, bytearray, type(None), count)):
        return repr(value)
    if isinstance(value, (list, tuple, deque, set, frozenset, Mapping)):
        if not depth or len(value) > _MANY:
            return type(value).__name__, len(value)
        if isinstance(value, Mapping):
            return tuple((repr(key), frozen(part, package, depth - 1)) for key, part in value.items())
        if isinstance(value, (set, frozenset)):
            return frozenset(repr(part) for part in value)
        return tuple(frozen(part, package, depth - 1) for part in value)
    own = type(value).__module__.partition(".")[0] == package and not isinstance(value, (type, FunctionType))
    if depth and own and hasattr(value, "__dict__"):
        return type(value).__name__, frozen(vars(value), package, depth - 1)
    return type(value).__name__


def _of_class(base: type, package: str) -> Iterator[tuple[str, Any]]:
    for name, value in vars(base).items():
        if hasattr(value, "cache_info"):
            yield name, tuple(value.cache_info())
        elif isinstance(function := getattr(value, "__func__", value), FunctionType):
            kept = (function.__defaults__, function.__kwdefaults__ or {}, function.__dict__)
            yield name, frozen(kept, package)
        elif not name.startswith("__") and not name.startswith("_abc") and not callable(value):
            yield name, frozen(value, package)


def _of_module(module: ModuleType | None, package: str) -> Iterator[tuple[str, Any]]:
    for name, value in list(vars(module).items()) if module is not None else ():
        if not name.startswith("__") and not callable(value) and not isinstance(value, ModuleType):
            yield name, frozen(value, package)
