"""What a plugin needs – ``Component`` and ``hookimpl`` – and the host that finds plugins. Imports no NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerkit.component import Component
from layerkit.lazy import lazily
from layerkit.registry.hooks import API_VERSION, hookimpl

if TYPE_CHECKING:
    from layerkit.registry.discovery import PluginSource
    from layerkit.registry.host import PluginHost, default_host
    from layerkit.registry.loading import ComponentEntry
    from layerkit.registry.messages import Failure

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
        "ComponentEntry": "layerkit.registry.loading",
        "Failure": "layerkit.registry.messages",
        "PluginHost": "layerkit.registry.host",
        "PluginSource": "layerkit.registry.discovery",
        "default_host": "layerkit.registry.host",
    },
)
