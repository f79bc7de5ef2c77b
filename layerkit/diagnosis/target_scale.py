"""Targets that are numbers far from what a network puts out at first, and can come to put out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np

from layerkit.activations.unstandardize import Unstandardize
from layerkit.costs.cosine_similarity import CosineSimilarity
from layerkit.errors import LayerkitWarning
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context, PassState
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Batch
from layerkit.interfaces.job import Job
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.scratch import Scratch
from layerkit.models.boundary import row_count
from layerkit.models.model import Model
from layerkit.models.node import Node
from layerkit.random_streams import RandomStreams
from layerkit.types import Array, Value

FAR = 100.0
"""How many times the size of an untrained network's outputs, or of 1, targets must have to be far from them."""
FAR_AT_THE_END = 10.0
"""The same where it has been measured that the network did not come to them."""
_ALL_BUT_CONSTANT = 4.0
"""How many deviations from 0 the mean lies where the first steps go all one way."""
_LONG, _VERY_LONG = 10.0, 30.0
"""How long first steps are, error times rate, that leave nothing of weights of about 1: in front of units that have no
bounds, and of those that have, where all go one way."""
_PROPORTIONAL = 0.1
"""The part of the error that the cost's gradient has at least where it grows with it."""
_ODD = 0.03
"""The part of the targets, at either end, that may be as odd as they like."""
_LEAST_EPOCHS, _RATES = 10, 8


@final
@dataclass(frozen=True, slots=True)
class Plan:
    """How a fit goes about it: ``travel`` is the sum of the learning rates of its ``updates``."""

    optimizer: Optimizer
    updates: int
    travel: float


AsksPlan: TypeAlias = Callable[[], Plan | None]


