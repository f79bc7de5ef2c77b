"""What all components share: arguments that are stored as they came, a config made of them, and a repr."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from layerkit.calls import Explained, being_made
from layerkit.errors import ArgumentError
from layerkit.interfaces.assignment import judge
from layerkit.interfaces.constructor_arguments import arguments_of


class Configurable(metaclass=Explained):
    """A component whose constructor stores each argument, unmodified, under the argument's own name.

    That is its whole configuration: ``config`` reads the arguments back, and calling the class with them gives an
    equal component. Arguments are JSON-safe values (numbers, strings, booleans, None, lists or tuples and dictionaries
    of them), paths, which are told as text, and nested components.

    >>> from layerkit import Dense, Sigmoid
    >>> Dense(30, activation=Sigmoid())
    Dense(30, activation=Sigmoid())
    >>> Dense(30).config["units"]
    30

    An argument that is assigned later, ``optimizer.learning_rate = 0.1``, is judged as the constructor judges it; a
    public attribute that a component of layerkit does not have is refused.
    """

    _instead: Mapping[str, tuple[str, ...]] = {}
    """Attributes as they are called elsewhere, by what is written here."""

    @property
    def config(self) -> dict[str, Any]:
        """The constructor's arguments by name, as they were given.

        Raises:
            ArgumentError: the constructor did not store an argument under its own name.
        """
        values = {}
        for name in arguments_of(type(self)):
            try:
                values[name] = self.__dict__[name]
            except KeyError:
                kind = type(self).__name__
                raise ArgumentError(
                    f"{kind} does not store its argument {name!r}: write `self.{name} = {name}` in {kind}.__init__"
                ) from None
        return values

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and not being_made():
            judge(self, name, value, self._instead)
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        try:
            arguments = arguments_of(type(self))
        except ArgumentError:  # whoever asks for the config is told; a repr shows what is stored
            arguments = {}
        shown = []
        for position, (name, parameter) in enumerate(arguments.items()):
            if name not in self.__dict__:
                continue
            value = self.__dict__[name]
            if position == 0 and parameter.default is inspect.Parameter.empty:
                shown.append(repr(value))
            elif not _is_default(value, parameter.default):
                shown.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


def require_stored(component: Any) -> None:
    """Refuse a component whose constructor does not store its arguments, or that has such a one among them.

    Arguments without names, of which no config can be made, are left to whoever needs one. Layers among the arguments
    are looked at when they are built.

    Raises:
        ArgumentError: the message has the line to write.
    """
    try:
        arguments_of(type(component))
    except ArgumentError:
        return
    for value in component.config.values():
        for inner in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(inner, Configurable) and not hasattr(inner, "build"):
                require_stored(inner)


def _is_default(value: Any, default: Any) -> bool:
    if value is default:
        return True
    if isinstance(value, Configurable):
        return repr(value) == repr(default)
    return type(value) is type(default) and bool(value == default)
