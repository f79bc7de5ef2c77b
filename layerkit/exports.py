"""What ``import layerkit`` offers: every built-in component, by the name of its class, and what is no component."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from layerkit.registry.kinds import KINDS

_NO_COMPONENTS = {
    "layerkit.callbacks.interruption": "Interruption",
    "layerkit.data.examples": "Examples",
    "layerkit.files.checkpoints": "resume save_checkpoint",
    "layerkit.files.models": "load save",
    "layerkit.interfaces.context": "Context",
    "layerkit.interfaces.dataset": "Batch RandomAccess Stream",
    "layerkit.interfaces.engine": "Run",
    "layerkit.interfaces.schedule": "elapsed",
    "layerkit.interfaces.scratch": "Scratch",
    "layerkit.interfaces.update_context": "UpdateContext",
    "layerkit.models.model": "Model",
    "layerkit.training.history": "History",
    "layerkit.training.trainer": "Trainer",
}


@cache
def exports() -> dict[str, str]:
    """Each name with the module that has it; the tables of the kinds are read, and no component is imported."""
    found = {name: module for module, names in _NO_COMPONENTS.items() for name in names.split()}
    for kind in KINDS.values():
        if kind.base is not None:
            places = [kind.base, *(row.target for row in import_module(kind.table).TABLE)]
            found |= {name: module for module, _, name in (place.partition(":") for place in places)}
    return dict(sorted(found.items()))
