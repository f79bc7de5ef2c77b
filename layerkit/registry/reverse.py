"""From a class back to the name under which it is registered."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

from layerkit.registry.entry import ComponentEntry


def entry_of(
    component_class: type, entries: Iterable[ComponentEntry], load: Callable[[ComponentEntry], Any]
) -> ComponentEntry | None:
    """The entry whose target is this very class; ``None`` if there is none.

    A target may name a re-export, ``acme:Scale`` for ``acme.scale.Scale``. So what stands in the same place or bears
    the same name is compared first, then whatever is imported already, and last the rest of the class's own package;
    no module of another package is imported for the comparison.
    """
    ranked = sorted(entries, key=lambda entry: _distance(component_class, entry))
    attempts = (
        (entry for entry in ranked if _distance(component_class, entry) <= 1 and load(entry) is component_class),
        (entry for entry in ranked if _imported(entry.target) is component_class),
        (entry for entry in ranked if _distance(component_class, entry) == 2 and load(entry) is component_class),
    )
    return next(chain.from_iterable(attempts), None)


def _distance(component_class: type, entry: ComponentEntry) -> int:
    """0: the target is the class's own place; 1: the same name in the same package; 2: that package; 3: another."""
    module, _, path = entry.target.partition(":")
    if path == component_class.__qualname__ and module == component_class.__module__:
        return 0
    if module.partition(".")[0] != component_class.__module__.partition(".")[0]:
        return 3
    return 1 if path.rpartition(".")[2] == component_class.__name__ else 2


def _imported(target: str) -> Any:
    """What a target is, if its module is imported already; ``None`` if not."""
    module, _, path = target.partition(":")
    found: Any = sys.modules.get(module)
    for name in path.split("."):
        found = vars(found).get(name) if hasattr(found, "__dict__") else None
    return found
