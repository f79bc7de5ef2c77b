"""What a layer would declare if it were built once more, and what may be changed of one that is built."""

from __future__ import annotations

from typing import Any, NoReturn, final

from layerkit.arguments import shown
from layerkit.errors import ArgumentError, LayerkitError
from layerkit.interfaces.assignment import derived
from layerkit.interfaces.constructor_arguments import arguments_of
from layerkit.interfaces.initializer import Initializer
from layerkit.interfaces.kept_arguments import holds_component
from layerkit.interfaces.layer import Layer
from layerkit.models.node import Node
from layerkit.types import Shape


@final
class Again:
    """The builder of a layer that is built once more, to see which parts it declares then, and which values."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.parts: dict[str, Layer] = {}
        self.declared: list[tuple[Any, ...]] = []

    def parameter(
        self,
        layer: Layer,
        name: str,
        shape: Shape,
        initializer: Initializer,
        fan_in: int | None,
        fan_out: int | None,
        tags: tuple[str, ...],
    ) -> None:
        self.declared.append(("parameter", name, shape, tags))

    def state(self, layer: Layer, name: str, shape: Shape, initializer: Initializer, minimum: float | None) -> None:
        self.declared.append(("state", name, shape, minimum))

    def part(self, layer: Layer, name: str, inner: Layer, input_shape: Shape) -> Shape:
        self.parts[name] = inner
        self.declared.append(("part", name, input_shape))
        known = self._node.parts.get(name)
        return input_shape if known is None else known.output_shape


def require_same_build(node: Node, layer: Layer, other: Layer, name: str) -> None:
    """Refuse the ``other`` value of an argument, with which a layer that is built would be built otherwise.

    Raises:
        ArgumentError: a parameter, a state, a part or the output would be another one.
    """
    value = vars(other)[name]
    if holds_component(value) or holds_component(vars(layer)[name]):
        _refuse(layer, name, value, "it holds parts of the model")
    same = type(layer)(**layer.config)
    try:
        if _built(node, same) == _built(node, other):
            return
    except LayerkitError as error:
        _refuse(layer, name, value, str(error))
    _refuse(layer, name, value, "its parameters, parts or output would be others")


def _refuse(layer: Layer, name: str, value: Any, why: str) -> NoReturn:
    kind = type(layer).__name__
    raise ArgumentError(
        f"{kind}: {name} cannot be changed once the layer is built, for {why}. Make a new model with "
        f"{kind}(…, {name}={shown(value)}), or layerkit.config.replaced(model, …), which makes a changed copy"
    )


def _built(node: Node, layer: Layer) -> tuple[Any, ...]:
    builder = Again(node)
    layer._builder = builder
    output_shape = layer.build(node.input_shape)
    layer._builder = None
    return output_shape, builder.declared, derived(layer, arguments_of(type(layer)))
