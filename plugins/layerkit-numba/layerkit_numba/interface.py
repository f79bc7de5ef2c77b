"""What a component brings so that the engine can run it compiled: a kernel, which is data.

A kernel is tuples of steps. Each step names a compiled function and what it is called with, or a part to run; an engine
walks them, and owns all memory. What a function is compiled for follows from the step alone: the kinds of the arrays
that it names, and its ``Fixed`` numbers. Sizes and all other numbers are values, which an engine may hand over while it
runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, TypeVar, final

import numpy as np

from layerkit import Layer, UpdateContext
from layerkit.engines import ParameterSlice
from layerkit.types import Array, DType

Masks: TypeAlias = Literal["refused", "ignored", "heeded"]
"""What a kernel makes of the mask of ragged sequences."""


@final
@dataclass(frozen=True, slots=True)
class Fixed:
    """A number that the compiler must know, a width to lay registers out for, say: each makes a function of its own."""

    value: int | float | bool


Argument: TypeAlias = str | int | float | bool | Fixed
"""A name that stands for an array or a number of the running step, or a number."""


class Call:
    """A compiled function, and what it is called with at every step; it fills arrays, and returns nothing.

    ``function`` stands at the top level of a module (see ``compiled``). A string is a name, told by each kind of kernel
    below; a number is a value, and ``Fixed(number)`` one that the compiler knows. An array of ``(batch, *shape)`` can
    be had in other forms: ``"x:rows"`` ``(batch·…, last axis)``, ``"x:table"`` ``(batch, all values)``, ``"x:flat"``
    one axis; ``"x:count"`` is the number of rows in the first of these, ``"x:size"`` that of all values. Arrays are
    contiguous, rows first.

    With ``over``, a number or the name of one, the call may be made in pieces, one after another or by several threads:
    ``begin`` and ``end`` name the piece's part of ``range(over)``, which begins at a multiple of ``grain``. A piece
    writes what belongs to its part alone, and the bits of the whole must not depend on how it is cut. Without, it is
    made once.
    """

    def __init__(self, function: Any, *arguments: Argument, over: str | int = "", grain: int = 1) -> None:
        self.function = function
        self.arguments = arguments
        self.over = over
        self.grain = grain


class Forward:
    """Runs a part forward, on values that are named: ``Forward("inner", "x")``. Its output is ``"inner.y"`` from then
    on.

    A part may give back the memory of its input, so what it gives is read and not written, as its input is. One of
    several inputs is given as many names; several outputs are ``"inner.y0"``, ``"inner.y1"``, …

    With ``each_step``, each step of a sequence is an example for the part, which so has as many times more rows, and no
    mask: it is given ``(batch · time, …)`` where ``x`` is ``(batch, time, …)``, and so is its output; both ways.
    """

    def __init__(self, part: str, *inputs: str, each_step: bool = False) -> None:
        self.part = part
        self.inputs = inputs
        self.each_step = each_step


class Backward:
    """Runs a part backward, on the gradient of its output: ``Backward("inner", "dy")``.

    Its input gradient is ``"inner.dx"`` from then on (``"inner.dx0"``, … of several inputs), if ``part.parts["inner"]``
    needs one. A part in which nothing is trained, and that needs none, is not run.
    """

    def __init__(self, part: str, *gradients: str) -> None:
        self.part = part
        self.gradients = gradients


Step: TypeAlias = Call | Forward | Backward


@dataclass(frozen=True, slots=True)
class Buffer:
    """Memory that a kernel keeps from its first call in a step to its last: ``(*shape,)``, or ``(batch, *shape)``.

    Attributes:
        dtype: the model's, if left out; or ``"int64"``, ``"int32"``, ``"uint8"``, ``"bool"``, ``"float32"``,
            ``"float64"``.
        cleared: zeros before the first step, and then only what the kernel writes: for a border that stays. Else it
            holds anything when a step begins.
        scratch: room to work in for a call, forgotten behind it. Each thread has its own, so calls with ``over`` may
            write to it whatever their piece is. ``(*shape,)``, of the model's dtype.
    """

    shape: tuple[int, ...]
    per_example: bool = True
    dtype: str = ""
    cleared: bool = False
    scratch: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One occurrence of a layer, as its kernel needs to know it.

    Shapes leave the batch axis out, and have no axis that varies: where lengths differ from batch to batch, kernels are
    made for each (functions are compiled once, as long as no size is ``Fixed``). Of several inputs ``input_shape`` is a
    tuple of shapes. ``batch_size`` is the rows of a full batch; a batch may have fewer, down to 1. ``training`` is
    false for a frozen layer; ``trained`` says whether its own parameters are trained; ``trainable`` whether something
    in it is.

    ``masked``: the batches have masks; then ``mask`` names theirs, ``(batch, time)`` booleans, true where a position
    counts, and ``steps`` is how long they are. ``integers``: for each input, whether it holds integers in the data (see
    ``LayerKernel.integers``). ``parts``: those of the layer, by name; of them, ``integers`` and what follows is not
    known yet.

    ``sparse_input`` says that many columns of the input are zero in a whole batch: then ``columns`` names the others,
    in groups (see ``LayerKernel.together``), and ``active`` is how many groups. ``lines_ahead``, above 0 up to the
    first layer that does more than map numbers, is how many cache lines the next batch has: ``lines`` names their
    places in ``data``, in bytes, so that a kernel can ask for them in time.
    """

    layer: Any
    path: str
    input_shape: Any
    output_shape: Any
    dtype: DType
    batch_size: int
    training: bool
    trained: bool
    needs_input_gradient: bool
    sparse_input: bool
    lines_ahead: int
    trainable: bool = False
    masked: bool = False
    steps: int = 0
    integers: tuple[bool, ...] = (False,)
    parts: Mapping[str, Part] = field(default_factory=dict)

    @property
    def runs_back(self) -> bool:
        """Whether there is a backward pass over the layer."""
        return self.needs_input_gradient or self.trainable


