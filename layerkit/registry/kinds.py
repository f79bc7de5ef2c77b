"""The kinds of component: what each is called, its hook, its table, and the class that its components derive from."""

from __future__ import annotations

from dataclasses import dataclass

from layerkit.errors import UnknownComponentError


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of component.

    ``name`` is the plural that stands in hooks and lookups. ``base`` is the place of the abstract class, imported when
    a component is loaded; an example has none: it is something to run, a callable or a path. ``folder`` is the package
    that holds the built-in ones, that of the kind's own name if left out.
    """

    name: str
    singular: str
    base: str | None
    folder: str = ""

    @property
    def hook(self) -> str:
        """The function by which a plugin announces its components of this kind."""
        return f"layerkit_{self.name}"

    @property
    def table(self) -> str:
        """The module in which the built-in components stand, as ``TABLE``."""
        return f"layerkit.{self.folder or self.name}.table"

    @property
    def a(self) -> str:
        """The singular with its article."""
        return f"{'an' if self.singular[0] in 'aeiou' else 'a'} {self.singular}"


KINDS = {
    kind.name: kind
    for kind in (
        Kind("layers", "layer", "layerkit.interfaces.layer:Layer"),
        Kind("activations", "activation", "layerkit.interfaces.activation:Activation"),
        Kind("costs", "cost", "layerkit.interfaces.cost:Cost"),
        Kind("optimizers", "optimizer", "layerkit.interfaces.optimizer:Optimizer"),
        Kind("transforms", "transform", "layerkit.interfaces.transform:Transform"),
        Kind("schedules", "schedule", "layerkit.interfaces.schedule:Schedule"),
        Kind("initializers", "initializer", "layerkit.interfaces.initializer:Initializer"),
        Kind("metrics", "metric", "layerkit.interfaces.metric:Metric"),
        Kind("callbacks", "callback", "layerkit.interfaces.callback:Callback"),
        Kind("datasets", "dataset", "layerkit.interfaces.dataset:Dataset"),
        Kind("engines", "engine", "layerkit.interfaces.engine:Engine"),
        Kind("examples", "example", None, folder="experiments"),
    )
}
"""The only list of kinds: hooks, exports, listings and the conformance kit follow from it."""

_BY_BASE = {kind.base: kind for kind in KINDS.values() if kind.base is not None}
_BY_SINGULAR = {kind.singular: kind for kind in KINDS.values()}


def kind_named(name: str) -> Kind:
    """The kind of this name; the singular will do.

    >>> kind_named("layer").hook
    'layerkit_layers'

    Raises:
        UnknownComponentError: there is no such kind; the message lists them.
    """
    kind = KINDS.get(name) or _BY_SINGULAR.get(name)
    if kind is None:
        from layerkit.suggestions import did_you_mean

        raise UnknownComponentError(
            f"there is no kind of component named {name!r}.{did_you_mean(name, KINDS)} The kinds: {', '.join(KINDS)}"
        )
    return kind


def kind_of(component_class: type) -> Kind | None:
    """The kind that a class is of, told by the nearest of its bases that has one; None if it is of no kind.

    >>> from layerkit import Sigmoid
    >>> kind_of(Sigmoid).name  # an activation is a layer too
    'activations'
    """
    places = (f"{base.__module__}:{base.__qualname__}" for base in component_class.__mro__)
    return next((_BY_BASE[place] for place in places if place in _BY_BASE), None)
