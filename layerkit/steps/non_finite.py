"""Finds the layer in which numbers stopped being finite."""

from __future__ import annotations

from math import isfinite
from typing import final

import numpy as np

from layerkit.data.checks import not_finite_row
from layerkit.errors import NonFiniteError
from layerkit.interfaces.context import Context
from layerkit.interfaces.dataset import Batch
from layerkit.interfaces.job import Progress
from layerkit.steps.differentiate import Differentiate
from layerkit.types import Array, Value

_ADVICE = (
    "Usual causes: a learning rate that is too high, data that is not scaled, or a gradient that explodes "
    "(try a smaller learning rate, Rescale or Standardize in front, or the transform ClipNorm)"
)


def diagnose(
    differentiate: Differentiate, batch: Batch, at: Progress, rows_of_data: Array | None = None
) -> NonFiniteError:
    """The error for a batch whose cost or gradient is not finite: repeats its passes and watches every layer.

    ``at`` counts this batch already. ``rows_of_data``: which rows of the data the batch holds, where it has such.
    """
    y, weights = batch.y, batch.weights
    assert y is not None
    rows = float(len(y) if weights is None else weights.sum())
    passes, cost = differentiate.passes(len(y)), differentiate.cost
    tree = passes.tree
    watch = _Watch()
    what = "cost"
    layer = "the cost"
    tree.context.trace(watch)
    try:
        with np.errstate(all="ignore"):
            if not finite(batch.x):
                what, layer = "data", "the data"
            else:
                prediction = tree.forward(batch.x, rows, batch.mask)
                if watch.found is None:
                    costs = cost.forward(prediction, y, passes.cost)
                    gradient = cost.backward(prediction, y, passes.cost)
                    if finite(costs) and not finite(gradient):
                        what = "gradient"
                    elif finite(costs):
                        # what is not finite here alone is the sum of the costs
                        tree.backward(gradient / max(rows, 1))
    finally:
        tree.context.trace(None)
        differentiate.proposals.clear()
    if watch.found is not None:
        what, layer = watch.found
    told = f"the {what}" if layer.startswith("the ") else f"the {what} of {layer}"
    place, advice = "", _ADVICE
    if what == "data":
        place = f": {_row(batch.x, at, rows_of_data)} holds NaN or infinity"
        advice = "Remove such rows or fill them in"
    return NonFiniteError(
        f"training stopped at step {at.step} (epoch {at.epoch + 1}, counted from 1): {told} is not finite{place}. The "
        f"parameters are those before this step. {advice}",
        step=at.step,
        layer=layer,
        what=what,
    )


def _row(x: Value, at: Progress, rows_of_data: Array | None) -> str:
    """Where the first number that is not finite stands; rows and batches count from 0."""
    parts = x if isinstance(x, tuple) else (x,)
    row = min(found for part in parts if (found := not_finite_row(part)) is not None)
    if rows_of_data is not None and row < len(rows_of_data):
        return f"row {rows_of_data[row]} of the data"
    return f"row {row} of batch {at.batch - 1}"


def overflowed(at: Progress) -> NonFiniteError:
    """The error for parameters that an update, from a finite gradient, made infinite; ``at`` is behind that update."""
    step = at.step - 1
    return NonFiniteError(
        f"training stopped at step {step} (epoch {at.epoch + 1}, counted from 1): its update made parameters "
        f"infinite. {_ADVICE}",
        step=step,
        layer="the optimizer",
        what="parameters",
    )


def all_finite(vector: Array) -> bool:
    """Whether every number of a floating vector is finite."""
    # one product says so for all of them at once; only where it overflows must each be looked at
    return isfinite(vector.dot(vector)) or bool(np.isfinite(vector).all())


def finite(value: Value | None) -> bool:
    """Whether every number is finite; integers always are."""
    if value is None:
        return True
    if isinstance(value, tuple):
        return all(finite(part) for part in value)
    return value.dtype.kind != "f" or bool(np.isfinite(value).all())


@final
class _Watch:
    """A tracer that remembers the first layer with a number that is not finite. Inner layers report first."""

    def __init__(self) -> None:
        self.found: tuple[str, str] | None = None

    def forward(self, ctx: Context, x: Value, output: Value) -> None:
        if self.found is None and not finite(output):
            self.found = ("output", _title(ctx))

    def backward(self, ctx: Context, grad: Value, output: Value | None) -> None:
        if self.found is not None:
            return
        for name, gradient in ctx.gradients.items():
            if not finite(gradient):
                self.found = (f"gradient of {name!r}", _title(ctx))
                return
        if not finite(output):
            self.found = ("gradient", _title(ctx))


def _title(ctx: Context) -> str:
    kind = type(ctx.layer).__name__
    return f"layer {ctx.path} ({kind})" if ctx.path else kind
