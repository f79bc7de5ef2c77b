"""What a component brings so that the engine can compile it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, TypeVar

from layerkit import Layer
from layerkit.types import Array, DType

Argument: TypeAlias = str | int | float | bool
"""A name that stands for an array or a number of the running step, or a constant."""


class Call:
    """A compiled function, and what it is called with at every step.

    ``function`` stands at the top level of a module (see ``compiled``). A string is a name, told by each kind of kernel
    below; everything else is a constant, written into the program. An array of ``(batch, *shape)`` can be had in other
    forms: ``"x:rows"`` ``(batch·…, last axis)``, ``"x:table"`` ``(batch, all values)``, ``"x:flat"`` one axis; and
    ``"x:count"`` is the number of rows in the first of these.
    """

    def __init__(self, function: Any, *arguments: Argument) -> None:
        self.function = function
        self.arguments = arguments


@dataclass(frozen=True, slots=True)
class Buffer:
    """Memory that a kernel keeps between its calls: ``(*shape,)``, or ``(batch, *shape)``, in the model's dtype."""

    shape: tuple[int, ...]
    per_example: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """One occurrence of a layer, as its kernel needs to know it.

    ``batch_size`` is the rows of a full batch (the last may be shorter); ``training`` is false for a frozen layer;
    ``trained`` says whether its own parameters are trained; ``sparse_input`` says that many columns of the input are
    zero in a whole batch: then ``columns`` names the others, in groups (see ``LayerKernel.together``), and ``active``
    is how many groups. ``lines_ahead``, above 0 up to the first layer that does more than map numbers, is how many
    cache lines the next batch has: ``lines`` names their places in ``data``, in bytes, so that a kernel can ask for
    them in time.
    """

    layer: Any
    path: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    dtype: DType
    batch_size: int
    training: bool
    trained: bool
    needs_input_gradient: bool
    sparse_input: bool
    lines_ahead: int


@dataclass(frozen=True, slots=True)
class LayerKernel:
    """How a layer's passes are compiled.

    Names in calls: ``x``, ``y``, ``dy``, ``dx``; each parameter and state by its name; ``gradient NAME``, overwritten
    with the parameter's gradient, summed over the batch; ``new NAME``, overwritten by the forward pass with what the
    state shall become, if that names it; each of ``buffers``; ``rng``, the layer's own generator; ``n``, the rows of
    this batch; and, as ``Part`` tells, ``active``, ``columns``, ``data`` and ``lines``.

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
    """

    forward: tuple[Call, ...] = ()
    parameter_gradients: tuple[Call, ...] = ()
    input_gradient: tuple[Call, ...] = ()
    descend: tuple[Call, ...] = ()
    buffers: Mapping[str, Buffer] = field(default_factory=dict)
    reads_input: bool = True
    reads_output: bool = True
    view: bool = False
    then: tuple[str, ...] = ()
    together: int = 1


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

    Names in calls: ``prediction``, ``target``, ``costs``, ``gradient``, each of ``buffers``, and ``n``.
    """

    calls: tuple[Call, ...]
    buffers: Mapping[str, Buffer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UpdateKernel:
    """How an optimizer or a transform is compiled.

    Names in calls: ``parameters`` and ``gradient``, flat; ``rate`` and ``step``; what is kept from step to step, as
    ``states`` (name to first value: as long as the parameters) and ``numbers`` (name to length: float64), the same that
    ``ctx.state`` and ``ctx.numbers`` give; ``buffers``, working memory as long as the parameters; and ``arrays``,
    constants.

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


AnyKernel: TypeAlias = LayerKernel | Elementwise | CostKernel | UpdateKernel
Maker = TypeVar("Maker", bound=Callable[..., Any])

MAKERS: dict[str, Callable[..., AnyKernel]] = {}
"""What makes the kernel of a component, by the component's ``"module:Class"``."""


def kernel(component: str | type) -> Callable[[Maker], Maker]:
    """Announce a function that makes the kernel of a component: of this class, or of ``"module:Class"``.

    A layer's is called with its ``Part``; a cost's with the cost, the shape of the prediction and the dtype; that of an
    optimizer or a transform with the component and its slices (``ParameterSlice``). It may raise ``EngineError``.
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
    "Buffer",
    "Call",
    "CostKernel",
    "Elementwise",
    "Layer",
    "LayerKernel",
    "Part",
    "UpdateKernel",
    "kernel",
    "target_of",
]
