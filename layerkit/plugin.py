"""What a plugin needs – ``Component`` and ``hookimpl`` – and the host that finds plugins. Imports no NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerkit.component import Component
from layerkit.lazy import lazily
from layerkit.registry.api import API_VERSION
from layerkit.registry.specification import hookimpl

if TYPE_CHECKING:
    from layerkit.registry.entry import ComponentEntry
    from layerkit.registry.failure import Failure
    from layerkit.registry.host import PluginHost, default_host
    from layerkit.registry.source import PluginSource

__all__ = [
    "API_VERSION",
    "Component",
    "ComponentEntry",
    "Failure",
    "PluginHost",
    "PluginSource",
    "default_host",
    "hookimpl",
]

# The host reads installed metadata, for which Python imports much that a hook module has no use for.
__getattr__ = lazily(
    __name__,
    {
        "ComponentEntry": "layerkit.registry.entry",
        "Failure": "layerkit.registry.failure",
        "PluginHost": "layerkit.registry.host",
        "PluginSource": "layerkit.registry.source",
        "default_host": "layerkit.registry.host",
    },
)
