"""Engines by name."""

from __future__ import annotations

from layerkit.engines.automatic import Automatic
from layerkit.errors import LayerkitError
from layerkit.interfaces.engine import Engine
from layerkit.registry.discovery import BUILTIN
from layerkit.registry.host import PluginHost

AUTO = "auto"


def engine_named(host: PluginHost, name: str) -> Engine:
    """An engine with its default arguments; ``"auto"`` is the fastest installed one that can run what it is given.

    Among engines that are as fast, those of plugins come first, for that is what they are installed for. A plugin whose
    engine cannot be loaded is passed over: ``layerkit plugins doctor`` tells of it.

    Raises:
        UnknownComponentError, PluginError: there is no such engine, or it cannot be used.
    """
    if name != AUTO:
        engine: Engine = host.create("engines", name)
        return engine
    candidates = []
    for entry in sorted(host.components("engines"), key=lambda entry: entry.namespace == BUILTIN):
        try:
            candidates.append(host.create("engines", entry.qualified_name))
        except LayerkitError:
            continue
    return Automatic(candidates)
