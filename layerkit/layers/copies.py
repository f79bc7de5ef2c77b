"""Copies of a layer, for containers that need several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layerkit.errors import ArgumentError
from layerkit.interfaces.layer import Layer

_MOST = 10_000
_OF_THE_HOST = ("_builder", "_home", "_node", "_idle")


def with_copies(owner: Layer, argument: str, layer: Layer, count: int) -> tuple[Layer, ...]:
    """``layer``, and so many copies of it that there are ``count``; ``argument`` is for the message.

    Raises:
        ArgumentError: that would be more than 10,000 layers, as containers of copies inside each other soon are.
    """
    inside = count * layers_inside(layer)
    if inside > _MOST:
        raise ArgumentError(
            f"{type(owner).__name__}: {argument} would make {inside:,} layers of copies, and {_MOST:,} are allowed: "
            "give less, or fewer containers of copies inside each other"
        )
    return (layer, *(layer.copy() for _ in range(count - 1)))


def layers_inside(layer: Layer) -> int:
    """How many layers there are, this one and all that it holds, each counted once."""
    found: dict[int, Layer] = {}
    waiting: list[Any] = [layer]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Layer) and id(value) not in found:
            found[id(value)] = value
            waiting += [inner for name, inner in vars(value).items() if name not in _OF_THE_HOST]
        elif isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, (list, tuple)):
            waiting += value
    return len(found)
