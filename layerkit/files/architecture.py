"""What a file says of a model – its architecture by names, the shapes it was built for – and the model of that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

from layerkit import __version__
from layerkit.component import is_name
from layerkit.config.codec import Decoder, Encoder, Spelling
from layerkit.config.marked import AGAIN, ARGUMENTS, MARKED, mark_of, short, shown
from layerkit.errors import LayerkitError, ModelFileError
from layerkit.files.format.document import FORMAT
from layerkit.files.limits import Limits
from layerkit.interfaces.constructor_arguments import arguments_of
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.layer import Layer
from layerkit.layers.copies import layers_inside
from layerkit.models.model import Model
from layerkit.registry.construction import misfits
from layerkit.registry.host import PluginHost
from layerkit.registry.kinds import KINDS
from layerkit.types import Shape

MODEL_KINDS = ("layers", "activations", "initializers", "costs")
"""The kinds that a model file may name."""


def description_of(model: Model, encoder: Encoder, *, kind: str, cost: Cost | None) -> dict[str, Any]:
    """The description of an initialized model.

    Raises:
        NotBuiltError: the model has no values.
        ArgumentError: a component cannot be told in a file, or the model's threshold does not fit its outputs, or the
            names of its columns its inputs.
    """
    structure = model.structure
    nodes = structure.node.walk()
    threshold = model.decision.threshold
    model.schema.require_fitting(model.input_shape)
    section = {
        "architecture": encoder.encode(model),
        "cost": encoder.encode(cost),
        "dtype": structure.dtype.name,
        "frozen": sorted(node.path for node in nodes if node.first and node.layer.frozen),
        "input_shape": _as_lists(model.input_shape),
        "readout": encoder.encode(model.readout),
        "schema": model.schema.plain(),
        "threshold": list(threshold) if isinstance(threshold, tuple) else threshold,
    }
    return {
        "components": encoder.sources,
        "format": FORMAT,
        "kind": kind,
        "layerkit": __version__,
        "model": section,
    }


@final
class ArchitectureDecoder(Decoder):
    """Makes the components of a model from a description that may have been written by anybody, within limits.

    ``sources`` is what the file says of where its components came from, for messages.

    Raises:
        ModelFileError: something cannot be made here; the message says why.
    """

    def __init__(self, host: PluginHost, sources: Mapping[str, Any], limits: Limits) -> None:
        super().__init__(host, MARKED)
        self._sources = sources
        self._limits = limits
        self._classes: dict[tuple[str, str], type] = {}
        self._layers: list[tuple[Layer, int]] = []
        self._made = 0
        # the places that each component under way, the outermost first, takes so far
        self._places = [0]

    def other(self, value: Any, kinds: tuple[str, ...], key: str) -> Any:
        if isinstance(value, dict) and set(value) == {AGAIN}:
            return self._again(value[AGAIN])
        return self.notation.value(value, self.decode)

    def found(self, spelled: Spelling, kinds: tuple[str, ...], key: str) -> tuple[str, str, type]:
        kind, name = spelled.kind, spelled.name
        if kind is None:
            raise ModelFileError(
                f"its model holds {shown(name)}, which is registered under no name: build the model "
                "with the code that made it, and take the values over with layerkit.resume(trainer, path)"
            )
        if kind not in MODEL_KINDS:
            marks = shown([mark_of(kind), ARGUMENTS])
            raise ModelFileError(f"its description holds {marks}, which describes no part of a model")
        self._made += 1
        if self._made > self._limits.components:
            raise ModelFileError(f"it has more than the {self._limits.components:,} parts that are allowed")
        cls = self._class(kind, name)
        self._require_fitting(kind, name, cls, spelled.arguments)
        self._places.append(0)
        return kind, name, cls

    def argument(self, kind: str, cls: type, argument: str, value: Any, key: str) -> Any:
        return self.decode(value)

    def made(self, title: str, cls: type, arguments: dict[str, Any], key: str) -> Any:
        try:
            component = cls(**arguments)
        except Exception as error:
            # a constructor may meet anything in a file, and fail in any way
            reason = f"{type(error).__name__}: {short(str(error))}"
            raise ModelFileError(f"{self._origin(title)[0]} refuses its arguments: {reason}") from error
        places = self._places.pop() + 1
        if isinstance(component, Layer):
            # a container may have made copies
            places = max(places, layers_inside(component))
            self._layers.append((component, places))
        self._take(places)
        return component

    def _again(self, number: Any) -> Layer:
        if type(number) is not int or not 0 <= number < len(self._layers):
            raise ModelFileError(f"its description uses a layer again that it has not described: {shown(number)}")
        layer, places = self._layers[number]
        self._take(places)
        return layer

    def _take(self, places: int) -> None:
        """Layers used again inside layers used again would multiply without end."""
        self._places[-1] += places
        if self._places[-1] > self._limits.occurrences:
            raise ModelFileError(f"its network has more than the {self._limits.occurrences:,} places that are allowed")

    def _class(self, kind: str, name: Any) -> type:
        if not isinstance(name, str) or name.count("/") != 1 or not all(map(is_name, name.split("/"))):
            raise ModelFileError(f"it names a component {shown(name)}; a name is like 'layerkit/dense'")
        if (kind, name) not in self._classes:
            try:
                self._classes[kind, name] = self.host.load(kind, name)
            except LayerkitError as error:
                origin, advice = self._origin(f"{KINDS[kind].singular} {name}")
                raise ModelFileError(f"{origin} cannot be used: {error}{advice}") from error
        return self._classes[kind, name]

    def _require_fitting(self, kind: str, name: str, cls: type, arguments: Any) -> None:
        if not isinstance(arguments, dict):
            raise ModelFileError(f"its description gives {name} no table of arguments")
        unknown, missing = misfits(arguments_of(cls), arguments)
        if unknown or missing:
            changes = [f"it no longer takes {shown(sorted(unknown))}"] * bool(unknown)
            changes += [f"it now needs {shown(missing)}"] * bool(missing)
            origin, advice = self._origin(f"{KINDS[kind].singular} {name}")
            raise ModelFileError(
                f"the arguments of {origin} have changed: {' and '.join(changes)}. "
                f"Installed is {self.host.find(kind, name).source}{advice}"
            )

    def _origin(self, title: str) -> tuple[str, str]:
        """``layer acme/scale (acme-layers 1.2 when it was saved)``, and the advice to install that."""
        source = self._sources.get(title)
        told = source if isinstance(source, dict) else {}
        distribution, version = told.get("distribution"), told.get("version")
        if not isinstance(distribution, str) or not isinstance(version, (str, type(None))):
            return title, ""
        package = [short(part) for part in (distribution, version) if part]
        return f"{title} ({' '.join(package)} when it was saved)", f". Install {'=='.join(package)}"


def _as_lists(shape: Shape) -> Any:
    """A shape as JSON has it."""
    return [_as_lists(part) for part in shape] if isinstance(shape, tuple) else shape
