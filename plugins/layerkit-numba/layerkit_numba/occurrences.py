"""A model as its occurrences of layers: each with its kernel, made in the order in which they run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, final

from layerkit import Context, Layer
from layerkit.engines import Node
from layerkit.errors import EngineError
from layerkit.types import Array, DType
from layerkit_numba.interface import Call, Elementwise, Forward, LayerKernel, Part
from layerkit_numba.operands import Value
from layerkit_numba.registry import announced, layer_kernel


@final
@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of a value before it has memory: its shape, less the batch axis, and whether it holds integers."""

    shape: tuple[int, ...]
    integer: bool = False


def kinds_of(node: Node, tables: Sequence[Array]) -> tuple[Kind, ...]:
    """What a model's inputs are, in data that lies in these arrays."""
    keeps = node.layer.integer_input != "cast"
    return tuple(
        Kind(shape, keeps and table.dtype.kind in "iub")
        for shape, table in zip(as_shapes(node.input_shape), tables, strict=False)
    )


@final
@dataclass(slots=True)
class Occurrence:
    """One layer at one place, its kernel, and those of its parts; ``number`` counts them in the order of running.

    ``hosted``: it and its parts run by their own passes, in NumPy. ``steps``, if not 0, is how many rows it has of each
    example of the layer that runs it: one for each step.
    """

    node: Node
    part: Part
    kernel: LayerKernel | Elementwise
    number: int
    parts: dict[str, Occurrence] = field(default_factory=dict)
    gives: tuple[Kind, ...] = ()
    steps: int = 0
    hosted: bool = False

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

    def stages_read(self, inputs: Sequence[Value]) -> Sequence[Occurrence]:
        """Those through which inputs have gone on their way from the data."""
        return () if inputs[0].dtype or len(inputs) > 1 else self.stages


@final
class Planner:
    """Makes the kernels of a node and of all below it.

    ``trained`` are the identities of the layers whose parameters are; ``sparse`` says that many columns of the data are
    zero in whole batches, ``lines`` how many cache lines a batch has, ``steps`` how long masks are, 0 without any.
    With ``mixes``, layers that have no kernel for this are planned to run by their own passes: ``hosted`` are these.
    """

    def __init__(
        self,
        dtype: DType,
        batch_size: int,
        trained: set[int],
        *,
        steps: int = 0,
        sparse: bool = False,
        lines: int = 0,
        mixes: bool = False,
    ) -> None:
        self._dtype, self._batch_size, self._trained = dtype, batch_size, trained
        self._steps, self._sparse, self._lines = steps, sparse, lines
        self._count, self._mixes = 0, mixes
        self.hosted: list[Occurrence] = []
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
            masked=self._steps > 0,
            steps=self._steps,
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
        kernel = self._kernel(node, part)
        if kernel is None:
            return self._host(node, part, inputs)
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

    def _host(self, node: Node, part: Part, inputs: tuple[Kind, ...]) -> Occurrence:
        kept = node.layer.integer_input
        place = Occurrence(node, part, LayerKernel(integers=kept != "cast"), self._count, hosted=True)
        self._count += 1
        self.hosted.append(place)
        if not self.front.closed:
            self._grow_front(place)
        keeps = kept == "keep" and all(kind.integer for kind in inputs)
        place.gives = tuple(Kind(shape, keeps) for shape in as_shapes(part.output_shape))
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
        # a container that is a view hands on what it is given, whatever its parts make of that
        hands_on = bool(place.then and place.is_view) or node.layer.integer_input == "keep"
        keeps = hands_on and all(kind.integer for kind in inputs)
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
            part = place.part.parts[step.part]
            if not step.each_step:
                inner = place.parts[step.part] = self._add(node.parts[step.part], part, given)
                known |= numbered(f"{step.part}.y", inner.gives)
                continue
            steps = given[0].shape[0]
            rows = tuple(Kind(kind.shape[1:], kind.integer) for kind in given)
            inner = place.parts[step.part] = self._add(node.parts[step.part], _at_each_step(part, steps), rows)
            inner.steps = steps
            known |= numbered(f"{step.part}.y", tuple(Kind((steps, *it.shape), it.integer) for it in inner.gives))
        return outputs

    def _kernel(self, node: Node, part: Part) -> LayerKernel | Elementwise | None:
        """That of a layer; None where it has none for this, and may run by its own passes."""
        if self._mixes and not announced(type(node.layer), node.title):
            return None
        try:
            kernel = layer_kernel(part, node.title)
        except EngineError:
            if self._mixes:
                return None
            raise
        if not isinstance(kernel, (LayerKernel, Elementwise)):
            raise EngineError(
                f"the kernel of {node.title} must be a LayerKernel or an Elementwise, got {type(kernel).__name__}"
            )
        if isinstance(kernel, Elementwise) or kernel.only_shapes or not part.masked or kernel.masks != "refused":
            return kernel
        if self._mixes:
            return None
        raise EngineError(
            f"the kernel of {node.title} knows no masks: train with the engine 'numpy', which does, or have the kernel "
            "say what it makes of them (LayerKernel.masks)"
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


def _at_each_step(part: Part, steps: int) -> Part:
    """The part with so many rows for each that there were, and without masks."""
    parts = {name: _at_each_step(inner, steps) for name, inner in part.parts.items()}
    return replace(part, batch_size=part.batch_size * steps, masked=False, steps=0, parts=parts)


def _known(known: Mapping[str, Kind], name: str, place: Occurrence) -> Kind:
    if name not in known:
        raise EngineError(f"the kernel of {place.title} gives {name!r} to a part; it may give {', '.join(known)}")
    return known[name]


__all__ = ["Front", "Kind", "Layer", "Occurrence", "Planner", "as_shapes", "kinds_of", "numbered", "trained_layers"]
