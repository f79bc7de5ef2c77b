"""What becomes of ``component.name = value`` once a constructor is done: it is judged as the constructor judges it."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

from layerkit.arguments import shown
from layerkit.calls import being_made
from layerkit.errors import ArgumentError, UnknownAttributeError
from layerkit.familiar_members import familiar, no_attribute
from layerkit.interfaces.constructor_arguments import arguments_of
from layerkit.suggestions import nearest

_SWITCHES = ("trainable", "requires_grad", "lr", "stop_training")
"""What others set on objects of any class, and layerkit never reads."""


def judge(component: Any, name: str, value: Any, instead: Mapping[str, tuple[str, ...]]) -> Any | None:
    """Refuse a value that the constructor refuses, or a public attribute that there is not.

    Returns a component with the new value among its arguments, or None where ``name`` is no argument.

    ``instead``: attributes as they are called elsewhere. Classes from outside layerkit may be given new attributes.

    Raises:
        ArgumentError: the constructor refuses the value, or works something out of it, once and for all.
        UnknownAttributeError: there is no such attribute.
    """
    kind = type(component)
    try:
        arguments: Mapping[str, Any] = arguments_of(kind)
    except ArgumentError:
        # without names for its arguments nothing is known of it
        return None
    if name not in arguments:
        require_attribute(component, name, value, instead, list(arguments))
        return None
    stored = vars(component)
    if any(each not in stored for each in arguments) or stored[name] is value:
        return None
    config = {each: stored[each] for each in arguments}
    again = kind(**{**config, name: value})
    if len(vars(again)) > len(arguments) and derived(again, arguments) != derived(kind(**config), arguments):
        raise ArgumentError(
            f"{kind.__name__}: {name} cannot be changed any more, for the constructor works other things out of it: "
            f"make a new one, {kind.__name__}(…, {name}={shown(value)})"
        )
    return again


def derived(component: Any, arguments: Mapping[str, Any]) -> bytes:
    """What a component holds besides its arguments, in a form that can be compared; nothing where it cannot be."""
    others = {name: value for name, value in vars(component).items() if name not in arguments and name != "_builder"}
    try:
        return pickle.dumps(others)
    except Exception:  # whatever a class of somebody else's holds: nothing can be said of it
        return b""


def require_attribute(
    owner: Any, name: str, value: Any, instead: Mapping[str, tuple[str, ...]], arguments: list[str]
) -> None:
    """Refuse to set what ``owner`` does not have.

    Raises:
        UnknownAttributeError: it has no such attribute, or it is a method.
    """
    kind = type(owner)
    known = getattr(kind, name, None)
    if callable(known) and not callable(value) and not isinstance(known, type):
        raise UnknownAttributeError(f"{kind.__name__}.{name} is a method: call it, {name}(…)")
    if isinstance(known, property) and known.fset is None:
        told = familiar(name, instead)
        raise UnknownAttributeError(
            f"{kind.__name__}.{name} tells something, and cannot be set{'' if told is None else f'. {told}'}"
        )
    if name in vars(owner) or known is not None or _declared(kind, name):
        return
    if is_own(kind) or name in _SWITCHES:
        public = [each for each in (*vars(owner), *dir(kind)) if not each.startswith("_")]
        known = arguments if nearest(name, arguments) else list(dict.fromkeys(public))
        raise UnknownAttributeError(no_attribute(kind.__name__, name, instead, known))


def is_own(kind: type) -> bool:
    """Whether a class is one of layerkit's own."""
    return kind.__module__.partition(".")[0] == "layerkit"


def _declared(kind: type, name: str) -> bool:
    return any(name in vars(base).get("__annotations__", ()) or name in vars(base) for base in kind.__mro__)


class Closed:
    """An object, no component, that has the attributes that its constructor gave it, and no others.

    Its class is made by ``Explained``; ``instead`` tells what is written for attributes as they are called elsewhere.
    """

    _instead: Mapping[str, tuple[str, ...]] = {}

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and not being_made():
            require_attribute(self, name, value, self._instead, [])
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        kind = type(self)
        if name.startswith("_"):
            raise AttributeError(f"{kind.__name__!r} object has no attribute {name!r}")
        public = [each for each in (*vars(self), *dir(kind)) if not each.startswith("_")]
        raise UnknownAttributeError(no_attribute(kind.__name__, name, self._instead, public))
