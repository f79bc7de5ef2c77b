"""Which kinds of component an argument takes, and of which kind a component is."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args, get_type_hints

from layerkit.lazy import resolve
from layerkit.registry.kinds import KINDS


def kinds_of_argument(component_class: type, argument: str) -> tuple[str, ...]:
    """The kinds that an argument's annotation names; none for plain values. A layer may be an activation.

    >>> from layerkit import Adam, Dense, Residual
    >>> kinds_of_argument(Dense, "activation"), kinds_of_argument(Residual, "layer")
    (('activations',), ('layers', 'activations'))
    >>> kinds_of_argument(Adam, "learning_rate"), kinds_of_argument(Adam, "beta1")
    (('schedules',), ())
    """
    parameter = inspect.signature(component_class).parameters.get(argument)
    if parameter is None or parameter.annotation is parameter.empty:
        return ()
    try:
        annotation = get_type_hints(component_class.__init__)[argument]  # type: ignore[misc]
    except Exception:  # an annotation may name what is imported for type checkers only, and then anything can go wrong
        return _kinds_in_text(str(parameter.annotation))
    found = dict.fromkeys(kind for cls in _classes(annotation) for kind in _kinds_of_class(cls))
    return tuple(found)


def kind_of(component_class: type) -> str | None:
    """The kind of components that a class belongs to; None if it is of no kind."""
    return next(iter(_kinds_of_class(component_class)), None)


def _kinds_of_class(cls: type) -> tuple[str, ...]:
    bases = _bases()
    if cls is bases["layers"]:
        return "layers", "activations"
    # activations are layers, so they are asked for first
    ordered = ("activations", *(kind for kind in bases if kind != "activations"))
    return tuple(kind for kind in ordered if issubclass(cls, bases[kind]))[:1]


@cache
def _bases() -> dict[str, type]:
    return {kind.name: resolve(kind.base) for kind in KINDS.values() if kind.base is not None}


def _classes(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type):
        yield annotation
    for inner in get_args(annotation):
        yield from _classes(inner)


def _kinds_in_text(annotation: str) -> tuple[str, ...]:
    words = set(re.findall(r"\w+", annotation))
    found = [name for name, base in _bases().items() if base.__name__ in words]
    return ("layers", "activations") if "layers" in found else tuple(found)
