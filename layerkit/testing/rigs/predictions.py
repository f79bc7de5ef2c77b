"""A cost, or a metric, with predictions and targets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from layerkit.interfaces.context import Context, PassState
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.decision import HALF, Decision
from layerkit.interfaces.scratch import Scratch
from layerkit.testing.case import Case
from layerkit.testing.inputs import concrete, owned, read_only
from layerkit.testing.subject import Subject, generator
from layerkit.types import Array, Shape

ROWS = 6
MANY_ROWS = 300
"""Rows of a batch that is larger than the blocks in which people cut one."""
DEFAULT_SHAPES: tuple[Shape, ...] = ((3,),)
LABEL_DTYPES = ("int64", "int32", ">i4", "int8", "uint8")
"""The dtypes in which labels come: bytes from files of images, and those of other machines."""


def cost_context(dtype: Any = np.float64, *, mask: Array | None = None) -> Context:
    """A fresh context, as the trainer gives it to costs."""
    return Context("cost", _shared(mask), Scratch(np.dtype(dtype)), training=True)


def set_mask(context: Context, mask: Array | None) -> None:
    """Let the next pass of a context be one with another mask."""
    context._shared.mask = mask


def metric_context(
    case: Case, prediction: Array, dtype: Any = np.float64, *, mask: Array | None = None, threshold: float = HALF
) -> Context:
    """A fresh context for measuring such predictions."""
    return Context(
        "metric",
        _shared(mask),
        Scratch(np.dtype(dtype)),
        training=False,
        prediction_shape=prediction.shape[1:],
        prediction_range=case.prediction_range,
        decision=Decision(threshold, multi_label=case.targets == "multi-hot"),
    )


def cost_and_gradient(cost: Cost, prediction: Array, target: Array, mask: Array | None = None) -> tuple[Array, Array]:
    """Each example's cost and its gradient, as copies, from passes in fresh memory."""
    context = cost_context(prediction.dtype, mask=mask)
    costs: Array = owned(cost.forward(prediction, target, context))
    gradient: Array = owned(cost.backward(prediction, target, context))
    return costs, gradient


def shapes(case: Case) -> tuple[Shape, ...]:
    """The shapes of a prediction, the batch axis left out."""
    return tuple(concrete(shape) for shape in case.input_shapes) or DEFAULT_SHAPES


def target_form(component: Any, case: Case) -> str:
    """What targets are drawn as: what the author says, else labels for a cost that wants labels, else rows."""
    if case.targets is not None:
        return case.targets
    return "labels" if isinstance(component, Cost) and component.target_form == "labels" else "real"


def draw_pair(
    component: Any, case: Case, shape: Shape, *, rows: int = ROWS, dtype: Any = np.float64, seed: int = 9
) -> tuple[Array, Array]:
    """A prediction and a target for it, both read-only."""
    rng = generator(seed)
    low, high = case.prediction_range
    prediction = rng.uniform(low, high, (rows, *shape)).astype(dtype)
    form = target_form(component, case)
    if form == "real":
        target = rng.uniform(low, high, prediction.shape).astype(dtype)
    elif form == "multi-hot":
        target = rng.integers(0, 2, prediction.shape).astype(dtype)
    elif form in ("unit", "probabilities"):
        target = rng.random(prediction.shape).astype(dtype)
        if form == "probabilities":
            target = target / target.sum(axis=-1, keepdims=True)
    else:
        # a single output is the probability of class 1 of two
        target = rng.integers(0, max(shape[-1], 2), prediction.shape[:-1])
        if form == "one-hot":
            target = as_rows(target, shape).astype(dtype)
    locked: tuple[Array, Array] = read_only((prediction, target))
    return locked


def as_rows(labels: Array, shape: Shape) -> Array:
    """Labels as one-hot rows, or as a column where there is a single output."""
    return labels[..., None] if shape[-1] == 1 else np.eye(shape[-1], dtype=np.int64)[labels]


def _shared(mask: Array | None) -> PassState:
    state = PassState(lambda place: generator(8))
    state.mask = mask
    return state


def cost_pairs(subject: Subject, dtype: type = np.float64) -> Iterator[tuple[Cost, Array, Array]]:
    """For each of the case's shapes a cost, a prediction and a target."""
    for shape in shapes(subject.case):
        cost: Cost = subject.make()
        yield (cost, *draw_pair(cost, subject.case, shape, dtype=dtype))
