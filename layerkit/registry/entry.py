"""A component as the registry knows it: the plugin's record, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from layerkit.registry.source import BUILTIN, PluginSource


@dataclass(frozen=True, slots=True)
class ComponentEntry:
    """One component that can be asked for by name; its target has not been imported."""

    kind: str
    name: str
    target: str
    summary: str
    source: PluginSource

    @property
    def namespace(self) -> str:
        """Whose component it is: ``layerkit`` for built-ins."""
        return self.source.namespace

    @property
    def qualified_name(self) -> str:
        """The name that can mean nothing else, such as ``layerkit/dense`` or ``acme/scale``."""
        return f"{self.namespace}/{self.name}"

    @property
    def short_name(self) -> str:
        """What a person types: a built-in's name needs no namespace."""
        return self.name if self.namespace == BUILTIN else self.qualified_name

    @property
    def distribution(self) -> str:
        """The installed package that it comes from."""
        return self.source.distribution

    @property
    def version(self) -> str | None:
        """The version of that package."""
        return self.source.version
