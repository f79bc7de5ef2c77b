"""Parameters inside parameters, ``layers__1__units``, by the paths of configurations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layerkit.config.paths import get, parts, replaced
from layerkit.errors import ArgumentError
from layerkit.sklearn.components import KINDS_OF, component, inner_component, needs_rate, with_any_rate

SEPARATOR = "__"


def nested(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What is inside the components among an estimator's parameters, by names such as ``"layers__1__units"``.

    >>> from layerkit import Dense
    >>> nested({"layers": [Dense(30)], "alpha": 0.1})["layers__0__units"]
    30
    """
    held = {name: parameters[name] for name in KINDS_OF if name in parameters}
    return {
        f"{name}{SEPARATOR}{path.replace('.', SEPARATOR)}": inner
        for name, value in held.items()
        for path, inner in parts(value).items()
    }


def with_nested(owner: str, name: str, value: Any, changes: Mapping[str, Any]) -> Any:
    """A parameter with other values inside it, by names such as ``"1__units"``; the old one is untouched.

    What was given by name is made first; what is given by name, or as a table, for a component's argument, is made too.

    Raises:
        ArgumentError: there is nothing of that name, or a component refuses a value.
        UnknownComponentError, PluginError: no component has a name that is given, or it cannot be used.
    """
    paths = {f"{name}.{inner.replace(SEPARATOR, '.')}": new for inner, new in changes.items()}
    before, lacks_rate = value, name == "optimizer" and needs_rate(owner, value)
    if lacks_rate:
        value = with_any_rate(owner, value)
    elif isinstance(value, str) and name in KINDS_OF:
        value = component(owner, name, value)
    held = {name: value}
    # from the outside, for a path may lead into what another one replaces
    for depth in sorted({path.count(".") for path in paths}):
        made = {path: _made(owner, held, path, new) for path, new in paths.items() if path.count(".") == depth}
        held = replaced(held, made)
    if lacks_rate and f"{name}.learning_rate" not in paths:
        # its rate is that of the estimator, which may still be given
        table = before if isinstance(before, dict) else {"component": before}
        return {**table, **{path.partition(".")[2]: new for path, new in paths.items()}}
    return held[name]


def _made(owner: str, held: Mapping[str, Any], path: str, new: Any) -> Any:
    place, _, argument = path.rpartition(".")
    try:
        holder = get(held, place)
    except ArgumentError:
        # says what there is instead
        return new
    return inner_component(owner, holder, argument, new, path)
