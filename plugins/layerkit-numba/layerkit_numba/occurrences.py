"""A model as its occurrences of layers: each with its kernel, made in the order in which they run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, final

from layerkit import Context, Layer
from layerkit.engines import Node
from layerkit.errors import EngineError
from layerkit.types import DType
from layerkit_numba.interface import Call, Elementwise, Forward, LayerKernel, Part
from layerkit_numba.registry import layer_kernel


@final
@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of a value before it has memory: its shape, less the batch axis, and whether it holds integers."""

    shape: tuple[int, ...]
    integer: bool = False


@final
@dataclass(slots=True)
class Occurrence:
    """One layer at one place, its kernel, and those of its parts; ``number`` counts them in the order of running."""

    node: Node
    part: Part
    kernel: LayerKernel | Elementwise
    number: int
    parts: dict[str, Occurrence] = field(default_factory=dict)
    gives: tuple[Kind, ...] = ()

    @property
    def title(self) -> str:
        """How a message names it."""
        return self.node.title

    @property
    def then(self) -> tuple[str, ...]:
        """The parts that run after its own calls."""
        return self.kernel.then if isinstance(self.kernel, LayerKernel) else ()

    @property
    def is_view(self) -> bool:
        """Whether its own output is its input in another shape."""
        return isinstance(self.kernel, LayerKernel) and self.kernel.only_shapes

    @property
    def own_outputs(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of what its own calls give: that is what its first part, if it has one, takes."""
        shapes = self.node.parts[self.then[0]].input_shape if self.then else self.part.output_shape
        return as_shapes(shapes)


@final
@dataclass(slots=True)
class Front:
    """The layers with which a model begins and that only map numbers, and the kernel of the first that does more."""

    stages: list[Occurrence] = field(default_factory=list)
    lead: LayerKernel | None = None
    closed: bool = False

    @property
    def keeps_zeros(self) -> bool:
        """Whether a zero in the data is a zero behind them."""
        return all(stage.is_view or getattr(stage.kernel, "keeps_zeros", False) for stage in self.stages)

    @property
    def takes_integers(self) -> bool:
        """Whether integers of the data are wanted as they are behind them: not by what is elementwise."""
        mapped = any(isinstance(stage.kernel, Elementwise) for stage in self.stages)
        return not mapped and self.closed and (self.lead is None or self.lead.integers)


@final
class Planner:
    """Makes the kernels of a node and of all below it.

    ``trained`` are the identities of the layers whose parameters are; ``sparse`` says that many columns of the data are
    zero in whole batches, ``lines`` how many cache lines a batch has.
    """

    def __init__(
        self, dtype: DType, batch_size: int, trained: set[int], *, masked: bool, sparse: bool = False, lines: int = 0
    ) -> None:
        self._dtype, self._batch_size, self._trained = dtype, batch_size, trained
        self._masked, self._sparse, self._lines = masked, sparse, lines
        self._count = 0
        self.front = Front()

    def plan(self, node: Node, context: Context, inputs: tuple[Kind, ...]) -> Occurrence:
        """The occurrences from ``node`` on; ``context`` is its context in a tree that is connected.

        Raises:
            EngineError: a layer has no kernel, or takes shapes that are not fixed; the message names it.
        """
        # several inputs are read one by one
        self.front.closed = len(inputs) > 1
        return self._add(node, self._part(node, context, alive=True), inputs)

    def _part(self, node: Node, context: Context, *, alive: bool) -> Part:
        for shape in (node.input_shape, node.output_shape):
            if not all(isinstance(axis, int) for each in as_shapes(shape) for axis in each):
                raise EngineError(
                    f"the engine numba/jit compiles layers of fixed shape; {node.title} has the shape {shape}: train "
                    "with the engine 'numpy', which runs everything"
                )
        runs_back = alive and (context.needs_input_gradient or context.trainable)
        return Part(
            layer=node.layer,
            path=node.path,
            input_shape=node.input_shape,
            output_shape=node.output_shape,
            dtype=self._dtype,
            batch_size=self._batch_size,
            training=context.training,
            trained=id(node.layer) in self._trained and bool(node.parameters),
            needs_input_gradient=runs_back and context.needs_input_gradient,
            sparse_input=False,
            lines_ahead=0,
            trainable=context.trainable,
            masked=self._masked,
            parts={name: self._part(inner, context.part(name), alive=runs_back) for name, inner in node.parts.items()},
        )

    def _add(self, node: Node, part: Part, inputs: tuple[Kind, ...]) -> Occurrence:
        front = self.front
        integers = tuple(kind.integer for kind in inputs)
        # what is known to be zero are columns of whole examples
        is_row = len(inputs) == 1 and bool(inputs[0].shape) and math.prod(inputs[0].shape) == inputs[0].shape[-1]
        part = replace(
            part,
            needs_input_gradient=part.needs_input_gradient and not all(integers),
            sparse_input=self._sparse and is_row and not front.closed and front.keeps_zeros,
            lines_ahead=0 if front.closed else self._lines,
            integers=integers,
        )
        kernel = layer_kernel(part, node.title)
        self._check(node, part, kernel)
        place = Occurrence(node, part, kernel, self._count)
        self._count += 1
        if not front.closed:
            self._grow_front(place)
        own = self._run_parts(place, inputs)
        for name in place.then:
            inner = place.parts[name] = self._add(node.parts[name], part.parts[name], own)
            own = inner.gives
        place.gives = own
        return place

    def _grow_front(self, place: Occurrence) -> None:
        front, kernel = self.front, place.kernel
        if place.is_view or isinstance(kernel, Elementwise):
            front.stages.append(place)
            return
        front.closed = True
        if all(isinstance(step, Call) for step in kernel.forward):
            front.lead = kernel

    def _run_parts(self, place: Occurrence, inputs: tuple[Kind, ...]) -> tuple[Kind, ...]:
        """What the layer's own steps give; plans the parts that they run."""
        kernel, node = place.kernel, place.node
        # a container that begins with its first part hands on what it is given
        hands_on = place.is_view and bool(place.then)
        keeps = all(kind.integer for kind in inputs) and (hands_on or node.layer.integer_input == "keep")
        outputs = tuple(Kind(shape, keeps) for shape in place.own_outputs)
        if isinstance(kernel, Elementwise):
            return tuple(replace(kind, integer=False) for kind in outputs)
        known = numbered("x", inputs)
        known |= {name: Kind(it.shape, it.dtype.startswith(("int", "uint"))) for name, it in kernel.buffers.items()}
        for step in kernel.forward:
            if not isinstance(step, Forward):
                continue
            given = tuple(_known(known, name, place) for name in step.inputs)
            if step.part not in node.parts or step.part in place.parts:
                raise EngineError(
                    f"the kernel of {node.title} runs the part {step.part!r}, which is none or has run already; there "
                    f"are {', '.join(node.parts)}"
                )
            inner = place.parts[step.part] = self._add(node.parts[step.part], place.part.parts[step.part], given)
            known |= numbered(f"{step.part}.y", inner.gives)
        return outputs

    def _check(self, node: Node, part: Part, kernel: Any) -> None:
        if not isinstance(kernel, (LayerKernel, Elementwise)):
            raise EngineError(
                f"the kernel of {node.title} must be a LayerKernel or an Elementwise, got {type(kernel).__name__}"
            )
        if isinstance(kernel, Elementwise) or kernel.only_shapes:
            return
        if part.masked and kernel.masks == "refused":
            raise EngineError(
                f"the kernel of {node.title} knows no masks: train with the engine 'numpy', which does, or have the "
                "kernel say what it makes of them (LayerKernel.masks)"
            )


def as_shapes(shape: Any) -> tuple[tuple[int, ...], ...]:
    """One shape or several, as several."""
    return shape if shape and isinstance(shape[0], tuple) else (shape,)


def numbered(name: str, values: tuple[Any, ...]) -> dict[str, Any]:
    """Values by name: one as ``x``, several as ``x0``, ``x1``, …"""
    return {name: values[0]} if len(values) == 1 else {f"{name}{place}": each for place, each in enumerate(values)}


def trained_layers(entries: Any) -> set[int]:
    """The identities of the layers whose parameters are trained."""
    return {id(entry.layer) for entry in entries if entry.trainable}


def _known(known: Mapping[str, Kind], name: str, place: Occurrence) -> Kind:
    if name not in known:
        raise EngineError(f"the kernel of {place.title} gives {name!r} to a part; it may give {', '.join(known)}")
    return known[name]


__all__ = ["Front", "Kind", "Layer", "Occurrence", "Planner", "as_shapes", "numbered", "trained_layers"]