def plan_of(job: Job, epochs: int) -> Plan | None:
    """The plan of so many epochs, of ten where there are fewer, for a fit may be called again and again; None where the
    number of updates is not known, or a schedule fails, which training says itself."""
    if job.steps_per_epoch is None:
        return None
    updates = job.steps_per_epoch * max(epochs, _LEAST_EPOCHS)
    steps = {job.position.step + updates * part // _RATES for part in range(_RATES)}
    # a schedule in epochs asks how long one is, which the fit writes there when it begins
    context = job.contexts[0]
    known, context.steps_per_epoch = context.steps_per_epoch, job.steps_per_epoch
    try:
        return Plan(job.optimizer, updates, updates * sum(map(job.learning_rate, steps)) / len(steps))
    except Exception:
        return None
    finally:
        context.steps_per_epoch = known


def are_numbers(cost: Cost) -> bool:
    """Whether a cost compares predictions with targets in units of their own."""
    classes = cost.of_classes or cost.target_form == "labels"
    return (
        not classes and cost.minimum is not None and cost.readout() is None and not isinstance(cost, CosineSimilarity)
    )


def cure_of(model: Model) -> str:
    """What brings the targets to the scale of the outputs; of a model with a scale, that was learned of other data."""
    if isinstance(model.readout, Unstandardize):
        return (
            "These are units of the scale that the model has learned from other targets: Trainer.adapt(data), with "
            "standardize_targets=True, learns it anew"
        )
    return (
        "Give Trainer(…, standardize_targets=True), which learns their mean and deviation and predicts in their own "
        "units, or divide them by a constant"
    )


def largest_scale(y: Array) -> tuple[float, float]:
    """Mean and deviation of the targets of that output of which one of the two is the largest, a few odd rows apart."""
    flat = y.reshape(-1, y.shape[-1] if y.ndim > 1 else 1).astype(np.float64)
    mean, deviation = flat.mean(axis=0), flat.std(axis=0)
    if max(np.abs(mean).max(), deviation.max()) >= FAR_AT_THE_END:
        inner = np.clip(flat, *np.quantile(flat, [_ODD, 1 - _ODD], axis=0))
        mean, deviation = inner.mean(axis=0), inner.std(axis=0)
    place = int(np.maximum(np.abs(mean), deviation).argmax())
    return float(mean[place]), float(deviation[place])


def about_target_scale(
    model: Model, cost: Cost, batch: Batch, output: Value, planned: AsksPlan
) -> Iterator[LayerkitWarning]:
    """A warning where ``output``, that of some rows of ``batch``, is far from the targets, and the fit ends before the
    one has come to the other, or begins with steps that spoil the hidden layers."""
    y = batch.y
    if y is None or isinstance(output, tuple) or y.dtype.kind != "f" or not are_numbers(cost):
        return
    if batch.weights is not None:
        y = y[np.asarray(batch.weights) > 0]
    if not y.size or not output.size:
        return
    mean, deviation = largest_scale(y)
    size, own = max(abs(mean), deviation), float(np.sqrt(np.mean(np.square(output, dtype=np.float64))))
    if not np.isfinite(own) or size < FAR * max(own, 1.0) or (plan := planned()) is None:
        return
    root, rows = model.structure.node, row_count(output)
    step = None if batch.y is None else _step(cost, output, batch.y[:rows], plan.optimizer)
    told = (
        f"targets have a mean of {mean:,.4g} and a deviation of {deviation:,.4g}, and the network puts out numbers of "
        f"about {own:.2g}"
    )
    name = type(plan.optimizer).__name__
    if step is not None:
        reached = _reach(root, step * plan.travel, _feature_size(batch.x))
        if reached < size:
            yield LayerkitWarning(
                f"{told}: even in {plan.updates:,} updates, {name} comes to no more than {reached:,.3g} at this "
                f"learning rate. {cure_of(model)}",
                name="target-scale",
            )
    elif not plan.optimizer.needs_evaluate and _is_deep(root):
        first = plan.travel / plan.updates * size * _lasting(plan.optimizer)
        one_way = abs(mean) > _ALL_BUT_CONSTANT * deviation and first > _VERY_LONG
        if one_way or (first > _LONG and not _has_bounded_units(root)):
            yield LayerkitWarning(
                f"{told}: the steps of {name} are as long as the error, and the first ones spoil the hidden layers. "
                f"{cure_of(model)}",
                name="target-scale",
            )


def _step(cost: Cost, output: Array, y: Array, optimizer: Optimizer) -> float | None:
    """How far an update moves a parameter at most, as a multiple of the rate; None where that grows with the error."""
    if optimizer.bounded_steps:
        return 1.0
    shared = PassState(RandomStreams(0).generator)
    context = Context("cost", shared, Scratch(output.dtype), training=False)
    with np.errstate(all="ignore"):
        cost.forward(output, y, context)
        slope = float(np.abs(cost.backward(output, y, context)).max())
        error = float(np.abs(output - y).max())
    if not np.isfinite(slope) or slope > _PROPORTIONAL * error or optimizer.needs_evaluate:
        return None
    return slope * _lasting(optimizer)


def _lasting(optimizer: Optimizer) -> float:
    """How often momentum repeats a step."""
    return 1 / max(1 - float(getattr(optimizer, "momentum", 0.0)), 1e-3)


def _reach(root: Node, travel: float, features: float) -> float:
    """How large outputs may become where each parameter moves by ``travel``, all of them the same way."""
    reached = features
    for node in root.walk():
        if node.layer.normalizes:
            reached = 1 + 2 * travel
        for parameter in node.parameters.values():
            if len(parameter.shape) > 1:
                inputs = int(np.prod(parameter.shape[:-1]))
                reached = reached + travel * (1 + inputs * reached)
        if isinstance(node.layer, Activation):
            reached = min(reached, max(abs(node.layer.lowest), abs(node.layer.highest)))
    return reached


def _is_deep(root: Node) -> bool:
    """Whether there is more than one layer of weights."""
    return sum(any(len(each.shape) > 1 for each in node.parameters.values()) for node in root.walk()) > 1


def _has_bounded_units(root: Node) -> bool:
    """Whether something between the layers keeps large numbers from growing."""
    return any(
        node.layer.normalizes
        or (isinstance(node.layer, Activation) and bool(np.isfinite([node.layer.lowest, node.layer.highest]).all()))
        for node in root.walk()
    )


def _feature_size(x: Value) -> float:
    parts = x if isinstance(x, tuple) else (x,)
    return max(float(np.sqrt(np.mean(np.square(part, dtype=np.float64)))) for part in parts if part.size)
