"""Components as people write them, in TOML and in reports: ``"dense"``, or a table with a name and arguments."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, final

import numpy as np

from layerkit.config.codec import Decoder, Encoder, Inner, Notation, Spelling, entry_of, place_of
from layerkit.errors import ArgumentError, LayerkitError, PluginError, UnknownComponentError
from layerkit.interfaces.configurable import Configurable
from layerkit.interfaces.constructor_arguments import arguments_of
from layerkit.registry.construction import construct, kinds_of_argument
from layerkit.registry.host import PluginHost
from layerkit.registry.kinds import KINDS
from layerkit.registry.loading import ComponentEntry

_COMPONENT = "component"
_PATHS = ("path", "data_dir")


@final
class Named(Notation):
    """``{"component": "dense", "units": 30}``: tuples are lists, and what is no plain value is told by its class."""

    def component(self, entry: ComponentEntry | None, place: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return {_COMPONENT: place if entry is None else entry.short_name, **arguments}

    def again(self, number: int) -> None:
        return None

    def plain(self, value: Any, inner: Inner) -> Any:
        if isinstance(value, np.generic):
            value = value.item()
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if isinstance(value, Mapping):
            return {str(key): inner(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [inner(item) for item in value]
        return os.fsdecode(value) if isinstance(value, os.PathLike) else place_of(type(value))

    def spelling(self, plain: Any) -> Spelling | None:
        if not isinstance(plain, Mapping) or not isinstance(plain.get(_COMPONENT), str):
            return None
        return Spelling(None, plain[_COMPONENT], {key: item for key, item in plain.items() if key != _COMPONENT})

    def value(self, plain: Any, inner: Inner) -> Any:
        return {key: inner(item) for key, item in plain.items()} if isinstance(plain, Mapping) else plain


NAMED = Named()


def encoded(value: Any, host: PluginHost) -> Any:
    """A value, with the components in it, as people write it."""
    return Encoder(host, NAMED, strict=False).encode(value)


def name_of(component: Configurable, host: PluginHost) -> str:
    """What a person types for a component's class; its place in Python if it has no name."""
    try:
        return entry_of(type(component), host).short_name
    except UnknownComponentError:
        return place_of(type(component))


def is_path(dataset: type, argument: str) -> bool:
    """Whether an argument of a dataset is the path of a file or folder."""
    return argument in _PATHS or "Path" in str(arguments_of(dataset)[argument].annotation)


_DEEPEST = 200
"""In how many others a component may stand."""


@final
class NamedDecoder(Decoder):
    """Makes components by name, nested ones too; an error names the file (``source``) and the key.

    Datasets' relative paths are taken from ``folder``, where one is given.

    Raises:
        ArgumentError: a value describes no component; an argument is unknown, missing or refused.
        UnknownComponentError, PluginError: a name cannot be used.
    """

    def __init__(self, host: PluginHost, source: str, folder: Path | None = None) -> None:
        super().__init__(host, NAMED)
        self._source = source
        self._folder = folder

    def one(self, kinds: tuple[str, ...], given: Any, key: str) -> Any:
        """The component that ``given`` describes: ``"dense"``, or ``{"component": "dense", "units": 30}``."""
        if not isinstance(given, str) and self.notation.spelling(given) is None:
            raise self._no_component(kinds, given, key)
        return self.decode(given, kinds, key)

    def several(self, kinds: tuple[str, ...], given: Any, key: str) -> list[Any]:
        """The components of a list."""
        if not isinstance(given, list):
            raise ArgumentError(f"{self._source}: {key} must be a list of {_or(kinds, 'singular')}s, got {given!r}")
        return [self.one(kinds, each, f"{key}[{place}]") for place, each in enumerate(given)]

    def other(self, value: Any, kinds: tuple[str, ...], key: str) -> Any:
        if kinds and isinstance(value, str):
            return self.component(Spelling(None, value, {}), kinds, key)
        if kinds and isinstance(value, dict):
            if not value or any(self.notation.spelling(inner) is None for inner in value.values()):
                raise self._no_component(kinds, value, key)
            # components by name, such as branches by the inputs that they read
            return {name: self.decode(inner, kinds, f"{key}.{name}") for name, inner in value.items()}
        return self.notation.value(value, lambda inner: self.decode(inner, (), key))

    def found(self, spelled: Spelling, kinds: tuple[str, ...], key: str) -> tuple[str, str, type]:
        if key.count(".") > _DEEPEST:
            error = ArgumentError(f"components stand in more than {_DEEPEST} others here: take some out")
            raise self._placed(error, f"{key[:40]}…")
        try:
            entry = self._entry_of_kinds(spelled.name, kinds) if kinds else self._entry_of_any_kind(spelled.name)
            return entry.kind, repr(entry.short_name), self.host.load(entry.kind, entry.qualified_name)
        except LayerkitError as error:
            raise self._placed(error, key) from error

    def argument(self, kind: str, cls: type, argument: str, value: Any, key: str) -> Any:
        if argument not in arguments_of(cls):
            return value  # making the component says what it takes instead
        if kind == "datasets" and is_path(cls, argument) and isinstance(value, str) and self._folder is not None:
            return str(self._folder / value)
        return self.decode(value, kinds_of_argument(cls, argument), key)

    def made(self, title: str, cls: type, arguments: dict[str, Any], key: str) -> Any:
        try:
            return construct(title, cls, arguments)
        except LayerkitError as error:
            raise self._placed(error, key) from error

    def _entry_of_kinds(self, name: str, kinds: tuple[str, ...]) -> ComponentEntry:
        errors = []
        for kind in kinds:
            try:
                return self.host.find(kind, name)
            except UnknownComponentError as error:
                errors.append(error)
        raise next((error for error in errors if "Did you mean" in str(error)), errors[0])

    def _entry_of_any_kind(self, name: str) -> ComponentEntry:
        """The annotation does not say of which kind: a name that only one kind has does."""
        entries = [entry for entry in self.host.find_every(name) if KINDS[entry.kind].base is not None]
        if not entries:
            raise ArgumentError(f"{name!r} is run, it is not made of arguments")
        if len(entries) > 1:
            kinds = ", ".join(entry.kind for entry in entries)
            raise ArgumentError(f"{name!r} may be any of {kinds}; it cannot be told which")
        return entries[0]

    def _no_component(self, kinds: tuple[str, ...], given: Any, key: str) -> ArgumentError:
        return ArgumentError(
            f"{self._source}: {key} must be {_or(kinds, 'a')}: a name, or a table such as "
            f'{{ {_COMPONENT} = "name", argument = 1 }}; got {given!r}'
        )

    def _placed(self, error: LayerkitError, key: str) -> LayerkitError:
        text = f"{self._source}: {key}: {error}"
        kind = next((kind for kind in (UnknownComponentError, PluginError) if isinstance(error, kind)), ArgumentError)
        return kind(text)


def _or(kinds: tuple[str, ...], noun: Literal["singular", "a"]) -> str:
    return " or ".join(getattr(KINDS[kind], noun) for kind in kinds)
