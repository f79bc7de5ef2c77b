"""A layer's kernel in a program of its own, beside the layer itself: the same numbers go through both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from layerkit import Sequential
from layerkit.engines import Node, Pass, RandomStreams
from layerkit.memory import aligned
from layerkit.types import Array
from layerkit_numba.interface import LayerKernel
from layerkit_numba.naming import names_in
from layerkit_numba.occurrences import Kind, Occurrence, Planner, as_shapes, trained_layers
from layerkit_numba.operands import Value
from layerkit_numba.passes import Passes
from layerkit_numba.testing.subject import ROWS, VARYING, Stage, Subject, generator
from layerkit_numba.writer import Writer

DEFAULT_SHAPES = ((3, 5), (17,))
_STRANGE = 7.5
"""What memory holds where nobody has written."""


@final
@dataclass(frozen=True, slots=True)
class Numbers:
    """What a batch brings: inputs, the gradient of the output, and a mask or None."""

    inputs: tuple[Array, ...]
    gradients: tuple[Array, ...]
    mask: Array | None = None


@final
@dataclass(slots=True)
class Outcome:
    """What two passes gave: copies. ``gradients`` and ``states`` are by the path of the parameter, or the state."""

    outputs: tuple[Array, ...]
    input_gradients: tuple[Array | None, ...]
    gradients: dict[str, Array]
    states: dict[str, Array]
    drawn: Any


@final
class LayerBench:
    """One layer for inputs of one shape: ``component`` runs the layer's own passes, ``kernel`` the program.

    Both have the same parameters and states, moved off their round first values.
    """

    def __init__(
        self,
        subject: Subject,
        shape: Any,
        *,
        dtype: str = "float64",
        training: bool = True,
        masked: bool = False,
        needs_input_gradient: bool = True,
        sparse: bool = False,
        cuts: int = 1,
    ) -> None:
        self.subject, self.dtype, self.training = subject, np.dtype(dtype), training
        self.shape = _concrete(shape)
        model = Sequential([subject.make()]).initialize(self.shape, seed=5, dtype="float64")
        rng = generator(1)
        structure = model.structure
        for vector in (structure.parameters, structure.states):
            vector[...] = vector * (1 + 0.3 * rng.random(vector.size)) + 0.1 * rng.random(vector.size)
        if self.dtype != np.float64:
            structure.rearrange(self.dtype)
        if not training:
            model[0].freeze()
            structure = model.structure
        # kept, for layers hold no reference to the model around them
        self._model, self.structure = model, structure
        self.node: Node = structure.node.parts["0"]
        self._gradient = np.full_like(structure.parameters, _STRANGE)
        self.pass_ = Pass(
            structure,
            self.node,
            RandomStreams(0),
            training=training,
            gradient=self._gradient,
            needs_input_gradient=needs_input_gradient,
        )
        self.needs_input_gradient = needs_input_gradient
        inputs = tuple(Kind(each, array.dtype.kind in "iu") for each, array in self._drawn(1))
        steps = as_shapes(self.shape)[0][0] if masked else 0
        planner = Planner(self.dtype, ROWS, trained_layers(structure.entries), steps=steps, sparse=sparse)
        self.place: Occurrence = planner.plan(self.node, self.pass_.context, inputs)
        self._write(inputs, masked=masked, cuts=cuts)

    def numbers(self, rows: int, *, seed: int = 2, mask: Array | None = None) -> Numbers:
        """A batch of so many rows."""
        rng = generator(seed)
        inputs = tuple(array for _, array in self._drawn(rows, seed=seed))
        outputs = as_shapes(self.node.output_shape)
        return Numbers(inputs, tuple(rng.normal(size=(rows, *each)).astype(self.dtype) for each in outputs), mask)

    def _drawn(self, rows: int, *, seed: int = 2) -> Iterator[tuple[tuple[int, ...], Array]]:
        rng, given, shapes = generator(seed + 50), self.subject.case.inputs, as_shapes(self.shape)
        draws: Any = given if isinstance(given, (list, tuple)) else [given] * len(shapes)
        for shape, draw in zip(shapes, draws, strict=True):
            size = (rows, *shape)
            array = np.asarray(rng.normal(size=size) if draw is None else draw(rng, size))
            yield shape, array.astype(self.dtype if array.dtype.kind == "f" else np.int64)

    def component(self, numbers: Numbers) -> Outcome:
        """What the layer's own passes give."""
        streams = RandomStreams(3)
        tree, shared = self.pass_, self.pass_.shared
        shared.generator = lambda path: streams.generator("layer", path)
        waiting = [tree.context]
        while waiting:
            context = waiting.pop()
            del context.rng
            waiting += context.parts
        shared.proposals.clear()
        several = len(numbers.inputs) > 1
        inputs = tuple(_locked(array) for array in numbers.inputs)
        given: Any = tree.forward(inputs if several else inputs[0], float(len(inputs[0])), numbers.mask)
        outputs = tuple(map(np.array, given if isinstance(given, tuple) else (given,)))
        states = {}
        for entry in self.structure.state_entries:
            view = entry.view(self.structure.states)
            for state, value, _ in shared.proposals:
                if state.__array_interface__["data"][0] == view.__array_interface__["data"][0]:
                    states[entry.path] = np.array(value)
        gradients = tuple(_locked(array) for array in numbers.gradients)
        back: Any = tree.backward(gradients if len(gradients) > 1 else gradients[0])
        below = back if isinstance(back, tuple) else (back,)
        return Outcome(
            outputs,
            tuple(None if each is None else np.array(each) for each in below),
            {entry.path: entry.view(self._gradient).copy() for entry in self._entries()},
            states,
            [streams.generator("layer", path).bit_generator.state for path in self.passes.generators],
        )

    def kernel(self, numbers: Numbers, *, strange: float = 0.0, spoil: bool = False, descend: bool = False) -> Outcome:
        """What the program gives; memory holds ``strange`` numbers before.

        ``spoil`` writes over inputs and outputs that the kernel says its way back does not read. With ``descend``,
        gradients are what has been added to the parameters.
        """
        rows, streams = len(numbers.inputs[0]), RandomStreams(3)
        self._prepare(numbers, strange)
        parameters, states = self.structure.parameters.copy(), self.structure.states.copy()
        gradient = np.full_like(parameters, strange)
        self.vectors = parameters, states
        extra = [streams.generator("layer", path) for path in self.passes.generators]
        arrays: dict[str, Any] = {
            "parameters": parameters,
            "gradients": gradient,
            "states": states,
            "memory": self._memory,
            "room": self._room,
            "scratch": np.full(self._writer.scratch_size, strange, self.dtype),
            "columns": self._columns,
            "lines": self._lines,
            "source": self._source,
        }
        arrays |= {f"rng{place}": each for place, each in enumerate(extra)}

        def run(stage: Stage) -> None:
            stage.run(arrays, rows, active=len(self._columns) - 1)

        run(self._forward)
        outputs = tuple(self.read(value, rows) for value in self.outputs)
        kernel = self.place.kernel
        if spoil and isinstance(kernel, LayerKernel):
            if not kernel.reads_input:
                self._fill(self.inputs, rows, np.nan)
            # a part behind the layer's own calls may read what it gave
            if not kernel.reads_output and not kernel.then:
                self._fill(self.outputs, rows, np.nan)
        for value, array in zip(self.deltas, numbers.gradients, strict=True):
            self.write(value, array)
        proposed = {path: self.read(value, rows).reshape(shape) for path, value, shape in self._proposed()}
        below: tuple[Array | None, ...] = ()
        if self.place.part.runs_back:
            run(self._backward)
            below = tuple(None if value is None else self.read(value, rows) for value in self.below)
        for first, again in self.passes.repeated:
            # a layer that occurs again has a gradient of its own, which the engine adds
            size = first.size
            gradient[first.start : first.start + size] += self._memory[again.start : again.start + size]
        if descend:
            before = parameters.copy()
            run(self._descend)
            gradient = parameters - before
        return Outcome(
            outputs,
            below,
            {entry.path: entry.view(gradient).copy() for entry in self._entries()},
            proposed,
            [each.bit_generator.state for each in extra],
        )

    def read(self, value: Value, rows: int) -> Array:
        """A copy of what a value of the program holds."""
        shape = ((rows,) if value.per_example else ()) + value.shape
        size = int(np.prod(shape))
        if not value.dtype:
            return self._memory[value.start : value.start + size].reshape(shape).copy()
        return self._bytes(value, size).reshape(shape).copy()

    def write(self, value: Value, array: Array) -> None:
        """Put numbers where a value of the program lies."""
        if value.dtype:
            self._bytes(value, array.size)[...] = array.ravel()
        else:
            self._memory[value.start : value.start + array.size] = array.ravel()

    def _bytes(self, value: Value, size: int) -> Array:
        dtype = np.dtype(value.dtype)
        found: Array = self._room[value.start : value.start + size * dtype.itemsize].view(dtype)
        return found

    def _fill(self, values: tuple[Value, ...], rows: int, number: float) -> None:
        for value in values:
            if not value.dtype:
                self._memory[value.start : value.start + rows * value.size] = number

    def _entries(self) -> list[Any]:
        return [entry for entry in self.structure.entries if self.place.part.runs_back and entry.trainable]

    def _proposed(self) -> Iterator[tuple[str, Value, tuple[int, ...]]]:
        places = {entry.start: entry for entry in self.structure.state_entries}
        for state, new, _ in self.passes.proposals:
            entry = places[state.start]
            yield entry.path, new, entry.declaration.shape

    def _prepare(self, numbers: Numbers, strange: float) -> None:
        self._memory = aligned((self._writer.memory_size,), self.dtype)
        self._memory[...] = strange
        self._room = aligned((self._writer.room_size,), np.dtype(np.uint8))
        self._room[...] = 0 if strange == 0 else 0x7B
        for value in self._writer.cleared:
            self._fill((value,), ROWS if value.per_example else 1, 0.0)
            if value.dtype:
                self._bytes(value, value.size * (ROWS if value.per_example else 1))[...] = 0
        for value, array in zip(self.inputs, numbers.inputs, strict=True):
            self.write(value, array)
        if self._mask is not None:
            assert numbers.mask is not None
            self.write(self._mask, numbers.mask)
        first = numbers.inputs[0].reshape(len(numbers.inputs[0]), -1)
        together = getattr(self.place.kernel, "together", 1)
        groups = (first != 0).any(axis=0).reshape(-1, together).any(axis=1) if self.sparse else np.zeros(0, np.bool_)
        self._columns = np.append(np.flatnonzero(groups), 0).astype(np.int64)
        self._lines = np.zeros(1, np.int64)
        self._source = np.ascontiguousarray(first)

    def _write(self, kinds: tuple[Kind, ...], *, masked: bool, cuts: int) -> None:
        w = self._writer = Writer(ROWS)
        self.inputs = tuple(
            w.allocate(f"x{number}", kind.shape, dtype="int64" if kind.integer else "")
            for number, kind in enumerate(kinds)
        )
        time = as_shapes(self.shape)[0][:1]
        self._mask = w.allocate("mask", time, dtype="bool") if masked else None
        passes = self.passes = Passes(w, self.structure, mask=self._mask)
        self.outputs, _ = passes.forward(self.place, self.inputs, kept=True)
        ends = [len(w.instructions)]
        self.deltas = tuple(
            w.allocate(f"dy{place}", shape) for place, shape in enumerate(as_shapes(self.node.output_shape))
        )
        given, _ = passes.backward(self.place, self.deltas, kept=True)
        ends.append(len(w.instructions))
        if not self.place.part.needs_input_gradient:
            self.below: tuple[Value | None, ...] = (None,) * len(kinds)
        else:
            self.below = tuple(None if kind.integer else each for each, kind in zip(given, kinds, strict=True))
        self.descends = passes.descend_all(self.place)
        kernel = self.place.kernel
        asked = names_in(kernel.forward) if isinstance(kernel, LayerKernel) else set()
        self.sparse = self.place.part.sparse_input and "active" in asked
        pieces = w.instructions[: ends[0]], w.instructions[ends[0] : ends[1]], w.instructions[ends[1] :]
        self._forward, self._backward, self._descend = (Stage(piece, self.dtype, cuts=cuts) for piece in pieces)


def shapes_of(subject: Subject) -> tuple[Any, ...]:
    """The shapes of inputs that a case names, or the usual ones."""
    return tuple(subject.case.input_shapes) or DEFAULT_SHAPES


def _concrete(shape: Any) -> Any:
    if shape and isinstance(shape[0], tuple):
        return tuple(map(_concrete, shape))
    return tuple(VARYING if axis is None else axis for axis in shape)


def _locked(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view
