"""What ``import layerkit`` offers: every built-in component, by the name of its class, and what is no component."""

from __future__ import annotations

from importlib import import_module
from itertools import chain

from layerkit.registry.kinds import KINDS, Kind

_NO_COMPONENTS = {
    "layerkit.callbacks.interruption": "Interruption",
    "layerkit.data.examples": "Examples",
    "layerkit.files.checkpoints": "resume save_checkpoint",
    "layerkit.files.models": "load save",
    "layerkit.interfaces.callback": "FitView",
    "layerkit.interfaces.context": "Context",
    "layerkit.interfaces.dataset": "Batch RandomAccess Stream",
    "layerkit.interfaces.engine": "Run",
    "layerkit.interfaces.schedule": "elapsed",
    "layerkit.interfaces.scratch": "Scratch",
    "layerkit.interfaces.update_context": "UpdateContext",
    "layerkit.models.model": "Model",
    "layerkit.models.schema": "Schema",
    "layerkit.training.history": "History",
    "layerkit.training.trainer": "Trainer",
}


_FIXED = {name: module for module, names in _NO_COMPONENTS.items() for name in names.split()} | {
    name: module for module, _, name in (kind.base.partition(":") for kind in KINDS.values() if kind.base)
}


def exports() -> dict[str, str]:
    """Each name with the module that has it, sorted; the tables are read, and no component is imported."""
    return dict(sorted(_FIXED.items() | {place for kind in KINDS.values() for place in _table(kind).items()}))


def module_of(name: str) -> str | None:
    """The module that has a name, or None; no more tables are read than it takes."""
    tables = (_table(kind) for kind in KINDS.values())
    return next((table[name] for table in chain([_FIXED], tables) if name in table), None)


def _table(kind: Kind) -> dict[str, str]:
    # an example is run, not imported
    rows = import_module(kind.table).TABLE if kind.base else ()
    return {name: module for module, _, name in (row.target.partition(":") for row in rows)}
