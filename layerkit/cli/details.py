"""What a component says about itself: its documentation, and its arguments with types, defaults and meaning."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_LEFT_OUT = (">>>", "Raises:", "Returns:", "Yields:", "Example:", "Examples:")
_ARGUMENT = re.compile(r"    (\w+)(?: \(.*?\))?: (.*)")


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a constructor; ``default`` means nothing where it is required."""

    name: str
    type: str
    required: bool
    default: Any
    meaning: str


def documentation_of(target: Any) -> str:
    """The docstring's paragraphs, without arguments, errors and examples; of a path, the path."""
    return "\n\n".join(
        paragraph for paragraph in _paragraphs(target) if not paragraph.lstrip().startswith(("Args:", *_LEFT_OUT))
    )


def source_of(target: Any) -> str:
    """The docstring's paragraph that says where the component comes from; empty where there is none."""
    found = next((paragraph for paragraph in _paragraphs(target) if paragraph.startswith("Source")), "")
    return " ".join(found.split())


def arguments_of(target: Any) -> list[Argument]:
    """The arguments that a class or a function takes; what they mean is read from the docstring's ``Args:``."""
    if not callable(target):
        return []
    meanings = _meanings(target)
    return [
        Argument(
            parameter.name,
            ""
            if parameter.annotation is parameter.empty
            else inspect.formatannotation(parameter.annotation).strip("'"),
            parameter.default is parameter.empty,
            None if parameter.default is parameter.empty else parameter.default,
            meanings.get(parameter.name, ""),
        )
        for parameter in inspect.signature(target).parameters.values()
    ]


def _paragraphs(target: Any) -> Iterator[str]:
    text = inspect.cleandoc(target.__doc__ or "") if callable(target) else str(target)
    return (paragraph.rstrip() for paragraph in text.split("\n\n") if paragraph.strip())


def _meanings(target: Any) -> dict[str, str]:
    meanings: dict[str, str] = {}
    name = ""
    for line in next((text for text in _paragraphs(target) if text.startswith("Args:")), "").splitlines()[1:]:
        start = _ARGUMENT.match(line)
        if start:
            name = start[1]
            meanings[name] = start[2]
        elif name:
            meanings[name] += f" {line.strip()}"
    return meanings
