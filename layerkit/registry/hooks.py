"""The hooks that a plugin implements, one a kind of component, and the version of that interface.

No hook takes an argument; each returns a list of ``Component`` records. A hook is called once, when something of the
plugin is first asked for; it must be quick and import nothing that is not needed for the records themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pluggy

from layerkit.component import Component
from layerkit.registry.kinds import KINDS, Kind

PROJECT = "layerkit"
API_VERSION = (1, 1)
"""Major: raised when a plugin written for the one before would break. Minor: raised when something is added."""

hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a hook module as the implementation of the hook that has its name."""

Hook = Callable[[], Sequence[Component]]


def _specification(kind: Kind) -> Hook:
    """A function without a body, whose docstring tells what is announced there."""

    def hook() -> Sequence[Component]:
        raise NotImplementedError

    hook.__name__ = hook.__qualname__ = kind.hook
    targets = (
        f"derive from ``{kind.base.replace(':', '.')}``"
        if kind.base
        else "are paths of ``.toml`` or ``.py`` files, ``Experiment`` objects, or callables without arguments, which "
        "may return an ``Experiment`` or an exit code"
    )
    hook.__doc__ = f"{kind.name.capitalize()}: ``{kind.hook}()``, no arguments; targets {targets}."
    marked: Hook = pluggy.HookspecMarker(PROJECT)(hook)
    return marked


SPECIFICATIONS = type("Specifications", (), {kind.hook: _specification(kind) for kind in KINDS.values()})
"""The hook specifications by name, as pluggy reads them."""


def refusal(module: object) -> tuple[str, str] | None:
    """Why a hook module's API version is not accepted, and what to do; ``None`` if it is."""
    current = f"({API_VERSION[0]}, {API_VERSION[1]})"
    missing = object()
    stated: Any = getattr(module, "layerkit_api", missing)
    if stated is missing:
        return (
            "the hook module does not say which API version it was written for",
            f"its author must add the line `layerkit_api = {current}`",
        )
    if not (type(stated) is tuple and len(stated) == 2 and all(type(number) is int for number in stated)):
        return (
            f"layerkit_api must be a tuple of two integers, got {stated!r}",
            f"its author must write `layerkit_api = {current}`",
        )
    written, offered = (".".join(map(str, version)) for version in (stated, API_VERSION))
    if stated[0] < API_VERSION[0]:
        return (
            f"it was written for the plugin API {written}, which this layerkit ({offered}) no longer offers",
            "install a newer version of the plugin, or an older layerkit",
        )
    if stated > API_VERSION:
        return (
            f"it was written for the plugin API {written}; this layerkit offers {offered}",
            "install a newer layerkit, or an older version of the plugin",
        )
    return None
