"""Turns a network of layers into a tree of nodes, by running every ``build``."""

from __future__ import annotations

import math
from collections.abc import Iterable
from types import ModuleType
from typing import Any, final

import numpy as np

from layerkit.errors import ArgumentError, LayerkitError, OwnershipError, ShapeError
from layerkit.initializers.zeros import Zeros
from layerkit.interfaces.configurable import require_stored
from layerkit.interfaces.constructor_arguments import arguments_of
from layerkit.interfaces.initializer import Initializer
from layerkit.interfaces.layer import Layer, adapts
from layerkit.models.node import Declaration, Node
from layerkit.models.rebuilt import Again
from layerkit.shapes import as_shape, with_batch
from layerkit.types import Shape

_OF_THE_HOST = ("_builder", "_home", "_node", "_idle")
"""Attributes by which a layer is tied to its model and its passes."""


def plan(root: Layer, input_shape: Shape, *, limit: int | None = None) -> Node:
    """The tree of occurrences for ``root`` on inputs of ``input_shape``. Changes no layer, makes no values.

    ``limit`` is how many places, parameters and states the network may have at most, for one that comes from outside.

    Raises:
        ArgumentError: the network is larger than ``limit``.
        ShapeError: a layer cannot take the shape that it would be given; the message names the layer and the shape.
        OwnershipError: a layer belongs to another model.
    """
    planner = _Planner(limit)
    planner.enter("", root, input_shape)
    node = planner.root
    layers = {id(inner.layer) for inner in node.walk()}
    for inner in node.walk():
        owner = getattr(inner.layer._home, "root", None)
        if owner is not None and id(owner) not in layers:
            raise OwnershipError(
                f"{inner.title} already belongs to another model: a layer has one owner. "
                "Join a copy: layer.copy() has the same arguments and values"
            )
    return node


@final
class _Planner:
    """The builder that layers declare to."""

    def __init__(self, limit: int | None) -> None:
        self._left = math.inf if limit is None else limit
        self._stack: list[Node] = []
        self._held: list[_Held] = []
        """What each layer on the stack had before its ``build`` began."""
        self._made: list[list[str]] = []
        """The parts of each that it had not."""
        self._first: dict[int, Node] = {}
        self.root: Node

    def enter(self, path: str, layer: Layer, input_shape: Shape) -> Node:
        self._spend()
        first = self._first.get(id(layer))
        node = Node(path, layer, input_shape, first=first is None)
        if any(outer.layer is layer for outer in self._stack):
            raise OwnershipError(f"{node.title} contains itself")
        if not self._stack:
            self.root = node
        self._stack.append(node)
        outer_builder, layer._builder = layer._builder, self
        self._held.append(_Held(layer))
        self._made.append([])
        try:
            require_stored(layer)
            # the layer declares to this builder, which knows at which node it stands
            output_shape = layer.build(input_shape)
            if adapts(layer):
                layer.state("adapted", (), Zeros(), minimum=0)
            # a part without values may be made anew: there is nothing to lose
            made = [name for name in self._made[-1] if _has_values(node.parts[name])]
            if made:
                _require_kept(node, made)
        except LayerkitError as error:
            # an inner layer's error names its place already
            if str(error).startswith("layer ") or not path:
                raise
            raise type(error)(f"{node.title}: {_without(type(layer).__name__, str(error))}") from error
        finally:
            self._stack.pop()
            self._held.pop()
            self._made.pop()
            layer._builder = outer_builder
        try:
            node.output_shape = as_shape(output_shape) if output_shape != () else ()
        except ArgumentError as error:
            raise ShapeError(f"{node.title}: build() must return the output shape: {error}") from None
        if first is None:
            self._first[id(layer)] = node
        else:
            _require_same(first, node)
        return node

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
        node = self._claim(layer, name)
        node.parameters[name] = _declaration(node, name, shape, initializer, fan_in, fan_out, tags)

    def state(
        self, layer: Layer, name: str, shape: Shape, initializer: Initializer, minimum: float | None = None
    ) -> None:
        node = self._claim(layer, name)
        node.states[name] = _declaration(node, name, shape, initializer, None, None, ())
        node.states[name].minimum = minimum

    def part(self, layer: Layer, name: str, inner: Layer, input_shape: Shape) -> Shape:
        node = self._claim(layer, name, kept_on_layer=False)
        if not isinstance(inner, Layer):
            raise ArgumentError(f"{node.title}: part {name!r} must be a Layer object, got {inner!r}")
        if inner not in self._held[-1]:
            self._made[-1].append(name)
        child = self.enter(node.join(name), inner, input_shape)
        node.parts[name] = child
        return child.output_shape

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise ArgumentError("the network has more places, parameters and states than are allowed here")

    def _claim(self, layer: Layer, name: str, *, kept_on_layer: bool = True) -> Node:
        self._spend()
        node = self._stack[-1]
        if node.layer is not layer:
            raise LayerkitError(f"{node.title}: build() declares for its own layer alone, not for {layer!r}")
        if not name or "." in name:
            raise ArgumentError(f"{node.title}: {name!r} is no name for a parameter, state or part")
        if name in node.parameters or name in node.states or name in node.parts:
            raise ArgumentError(f"{node.title}: {name!r} is declared twice")
        if not kept_on_layer:
            return node
        if name in arguments_of(type(layer)):
            raise ArgumentError(
                f"{node.title}: {name!r} is an argument of the constructor, and so no name for a parameter or state: "
                "the argument would be lost"
            )
        if hasattr(type(layer), name):
            raise ArgumentError(
                f"{node.title}: {name!r} is an attribute of {type(layer).__name__}; choose another name"
            )
        if name not in layer._values and layer.__dict__.get(name) is not None:
            raise ArgumentError(
                f"{node.title}: {name!r} is a parameter or state, and was assigned before the layer is built, in its "
                "constructor perhaps: assign it after model.initialize(input_shape), or give the layer an initializer"
            )
        return node


