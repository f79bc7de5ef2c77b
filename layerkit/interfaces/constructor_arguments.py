"""The arguments of a component's constructor."""

from __future__ import annotations

import inspect
from typing import Any
from weakref import WeakKeyDictionary

from layerkit.errors import ArgumentError


def arguments_of(kind: type) -> dict[str, inspect.Parameter]:
    """The constructor's arguments of a component class, in order, without ``self``."""
    known = _known.get(kind)
    if known is None:
        known = _known[kind] = _read_arguments(kind)
    return known


_known: WeakKeyDictionary[type, dict[str, inspect.Parameter]] = WeakKeyDictionary()


def _read_arguments(kind: type) -> dict[str, inspect.Parameter]:
    constructor: Any = kind.__init__  # type: ignore[misc]
    if constructor is object.__init__:
        return {}
    parameters = list(inspect.signature(constructor).parameters.values())[1:]
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise ArgumentError(
                f"{kind.__name__}.__init__ takes *{parameter.name}: a component names each of its arguments, "
                "so that it can be rebuilt from its config"
            )
    return {parameter.name: parameter for parameter in parameters}
