"""The gradient of each example by itself."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Batch
from layerkit.layers.dense import Dense
from layerkit.layers.parallel import Parallel
from layerkit.layers.repeat import Repeat
from layerkit.layers.residual import Residual
from layerkit.models.boundary import row_count, row_slice
from layerkit.models.graph import Graph
from layerkit.models.model import Model
from layerkit.models.node import Node
from layerkit.models.passes import Pass
from layerkit.models.sequential import Sequential
from layerkit.models.structure import Entry, Structure
from layerkit.random_streams import RandomStreams
from layerkit.steps.intake import Intake
from layerkit.types import Array, Value

_KEEP_ROWS = (Sequential, Graph, Parallel, Repeat, Residual)
"""Containers that hand the rows of a batch to their parts as they are, and borrow no parameter of another layer."""


def example_gradients(model: Model, data: Intake, cost: Cost) -> dict[str, Array]:
    """The gradient of each example's cost in each trained parameter, ``(examples, *shape)`` by path, in inference mode.

    Where ``Dense`` layers alone are trained, each given the rows of the batch as they are, one pass goes over a batch,
    and what each layer was given on the way forward and backward tells the gradients of its rows by one product. Any
    other network is taken one example at a time: nothing need be known of how its layers treat rows.
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
        own = trained_entries(structure, node)
        if own:
            squares = sum(float(np.square(total[entry.start : entry.stop]).sum()) for entry in own)
            found[node.path] = float(np.sqrt(squares)) / (weight or 1.0)
    return found


def trained_entries(structure: Structure, node: Node) -> list[Entry]:
    """The trained parameters of a layer of its own, in the first place where it stands; none in its others."""
    return [entry for entry in structure.entries if node.first and entry.layer is node.layer and entry.trainable]


def _all_examples(model: Model, data: Intake, cost: Cost) -> dict[str, list[Array]]:
    data = data.current()
    structure = model.structure
    gradient = np.zeros_like(structure.gradient)
    passes = Pass(structure, structure.node, RandomStreams(0), training=False, gradient=gradient)
    context = Context("cost", passes.shared, passes.scratch(), training=False)
    trained = [entry for entry in structure.entries if entry.trainable]
    found: dict[str, list[Array]] = {entry.path: [] for entry in trained}
    watch = _Watch(structure) if _by_products(structure) else None
    passes.context.trace(watch)
    for batch, _ in data.batches(data.piece_rows):
        rows = row_count(batch.x)
        if watch is not None:
            _backward(passes, cost, context, batch, np.ones(rows))
            for path, gradients in watch.each(rows).items():
                found[path].append(gradients)
            continue
        pieces = [np.empty((rows, *entry.declaration.shape), gradient.dtype) for entry in trained]
        for row in range(rows):
            _backward(passes, cost, context, _alone(batch, row), np.ones(1))
            for entry, piece in zip(trained, pieces, strict=True):
                piece[row] = entry.view(gradient)
        for entry, piece in zip(trained, pieces, strict=True):
            found[entry.path].append(piece)
    return found


def _by_products(structure: Structure) -> bool:
    """Whether all that is trained are Dense layers that are given the rows of a batch, and run by nobody else."""
    trained = {id(entry.layer) for entry in structure.entries if entry.trainable}
    for node in structure.node.walk():
        if id(node.layer) in trained and not isinstance(node.layer, Dense):
            return False
        runs_trained = any(id(inner.layer) in trained for part in node.parts.values() for inner in part.walk())
        if runs_trained and not isinstance(node.layer, _KEEP_ROWS):
            return False
    return True


def _alone(batch: Batch, row: int) -> Batch:
    assert batch.y is not None
    own = slice(row, row + 1)
    return Batch(row_slice(batch.x, row, row + 1), batch.y[own], mask=None if batch.mask is None else batch.mask[own])


def _backward(passes: Pass, cost: Cost, context: Context, batch: Batch, weights: Array) -> None:
    """One pass, forward and backward, of the sum of weighted costs."""
    assert batch.y is not None
    output = passes.forward(batch.x, float(weights.sum()), batch.mask)
    cost.forward(output, batch.y, context)
    grad = cost.backward(output, batch.y, context)
    passes.backward(grad * weights.reshape(-1, *[1] * (grad.ndim - 1)).astype(grad.dtype))


@final
class _Holder:
    """A Dense in its place: what it was given on the way forward and backward."""

    def __init__(self, node: Node) -> None:
        self.function = node.parts["function"].path if node.parts else None
        self.x: Any = None
        self.grad: Any = None
        """The gradient in front of the activation, where there is one."""

    def each(self, rows: int, name: str) -> Array:
        """The gradients, ``(rows, *shape)``, of a parameter."""
        x, grad = self.x.reshape(rows, -1, self.x.shape[-1]), self.grad.reshape(rows, -1, self.grad.shape[-1])
        return np.matmul(x.swapaxes(1, 2), grad) if name == "weight" else grad.sum(axis=1)


@final
class _Watch:
    """A tracer that keeps what trained Dense layers are given."""

    def __init__(self, structure: Structure) -> None:
        self._entries = [entry for entry in structure.entries if entry.trainable]
        trained = {id(entry.layer) for entry in self._entries}
        nodes = [node for node in structure.node.walk() if id(node.layer) in trained]
        self._holders = {node.path: _Holder(node) for node in nodes}
        self._functions = {it.function: it for it in self._holders.values() if it.function is not None}
        self._places = {
            entry.path: [self._holders[node.path] for node in nodes if node.layer is entry.layer]
            for entry in self._entries
        }

    def each(self, rows: int) -> dict[str, Array]:
        """The gradients of the rows; a layer that stands in several places has the sum of all."""
        found: dict[str, Array] = {}
        for entry in self._entries:
            of_places = [holder.each(rows, entry.declaration.name) for holder in self._places[entry.path]]
            found[entry.path] = of_places[0] if len(of_places) == 1 else np.add.reduce(of_places)
        return found

    def forward(self, ctx: Context, x: Value, output: Value) -> None:
        holder = self._holders.get(ctx.path)
        if holder is not None:
            holder.x = _copied(x)

    def backward(self, ctx: Context, grad: Value, output: Value | None) -> None:
        holder, of = self._holders.get(ctx.path), self._functions.get(ctx.path)
        if holder is not None and holder.function is None:
            holder.grad = _copied(grad)
        if of is not None:
            of.grad = _copied(output)


def _copied(value: Any) -> Array:
    copied: Array = value.copy()
    return copied
