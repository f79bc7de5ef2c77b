"""A component in one line of text, as options and arguments of the command line have it."""

from __future__ import annotations

import tomllib
from typing import Any

from layerkit.config.named import NamedDecoder
from layerkit.errors import ArgumentError
from layerkit.registry.host import PluginHost


def inline_component(text: str, kind: str, *, source: str, host: PluginHost) -> Any:
    """The component of a kind that ``text`` says: a name, or a table of TOML in one line. ``source`` names the option.

    Raises:
        ArgumentError: it is no table, or an argument is unknown, missing or refused.
        UnknownComponentError, PluginError: the name cannot be used.
    """
    given: dict[str, Any] = {"component": text}
    if text.lstrip().startswith("{"):
        try:
            given = tomllib.loads(f"component = {text}")
        except (ValueError, RecursionError) as error:
            raise ArgumentError(f"{source}: {text!r} is no table of TOML: {error}") from error
        if len(given) > 1:
            raise ArgumentError(f"{source}: {text!r} is more than one table of TOML")
    try:
        return NamedDecoder(host, source).one((kind,), given["component"], text)
    except ArgumentError as error:
        if given["component"] is not text:
            raise
        raise ArgumentError(f"{error}: give a table, '{{ component = \"{text}\", … }}'") from error
