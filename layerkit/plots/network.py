"""The boxes and arrows of a network."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

from layerkit.layers.chain import Chain
from layerkit.layers.highway import Highway
from layerkit.layers.residual import Residual
from layerkit.models.model import Model
from layerkit.models.node import Node
from layerkit.shapes import is_many, with_batch


@final
@dataclass(frozen=True)
class Box:
    """An input, a layer, or where ways meet: its path, what it is, its output's shape, how many parameters it has.

    ``reads``: the places of the boxes in front of it. ``parameters`` is None of a layer that shares those of another.
    """

    path: str
    title: str
    shape: str
    parameters: int | None
    reads: tuple[int, ...]

    @property
    def size(self) -> str:
        """Its parameters in words; empty where there are none."""
        if self.parameters is None:
            return "shared parameters"
        return f"{self.parameters:,} parameter{'' if self.parameters == 1 else 's'}" if self.parameters else ""


def node_of(model: Model) -> Node:
    """Where a model stands in its network: outermost, or inside another."""
    return next(node for node in model.structure.node.walk() if node.layer is model)


def boxes_of(node: Node) -> list[Box]:
    """The boxes of a model, each behind all that it reads.

    ``Sequential``, ``Repeat``, ``Graph`` and ``Parallel`` are drawn by their parts, ``Residual`` and ``Highway`` by
    what is inside and the way around it; any other layer with parts is one box.
    """
    boxes: list[Box] = []
    names = node.layer.input_names
    shapes = node.input_shape if is_many(node.input_shape) else (node.input_shape,)
    titles = names if len(names) == len(shapes) and len(names) > 1 else ["input"] * len(shapes)
    for name, shape in zip(titles, shapes, strict=True):
        boxes.append(Box("" if name == "input" else name, "input", with_batch(shape), 0, ()))
    _add(node, tuple(range(len(boxes))), boxes)
    return boxes


def _add(node: Node, reads: tuple[int, ...], boxes: list[Box]) -> int:
    """Append the boxes of a layer that reads others; the place of the one that gives its output."""
    layer = node.layer
    if isinstance(layer, Chain):
        for part in node.parts.values():
            reads = (_add(part, reads, boxes),)
        return reads[0]
    if layer.part_inputs:
        return _wired(node, reads, boxes)
    if isinstance(layer, (Residual, Highway)):
        inner = _add(node.parts["inner"], reads, boxes)
        reads = (inner, *reads)
        own = _own(node) + sum(map(_size, (part for name, part in node.parts.items() if name != "inner")))
        title = f"{type(layer).__name__}: {'+' if isinstance(layer, Residual) else 'gate'}"
        return _append(boxes, node, title, own, reads)
    return _append(boxes, node, _title(node), _size(node), reads)


def _wired(node: Node, reads: tuple[int, ...], boxes: list[Box]) -> int:
    """The parts of a container that tells what each of them reads."""
    layer = node.layer
    names: Sequence[str] = layer.input_names
    known: dict[str, tuple[int, ...]] = {name: (place,) for name, place in zip(names, reads, strict=False)}
    if len(names) == 1:
        known = {names[0]: reads}
    told: Mapping[str, tuple[str, ...]] = layer.part_inputs
    last = reads
    for name, part in node.parts.items():
        wanted = told.get(name)
        sources = reads if wanted is None else tuple(place for each in wanted for place in known[each])
        last = known[name] = (_add(part, sources, boxes),)
    return known[layer.output_part][0] if layer.output_part else last[0]


def _append(boxes: list[Box], node: Node, title: str, parameters: int, reads: tuple[int, ...]) -> int:
    frozen = " (frozen)" if node.layer.frozen else ""
    shared = None if not node.first and parameters else parameters
    boxes.append(Box(node.path, f"{title}{frozen}", with_batch(node.output_shape), shared, reads))
    return len(boxes) - 1


def _title(node: Node) -> str:
    """The layer's class, with that of its activation, or those of its parts."""
    name = type(node.layer).__name__
    parts = [type(part.layer).__name__ for part in node.parts.values()]
    return (
        f"{name}, {parts[0]}"
        if list(node.parts) == ["function"]
        else f"{name} of {', '.join(parts)}"
        if parts
        else name
    )


def _own(node: Node) -> int:
    return sum(math.prod(declaration.shape) for declaration in node.parameters.values())


def _size(node: Node) -> int:
    """The parameters of a layer and its parts, those of another occurrence left out."""
    inside = [inner for inner in node.walk() if inner is node or inner.first]
    return sum(_own(inner) for inner in inside)
