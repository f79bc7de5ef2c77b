"""The version of the plugin interface, and who may register with it."""

from __future__ import annotations

from typing import Any

API_VERSION = (1, 0)
"""Major: raised when a plugin written for the one before would break. Minor: raised when something is added."""


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
    if not (isinstance(stated, tuple) and len(stated) == 2 and all(type(number) is int for number in stated)):
        return (
            f"layerkit_api must be a tuple of two integers, got {stated!r}",
            f"its author must write `layerkit_api = {current}`",
        )
    if stated[0] < API_VERSION[0]:
        return (
            f"it was written for the plugin API {_dotted(stated)}, which this layerkit ({_dotted(API_VERSION)}) no "
            "longer offers",
            "install a newer version of the plugin, or an older layerkit",
        )
    if stated > API_VERSION:
        return (
            f"it was written for the plugin API {_dotted(stated)}; this layerkit offers {_dotted(API_VERSION)}",
            "install a newer layerkit, or an older version of the plugin",
        )
    return None


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
