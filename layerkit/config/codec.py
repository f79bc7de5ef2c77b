"""From components to plain values and back: one walk each way, in whichever notation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, final

from layerkit.config.notation import NAMED, Notation, Spelling, place_of
from layerkit.errors import ArgumentError, UnknownComponentError
from layerkit.interfaces.configurable import Configurable
from layerkit.interfaces.layer import Layer
from layerkit.registry.entry import ComponentEntry
from layerkit.registry.host import PluginHost
from layerkit.registry.kinds import KINDS, Kind, kind_of


@final
class Encoder:
    """Turns components, and values that hold them, into plain values.

    With ``strict`` false, a class that is registered nowhere is told by its place, and nothing can be made of that
    again. ``sources`` notes the distributions and versions that the components came from.
    """

    def __init__(self, host: PluginHost, notation: Notation, *, strict: bool = True) -> None:
        self._host = host
        self._notation = notation
        self._strict = strict
        self._places: dict[int, int] = {}
        # components may be made anew by properties: what is numbered must stay alive
        self._finished: list[Layer] = []
        self.sources: dict[str, dict[str, Any]] = {}

    def encode(self, value: Any) -> Any:
        """The value with all inside it.

        Raises:
            ArgumentError: something in it cannot be told in this notation.
        """
        if not isinstance(value, Configurable):
            return self._notation.plain(value, self.encode)
        if id(value) in self._places:
            again = self._notation.again(self._places[id(value)])
            if again is not None:
                return again
        kind, name = self._named(value)
        arguments = {argument: self._argument(value, argument, inner) for argument, inner in value.config.items()}
        if isinstance(value, Layer):
            self._places[id(value)] = len(self._finished)
            self._finished.append(value)
        return self._notation.component(kind, name, arguments)

    def _argument(self, component: Configurable, argument: str, value: Any) -> Any:
        try:
            return self.encode(value)
        except ArgumentError as error:
            if str(error).startswith(type(component).__name__):
                raise
            raise ArgumentError(f"{type(component).__name__}: its argument {argument!r}: {error}") from None

    def _named(self, component: Configurable) -> tuple[Kind | None, str]:
        cls = type(component)
        try:
            entry = _entry(cls, self._host)
        except UnknownComponentError as error:
            if self._strict:
                raise ArgumentError(
                    f"{cls.__name__} cannot be saved: {error}. Make it a plugin (`layerkit plugins new`), or keep its "
                    "values with a Checkpoint, which can go on with the same code"
                ) from None
            return None, place_of(cls)
        kind = KINDS[entry.kind]
        self.sources[f"{kind.singular} {entry.qualified_name}"] = {
            "distribution": entry.distribution,
            "version": entry.version,
        }
        return kind, self._notation.name(entry)


class Decoder(ABC):
    """Makes components of plain values, through the registry alone.

    The walk is here; which names may stand where, and how it is said that something cannot be made, depends on who
    reads: a person's file, or one that may have been written by anybody.
    """

    def __init__(self, host: PluginHost, notation: Notation) -> None:
        self.host = host
        self.notation = notation

    @final
    def decode(self, value: Any, kinds: tuple[str, ...] = (), key: str = "") -> Any:
        """What ``value`` describes; ``kinds`` are those that its place takes, and ``key`` names the place."""
        if isinstance(value, list):
            return [self.decode(item, kinds, f"{key}[{place}]") for place, item in enumerate(value)]
        spelled = self.notation.spelling(value)
        if spelled is None:
            return self.other(value, kinds, key)
        return self.component(spelled, kinds, key)

    @final
    def component(self, spelled: Spelling, kinds: tuple[str, ...], key: str) -> Any:
        """The component that is spelled."""
        entry, component_class = self.found(spelled, kinds, key)
        arguments = {
            name: self.argument(entry, component_class, name, value, f"{key}.{name}")
            for name, value in spelled.arguments.items()
        }
        return self.made(entry, component_class, arguments, key)

    @abstractmethod
    def other(self, value: Any, kinds: tuple[str, ...], key: str) -> Any:
        """What a value describes that spells no component."""

    @abstractmethod
    def found(self, spelled: Spelling, kinds: tuple[str, ...], key: str) -> tuple[ComponentEntry, type]:
        """The component's entry in the registry, and its class."""

    @abstractmethod
    def argument(self, entry: ComponentEntry, component_class: type, name: str, value: Any, key: str) -> Any:
        """An argument's value, decoded."""

    @abstractmethod
    def made(self, entry: ComponentEntry, component_class: type, arguments: dict[str, Any], key: str) -> Any:
        """The component with these arguments."""


def encoded(value: Any, host: PluginHost) -> Any:
    """A value, with the components in it, as people write it."""
    return Encoder(host, NAMED, strict=False).encode(value)


def name_of(component: Configurable, host: PluginHost) -> str:
    """What a person types for a component's class; its place in Python if it has no name."""
    try:
        return _entry(type(component), host).short_name
    except UnknownComponentError:
        return place_of(type(component))


def _entry(cls: type, host: PluginHost) -> ComponentEntry:
    kind = kind_of(cls)
    if kind is None:
        raise UnknownComponentError(f"{cls.__name__} is of no kind that has names")
    return host.find(kind.name, host.name_of(kind.name, cls))