@dataclass(frozen=True, slots=True)
class CostPart:
    """A cost, as its kernel needs to know it.

    ``shape`` is the prediction's, without the batch axis. ``labels``: the data has integer labels; then ``labels``
    names them, int64 ``(batch, *shape without the last axis)``, beside ``target``, their one-hot rows: name what you
    need, the other is not made. For a cost whose ``target_form`` is ``"labels"``, ``target`` is the labels. ``masked``:
    the batches have masks, and time is an axis of the prediction; then ``mask`` names theirs, ``(batch, time)``.
    """

    cost: Any
    shape: tuple[int, ...]
    dtype: DType
    batch_size: int
    labels: bool = False
    masked: bool = False


@dataclass(frozen=True, slots=True)
class UpdatePart:
    """An optimizer or a transform, as its kernel needs to know it: with the slices of the ``size`` parameters."""

    component: Any
    slices: tuple[ParameterSlice, ...]
    dtype: DType
    size: int

    @property
    def ends(self) -> Array:
        """Where each slice ends, int64 ``(slices,)``: an array for kernels whose numbers are a slice's own."""
        return np.array([each.stop for each in self.slices], np.int64)


@dataclass(frozen=True, slots=True)
class LayerKernel:
    """How a layer's passes are compiled.

    Names in calls: ``x``, ``y``, ``dy``, ``dx``, or ``x0``, ``x1``, … where there are several; each parameter and state
    by its name, always in its plain layout; ``gradient NAME``, overwritten with the parameter's gradient, summed over
    the batch; ``new NAME``, overwritten by the forward pass with what the state shall become, if that names it; each of
    ``buffers``; what parts give (see ``Forward`` and ``Backward``); ``PART.NAME`` and ``gradient PART.NAME``, a
    parameter of a part that the kernel borrows from and never runs (its gradient is zero if no call names it); ``rng``,
    the layer's own generator, from which the component's numbers are drawn in the component's order; ``n``, the rows of
    this batch; and, as ``Part`` tells, ``mask``, ``active``, ``columns``, ``data`` and ``lines``.

    All is read-only, but for what the names above say is overwritten, the buffers, and parameters in ``descend``.

    Attributes:
        forward: fills y from x.
        parameter_gradients: fills each ``gradient NAME``, from dy and what the forward pass kept. Runs first.
        input_gradient: fills dx; left out where nobody wants it.
        descend: instead of ``parameter_gradients``, after ``input_gradient``: adds each gradient to its parameter (dy
            is scaled for that). Optional, and used where the optimizer is plain gradient descent.
        reads_input, reads_output: whether the backward pass reads x or y: if not, memory may be used again.
        view: y is x, in another shape; there is nothing to call.
        together: where the input is sparse, how many neighbouring columns of it make a group of ``columns``.
        then: the names of the parts that run after the layer's own calls, each on the output of the one before.
        backward: the whole way back, instead of the three above: what ``Part`` says is wanted, and no more. For layers
            with parts, or of several inputs, and for those that compute all of it at once.
        masks: under a mask, such a layer is refused by name; or does what it always does; or heeds it, naming ``mask``
            where ``part.masked``. What is a view, or elementwise, need not say.
        integers: inputs that hold integers are int64 as they are; else they are cast to the model's dtype.
        same: values that are others, and have no memory of their own: ``{"y": "last.y", "dx": "first.dx"}``.
    """

    forward: tuple[Step, ...] = ()
    parameter_gradients: tuple[Call, ...] = ()
    input_gradient: tuple[Call, ...] = ()
    descend: tuple[Call, ...] = ()
    buffers: Mapping[str, Buffer] = field(default_factory=dict)
    reads_input: bool = True
    reads_output: bool = True
    view: bool = False
    then: tuple[str, ...] = ()
    together: int = 1
    backward: tuple[Step, ...] = ()
    masks: Masks = "refused"
    integers: bool = False
    same: Mapping[str, str] = field(default_factory=dict)

    @property
    def only_shapes(self) -> bool:
        """Whether there is nothing to run: a view."""
        return self.view and not self.forward


