"""The built-ins' hook module: what stands in the tables of the kinds, announced through the hooks that all use."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from layerkit.component import Component
from layerkit.registry.hooks import API_VERSION, Hook, hookimpl
from layerkit.registry.kinds import KINDS, Kind

layerkit_api = API_VERSION


def _implementation(kind: Kind) -> Hook:
    def hook() -> Sequence[Component]:
        rows: Sequence[Component] = import_module(kind.table).TABLE
        return rows

    marked: Hook = hookimpl(hook, specname=kind.hook)
    return marked


globals().update({kind.hook: _implementation(kind) for kind in KINDS.values()})