def _has_values(node: Node) -> bool:
    return any(inner.parameters or inner.states for inner in node.walk())


def _require_kept(node: Node, made: list[str]) -> None:
    """Refuse parts that the layer made in its ``build``, unless it keeps them and uses them when it is built again."""
    layer = node.layer
    held, again = _Held(layer), Again(node)
    layer._builder = again
    layer.build(node.input_shape)
    for name in made:
        part = node.parts[name].layer
        if part not in held or again.parts.get(name) is not part:
            raise ArgumentError(
                f"{node.title}: the part {name!r}, {part!r}, is made anew by each build(), which runs again where a "
                "model is copied, unpickled or rebuilt: its values would be lost. Make it in __init__, or take it as "
                "an argument"
            )


@final
class _Held:
    """What a layer holds."""

    def __init__(self, layer: Layer) -> None:
        values = [value for name, value in layer.__dict__.items() if name not in _OF_THE_HOST]
        self._near = {id(inner): inner for value in values for inner in (value, *_inside(value))}

    def __contains__(self, layer: Layer) -> bool:
        return id(layer) in self._near or self._is_deeper(layer)

    def _is_deeper(self, layer: Layer) -> bool:
        waiting, seen = list(self._near.values()), set[int]()
        while waiting:
            value = waiting.pop()
            if value is layer:
                return True
            if id(value) not in seen:
                seen.add(id(value))
                waiting += _inside(value)
                if hasattr(value, "__dict__") and not isinstance(value, (type, ModuleType)):
                    waiting += [inner for name, inner in vars(value).items() if name not in _OF_THE_HOST]
        return False


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, (list, tuple, set, frozenset)):
        return value
    return value.values() if isinstance(value, dict) else ()


def _declaration(
    node: Node,
    name: str,
    shape: Shape,
    initializer: Initializer,
    fan_in: int | None,
    fan_out: int | None,
    tags: tuple[str, ...],
) -> Declaration:
    axes = (shape,) if isinstance(shape, int) else tuple(shape)
    if not all(isinstance(axis, (int, np.integer)) and axis >= 0 for axis in axes):
        raise ShapeError(
            f"{node.title}: {name!r} would have shape {shape}; every axis of a parameter or state must have a length. "
            f"The layer was given inputs of shape {with_batch(node.input_shape)}"
        )
    if not isinstance(initializer, Initializer):
        raise ArgumentError(f"{node.title}: {name!r} needs an Initializer object, got {initializer!r}")
    return Declaration(
        name,
        tuple(int(axis) for axis in axes),
        initializer,
        _fan(fan_in, axes[0] if axes else 1),
        _fan(fan_out, axes[-1] if axes else 1),
        tags,
    )


def _fan(said: int | None, axis: int | None) -> int:
    """What a layer said, else an axis's length; an empty array has nothing to scale, so a fan is never 0."""
    fan = said if said is not None else axis
    assert fan is not None
    return max(1, int(fan))


def _require_same(first: Node, again: Node) -> None:
    for kind in ("parameters", "states"):
        had = {name: declaration.shape for name, declaration in getattr(first, kind).items()}
        wants = {name: declaration.shape for name, declaration in getattr(again, kind).items()}
        if had != wants:
            raise ShapeError(
                f"{again.title} is the layer at {first.path!r} once more, but would need {kind} {wants} here, not {had}"
                f": its inputs differ, {with_batch(again.input_shape)} here and {with_batch(first.input_shape)} there"
            )


def _without(kind: str, message: str) -> str:
    return message.removeprefix(f"{kind}: ")
