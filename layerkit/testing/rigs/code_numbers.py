"""The whole numbers that stand in a component's code: lengths of tables, sizes of blocks."""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType, FunctionType

from layerkit.interfaces.layer import Layer


def numbers_in_code(component: type) -> set[int]:
    """The whole numbers in the methods of a class, and in variables of the module that these read."""
    found: set[int] = set()
    for cls in component.__mro__:
        if cls in Layer.__mro__:
            continue
        for function in vars(cls).values():
            if isinstance(function, FunctionType):
                for code in _codes(function.__code__):
                    named = (function.__globals__.get(name) for name in code.co_names)
                    found.update(number for number in (*code.co_consts, *named) if type(number) is int)
    return found


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)
