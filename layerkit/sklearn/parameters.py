"""Parameters inside parameters, ``layers__1__units``, by the paths of configurations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layerkit.config.paths import parts, replaced
from layerkit.sklearn.components import KINDS_OF, component

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

    What was given by name is made first.

    Raises:
        ArgumentError: there is nothing of that name, or a component refuses a value.
    """
    if isinstance(value, str) and name in KINDS_OF:
        value = component(owner, name, value)
    paths = {f"{name}.{inner.replace(SEPARATOR, '.')}": new for inner, new in changes.items()}
    return replaced({name: value}, paths)[name]
