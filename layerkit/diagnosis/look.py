"""One look at a network: a few rows forward and backward, and what each layer made of them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, final

import numpy as np

from layerkit.activations.sigmoid import Sigmoid
from layerkit.activations.softmax import Softmax
from layerkit.arguments import check_boolean, check_instance, check_number, check_table
from layerkit.diagnosis.target_scale import are_numbers, largest_scale
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Batch
from layerkit.models.boundary import row_count
from layerkit.models.model import Model
from layerkit.models.node import Node
from layerkit.models.passes import Pass
from layerkit.random_streams import RandomStreams
from layerkit.types import Array, Value

_NEAR = 0.01
"""How near to a bound an output counts as saturated, as a part of the range."""
_CERTAIN = 0.99
_LARGEST = 1e300
"""What stands for numbers that are too large or none: a look is kept in files, which hold finite numbers."""
_CANCELS, _ROUNDING = 0.01, 1e-6
"""How near to 0 the mean gradient over the rows must be, as a part of the gradients' own size, to count as 0."""
_ALIKE = 1e-3
"""The spread over the rows, as a part of the values' size, below which outputs count as the same for every row."""


@final
@dataclass(slots=True)
class LayerLook:
    """What one layer made of the rows; None where it does not apply to the layer."""

    path: str
    title: str
    saturated: float | None = None
    """The part of a bounded activation's outputs that lie at a bound."""
    dead: float | None = None
    """The part of a one-sided activation's units that are at their bound for every row."""
    is_output: bool = False
    """Whether the layer's output is that of the network."""
    alike: bool = False
    """Whether the outputs are the same for every row."""
    gradient: float | None = None
    """The root mean square of the gradient of the layer's trained parameters."""
    sensitivity: float | None = None
    """The root mean square of the cost's gradient with respect to the output of a layer that is trained."""
    shift: float | None = None
    """For a layer that mixes rows: how far its output at inference is from that in training, relative to its size."""


@final
@dataclass(slots=True)
class Look:
    """``cost`` is that of the pass that trains, ``inference_cost`` that of prediction; they differ where rows mix."""

    cost: float
    inference_cost: float
    baseline: float | None
    """The cost of the best prediction that is the same for every row, where that is known."""
    alike: bool
    """Whether the predictions are the same for every row, and the targets are not."""
    sensitivity: float
    layers: list[LayerLook] = field(default_factory=list)


def look_from(owner: object, place: str, given: Any) -> Look:
    """The look that ``dataclasses.asdict`` made these plain values of; ``owner`` and ``place`` are for errors.

    Raises:
        ArgumentError: it made them of none; the message names the place.
    """
    values = _checked(owner, place, given, Look)
    return Look(
        **values
        | {
            "layers": [
                LayerLook(**_checked(owner, f"{place}.layers[{number}]", layer, LayerLook))
                for number, layer in enumerate(values["layers"])
            ]
        }
    )


def _checked(owner: object, place: str, given: Any, kind: type[Look | LayerLook]) -> dict[str, Any]:
    """The values of the fields of ``kind``, each of which is what the field's annotation says."""
    names = [each.name for each in fields(kind)]
    check_table(owner, place, given, *names)
    values = {name: given[name] for name in names}
    for each in fields(kind):
        value, inside = values[each.name], f"{place}.{each.name}"
        match each.type:
            case "float" | "float | None":
                if value is not None or each.type == "float":
                    check_number(owner, inside, value)
                    # an integer in its place would be divided in another way
                    values[each.name] = float(value)
            case "bool":
                check_boolean(owner, inside, value)
            case "str":
                check_instance(owner, inside, value, str)
            case "list[LayerLook]":
                check_instance(owner, inside, value, list)
    return values


