"""Trees of contexts: everything that one forward and backward pass over a model needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, final

import numpy as np

from layerkit.interfaces.context import Context, PassState
from layerkit.interfaces.scratch import Scratch
from layerkit.models.node import Node
from layerkit.models.recorded_layers import recorded_layers
from layerkit.models.structure import Structure
from layerkit.random_streams import Streams
from layerkit.types import Array, Value

Proposals: TypeAlias = list[tuple[Array, Array, float]]
"""New values for states: a view into the vector of states, the value, and what the batch weighs."""


@final
class Pass:
    """A context tree over ``node``, used for one pass after another, by one thread at a time.

    ``wrap`` is given each array that the tree makes, and each parameter and state, and what it makes of it is used: for
    engines that record. The layers that run are copies then.

    ``backward`` fills the model's gradient vector: each occurrence of a layer has a buffer of its own, and those of one
    layer are added up. A tree for inference alone (``gradient`` is None) has no such buffers.

    The contexts are of use for as long as the pass is kept: their memory goes with it.
    """

    def __init__(
        self,
        structure: Structure,
        node: Node,
        streams: Streams,
        *,
        training: bool,
        gradient: Array | None = None,
        needs_input_gradient: bool = False,
        wrap: Callable[[Array], Array] | None = None,
    ) -> None:
        self.structure = structure
        self._wrap = wrap
        self._gradient = gradient
        self._extra: list[tuple[Array, Array]] = []
        self._entries = {(id(entry.layer), entry.declaration.name): entry for entry in structure.entries}
        self._states = {(id(entry.layer), entry.declaration.name): entry for entry in structure.state_entries}
        self._layers = {} if wrap is None else recorded_layers(node, wrap)
        self.shared = PassState(lambda path: streams.generator("layer", path))
        self.context = self._tree(node, training=training)
        self.context.needs_input_gradient = needs_input_gradient
        _connect(self.context)
        # kept for as long as the tree lives, so that the identities above stay unique
        self.node = node

    def __del__(self) -> None:
        # contexts refer to themselves, so their memory, gigabytes perhaps, would wait for the garbage collector, which
        # counts objects and not bytes
        if hasattr(self, "context"):
            self.context.end()

    def forward(self, x: Value, rows: float, mask: Array | None = None) -> Value:
        """The output for ``x``; ``rows`` is what the batch weighs when state is committed."""
        shared = self.shared
        shared.rows = rows
        shared.mask = mask
        return self.context.forward(x)

    def backward(self, grad: Value) -> Value | None:
        """The gradient with respect to the input, if wanted; fills the gradient vector."""
        input_gradient = self.context.backward(grad)
        for first, again in self._extra:
            np.add(first, again, out=first)
        return input_gradient

    def scratch(self) -> Scratch:
        """New scratch memory, as the tree's contexts have it: for a cost that is run with it."""
        dtype = self.structure.dtype
        return Scratch(dtype) if self._wrap is None else Scratch(dtype, wrap=self._wrap)

    def _wrapped(self, array: Array) -> Array:
        return array if self._wrap is None else self._wrap(array)

    def _tree(self, node: Node, *, training: bool) -> Context:
        training = training and not node.layer.frozen
        parts = {name: self._tree(part, training=training) for name, part in node.parts.items()}
        entries = [self._entries[id(node.layer), name] for name in node.parameters]
        states = [self._states[id(node.layer), name] for name in node.states]
        gradients: dict[str, Array] = {}
        if self._gradient is not None:
            for entry in entries:
                buffer = self._wrapped(entry.view(self._gradient))
                if not node.first:
                    # a layer that occurs again would overwrite what its first occurrence has put there
                    first, buffer = buffer, self._wrapped(np.empty(buffer.shape, buffer.dtype))
                    # nobody need have written to those of a frozen one, whatever lies there
                    if entry.trainable:
                        self._extra.append((first, buffer))
                gradients[entry.declaration.name] = buffer
        return Context(
            node.path,
            self.shared,
            self.scratch(),
            training=training,
            layer=self._layers.get(id(node.layer), node.layer),
            parts=parts,
            gradients=gradients,
            states={entry.declaration.name: entry.view(self.structure.states) for entry in states},
            trainable=any(entry.trainable for entry in entries) or any(part.trainable for part in parts.values()),
        )


def commit(proposals: Proposals) -> None:
    """Write proposed states: those for one state are averaged, weighted by rows, in the order they came.

    A state stays as it is where all that was proposed for it weighs nothing.
    """
    by_place: dict[int, Proposals] = {}
    for proposal in proposals:
        # by the memory: each occurrence of a layer has a view of its own into the same state
        by_place.setdefault(proposal[0].__array_interface__["data"][0], []).append(proposal)
    for group in by_place.values():
        state, value, _ = group[0]
        rows = sum(weight for _, _, weight in group)
        if not rows:
            continue
        if len(group) > 1:
            value = np.sum([weight / rows * each for _, each, weight in group], axis=0)
        state[...] = value
    proposals.clear()


def _connect(context: Context) -> None:
    assert context.layer is not None
    context.layer.connect(context)
    for part in context.parts:
        _connect(part)
