"""A layer in a structure of its own: passes over it, with everything it receives read-only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, final

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.interfaces.context import Context, PassState
from layerkit.interfaces.layer import Layer
from layerkit.models.node import Node
from layerkit.models.passes import Pass, commit
from layerkit.models.plan import plan
from layerkit.models.structure import Structure
from layerkit.random_streams import RandomStreams
from layerkit.shapes import as_shape, with_batch
from layerkit.testing.case import Case
from layerkit.testing.closeness import identical
from layerkit.testing.inputs import VARYING, draw_inputs, draw_like, is_value, owned, parts, read_only
from layerkit.testing.rigs.first_values import draw_off_first
from layerkit.testing.subject import Subject, generator
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, DType, Shape, Value

ROWS = 5
DEFAULT_SHAPES: tuple[Shape, ...] = ((4,), (3, 5))


@final
@dataclass(frozen=True, slots=True)
class Step:
    """What a forward and a backward pass gave: copies."""

    output: Value
    input_gradient: Value
    gradients: dict[str, Array]
    proposals: tuple[Array, ...]

    @property
    def everything(self) -> Value:
        """All of it, as one value."""
        return (self.output, self.input_gradient, tuple(self.gradients.values()), self.proposals)


@final
class LayerRig:
    """One layer, planned for one input shape, with parameters and states moved off their round first values.

    ``lock`` makes the views that the layer holds read-only, as everything else that it receives is.
    """

    def __init__(self, layer: Layer, shape: Shape, case: Case, *, dtype: Any = np.float64, lock: bool = True) -> None:
        self.case = case
        self.shape = as_shape(shape) if shape != () else ()
        self.layer = layer
        self.dtype = np.dtype(dtype)
        self.fresh = 0.0
        """What new memory holds, so that no check depends on what happened to lie there."""
        self._outputs: dict[tuple[bool, tuple[tuple[Shape, DType], ...]], Value] = {}
        self.node = plan(layer, self.shape)
        self.structure = draw_off_first(Structure(self.node, np.dtype(np.float64))).install()
        if self.dtype != np.float64:
            self.structure.rearrange(self.dtype)
        if lock:
            for entry in self.structure.entries:
                entry.layer.__dict__[entry.declaration.name].flags.writeable = False

    @property
    def coupled(self) -> bool:
        """Whether the layer, or one inside it, mixes the rows of a training batch."""
        return any(inner.layer.coupled_rows for inner in self.node.walk())

    @property
    def stochastic(self) -> bool:
        """Whether the layer, or one inside it, draws random numbers in training."""
        return any(inner.layer.stochastic for inner in self.node.walk())

    def inputs(self, rows: int = ROWS, *, seed: int = 2, varying: int = VARYING) -> Value:
        """Read-only inputs; ``varying`` is the length of each axis that may have any."""
        if self.case.inputs is None and rows <= ROWS:
            return read_only(_usual_inputs(self.shape, rows, seed, self.dtype, varying))
        return draw_inputs(self.case, self.shape, rows, generator(seed), self.dtype, varying=varying)

    def modes(self) -> tuple[bool, ...]:
        """Training and inference; training alone, where inference gives the same bits on two batches.

        Derivatives of what is the same need not be taken twice.
        """
        for seed in (2, 52):
            x = self.inputs(seed=seed)
            grad = self.upstream(x, training=True)
            here, there = (self.tree(training=training).step(x, grad).everything for training in (True, False))
            if not identical(here, there):
                return (True, False)
        return (True,)

    def tree(self, *, training: bool, needs_input_gradient: bool = True) -> Tree:
        """A fresh tree of contexts."""
        tree = Tree(self.structure, self.node, training=training, needs_input_gradient=needs_input_gradient)
        tree.begin_with(self.fresh)
        return tree

    def forward(self, x: Value, *, training: bool, seed: int = 0) -> Value:
        """The output in fresh memory."""
        return self.tree(training=training).forward(x, seed=seed)

    def adapted(
        self, batches: list[tuple[Value, Array]], masks: list[Array | None] | None = None
    ) -> list[tuple[Array, Array]]:
        """Each state for which the layer proposes a value from these batches, with that value."""
        return self.tree(training=False).adapt(self.layer, batches, masks or [None] * len(batches))

    def upstream(self, x: Value, *, training: bool, seed: int = 3) -> Value:
        """A gradient for the output that ``x`` has: read-only, no two numbers alike."""
        shapes = tuple((array.shape, array.dtype) for array in parts(x))
        output = self._outputs.get((training, shapes))
        if output is None:
            output = self._outputs[training, shapes] = self.forward(x, training=training)
        return draw_like(output, generator(seed))


@final
class Tree:
    """A tree of contexts over a layer, with a gradient vector of its own."""

    def __init__(self, structure: Structure, node: Node, *, training: bool, needs_input_gradient: bool = True) -> None:
        self.training = training
        self._structure = structure
        self._inputs: int | None = None
        # not filled: many trees are for a forward pass alone
        self._gradient = np.empty_like(structure.parameters)
        self._pass = Pass(
            structure,
            node,
            RandomStreams(0),
            training=training,
            gradient=self._gradient,
            needs_input_gradient=needs_input_gradient,
        )

    def forward(self, x: Value, *, mask: Array | None = None, seed: int = 0) -> Value:
        """The output, as a copy; the generators begin anew."""
        streams = RandomStreams(seed)
        self._pass.shared.generator = lambda path: streams.fresh("layer", path)
        for context in self.contexts():
            del context.rng
        self._pass.shared.proposals.clear()
        output = self._pass.forward(x, float(len(parts(x)[0])), mask)
        if not is_value(output):
            raise NotApplicable(f"forward gives no array, but {type(output).__name__}; gives-arrays tells it")
        self._inputs = len(x) if isinstance(x, tuple) else None
        return owned(output)

    def backward(self, grad: Value) -> tuple[Value, dict[str, Array]]:
        """The input gradient and the parameters' gradients, as copies."""
        try:
            given = self.given_back(grad)
        except LayerkitError as error:
            raise Unmet(
                f"backward, after a forward pass that went well{'' if self._pass.shared.mask is None else ', masked'}: "
                f"{type(error).__name__}: {error}",
                expected="gradients: what a layer does not take it refuses in build or in forward, not halfway",
                cause="backward sees other shapes, or another mask, than forward did: a container runs its parts "
                "under ctx.masked(…) in both passes",
            ) from error
        if not (given is None or is_value(given, nothing=True)) or (
            given is not None and self._inputs != (len(given) if isinstance(given, tuple) else None)
        ):
            raise NotApplicable("backward does not give one gradient for each input; gives-arrays tells it")
        input_gradient = owned(given)
        return input_gradient, {entry.path: entry.view(self._gradient).copy() for entry in self._structure.entries}

    def step(self, x: Value, grad: Value, *, mask: Array | None = None, seed: int = 0) -> Step:
        """Both passes."""
        output = self.forward(x, mask=mask, seed=seed)
        input_gradient, gradients = self.backward(grad)
        return Step(output, input_gradient, gradients, self.proposals())

    def given(self, x: Value) -> Any:
        """What the forward pass gives, as it is: it need not be an array."""
        return self._pass.forward(x, float(len(parts(x)[0])))

    def given_back(self, grad: Value) -> Any:
        """What the backward pass gives, as it is; the buffers hold NaN before."""
        for context in self.contexts():
            for buffer in context.gradients.values():
                buffer.fill(np.nan)
        return self._pass.backward(grad)

    def adapt(
        self, layer: Layer, batches: list[tuple[Value, Array]], masks: list[Array | None]
    ) -> list[tuple[Array, Array]]:
        """What the outermost layer proposes for its states, from these batches, each with its mask."""
        shared = self._pass.shared
        shared.rows = 1.0
        layer.adapt(_Arrivals(shared, batches, masks), self._pass.context)
        return [(state, value) for state, value, _ in shared.proposals]

    def drawn(self) -> list[str]:
        """How far the generators of the contexts are, of those that have drawn."""
        made = (context._rng for context in self.contexts())
        return [str(rng.bit_generator.state) for rng in made if rng is not None]

    def runs_of(self, x: Value) -> dict[str, int]:
        """How often a forward pass runs the layer of each context, by its path."""
        counted = _Counted(Counter())
        self._pass.context.trace(counted)
        try:
            self.forward(x)
        finally:
            self._pass.context.trace(None)
        return counted.runs

    def outputs_of(self, x: Value, name: str) -> tuple[Value, Array]:
        """The output, and all numbers that the part of that name gave on the way."""
        seen = _Seen(self._pass.context.part(name), [])
        self._pass.context.trace(seen)
        try:
            output = self.forward(x)
        finally:
            self._pass.context.trace(None)
        return output, np.concatenate([np.zeros(0), *(array.ravel() for value in seen.given for array in parts(value))])

    def proposals(self) -> tuple[Array, ...]:
        """The states that the last forward pass proposed."""
        return tuple(value for _, value, _ in self._pass.shared.proposals)

    def commit(self) -> None:
        """Write the states that the last forward pass proposed."""
        commit(self._pass.shared.proposals)

    def contexts(self) -> Iterator[Context]:
        """All contexts of the tree."""
        waiting = [self._pass.context]
        while waiting:
            context = waiting.pop()
            yield context
            waiting += context.parts

    def begin_with(self, value: float) -> None:
        """Let new memory hold numbers that are known."""
        for context in self.contexts():
            context.scratch.begin_with(value)

    def poison(self, value: float) -> None:
        """Fill reused memory with numbers that nobody should read."""
        for context in self.contexts():
            context.scratch.overwrite(value)


