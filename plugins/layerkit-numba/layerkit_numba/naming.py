"""What the words of a layer's kernel stand for, at one place of the layer in a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, final

from layerkit.engines import Node, Structure
from layerkit.errors import EngineError
from layerkit_numba.interface import Call, LayerKernel, Step
from layerkit_numba.occurrences import Occurrence
from layerkit_numba.operands import Count, Register, Value, Whole
from layerkit_numba.writer import Names, Writer


@final
@dataclass(frozen=True, slots=True)
class Hosted:
    """What a layer's own passes leave: of what is ``trained``, each parameter with its gradient; ``again``, by path and
    name, the gradients of layers that stood in the model before; ``states`` with what they shall become."""

    trained: list[tuple[Value, Value]]
    again: list[tuple[str, str, Value]]
    states: list[tuple[Value, Value]]


@final
class Namer:
    """Finds parameters, states and generators, and hands out the memory of buffers.

    ``repeated``: for each further occurrence of a layer, the gradient that counts and its own; ``proposals``: for each
    state of an occurrence, its place, its new value, and where several are added up; ``generators``: the paths of those
    that draw. ``vectors`` is what the names of the model's vectors begin with.
    """

    def __init__(self, writer: Writer, structure: Structure, *, mask: Value | None, vectors: str = "") -> None:
        self._writer, self.mask = writer, mask
        self._parameter_vector, self._state_vector = f"{vectors}parameters", f"{vectors}states"
        self._entries = {(id(entry.layer), entry.declaration.name): entry for entry in structure.entries}
        self._states = {(id(entry.layer), entry.declaration.name): entry for entry in structure.state_entries}
        self.repeated: list[tuple[Value, Value]] = []
        self.proposals: list[tuple[Value, Value, Value]] = []
        self.generators: list[str] = []

    def entry(self, node: Node, name: str) -> Any:
        """The record of a parameter."""
        return self._entries[id(node.layer), name]

    def names(self, place: Occurrence, kernel: LayerKernel) -> Names:
        """What there is before the forward pass, but for the inputs."""
        w, node, number, part = self._writer, place.node, place.number, place.part
        names: Names = {"n": Count(w.rows, True), "active": Register("active"), "data": Whole("source")}
        names |= {name: Whole(name) for name in ("columns", "lines")}
        if self.mask is not None:
            names["mask"] = self.mask
        for name in node.parameters:
            names[name], names[f"gradient {name}"] = self._parameter(place, name, node, name, has_gradient=part.trained)
        made = names_in(kernel.backward)
        for called, owner, name in lent(place):
            wanted = f"gradient {called}" in made
            names[called], names[f"gradient {called}"] = self._parameter(
                place, called, owner, name, has_gradient=wanted
            )
        proposed = names_in(kernel.forward)
        for name in node.states:
            state, new, total = self._state(place, name, node, name)
            names |= {name: state, f"new {name}": new}
            if part.training and f"new {name}" in proposed:
                self.proposals.append((state, new, total))
        for name, buffer in kernel.buffers.items():
            names[name] = w.buffer(f"b{number}_{name}", buffer)
        if "rng" in names_in((*kernel.forward, *kernel.input_gradient, *kernel.parameter_gradients, *kernel.backward)):
            names["rng"] = Whole(f"rng{len(self.generators)}")
            self.generators.append(node.path)
        return names

    def hosted(self, place: Occurrence) -> Hosted:
        """What the passes of a layer's own leave for all that stands in it.

        Raises:
            EngineError: a layer with states stands in it that stands in the model elsewhere too.
        """
        found = Hosted([], [], [])
        for node in place.node.walk():
            for name in node.parameters:
                entry = self.entry(node, name)
                if not entry.trainable:
                    continue
                parameter, gradient = self._parameter(place, node.join(name), node, name, has_gradient=True)
                found.trained.append((parameter, gradient))
                if not node.first:
                    found.again.append((node.path, name, gradient))
            if node.states and not node.first:
                raise EngineError(
                    f"{node.title} has states, stands in the model more than once, and has no kernel: train with the "
                    "engine 'numpy', which runs everything"
                )
            for name in node.states if place.part.training else ():
                state, new, total = self._state(place, node.join(name), node, name)
                self.proposals.append((state, new, total))
                found.states.append((state, new))
        return found

    def _state(self, place: Occurrence, called: str, node: Node, name: str) -> tuple[Value, Value, Value]:
        """A state, what it shall become, and where several proposals for it are added up."""
        entry, number = self._states[id(node.layer), name], place.number
        shape = entry.declaration.shape
        state = Value(f"s{number}_{called}", self._state_vector, entry.start, shape, per_example=False)
        new = self._writer.allocate(f"n{number}_{called}", shape, per_example=False)
        return state, new, Value(f"t{number}_{called}", "proposals", entry.start, shape, per_example=False)

    def _parameter(
        self, place: Occurrence, called: str, node: Node, name: str, *, has_gradient: bool
    ) -> tuple[Value, Value]:
        """A parameter and its gradient, as the kernel of ``place`` calls them."""
        entry = self.entry(node, name)
        shape = entry.declaration.shape
        value = Value(f"p{place.number}_{called}", self._parameter_vector, entry.start, shape, per_example=False)
        gradient = Value(f"g{place.number}_{called}", "gradients", entry.start, shape, per_example=False)
        if not node.first and has_gradient:
            again = self._writer.allocate(gradient.name, shape, per_example=False)
            self.repeated.append((gradient, again))
            gradient = again
        return value, gradient


def lent(place: Occurrence) -> Iterator[tuple[str, Node, str]]:
    """The parameters of the parts that the layer's kernel never runs: how it calls each, the node, the name there."""
    own = f"{place.node.path}." if place.node.path else ""
    for name, part in place.node.parts.items():
        if name not in place.parts:
            for node in part.walk():
                for parameter in node.parameters:
                    yield node.join(parameter).removeprefix(own), node, parameter


def names_in(steps: Iterable[Step]) -> set[str]:
    """What the calls among some steps name, without its form."""
    calls = (step for step in steps if isinstance(step, Call))
    return {each.partition(":")[0] for call in calls for each in call.arguments if isinstance(each, str)}
