"""Components as JSON values, by the names under which they are registered."""

from __future__ import annotations

from typing import Any, final

from layerkit.errors import ArgumentError, UnknownComponentError
from layerkit.files.values import encoded, refuse_value
from layerkit.interfaces.configurable import Configurable
from layerkit.interfaces.layer import Layer
from layerkit.registry.host import PluginHost
from layerkit.registry.kinds import KINDS

AGAIN = "$again"
ARGUMENTS = "arguments"
UNREGISTERED = "$unregistered"

# an activation is a layer too: the first that fits counts
_SPECIAL_FIRST = ("activations", *(kind for kind in KINDS if kind != "activations"))


@final
class Encoder:
    """Turns components into JSON values, and notes which they were and where they came from.

    A component is ``{"$layer": "layerkit/dense", "arguments": {…}}``, the mark being its kind; a layer that was there
    before is ``{"$again": n}``, n being its place in the order in which layers were finished. With ``strict`` false a
    class that is registered nowhere is described, for comparison only: such a description cannot be made into anything.
    """

    def __init__(self, host: PluginHost, *, strict: bool = True) -> None:
        self._host = host
        self._strict = strict
        self._layers: dict[int, int] = {}
        # components may be made anew by properties: what is numbered must stay alive
        self._kept: list[Layer] = []
        self.sources: dict[str, dict[str, Any]] = {}

    def encode(self, component: Configurable) -> dict[str, Any]:
        """The component with all inside it.

        Raises:
            ArgumentError: it, or an argument, cannot be told in a file.
        """
        if isinstance(component, Layer) and id(component) in self._layers:
            return {AGAIN: self._layers[id(component)]}
        mark, name = self._named(component)
        arguments = {}
        for argument, value in component.config.items():
            try:
                arguments[argument] = encoded(value, self._other)
            except ArgumentError as error:
                if str(error).startswith(type(component).__name__):
                    raise
                raise ArgumentError(f"{type(component).__name__}: its argument {argument!r}: {error}") from None
        if isinstance(component, Layer):
            self._layers[id(component)] = len(self._kept)
            self._kept.append(component)
        return {mark: name, ARGUMENTS: arguments}

    def _named(self, component: Configurable) -> tuple[str, str]:
        cls = type(component)
        kind = kind_of(cls)
        try:
            if kind is None:
                raise UnknownComponentError(f"{cls.__name__} is of no kind that has names")
            name = self._host.name_of(kind, cls)
        except UnknownComponentError as error:
            if self._strict:
                raise ArgumentError(
                    f"{cls.__name__} cannot be saved: {error}. Make it a plugin (`layerkit plugins new`), or keep its "
                    "values with a Checkpoint, which can go on with the same code"
                ) from None
            return UNREGISTERED, f"{cls.__module__}.{cls.__qualname__}"
        entry = self._host.find(kind, name)
        self.sources[f"{KINDS[kind].singular} {name}"] = {
            "distribution": entry.distribution,
            "version": entry.version,
        }
        return f"${KINDS[kind].singular}", name

    def _other(self, value: Any) -> dict[str, Any]:
        return self.encode(value) if isinstance(value, Configurable) else refuse_value(value)


def kind_of(cls: type) -> str | None:
    """The kind of components that a class belongs to, or None."""
    bases = {f"{base.__module__}:{base.__name__}" for base in cls.__mro__}
    return next((kind for kind in _SPECIAL_FIRST if KINDS[kind].base in bases), None)
