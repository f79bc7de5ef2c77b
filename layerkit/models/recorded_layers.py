"""The layers of a network as a recording runs them: copies whose parameters and states are recorded arrays."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from layerkit.interfaces.layer import Layer
from layerkit.models.node import Node
from layerkit.types import Array

_OF_THE_HOST = ("_builder", "_home", "_node", "_idle")


def recorded_layers(node: Node, wrap: Callable[[Array], Any]) -> dict[int, Layer]:
    """By the identity of each layer, its copy; the copies hold each other as the layers do.

    The layers themselves are left alone: other threads may be using them.
    """
    layers = {id(inner.layer): inner.layer for inner in node.walk()}
    copies = {place: object.__new__(type(layer)) for place, layer in layers.items()}
    memo: dict[int, Any] = dict(copies)
    for layer in layers.values():
        memo |= {id(layer.__dict__[name]): wrap(layer.__dict__[name]) for name in layer._values}
    for place, layer in layers.items():
        for name, value in layer.__dict__.items():
            copies[place].__dict__[name] = value if name in _OF_THE_HOST else copy.deepcopy(value, memo)
    return copies
