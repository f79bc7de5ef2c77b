"""A plugin as its installed metadata describes it; nothing of it has been imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from layerkit import __version__

BUILTIN = "layerkit"
"""The namespace of the built-in components."""

Status: TypeAlias = Literal["enabled", "disabled", "refused"]


@dataclass(frozen=True, slots=True)
class PluginSource:
    """Who claims a namespace, and with which hook module.

    ``status``: *enabled*; *disabled* by the environment; or *refused*. ``reason`` explains the last two.
    """

    namespace: str
    module: str
    distribution: str
    version: str | None
    status: Status = "enabled"
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}" if self.version else self.distribution


BUILTIN_SOURCE = PluginSource(BUILTIN, "layerkit.registry.builtin", BUILTIN, __version__)
