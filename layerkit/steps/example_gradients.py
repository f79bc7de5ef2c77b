"""The gradient of each example by itself, from one pass over all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

import numpy as np

from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Batch
from layerkit.layers.dense import Dense
from layerkit.models.boundary import row_count, row_slice
from layerkit.models.model import Model
from layerkit.models.node import Node
from layerkit.models.passes import Pass
from layerkit.models.structure import Structure
from layerkit.random_streams import RandomStreams
from layerkit.steps.intake import Intake
from layerkit.types import Array, Value


def example_gradients(model: Model, data: Intake, cost: Cost) -> dict[str, Array]:
    """The gradient of each example's cost in each trained parameter, ``(examples, *shape)`` by path, in inference mode.

    One pass goes over a batch, forward and backward. What each layer with parameters was given on the way tells the
    gradient of each row: of a ``Dense`` by one product, of others by a pass of that layer alone for each row.
    """
    found = model.structure.gate.shared(_all_examples, model, data, cost)
    return {path: np.concatenate(pieces) for path, pieces in found.items()}


def gradient_norms(model: Model, data: Intake, cost: Cost) -> dict[str, float]:
    """√Σ g² of the gradient of the mean cost, Σ wᵢ gᵢ / Σ wᵢ, in the trained parameters of each layer, by its path."""
    return model.structure.gate.shared(_norms, model, data, cost)


def _norms(model: Model, data: Intake, cost: Cost) -> dict[str, float]:
    data = data.current()
    structure = model.structure
    total, weight = np.zeros(structure.gradient.shape), 0.0
    gradient = np.zeros_like(structure.gradient)
    passes = Pass(structure, structure.node, RandomStreams(0), training=False, gradient=gradient)
    context = Context("cost", passes.shared, passes.scratch(), training=False)
    for batch, _ in data.batches(data.piece_rows):
        weights = np.ones(row_count(batch.x)) if batch.weights is None else batch.weights
        _backward(passes, cost, context, batch, weights)
        total += gradient
        weight += float(weights.sum())
    found: dict[str, float] = {}
    for node in structure.node.walk():
        own = [entry for entry in structure.entries if entry.layer is node.layer and entry.trainable]
        if own and node.first:
            squares = sum(float(np.square(total[entry.start : entry.stop]).sum()) for entry in own)
            found[node.path] = float(np.sqrt(squares)) / (weight or 1.0)
    return found


def _all_examples(model: Model, data: Intake, cost: Cost) -> dict[str, list[Array]]:
    data = data.current()
    structure = model.structure
    passes = Pass(
        structure, structure.node, RandomStreams(0), training=False, gradient=np.zeros_like(structure.gradient)
    )
    context = Context("cost", passes.shared, passes.scratch(), training=False)
    holders = {node.path: _Holder(structure, node) for node in structure.node.walk() if node.parameters}
    watch = _Watch(holders)
    passes.context.trace(watch)
    trained = {entry.path for entry in structure.entries if entry.trainable}
    found: dict[str, list[Array]] = {
        path: [] for path in (entry.path for entry in structure.entries) if path in trained
    }
    for batch, _ in data.batches(data.piece_rows):
        rows = row_count(batch.x)
        _backward(passes, cost, context, batch, np.ones(rows))
        of_batch: dict[str, Array] = {}
        for holder in holders.values():
            for path, gradients in holder.each(rows, batch.mask):
                if path in trained:
                    # a layer that occurs again has the sum of both
                    of_batch[path] = of_batch[path] + gradients if path in of_batch else gradients
        for path, gradients in of_batch.items():
            found[path].append(gradients)
    return found


def _backward(passes: Pass, cost: Cost, context: Context, batch: Batch, weights: Array) -> None:
    """One pass, forward and backward, of the sum of weighted costs."""
    assert batch.y is not None
    output = passes.forward(batch.x, float(weights.sum()), batch.mask)
    cost.forward(output, batch.y, context)
    grad = cost.backward(output, batch.y, context)
    passes.backward(grad * weights.reshape(-1, *[1] * (grad.ndim - 1)).astype(grad.dtype))


@final
class _Holder:
    """A place of the network with parameters of its own: what it was given on the way forward and backward."""

    def __init__(self, structure: Structure, node: Node) -> None:
        self._structure = structure
        self._node = node
        self._entries = [entry for entry in structure.entries if entry.layer is node.layer]
        self.path = node.path
        self.function = node.parts["function"].path if isinstance(node.layer, Dense) and node.parts else None
        self.x: Any = None
        self.grad: Any = None
        self.before_function: Any = None
        """Of a Dense with an activation, the gradient in front of that."""

    def each(self, rows: int, mask: Array | None) -> Iterator[tuple[str, Array]]:
        """The path and the gradients, ``(rows, *shape)``, of each parameter."""
        if self.grad is None:
            # nothing in front of what is trained is run backward
            return
        if isinstance(self._node.layer, Dense):
            yield from self._of_dense(rows)
            return
        alone = np.zeros_like(self._structure.gradient)
        passes = Pass(self._structure, self._node, RandomStreams(0), training=False, gradient=alone)
        found = {entry.path: np.empty((rows, *entry.declaration.shape), alone.dtype) for entry in self._entries}
        # of a layer that occurs again, this occurrence's own gradient
        buffers = [passes.context.gradient(entry.declaration.name) for entry in self._entries]
        for row in range(rows):
            passes.forward(row_slice(self.x, row, row + 1), 1.0, None if mask is None else mask[row : row + 1])
            passes.backward(row_slice(self.grad, row, row + 1))
            for entry, buffer in zip(self._entries, buffers, strict=True):
                found[entry.path][row] = buffer
        yield from found.items()

    def _of_dense(self, rows: int) -> Iterator[tuple[str, Array]]:
        grad = self.grad if self.function is None else self.before_function
        x, grad = self.x.reshape(rows, -1, self.x.shape[-1]), grad.reshape(rows, -1, grad.shape[-1])
        for entry in self._entries:
            yield (
                entry.path,
                np.matmul(x.swapaxes(1, 2), grad) if entry.declaration.name == "weight" else grad.sum(axis=1),
            )


@final
class _Watch:
    """A tracer that gives holders what they are to keep."""

    def __init__(self, holders: dict[str, _Holder]) -> None:
        self._holders = holders
        self._functions = {holder.function: holder for holder in holders.values() if holder.function is not None}

    def forward(self, ctx: Context, x: Value, output: Value) -> None:
        holder = self._holders.get(ctx.path)
        if holder is not None:
            holder.x, holder.grad = _copied(x), None

    def backward(self, ctx: Context, grad: Value, output: Value | None) -> None:
        holder, of = self._holders.get(ctx.path), self._functions.get(ctx.path)
        if holder is not None:
            holder.grad = _copied(grad)
        if of is not None:
            of.before_function = _copied(output)


def _copied(value: Any) -> Any:
    return tuple(part.copy() for part in value) if isinstance(value, tuple) else value.copy()
