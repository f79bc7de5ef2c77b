"""The environment's say in which plugins load: an allow list and a deny list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from layerkit.registry.failure import Failure
from layerkit.registry.nearest import did_you_mean
from layerkit.registry.source import BUILTIN

ALLOW = "LAYERKIT_PLUGINS"
DENY = "LAYERKIT_PLUGINS_DENY"


class Selection:
    """``LAYERKIT_PLUGINS=acme,conv`` loads only these; ``LAYERKIT_PLUGINS=`` loads none; ``LAYERKIT_PLUGINS_DENY=acme``
    loads all but this one. Names are namespaces or distributions. Denying wins, and the built-ins are always there.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        allowed = environment.get(ALLOW)
        self._allowed = None if allowed is None else _names(allowed)
        self._denied = _names(environment.get(DENY, ""))

    def why_disabled(self, namespace: str, distribution: str) -> str:
        """Why a plugin must not load; empty if it may."""
        if any(_is_named(name, namespace, distribution) for name in self._denied):
            return f"{DENY} lists it"
        if self._allowed is None or any(_is_named(name, namespace, distribution) for name in self._allowed):
            return ""
        return f"{ALLOW} does not list it" if self._allowed else f"{ALLOW} is set, and empty"

    def unknown_names(self, installed: Sequence[tuple[str, str]]) -> list[Failure]:
        """A warning for every listed name that is not installed: probably a slip of the keyboard."""
        found = []
        for variable, names in ((ALLOW, self._allowed or ()), (DENY, self._denied)):
            for name in sorted(names):
                if name == BUILTIN and variable == DENY:
                    error, hint = f"{DENY} lists {BUILTIN!r}; the built-ins cannot be denied", "remove the name"
                elif name == BUILTIN or any(_is_named(name, *plugin) for plugin in installed):
                    continue
                else:
                    error = f"{variable} lists {name!r}, and no installed plugin has this name"
                    known = {known for plugin in installed for known in plugin}
                    hint = f"correct or remove the name.{did_you_mean(name, known)}"
                found.append(Failure(name, "filter", error, hint, severity="warning"))
        return found


def normalized(distribution: str) -> str:
    """A distribution's name as package indexes compare it: ``Acme_Layers`` is ``acme-layers``."""
    return "-".join(part for part in distribution.lower().replace("_", "-").replace(".", "-").split("-") if part)


def _names(text: str) -> set[str]:
    return {name for name in map(str.strip, text.split(",")) if name}


def _is_named(name: str, namespace: str, distribution: str) -> bool:
    return name == namespace or normalized(name) == normalized(distribution)