@final
@dataclass(frozen=True, slots=True)
class _Counted:
    """Counts the forward passes of each context."""

    runs: Counter[str]

    def forward(self, ctx: Context, x: Value, output: Value) -> None:
        self.runs[ctx.path] += 1

    def backward(self, ctx: Context, grad: Value, output: Value | None) -> None:
        """Backward passes are not counted."""


@final
@dataclass(frozen=True, slots=True)
class _Seen:
    """Keeps what the forward passes of one context gave."""

    context: Context
    given: list[Value]

    def forward(self, ctx: Context, x: Value, output: Value) -> None:
        if ctx is self.context:
            self.given.append(owned(output))

    def backward(self, ctx: Context, grad: Value, output: Value | None) -> None:
        """Backward passes are not looked at."""


@final
@dataclass(frozen=True, slots=True)
class _Arrivals:
    """Batches that a layer learns from, as often as it goes through them; the mask is that of the last."""

    shared: PassState
    batches: list[tuple[Value, Array]]
    masks: list[Array | None]

    def __iter__(self) -> Iterator[tuple[Value, Array]]:
        for batch, mask in zip(self.batches, self.masks, strict=True):
            self.shared.mask = mask
            yield batch


@lru_cache(maxsize=32)
def _usual_inputs(shape: Shape, rows: int, seed: int, dtype: DType, varying: int) -> Value:
    return draw_inputs(Case(), shape, rows, generator(seed), dtype, varying=varying)


def rigs(subject: Subject, *, dtype: Any = np.float64) -> Iterator[LayerRig]:
    """The layer under test for each of the case's shapes, everything it receives read-only."""
    for shape in subject.case.input_shapes or DEFAULT_SHAPES:
        yield LayerRig(subject.make(), shape, subject.case, dtype=dtype)


def told_pass(rig: LayerRig, training: bool) -> str:
    """On which inputs and after which pass something is found; training is what is tried first."""
    mode = "training" if training else "after an inference pass (after a training pass it is right)"
    return f"inputs of {with_batch(rig.shape)}, {mode}"