@final
class Observer:
    """Looks at a model with passes, memory and generators of its own: nothing of a fit is touched.

    ``batch`` is looked at again and again; what comes of it is comparable.
    """

    def __init__(self, model: Model, cost: Cost, batch: Batch) -> None:
        structure = model.structure
        self.version = structure.version
        self._cost = cost
        self._batch = batch
        self._nodes = {node.path: node for node in structure.node.walk()}
        self._gradient = np.zeros_like(structure.gradient)
        coupled = any(node.layer.coupled_rows and not node.layer.frozen for node in self._nodes.values())
        self._streams = RandomStreams(0)
        self._training = Pass(structure, structure.node, self._streams, training=coupled, gradient=self._gradient)
        self._inference = Pass(structure, structure.node, RandomStreams(0), training=False) if coupled else None
        self._context = Context("cost", self._training.shared, self._training.scratch(), training=coupled)

    def target_scale(self) -> tuple[float, float] | None:
        """Mean and deviation of the largest of the targets' outputs; None of targets that are no numbers, or do not all
        count the same."""
        batch = self._batch
        if batch.y is None or batch.weights is not None or batch.mask is not None or not are_numbers(self._cost):
            return None
        return largest_scale(batch.y)

    def look(self) -> Look | None:
        """What the network makes of the rows now; None where a number is not finite, which the guard tells."""
        batch, cost = self._batch, self._cost
        assert batch.y is not None
        rows = row_count(batch.x)
        watch = _Watch(self._nodes)
        # the same numbers each time, so that a run that is resumed sees what one run would
        self._streams.begin_anew()
        tree = self._training
        with np.errstate(all="ignore"):
            tree.context.trace(watch)
            output = tree.forward(batch.x, float(rows), batch.mask)
            costs = cost.forward(output, batch.y, self._context)
            gradient = cost.backward(output, batch.y, self._context) / rows
            total, size = float(np.mean(costs, dtype=np.float64)), _size(gradient)
            alike = _alike(output) and not _alike(batch.y)
            watch.mark(output)
            tree.backward(gradient)
            tree.shared.proposals.clear()
            inference = total if self._inference is None else self._at_inference(watch)
            baseline = self._baseline(output)
        look = Look(total, inference, baseline, alike, size, list(watch.layers.values()))
        return look if np.isfinite(look.cost) and look.sensitivity < _LARGEST else None

    def _at_inference(self, watch: _Watch) -> float:
        tree, batch = self._inference, self._batch
        assert tree is not None
        assert batch.y is not None
        trained = watch.mixed
        again = _Watch(self._nodes)
        tree.context.trace(again)
        rows = float(row_count(batch.x))
        output = tree.forward(batch.x, rows, batch.mask)
        for path, outputs in again.mixed.items():
            watch.layers[path].shift = min(_size(outputs - trained[path]) / (_size(trained[path]) + 1e-12), _LARGEST)
        return _limited(float(np.mean(self._cost.forward(output, batch.y, self._context), dtype=np.float64)))

    def _baseline(self, output: Array) -> float | None:
        cost, y = self._cost, self._batch.y
        assert y is not None
        if y.shape != output.shape:
            return None
        mean = np.broadcast_to(y.mean(axis=0), y.shape)
        readout = cost.readout()
        if isinstance(readout, (Sigmoid, Softmax)):
            mean = np.clip(mean, 1e-12, 1.0)
            # the logits of which the readout makes the mean
            mean = np.log(mean) - (np.log(np.maximum(1 - mean, 1e-12)) if isinstance(readout, Sigmoid) else 0.0)
        elif readout is not None or cost.minimum is None:
            return None
        prediction = np.ascontiguousarray(mean, output.dtype)
        found = float(np.mean(cost.forward(prediction, y, self._context)))
        # the mean is the best for some costs only: there the gradient is 0, as far as it cancels out
        gradient = cost.backward(prediction, y, self._context).reshape(len(y), -1)
        best = np.abs(gradient.mean(axis=0)).max() <= _CANCELS * np.abs(gradient).mean() + _ROUNDING
        return found if best and np.isfinite(found) else None


@final
class _Watch:
    """A tracer that keeps a few numbers of each layer."""

    def __init__(self, nodes: dict[str, Node]) -> None:
        self._nodes = nodes
        self.layers: dict[str, LayerLook] = {}
        self.mixed: dict[str, Array] = {}
        self._outputs: list[tuple[LayerLook, Array]] = []

    def mark(self, output: Array) -> None:
        """Mark the layers whose output is the network's: a Dense hands out its activation's array, a Flatten a view."""
        for look, own in self._outputs:
            look.is_output = own.size == output.size and np.may_share_memory(own, output)

    def forward(self, ctx: Context, x: Value, output: Value) -> None:
        node = self._nodes[ctx.path]
        if isinstance(output, tuple) or not output.size:
            return
        look = self.layers[ctx.path] = LayerLook(ctx.path, node.title)
        self._outputs.append((look, output))
        look.alike = _alike(output) and not isinstance(x, tuple) and not _alike(x)
        if isinstance(node.layer, Activation):
            look.saturated, look.dead = _saturated(node.layer, output), _dead(node.layer, output)
        if node.layer.coupled_rows and not node.layer.frozen:
            self.mixed[ctx.path] = output.copy()

    def backward(self, ctx: Context, grad: Value, output: Value | None) -> None:
        look = self.layers.get(ctx.path)
        if look is None or isinstance(grad, tuple) or not ctx.gradients or not ctx.trainable:
            return
        look.sensitivity = _size(grad)
        gradients = list(ctx.gradients.values())
        look.gradient = max(map(_size, gradients))


def _size(array: Array) -> float:
    """The root mean square."""
    flat = array.ravel()
    squares = float(np.dot(flat, flat))
    if not np.isfinite(squares):
        squares = float(np.sum(np.square(flat, dtype=np.float64)))
    return _limited(float(np.sqrt(squares / max(flat.size, 1))))


def _limited(value: float) -> float:
    return value if np.isfinite(value) else _LARGEST


def _alike(array: Array) -> bool:
    if len(array) < 2:
        return False
    flat = array.reshape(len(array), -1)
    spread = float(np.max(flat.max(axis=0).astype(float) - flat.min(axis=0)))
    return spread <= _ALIKE * float(np.abs(flat).max())


def _saturated(activation: Activation, y: Array) -> float | None:
    lowest, highest = activation.lowest, activation.highest
    if not (np.isfinite(lowest) and np.isfinite(highest)):
        return None
    if not activation.elementwise:
        if y.shape[-1] == 1:
            # always 1, whatever it is given
            return None
        return float(np.mean(y.max(axis=-1) > _CERTAIN * highest))
    near = _NEAR * (highest - lowest)
    return float(np.mean((y < lowest + near) | (y > highest - near)))


def _dead(activation: Activation, y: Array) -> float | None:
    lowest, highest = activation.lowest, activation.highest
    if np.isfinite(lowest) == np.isfinite(highest) or not activation.elementwise:
        return None
    at_bound = y == (lowest if np.isfinite(lowest) else highest)
    return float(np.mean(at_bound.reshape(-1, y.shape[-1]).all(axis=0)))
