"""Where each layer stands in a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import final

from layerkit.errors import ArgumentError
from layerkit.interfaces.initializer import Initializer
from layerkit.interfaces.layer import Layer
from layerkit.types import Array, Shape


@final
@dataclass(slots=True)
class Declaration:
    """What ``build`` said of one parameter or one state."""

    name: str
    shape: tuple[int, ...]
    initializer: Initializer
    fan_in: int
    fan_out: int
    tags: tuple[str, ...] = ()
    minimum: float | None = None

    def require_reached(self, path: str, values: Array) -> None:
        """Refuse values that the layer cannot have had.

        Raises:
            ArgumentError: one is below ``minimum``.
        """
        if self.minimum is not None and (values < self.minimum).any():
            raise ArgumentError(f"{path} must be at least {self.minimum:g}, and one number is {values.min():g}")


@final
@dataclass(slots=True)
class Node:
    """One occurrence of a layer in a network, with the occurrences of its parts.

    ``first`` is false for the second and later occurrences of one layer, which share the first one's values.
    """

    path: str
    layer: Layer
    input_shape: Shape
    first: bool
    output_shape: Shape = ()
    parts: dict[str, Node] = field(default_factory=dict)
    parameters: dict[str, Declaration] = field(default_factory=dict)
    states: dict[str, Declaration] = field(default_factory=dict)

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in the order of ``build``."""
        yield self
        for part in self.parts.values():
            yield from part.walk()

    def join(self, name: str) -> str:
        """The path of something in this node's layer."""
        return f"{self.path}.{name}" if self.path else name

    @property
    def title(self) -> str:
        """How a message names the layer: ``layer 0 (Dense)``."""
        kind = type(self.layer).__name__
        return f"layer {self.path} ({kind})" if self.path else kind
