"""What a plugin needs – ``Component`` and ``hookimpl`` – and the host that finds plugins. Imports no NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerkit.lazy import lazily
from layerkit.plugin.api import API_VERSION
from layerkit.plugin.component import Component
from layerkit.plugin.specification import hookimpl

if TYPE_CHECKING:
    from layerkit.plugin.entry import ComponentEntry
    from layerkit.plugin.failure import Failure
    from layerkit.plugin.host import PluginHost, default_host
    from layerkit.plugin.source import PluginSource

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
        "ComponentEntry": "layerkit.plugin.entry",
        "Failure": "layerkit.plugin.failure",
        "PluginHost": "layerkit.plugin.host",
        "PluginSource": "layerkit.plugin.source",
        "default_host": "layerkit.plugin.host",
    },
)
