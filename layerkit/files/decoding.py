"""Components made from JSON values that may have been written by anybody."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, final

from layerkit.component import is_name
from layerkit.errors import LayerkitError, ModelFileError
from layerkit.files.encoding import AGAIN, ARGUMENTS, UNREGISTERED
from layerkit.files.limits import Limits
from layerkit.files.values import decoded
from layerkit.interfaces.configurable import arguments_of
from layerkit.interfaces.layer import Layer
from layerkit.registry.host import PluginHost
from layerkit.registry.kinds import KINDS

MODEL_KINDS = ("layers", "activations", "initializers", "costs")
"""The kinds that a model file may name."""


@final
class Decoder:
    """Makes components from JSON values: through the registry alone, of the kinds of a model alone, within limits.

    ``sources`` is what the file says of where its components came from, for messages.
    """

    def __init__(self, host: PluginHost, sources: Mapping[str, Any], limits: Limits) -> None:
        self._host = host
        self._sources = sources
        self._limits = limits
        self._marks = {f"${KINDS[kind].singular}": kind for kind in MODEL_KINDS}
        self._classes: dict[tuple[str, str], type] = {}
        self._layers: list[tuple[Layer, int]] = []
        self._made = 0
        self._places = 0

    def decode(self, value: Any) -> Any:
        """The component that ``value`` describes.

        Raises:
            ModelFileError: it cannot be made here; the message says why.
        """
        return decoded(value, self._component)

    def _component(self, value: dict[str, Any]) -> Any:
        if set(value) == {AGAIN}:
            return self._again(value[AGAIN])
        if UNREGISTERED in value:
            raise ModelFileError(
                f"its model holds {_shown(value[UNREGISTERED])}, which is registered under no name: build the model "
                "with the code that made it, and take the values over with layerkit.resume(trainer, path)"
            )
        mark = next((mark for mark in self._marks if mark in value), None)
        if mark is None or set(value) != {mark, ARGUMENTS}:
            raise ModelFileError(f"its description holds {_shown(sorted(value))}, which describes no part of a model")
        kind, name, arguments = self._marks[mark], value[mark], value[ARGUMENTS]
        self._made += 1
        if self._made > self._limits.components:
            raise ModelFileError(f"it has more than the {self._limits.components:,} parts that are allowed")
        component_class = self._class(kind, name)
        places = self._places
        self._places = 0
        given = self._arguments(kind, name, component_class, arguments)
        inside, self._places = self._places, places
        component = self._construct(kind, name, component_class, given)
        if isinstance(component, Layer):
            self._layers.append((component, inside + 1))
        self._count(inside + 1)
        return component

    def _again(self, place: Any) -> Layer:
        if type(place) is not int or not 0 <= place < len(self._layers):
            raise ModelFileError(f"its description uses a layer again that it has not described: {_shown(place)}")
        layer, places = self._layers[place]
        self._count(places)
        return layer

    def _count(self, places: int) -> None:
        """Layers used again inside layers used again would multiply without end."""
        self._places += places
        if self._places > self._limits.occurrences:
            raise ModelFileError(f"its network has more than the {self._limits.occurrences:,} places that are allowed")

    def _class(self, kind: str, name: Any) -> type:
        if not isinstance(name, str) or name.count("/") != 1 or not all(map(is_name, name.split("/"))):
            raise ModelFileError(f"it names a component {_shown(name)}; a name is like 'layerkit/dense'")
        found = self._classes.get((kind, name))
        if found is None:
            try:
                found = self._classes[kind, name] = self._host.load(kind, name)
            except LayerkitError as error:
                origin, advice = self._origin(kind, name), self._advice(kind, name)
                raise ModelFileError(f"{origin} cannot be used: {error}{advice}") from error
        return found

    def _arguments(self, kind: str, name: str, component_class: type, arguments: Any) -> dict[str, Any]:
        if not isinstance(arguments, dict):
            raise ModelFileError(f"its description gives {name} no table of arguments")
        accepted = arguments_of(component_class)
        gone = sorted(arguments.keys() - accepted.keys())
        missing = [
            argument
            for argument, parameter in accepted.items()
            if parameter.default is inspect.Parameter.empty and argument not in arguments
        ]
        if gone or missing:
            changes = [f"it no longer takes {_shown(gone)}"] * bool(gone)
            changes += [f"it now needs {_shown(missing)}"] * bool(missing)
            raise ModelFileError(
                f"the arguments of {self._origin(kind, name)} have changed: {' and '.join(changes)}. "
                f"Installed is {self._host.find(kind, name).source}{self._advice(kind, name)}"
            )
        return {argument: self.decode(value) for argument, value in arguments.items()}

    def _construct(self, kind: str, name: str, component_class: Callable[..., Any], given: dict[str, Any]) -> Any:
        try:
            return component_class(**given)
        except Exception as error:
            # a constructor may meet anything in a file, and fail in any way
            raise ModelFileError(
                f"{self._origin(kind, name)} refuses its arguments: {type(error).__name__}: {_short(str(error))}"
            ) from error

    def _origin(self, kind: str, name: str) -> str:
        """``layer acme/scale (acme-layers 1.2 when it was saved)``."""
        singular = KINDS[kind].singular
        source = self._source(kind, name)
        saved = f" ({' '.join(filter(None, source))} when it was saved)" if source else ""
        return f"{singular} {name}{saved}"

    def _advice(self, kind: str, name: str) -> str:
        source = self._source(kind, name)
        if source is None:
            return ""
        distribution, version = source
        return f". Install {distribution}{f'=={version}' if version else ''}"

    def _source(self, kind: str, name: str) -> tuple[str, str | None] | None:
        source = self._sources.get(f"{KINDS[kind].singular} {name}")
        if not isinstance(source, dict):
            return None
        distribution, version = source.get("distribution"), source.get("version")
        if not isinstance(distribution, str) or not isinstance(version, (str, type(None))):
            return None
        return _short(distribution), None if version is None else _short(version)


def _short(text: str) -> str:
    """Text out of a file, for a message: one line, not endless."""
    line = "".join(character if character.isprintable() else " " for character in text[:400])
    return line if len(text) <= 400 else f"{line} …"


def _shown(value: Any) -> str:
    return _short(", ".join(map(repr, value)) if isinstance(value, list) and value else repr(value))
