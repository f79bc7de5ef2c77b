"""Writes the two passes over a model: forward, and backward from the gradient of its output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, final

from layerkit.engines import Structure
from layerkit.errors import EngineError
from layerkit_numba import accumulating
from layerkit_numba.interface import Call, Elementwise, Forward, LayerKernel, Step
from layerkit_numba.mathematics import like, natural
from layerkit_numba.naming import Hosted, Namer, lent, names_in
from layerkit_numba.occurrences import Occurrence, as_shapes, numbered
from layerkit_numba.operands import Count, Number, Operand, Register, Value
from layerkit_numba.rows import cast
from layerkit_numba.weighing import scale_by
from layerkit_numba.writer import GRAIN, HostCall, Names, Writer, loop, piece_of


@final
class Passes:
    """Walks occurrences, and writes what their kernels do.

    ``add`` writes that a gradient, scaled by the negative rate, is added to a parameter; it is asked where
    ``descends``, and a kernel does not do that itself. ``repeated``: for each further occurrence of a layer, the
    gradient that counts and its own; ``proposals``: for each state of an occurrence, its place, its new value, and
    where several are added up; ``generators``: the paths of those that draw.
    """

    def __init__(
        self,
        writer: Writer,
        structure: Structure,
        *,
        mask: Value | None = None,
        read_through: Sequence[Occurrence] = (),
        descends: bool = False,
        add: Callable[[Value, Value], None] | None = None,
        vectors: str = "",
    ) -> None:
        self._writer = writer
        self._read_through = {place.number for place in read_through}
        self._descends, self._add = descends, add
        self._namer = Namer(writer, structure, mask=mask, vectors=vectors)
        self._names: dict[int, Names] = {}
        self._left: dict[int, Hosted] = {}
        self.scaled = True
        """Whether the gradient has been multiplied with the batch's factor: else a slope does it, where one comes
        first."""
        self.repeated, self.proposals = self._namer.repeated, self._namer.proposals
        self.generators = self._namer.generators

    def forward(self, place: Occurrence, inputs: tuple[Value, ...], *, kept: bool) -> tuple[tuple[Value, ...], bool]:
        """The outputs, and whether somebody reads them later; then, as ``kept`` inputs, they are not written over."""
        if place.hosted:
            return self._host_forward(place, self._as_taken(place, inputs)), True
        number, kernel = place.number, place.kernel
        shapes = place.own_outputs
        if place.is_view or number in self._read_through:
            outputs = tuple(value.reshaped(f"y{number}", shape) for value, shape in zip(inputs, shapes, strict=True))
            self._names.setdefault(number, {}).update(numbered("x", inputs) | numbered("y", outputs))
        elif isinstance(kernel, Elementwise):
            (x,) = self._as_taken(place, inputs)
            reads_input = kernel.of == "z" and place.part.runs_back
            y = self._writer.allocate(f"y{number}", shapes[0]) if reads_input or kept or x.dtype else x
            self._map(kernel, x, y)
            kept = kernel.of == "y" and place.part.runs_back
            outputs = (y,)
            self._names[number] = {"x": x, "y": y}
        else:
            outputs, kept = self._run(place, kernel, self._as_taken(place, inputs))
        for name in place.then:
            outputs, kept = self.forward(place.parts[name], outputs, kept=kept)
        return outputs, kept

    def backward(
        self, place: Occurrence, gradients: tuple[Value, ...], *, kept: bool
    ) -> tuple[tuple[Value, ...], bool]:
        """The input gradients, where they are wanted; ``kept`` ones are not to be written over."""
        if not place.part.runs_back:
            return gradients, kept
        if place.hosted:
            return self._host_backward(place, gradients), False
        for name in reversed(place.then):
            gradients, kept = self.backward(place.parts[name], gradients, kept=kept)
        number, kernel, part = place.number, place.kernel, place.part
        names = self._names[number]
        if place.is_view:
            shapes = as_shapes(part.input_shape)
            return (
                tuple(each.reshaped(f"d{number}", shape) for each, shape in zip(gradients, shapes, strict=True)),
                kept,
            )
        if isinstance(kernel, Elementwise):
            if not part.needs_input_gradient:
                return gradients, kept
            return (self._slope(place, kernel, gradients[0], names, kept=kept),), False
        for each in gradients:
            self._scale_now(each)
        # what is another value may be the gradient itself, which somebody further out still reads
        return self._run_back(place, kernel, gradients), any(name.startswith("dx") for name in kernel.same)

    def descend_all(self, place: Occurrence) -> list[Occurrence]:
        """Write that kernels add their gradients to their parameters, as far as they can; which these are."""
        found = [inner for part in place.parts.values() for inner in self.descend_all(part)]
        kernel = place.kernel
        if isinstance(kernel, LayerKernel) and kernel.descend and place.part.trained:
            for call in kernel.descend:
                self._writer.call(call, self._names[place.number], place.title)
            found.append(place)
        return found

    def _run(self, place: Occurrence, kernel: LayerKernel, inputs: tuple[Value, ...]) -> tuple[tuple[Value, ...], bool]:
        w, number = self._writer, place.number
        names = self._namer.names(place, kernel)
        names |= numbered("x", inputs)
        outputs: dict[str, Any] = numbered("y", place.own_outputs)
        for name, shape in outputs.items():
            if name not in kernel.same:
                names[name] = outputs[name] = w.allocate(f"y{number}{name[1:]}", shape)
        for step in kernel.forward:
            if isinstance(step, Call):
                w.call(step, names, place.title)
            elif isinstance(step, Forward):
                given = tuple(self._named(names, name, place) for name in step.inputs)
                found = self._part_forward(place.parts[step.part], given)
                names |= numbered(f"{step.part}.y", found)
            else:
                raise EngineError(f"the kernel of {place.title} runs a part backward in its forward pass")
        for name, shape in outputs.items():
            if name in kernel.same:
                names[name] = outputs[name] = self._named(names, kernel.same[name], place).reshaped(name, shape)
        self._names[number] = names
        return tuple(outputs.values()), (kernel.reads_output and place.part.runs_back) or bool(kernel.same)

    def _run_back(self, place: Occurrence, kernel: LayerKernel, gradients: tuple[Value, ...]) -> tuple[Value, ...]:
        w, number, part, names = self._writer, place.number, place.part, self._names[place.number]
        names |= numbered("dy", gradients)
        shapes = numbered("dx", as_shapes(part.input_shape))
        below: dict[str, Value] = {}
        for place_of, (name, shape) in enumerate(shapes.items()):
            if name in kernel.same:
                continue
            if part.needs_input_gradient and not part.integers[place_of]:
                below[name] = w.allocate(f"d{number}{name[2:]}", shape)
            elif len(shapes) == 1 and not kernel.backward:
                # nobody asks for it, but a call may name it
                below[name] = gradients[0]
        names |= below
        descends = self._descends and bool(kernel.descend)
        for step in self._steps_back(place, kernel, descends=descends):
            if isinstance(step, Call):
                w.call(step, names, place.title)
            elif isinstance(step, Forward):
                raise EngineError(f"the kernel of {place.title} runs a part forward in its backward pass")
            elif place.parts[step.part].part.runs_back:
                inner = place.parts[step.part]
                given = tuple(self._named(names, name, place) for name in step.gradients)
                found = self._part_backward(inner, given)
                if inner.part.needs_input_gradient:
                    wanted = numbered(f"{step.part}.dx", found)
                    names |= {
                        name: value
                        for (name, value), integer in zip(wanted.items(), inner.part.integers, strict=True)
                        if not integer
                    }
        if self._descends and not descends and part.trained:
            assert self._add is not None
            for name in place.node.parameters:
                self._add(self._named(names, name, place), self._named(names, f"gradient {name}", place))
        self._see_to_lent(place, kernel)
        for name, shape in shapes.items():
            if name in kernel.same and part.needs_input_gradient:
                below[name] = self._named(names, kernel.same[name], place).reshaped(name, shape)
        return tuple(below.get(name, gradients[0]) for name in shapes)

    def _part_forward(self, part: Occurrence, given: tuple[Value, ...]) -> tuple[Value, ...]:
        if not part.steps:
            return self.forward(part, given, kept=True)[0]
        with self._each_step(part.steps):
            found, _ = self.forward(part, tuple(each.by_steps(each.name) for each in given), kept=True)
        return tuple(each.by_sequences(each.name, part.steps) for each in found)

    def _part_backward(self, part: Occurrence, given: tuple[Value, ...]) -> tuple[Value, ...]:
        if not part.steps:
            return self.backward(part, given, kept=True)[0]
        with self._each_step(part.steps):
            found, _ = self.backward(part, tuple(each.by_steps(each.name) for each in given), kept=True)
        return tuple(each.by_sequences(each.name, part.steps) for each in found)

    @contextmanager
    def _each_step(self, steps: int) -> Iterator[None]:
        """Within the block, each step of a sequence is a row, and there is no mask."""
        mask, rows = self._namer.mask, self._writer.rows
        self._namer.mask, self._writer.rows = None, rows * steps
        try:
            yield
        finally:
            self._namer.mask, self._writer.rows = mask, rows

    def _host_forward(self, place: Occurrence, inputs: tuple[Value, ...]) -> tuple[Value, ...]:
        w, number = self._writer, place.number
        left = self._left[number] = self._namer.hosted(place)
        outputs = tuple(
            w.allocate(f"y{number}_{which}", kind.shape, dtype="int64" if kind.integer else "")
            for which, kind in enumerate(place.gives)
        )
        w.host(HostCall(place.node.path, False, inputs, outputs, self._namer.mask, states=tuple(left.states)))
        return outputs

    def _host_backward(self, place: Occurrence, gradients: tuple[Value, ...]) -> tuple[Value, ...]:
        w, number, part, left = self._writer, place.number, place.part, self._left[place.number]
        for each in gradients:
            self._scale_now(each)
        below = tuple(
            w.allocate(f"d{number}_{which}", shape) if part.needs_input_gradient and not integer else None
            for which, (shape, integer) in enumerate(zip(as_shapes(part.input_shape), part.integers, strict=True))
        )
        w.host(HostCall(place.node.path, True, gradients, below, gradients=tuple(left.again)))
        for parameter, gradient in left.trained if self._descends else ():
            assert self._add is not None
            self._add(parameter, gradient)
        return tuple(gradients[0] if value is None else value for value in below)

    def _see_to_lent(self, place: Occurrence, kernel: LayerKernel) -> None:
        """Of what parts lend that never run: move it, where it descends; clear gradients that nobody makes."""
        names, made = self._names[place.number], names_in(kernel.backward)
        for called, node, name in lent(place):
            if not (node.first and self._namer.entry(node, name).trainable):
                continue
            gradient = self._named(names, f"gradient {called}", place)
            if f"gradient {called}" not in made:
                self._writer.add(accumulating.clear, gradient.view("flat"))
            elif self._descends:
                assert self._add is not None
                self._add(self._named(names, called, place), gradient)

    def _steps_back(self, place: Occurrence, kernel: LayerKernel, *, descends: bool) -> tuple[Step, ...]:
        part = place.part
        if kernel.backward:
            return kernel.backward
        back = kernel.input_gradient if part.needs_input_gradient else ()
        own = kernel.parameter_gradients if part.trained else ()
        return (*back, *kernel.descend) if descends else (*own, *back)

    def _as_taken(self, place: Occurrence, inputs: tuple[Value, ...]) -> tuple[Value, ...]:
        """The inputs, cast to the model's dtype where the kernel, or the layer itself, does not take integers."""
        kernel, own = place.kernel, place.node.layer.integer_input
        if isinstance(kernel, LayerKernel) and any(isinstance(it, Forward) for it in kernel.forward):
            return inputs
        takes = [isinstance(kernel, LayerKernel) and kernel.integers] * len(inputs)
        if place.hosted and isinstance(own, tuple):
            takes = [kind != "cast" for kind in own]
        taken = []
        for which, (value, integers) in enumerate(zip(inputs, takes, strict=True)):
            if integers or not value.dtype:
                taken.append(value)
                continue
            floating = self._writer.allocate(f"c{place.number}_{which}", value.shape)
            self._writer.add(cast, value.view("flat"), floating.view("flat"))
            taken.append(floating)
        return tuple(taken)

    def _map(self, kernel: Elementwise, x: Value, y: Value) -> None:
        function = loop(_MAP.format(named_constants(kernel)), function=kernel.forward, natural=natural)
        self._writer.add(function, x.view("flat"), y.view("flat"), *self._cut(x), *constants_of(kernel))

    def _slope(self, place: Occurrence, kernel: Elementwise, gradient: Value, names: Names, *, kept: bool) -> Value:
        seen = self._named(names, "x" if kernel.of == "z" else "y", place)
        below = self._writer.allocate(f"d{place.number}", gradient.shape) if kept else gradient
        text = _SLOPE.format(named_constants(kernel))
        function = loop(text, function=kernel.slope, like=like, natural=natural)
        numbers = *self._cut(gradient), self._factor(), *constants_of(kernel)
        self._writer.add(function, gradient.view("flat"), seen.view("flat"), below.view("flat"), *numbers)
        return below

    def _cut(self, value: Value) -> tuple[Operand, Operand, Operand]:
        """The length of rows in which numbers are gone through one by one, and a piece's part of each.

        Of wide rows, a piece has columns: those that the same thread computes in the products before and behind. Else
        all is one row. Few numbers are not worth cutting.
        """
        columns, size = (value.shape or (1,))[-1], Count(value.size, value.per_example)
        over = Count(columns) if columns % GRAIN == 0 else size
        if size.of(self._writer.batch_size) < _WORTH_CUTTING:
            return size, Count(0), size
        return over, *piece_of(over, GRAIN)

    def _factor(self) -> Operand:
        """What the gradient is still to be multiplied with, which so is done."""
        factor = Number(1.0) if self.scaled else Register("factor")
        self.scaled = True
        return factor

    def _scale_now(self, gradient: Value) -> None:
        """Scale what no slope has scaled on its way."""
        if not self.scaled:
            self._writer.add(scale_by, gradient.view("flat"), self._factor())

    def _named(self, names: Names, name: str, place: Occurrence) -> Value:
        value = names.get(name)
        if not isinstance(value, Value):
            known = ", ".join(sorted(each for each, found in names.items() if isinstance(found, Value)))
            raise EngineError(f"the kernel of {place.title} asks for {name!r}; it may ask for {known}")
        return value


_WORTH_CUTTING = 4096
"""Below so many numbers, what threads lose at a meeting is more than they save."""


def constants_of(kernel: Elementwise) -> tuple[Operand, ...]:
    """The further arguments of an elementwise kernel's functions."""
    return tuple(Number(constant) for constant in kernel.constants)


def named_constants(kernel: Elementwise) -> str:
    """Their names, for the text of a loop."""
    return "".join(f", c{place}" for place in range(len(kernel.constants)))


_MAP = """
def run(source, target, width, begin, end{0}):
    for row in range(0, source.size, width):
        for place in range(natural(row + begin), natural(row + end)):
            target[place] = function(source[place]{0})
"""

_SLOPE = """
def run(gradient, seen, below, width, begin, end, factor{0}):
    for row in range(0, gradient.size, width):
        for place in range(natural(row + begin), natural(row + end)):
            below[place] = gradient[place] * (like(factor, gradient[place]) * function(seen[place]{0}))
"""