@dataclass(frozen=True, slots=True)
class Elementwise:
    """An activation that acts on each number alone.

    Attributes:
        forward: ``forward(z, *constants)`` gives y.
        slope: ``slope(z or y, *constants)`` gives dy/dz; ``of`` says which of both it wants (y is cheaper).
        constants: numbers that both are given.
        keeps_zeros: whether 0 becomes 0.
    """

    forward: Any
    slope: Any
    of: Literal["z", "y"] = "z"
    constants: tuple[float, ...] = ()
    keeps_zeros: bool = False


@dataclass(frozen=True, slots=True)
class CostKernel:
    """How a cost is compiled: ``calls`` fill ``costs``, ``(batch,)``, and ``gradient``, shaped like ``prediction``.

    Names in calls: ``prediction``, ``target``, ``costs``, ``gradient``, each of ``buffers``, and ``n``; and, as
    ``CostPart`` tells, ``labels`` and ``mask``. A place that the mask leaves out costs nothing, and its gradient is 0,
    whatever prediction and target hold there.

    Attributes:
        masks: under a mask, such a cost is refused by name; or heeds it, naming ``mask`` where ``part.masked``.
    """

    calls: tuple[Call, ...]
    buffers: Mapping[str, Buffer] = field(default_factory=dict)
    masks: Masks = "refused"


@dataclass(frozen=True, slots=True)
class UpdateKernel:
    """How an optimizer or a transform is compiled.

    Names in calls: ``parameters`` and ``gradient``, flat; ``rate`` and ``step``; what is kept from step to step, as
    ``states`` (name to first value: as long as the parameters), ``numbers`` (name to length: float64) and
    ``slice_numbers`` (float64, one for each slice), the same that ``ctx.state``, ``ctx.numbers`` and
    ``ctx.slice_numbers`` give; ``buffers``, working memory as long as the parameters; ``arrays``, constants; and
    ``rng``, the component's own generator, from which its numbers are drawn in its order.

    Attributes:
        update: an optimizer's step.
        before, after: what a transform does to the gradient before, and to the parameters after it.
        descends: the update is θ ← θ − rate · gradient and nothing else, so that it can be part of the layers' own
            backward passes.
    """

    update: tuple[Call, ...] = ()
    before: tuple[Call, ...] = ()
    after: tuple[Call, ...] = ()
    states: Mapping[str, float] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    buffers: tuple[str, ...] = ()
    arrays: Mapping[str, Array] = field(default_factory=dict)
    descends: bool = False
    slice_numbers: tuple[str, ...] = ()

    def kept(self, context: UpdateContext) -> dict[str, Array]:
        """What is kept from step to step, by name, as a context has it; an array that is not there yet is made."""
        states = {name: context.state(name, fill) for name, fill in self.states.items()}
        numbers = {name: context.numbers(name, count) for name, count in self.numbers.items()}
        return states | numbers | {name: context.slice_numbers(name) for name in self.slice_numbers}


AnyKernel: TypeAlias = LayerKernel | Elementwise | CostKernel | UpdateKernel
Maker = TypeVar("Maker", bound=Callable[..., Any])

MAKERS: dict[str, Callable[..., AnyKernel]] = {}
"""What makes the kernel of a component, by the component's ``"module:Class"``."""


def kernel(component: str | type) -> Callable[[Maker], Maker]:
    """Announce a function that makes the kernel of a component: of this class, or of ``"module:Class"``.

    A layer's is called with its ``Part``, a cost's with its ``CostPart``, that of an optimizer or a transform with its
    ``UpdatePart``; one that is written with three arguments, with the cost, the shape of the prediction and the dtype;
    one with two, with the optimizer or the transform and its slices. It may raise ``EngineError``, for what it has no
    kernel for.
    """
    target = component if isinstance(component, str) else target_of(component)

    def announce(maker: Maker) -> Maker:
        MAKERS[target] = maker
        return maker

    return announce


def target_of(component: type) -> str:
    """How a class is called among the kernels."""
    return f"{component.__module__}:{component.__qualname__}"


__all__ = [
    "AnyKernel",
    "Backward",
    "Buffer",
    "Call",
    "CostKernel",
    "CostPart",
    "Elementwise",
    "Fixed",
    "Forward",
    "Layer",
    "LayerKernel",
    "Part",
    "Step",
    "UpdateKernel",
    "UpdatePart",
    "kernel",
    "target_of",
]
