"""Lists and dictionaries of layers among a layer's arguments, as it keeps them: nobody changes them any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from layerkit.errors import ArgumentError
from layerkit.interfaces.constructor_arguments import arguments_of


def kept(owner: Any, name: str, value: Any) -> Any:
    """What ``owner`` keeps of ``value`` under ``name``: an equal list or dictionary, if it is one of components."""
    if isinstance(value, (list, dict)) and holds_component(value):
        try:
            return _kept(value) if name in arguments_of(type(owner)) else value
        except ArgumentError:
            return value
    return value


def holds_component(value: Any) -> bool:
    """Whether a value is a component that is built, as layers are, or a collection with one inside."""
    if isinstance(value, Mapping):
        return any(map(holds_component, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(holds_component, value))
    return hasattr(type(value), "build")


def _kept(value: Any) -> Any:
    if type(value) is list:
        return _KeptList(map(_kept, value))
    if type(value) is dict:
        return _KeptDict((key, _kept(each)) for key, each in value.items())
    return value


def _refused(self: Any, *positional: Any, **named: Any) -> NoReturn:
    raise ArgumentError(
        "what a container was given cannot be changed: make a new one, such as Sequential([*model.layers, …]); of a "
        "model that has values already, Sequential([*(layer.copy() for layer in model), …]) keeps them"
    )


class _KeptList(list[Any]):
    """A list that cannot be changed."""

    append = extend = insert = remove = pop = clear = sort = reverse = _refused
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refused

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (list(self),)


class _KeptDict(dict[str, Any]):
    """A dictionary that cannot be changed."""

    update = setdefault = pop = popitem = clear = _refused
    __setitem__ = __delitem__ = __ior__ = _refused

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)
