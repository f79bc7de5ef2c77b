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
_DEPTH = 4
_MODULE = "module "


def shared_state(target: Any) -> dict[str, Any]:
    """Everything changeable in a class, its bases and their modules, by name, in a form that can be compared.

    Left out are results that functions keep (``lru_cache``), but for methods: what a pure function has computed may be
    computed again.
    """
    if not isinstance(target, type):
        return {}
    bases = [base for base in target.__mro__ if not base.__module__.startswith(_CONTRACTS)]
    found = {f"{base.__name__}.{name}": value for base in bases for name, value in _of_class(base)}
    for module in dict.fromkeys(base.__module__ for base in bases):
        found |= {f"{_MODULE}{module}.{name}": value for name, value in _of_module(sys.modules.get(module))}
    return found


def changes(before: Mapping[str, Any], after: Mapping[str, Any], *, modules: bool = True) -> list[str]:
    """The names whose values are others now; a constant that is made when it is first needed is none of them."""
    found = (name for name, value in before.items() if name in after and after[name] != value and value != "None")
    return sorted(name.removeprefix(_MODULE) for name in found if modules or not name.startswith(_MODULE))


def frozen(value: Any, depth: int = _DEPTH) -> Any:
    """A value in a form that can be compared, and does not change when it does."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes() if value.nbytes <= _LARGE else None
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if isinstance(value, random.Random):
        return value.getstate()
    if depth and isinstance(value, (list, tuple, deque)):
        return tuple(frozen(part, depth - 1) for part in value)
    if depth and isinstance(value, (set, frozenset)):
        return frozenset(repr(part) for part in value)
    if depth and isinstance(value, Mapping):
        return tuple((repr(key), frozen(part, depth - 1)) for key, part in value.items())
    if isinstance(value, (int, float, complex, str, bytes, bytearray, type(None), count)):
        return repr(value)
    if depth and hasattr(value, "__dict__") and not isinstance(value, (type, ModuleType, FunctionType)):
        return type(value).__name__, frozen(vars(value), depth - 1)
    return type(value).__name__


def _of_class(base: type) -> Iterator[tuple[str, Any]]:
    for name, value in vars(base).items():
        function = getattr(value, "__func__", value)
        if hasattr(function, "cache_info"):
            yield name, tuple(function.cache_info())
        elif isinstance(function, FunctionType):
            yield name, _of_function(function)
        elif not name.startswith("__") and not name.startswith("_abc") and not callable(value):
            yield name, frozen(value)


def _of_module(module: ModuleType | None) -> Iterator[tuple[str, Any]]:
    for name, value in list(vars(module).items()) if module is not None else ():
        if not name.startswith("__") and not callable(value) and not isinstance(value, ModuleType):
            yield name, frozen(value)


def _of_function(function: FunctionType) -> Any:
    return frozen(function.__defaults__), frozen(function.__kwdefaults__ or {}), frozen(function.__dict__)
