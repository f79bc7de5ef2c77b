"""From components to plain values and back: one walk each way, in whichever notation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, final

from layerkit.errors import ArgumentError, UnknownComponentError
from layerkit.interfaces.configurable import Configurable
from layerkit.interfaces.layer import Layer
from layerkit.registry.host import PluginHost
from layerkit.registry.kinds import KINDS, kind_of
from layerkit.registry.loading import ComponentEntry

Inner: TypeAlias = Callable[[Any], Any]
"""What turns the values inside another one."""


@final
@dataclass(frozen=True, slots=True)
class Spelling:
    """A component as it is spelled: its kind, if that is told; its name; its arguments, all not yet checked."""

    kind: str | None
    name: Any
    arguments: Any


class Notation(ABC):
    """How components and values stand among plain ones: ``Named`` for people, ``Marked`` for files."""

    @abstractmethod
    def component(self, entry: ComponentEntry | None, place: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """A component; without an entry in the registry, its class is told by its ``place`` in Python."""

    @abstractmethod
    def again(self, number: int) -> dict[str, Any] | None:
        """The layer that was the ``number``-th to be finished, once more; None: it is spelled in full."""

    @abstractmethod
    def plain(self, value: Any, inner: Inner) -> Any:
        """A value that is no component."""

    @abstractmethod
    def spelling(self, plain: Any) -> Spelling | None:
        """The component that is spelled; None if it is none."""

    @abstractmethod
    def value(self, plain: Any, inner: Inner) -> Any:
        """What ``plain`` was made of."""


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
        self._numbers: dict[int, int] = {}
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
        again = self._notation.again(self._numbers[id(value)]) if id(value) in self._numbers else None
        if again is not None:
            return again
        entry = self._entry(type(value))
        arguments = {argument: self._argument(value, argument, inner) for argument, inner in value.config.items()}
        if isinstance(value, Layer):
            self._numbers[id(value)] = len(self._finished)
            self._finished.append(value)
        return self._notation.component(entry, place_of(type(value)), arguments)

    def _argument(self, component: Configurable, argument: str, value: Any) -> Any:
        try:
            return self.encode(value)
        except ArgumentError as error:
            if str(error).startswith(type(component).__name__):
                raise
            raise ArgumentError(f"{type(component).__name__}: its argument {argument!r}: {error}") from None

    def _entry(self, cls: type) -> ComponentEntry | None:
        try:
            entry = entry_of(cls, self._host)
        except UnknownComponentError as error:
            if not self._strict:
                return None
            raise ArgumentError(
                f"{cls.__name__} cannot be saved: {error}. Make it a plugin (`layerkit plugins new`), or keep its "
                "values with a Checkpoint, which can go on with the same code"
            ) from None
        source = {"distribution": entry.distribution, "version": entry.version}
        self.sources[f"{KINDS[entry.kind].singular} {entry.qualified_name}"] = source
        return entry


class Decoder(ABC):
    """Makes components of plain values, through the registry alone.

    The walk is here; which names may stand where, and how it is said that something cannot be made, depends on who
    wrote the values: a person, or anybody.
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
        return self.other(value, kinds, key) if spelled is None else self.component(spelled, kinds, key)

    @final
    def component(self, spelled: Spelling, kinds: tuple[str, ...], key: str) -> Any:
        """The component that is spelled."""
        kind, name, cls = self.found(spelled, kinds, key)
        arguments = {
            argument: self.argument(kind, cls, argument, value, f"{key}.{argument}")
            for argument, value in spelled.arguments.items()
        }
        return self.made(f"{KINDS[kind].singular} {name}", cls, arguments, key)

    @abstractmethod
    def other(self, value: Any, kinds: tuple[str, ...], key: str) -> Any:
        """What a value describes that spells no component."""

    @abstractmethod
    def found(self, spelled: Spelling, kinds: tuple[str, ...], key: str) -> tuple[str, str, type]:
        """The component's kind, its name for messages, and its class."""

    @abstractmethod
    def argument(self, kind: str, cls: type, argument: str, value: Any, key: str) -> Any:
        """An argument's value, decoded."""

    @abstractmethod
    def made(self, title: str, cls: type, arguments: dict[str, Any], key: str) -> Any:
        """The component with these arguments."""


def entry_of(cls: type, host: PluginHost) -> ComponentEntry:
    """A component class's entry in the registry.

    Raises:
        UnknownComponentError: it has none.
    """
    kind = kind_of(cls)
    if kind is None:
        raise UnknownComponentError(f"{cls.__name__} is of no kind that has names")
    return host.find(kind.name, host.name_of(kind.name, cls))


def place_of(cls: type) -> str:
    """Where a class stands in Python: what is told of one that has no name."""
    return f"{cls.__module__}.{cls.__qualname__}"
