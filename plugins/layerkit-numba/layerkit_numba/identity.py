"""What a compiled function depends on: its source, and the sources of all functions that it calls."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, final

from layerkit_numba.compilation import compiled

_OWN = __name__.partition(".")[0]
_NEVER_KEPT = "no file"


@final
@dataclass(frozen=True, slots=True)
class Loop:
    """A function written around others: ``text`` defines ``run``, which calls them by their names in ``calls``."""

    text: str
    calls: tuple[tuple[str, Any], ...]

    def function(self) -> Any:
        """The function, ready to be compiled."""
        names: dict[str, Any] = dict(self.calls)
        exec(compile(self.text, "<loop>", "exec"), names)
        return compiled(names["run"])


@cache
def identity(function: Any) -> tuple[str, bool]:
    """What tells a function from all others, and whether it can be known in another process."""
    if isinstance(function, Loop):
        parts = [(f"{name} {identity(each)[0]}", identity(each)[1]) for name, each in function.calls]
        return "\n".join([function.text, *(told for told, _ in parts)]), all(keeps for _, keeps in parts)
    plain = plain_function(function)
    files = {module: _digest(path) for module, path in sorted(set(_sources(plain, set())))}
    told = " ".join([plain.__module__, plain.__qualname__, *(f"{module}={digest}" for module, digest in files.items())])
    return told, _NEVER_KEPT not in files.values()


def plain_function(function: Any) -> Any:
    """The Python function behind a compiled function or an intrinsic."""
    return getattr(function, "py_func", None) or getattr(function, "_defn", function)


def _sources(function: Any, seen: set[Any]) -> Iterator[tuple[str, str]]:
    """The modules, outside this package, of a function and of those that it calls, with their files."""
    module = function.__module__ or ""
    # this package is in the name of all that is kept
    if function in seen or module.partition(".")[0] in (_OWN, "numba", "numpy", "math", "builtins"):
        return
    seen.add(function)
    yield module, _file_of(function)
    for name in _names(function.__code__):
        value = function.__globals__.get(name)
        if isinstance(value, ModuleType):
            if value.__name__.partition(".")[0] not in (_OWN, "numba", "numpy", "math", "typing"):
                yield value.__name__, getattr(value, "__file__", None) or ""
            continue
        called = plain_function(value)
        if isinstance(called, FunctionType):
            yield from _sources(called, seen)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _file_of(function: Any) -> str:
    try:
        return inspect.getsourcefile(function) or ""
    except TypeError:
        return ""


def _digest(path: str) -> str:
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return _NEVER_KEPT
