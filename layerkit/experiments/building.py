"""Components made from what stands in a file: names, and tables with a name and arguments."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

from layerkit.errors import ArgumentError, LayerkitError, PluginError, UnknownComponentError
from layerkit.experiments.kinds import kinds_of_argument
from layerkit.interfaces.configurable import arguments_of
from layerkit.registry.entry import ComponentEntry
from layerkit.registry.host import PluginHost
from layerkit.registry.kinds import KINDS

_COMPONENT = "component"
_PATHS = ("path", "data_dir")


@final
class Builder:
    """Makes components by name, nested ones too; an error names the file (``source``) and the key.

    Datasets' relative paths are taken from ``folder``, where one is given.
    """

    def __init__(self, host: PluginHost, source: str, folder: Path | None = None) -> None:
        self._host = host
        self._source = source
        self._folder = folder

    def component(self, kinds: tuple[str, ...], given: Any, key: str) -> Any:
        """The component that ``given`` describes: ``"dense"``, or ``{"component": "dense", "units": 30}``.

        Raises:
            ArgumentError: it describes none; an argument is unknown, missing or refused.
            UnknownComponentError, PluginError: the name cannot be used.
        """
        name, arguments = self._read(given, key, kinds)
        return self._made(self._found(kinds, name, key), arguments, key)

    def components(self, kinds: tuple[str, ...], given: Any, key: str) -> list[Any]:
        """The components of a list."""
        if not isinstance(given, list):
            raise ArgumentError(f"{self._source}: {key} must be a list of {_told(kinds)}s, got {given!r}")
        return [self.component(kinds, one, f"{key}[{place}]") for place, one in enumerate(given)]

    def _made(self, entry: ComponentEntry, arguments: Mapping[str, Any], key: str) -> Any:
        try:
            component_class = self._host.load(entry.kind, entry.qualified_name)
        except LayerkitError as error:
            raise self._placed(error, key) from error
        values = {
            name: self._argument(component_class, entry.kind, name, value, f"{key}.{name}")
            for name, value in arguments.items()
        }
        try:
            return self._host.create(entry.kind, entry.short_name, **values)
        except LayerkitError as error:
            raise self._placed(error, key) from error

    def _argument(self, component_class: type, kind: str, name: str, value: Any, key: str) -> Any:
        if name not in arguments_of(component_class):
            return value  # making the component says what it takes instead
        is_path = name in _PATHS or "Path" in str(arguments_of(component_class)[name].annotation)
        if kind == "datasets" and is_path and isinstance(value, str) and self._folder is not None:
            return str(self._folder / value)
        return self._value(kinds_of_argument(component_class, name), value, key)

    def _value(self, kinds: tuple[str, ...], value: Any, key: str) -> Any:
        if isinstance(value, list):
            return [self._value(kinds, one, f"{key}[{place}]") for place, one in enumerate(value)]
        if kinds and isinstance(value, (str, dict)):
            return self.component(kinds, value, key)
        if isinstance(value, dict) and _COMPONENT in value:
            # the annotation does not say of which kind: a name that only one kind has does
            name, arguments = self._read(value, key, ())
            try:
                entries = self._host.find_every(name)
            except LayerkitError as error:
                raise self._placed(error, key) from error
            if len(entries) > 1:
                kinds_told = ", ".join(entry.kind for entry in entries)
                raise ArgumentError(
                    f"{self._source}: {key}: {name!r} may be any of {kinds_told}; it cannot be told which"
                )
            return self._made(entries[0], arguments, key)
        return value

    def _read(self, given: Any, key: str, kinds: tuple[str, ...]) -> tuple[str, Mapping[str, Any]]:
        if isinstance(given, str):
            return given, {}
        if isinstance(given, dict) and isinstance(given.get(_COMPONENT), str):
            return given[_COMPONENT], {name: value for name, value in given.items() if name != _COMPONENT}
        raise ArgumentError(
            f"{self._source}: {key} must be {_told(kinds)}: a name, or a table such as "
            f'{{ {_COMPONENT} = "name", argument = 1 }}; got {given!r}'
        )

    def _found(self, kinds: tuple[str, ...], name: str, key: str) -> ComponentEntry:
        errors = []
        for kind in kinds:
            try:
                return self._host.find(kind, name)
            except UnknownComponentError as error:
                errors.append(error)
            except PluginError as error:
                raise self._placed(error, key) from error
        likely = next((error for error in errors if "Did you mean" in str(error)), errors[0])
        raise self._placed(likely, key) from likely

    def _placed(self, error: LayerkitError, key: str) -> LayerkitError:
        text = f"{self._source}: {key}: {error}"
        for kind in (UnknownComponentError, PluginError):
            if isinstance(error, kind):
                return kind(text)
        return ArgumentError(text)


def _told(kinds: tuple[str, ...]) -> str:
    return " or ".join(KINDS[kind].singular for kind in kinds) or "component"
