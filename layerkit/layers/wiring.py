"""Parts that read what earlier parts gave: any acyclic network of layers, forward and backward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

import numpy as np

from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import IntegerInput, Layer
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array, Shape, Value

Demand: TypeAlias = Literal["cast", "accept", "keep"]


@final
@dataclass(frozen=True, slots=True)
class Step:
    """A part, and the places of what it reads: the inputs come first, then what each step gives.

    ``together``: whether it is handed a tuple, also of one.
    """

    part: str
    reads: tuple[int, ...]
    together: bool


@final
@dataclass(frozen=True, slots=True)
class _Connected:
    """A step in one context tree: its part, where its output goes, and which of its inputs are to be cast."""

    step: Step
    part: Context
    place: int
    casts: tuple[bool, ...]


@final
class Wiring:
    """Steps in an order in which each reads inputs and earlier steps only, and the last gives the output.

    A container makes one in its constructor, and leaves ``build``, ``connect`` and both passes to it. Gradients with
    respect to what several parts read are added up. Only what something trained stands in front of is run backward, or
    all of it where the container's own input gradient is wanted.
    """

    def __init__(self, inputs: int, steps: Sequence[Step]) -> None:
        self.inputs = inputs
        self.steps = tuple(steps)

    def build(self, owner: Layer, layers: Mapping[str, Layer], shapes: Sequence[Shape]) -> Shape:
        """Declare the parts of ``owner``, in order; the output shape."""
        known = list(shapes)
        for step in self.steps:
            given = tuple(known[place] for place in step.reads)
            known.append(owner.part(step.part, layers[step.part], given if step.together else given[0]))
        return known[-1]

    def integer_inputs(self, layers: Mapping[str, Layer]) -> tuple[Demand, ...]:
        """For each input, what becomes of integers: they are kept where one part at least takes them."""
        return self._demands(layers)[: self.inputs]

    def connect(self, ctx: Context, layers: Mapping[str, Layer]) -> None:
        """Say which input gradients are wanted, and settle what is the same in every pass."""
        demands = self._demands(layers)
        learned = [ctx.needs_input_gradient] * self.inputs
        # integers can only be where a container does not have its input cast, or something hands them on
        integers = [demand != "cast" for demand in demands[: self.inputs]]
        connected = []
        for place, step in enumerate(self.steps, self.inputs):
            part, kinds = ctx.part(step.part), _kinds(layers[step.part], len(step.reads))
            part.needs_input_gradient = any(learned[source] for source in step.reads)
            learned.append(part.needs_input_gradient or part.trainable)
            integers.append("keep" in kinds and any(integers[source] for source in step.reads))
            own = (demands[place] if kind == "keep" else kind for kind in kinds)
            casts = [kind == "cast" and integers[source] for kind, source in zip(own, step.reads, strict=True)]
            connected.append(_Connected(step, part, place, tuple(casts)))
        ctx.saved.learned = tuple(learned)
        ctx.saved.steps = tuple(connected)
        ctx.saved.way_back = tuple(each for each in reversed(connected) if learned[each.place])

    def forward(self, x: tuple[Value, ...], ctx: Context) -> Value:
        """The output for the inputs."""
        values = ctx.saved.values = list(x)
        for each in ctx.saved.steps:
            given = [values[place] for place in each.step.reads]
            if True in each.casts:
                given = [
                    _floating(value, ctx.scratch, f"cast {place}") if casts else value
                    for value, casts, place in zip(given, each.casts, each.step.reads, strict=True)
                ]
            values.append(each.part.forward(tuple(given) if each.step.together else given[0]))
        return values[-1]

    def backward(self, grad: Value, ctx: Context) -> tuple[Value, ...]:
        """The gradient with respect to each input; None for integers, and where it is not wanted."""
        learned, values = ctx.saved.learned, ctx.saved.values
        gradients: list[Value] = [None] * len(values)
        gradients[-1] = grad
        for each in ctx.saved.way_back:
            upstream = gradients[each.place]
            if upstream is None:
                # nobody behind it has a gradient, and its own still have to be written
                upstream = _zeros(values[each.place], ctx.scratch, f"gradient {each.place}")
            below = each.part.backward(upstream)
            if not each.part.needs_input_gradient or below is None:
                continue
            for place, gradient in zip(each.step.reads, below if each.step.together else (below,), strict=True):
                if gradient is None or not learned[place]:
                    continue
                known = gradients[place]
                gradients[place] = gradient if known is None else _sum(known, gradient, ctx.scratch, f"sum {place}")
        return tuple(
            _zeros(values[place], ctx.scratch, f"gradient {place}")
            if gradients[place] is None and learned[place]
            else gradients[place]
            for place in range(self.inputs)
        )

    def _demands(self, layers: Mapping[str, Layer]) -> tuple[Demand, ...]:
        """Of each input and each step's output, what its readers make of integers."""
        demands: list[set[Demand]] = [set() for _ in range(self.inputs + len(self.steps))]
        found: list[Demand] = ["keep"] * len(demands)
        for place in range(len(demands) - 1, -1, -1):
            found[place] = next((kind for kind in _STRONGEST if kind in demands[place]), "keep")
            if place >= self.inputs:
                step = self.steps[place - self.inputs]
                for source, kind in zip(step.reads, _kinds(layers[step.part], len(step.reads)), strict=True):
                    demands[source].add(found[place] if kind == "keep" else kind)
        return tuple(found)


_STRONGEST: tuple[Demand, ...] = ("accept", "cast", "keep")


def told(demands: tuple[Demand, ...]) -> IntegerInput:
    """What a container declares: one word where all its inputs are treated alike."""
    return demands[0] if len(set(demands)) == 1 else demands


def _kinds(layer: Layer, count: int) -> tuple[Demand, ...]:
    kind = layer.integer_input
    return kind if isinstance(kind, tuple) else (kind,) * count


def _floating(value: Value, scratch: Scratch, name: str) -> Value:
    if isinstance(value, tuple):
        return tuple(_floating(each, scratch, f"{name}.{place}") for place, each in enumerate(value))
    if value.dtype.kind == "f":
        return value
    cast = scratch(name, value.shape)
    np.copyto(cast, value, casting="unsafe")
    return cast


def _zeros(value: Value, scratch: Scratch, name: str) -> Value:
    if isinstance(value, tuple):
        return tuple(_zeros(each, scratch, f"{name}.{place}") for place, each in enumerate(value))
    if value.dtype.kind != "f":
        return None
    zeros: Array = scratch(name, value.shape)
    zeros[...] = 0.0
    return zeros


def _sum(known: Value, other: Value, scratch: Scratch, name: str) -> Value:
    """Both added up, in memory of the container's own."""
    if isinstance(known, tuple):
        pairs = enumerate(zip(known, other, strict=True))
        return tuple(
            one if another is None else another if one is None else _sum(one, another, scratch, f"{name}.{place}")
            for place, (one, another) in pairs
        )
    return np.add(known, other, out=scratch(name, known.shape))
