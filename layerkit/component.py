"""The record by which a component is announced: a row of a kind's table, or of what a plugin's hook returns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from layerkit.errors import ArgumentError

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Component:
    """A name, the place of the code, and one line that says what it is; nothing is imported to make one.

    ``name``: lowercase words of letters and digits, joined by hyphens or underscores. ``target``: ``"module:Class"``,
    imported when the component is first used. ``summary``: one line, shown by ``layerkit list``. ``cases``, where the
    defaults do not fit: ``"module:NAME"`` of a sequence of dictionaries, each of them options of
    ``layerkit.testing.check``; only the conformance kit imports it.

    >>> Component("scale", target="acme_layers.scale:Scale", summary="One learned factor a feature.").name
    'scale'

    Raises:
        ArgumentError: one of the four does not have its form.
    """

    name: str
    target: str = field(kw_only=True)
    summary: str = field(kw_only=True)
    cases: str = field(kw_only=True, default="")

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise ArgumentError(
                f"Component: name must be lowercase words joined by hyphens or underscores, such as "
                f"'batch-normalization', got {self.name!r}; the namespace is added by layerkit"
            )
        if not _is_place(self.target):
            raise ArgumentError(
                f"Component {self.name!r}: target must be 'module:Class', such as 'acme_layers.scale:Scale', "
                f"got {self.target!r}"
            )
        if not _is_line(self.summary):
            raise ArgumentError(f"Component {self.name!r}: summary must be one line of text, got {self.summary!r}")
        if self.cases != "" and not _is_place(self.cases):
            raise ArgumentError(
                f"Component {self.name!r}: cases must be 'module:NAME', such as 'acme_layers.cases:SCALE', or be left "
                f"out, got {self.cases!r}"
            )


def is_name(value: object) -> bool:
    """Whether it can be the name of a component or a namespace: ``dense``, ``batch-normalization``, ``conv2d``."""
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _is_place(value: object) -> bool:
    if not isinstance(value, str):
        return False
    module, colon, attribute = value.partition(":")
    return bool(colon) and all(part.isidentifier() for part in [*module.split("."), *attribute.split(".")])


def _is_line(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and value.isprintable()
